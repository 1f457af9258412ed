#include "server/http/rest/collection.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <map>

#include "server/http/rest/failure.h"

namespace dvecdb::server::http::rest {

namespace {

constexpr std::array<MetricName, 4> metrics = {{
    {Metric::cosine, "Cosine", "<=>", "cosine_ops"},
    {Metric::euclidean, "Euclidean", "<->", "l2_ops"},
    {Metric::dot_product, "DotProduct", "<#>", "ip_ops"},
    {Metric::manhattan, "Manhattan", "<+>", "l1_ops"},
}};

// One row a column: table, name, type, whether it is the whole primary key, and how many columns
// the key has.
constexpr std::string_view columns_sql = R"(
  SELECT c.oid, c.relname, a.attname, format_type(a.atttypid, a.atttypmod),
         coalesce(a.attnum = ANY (k.conkey), false), coalesce(array_length(k.conkey, 1), 0),
         EXISTS (SELECT 1 FROM pg_constraint r WHERE r.conrelid = c.oid AND r.conname = $2),
         a.attnum, has_table_privilege(c.oid, 'SELECT')
  FROM pg_class c
  JOIN pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
  LEFT JOIN pg_constraint k ON k.conrelid = c.oid AND k.contype = 'p'
  WHERE n.nspname = 'public' AND c.relkind = 'r' AND ($1::text IS NULL OR c.relname = $1::text)
  ORDER BY c.relname, a.attnum)";

// hnsw indexes on columns, and btree indexes that begin with an expression: these have it, last.
constexpr std::string_view indexes_sql = R"(
  SELECT i.indrelid, i.indkey[0], o.opcname, array_to_json(x.reloptions),
         pg_get_expr(i.indexprs, i.indrelid)
  FROM pg_index i
  JOIN pg_class x ON x.oid = i.indexrelid
  JOIN pg_am m ON m.oid = x.relam
  JOIN pg_opclass o ON o.oid = i.indclass[0]
  JOIN pg_class c ON c.oid = i.indrelid
  JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE n.nspname = 'public' AND i.indpred IS NULL
    AND (m.amname = 'hnsw' AND i.indkey[0] <> 0 OR m.amname = 'btree' AND i.indkey[0] = 0)
    AND ($1::text IS NULL OR c.relname = $1::text)
  ORDER BY i.indexrelid)";

struct TableColumn {
  Column column;
  bool is_key = false;
  std::string number;
};

struct Table {
  std::string name, oid;
  std::vector<TableColumn> columns;
  std::string key_columns;
  bool is_int8 = false;
  bool is_readable = false;
  std::vector<Row> indexes;              // hnsw
  std::vector<std::string> expressions;  // of btree indexes
};

std::vector<Table> read_tables(Sql& sql, const Text& name) {
  std::vector<Table> tables;
  std::map<std::string, std::size_t> by_oid;
  for (const Row& row : sql.rows(columns_sql, {name, std::string(int8_constraint)})) {
    const auto [at, is_new] = by_oid.emplace(*row[0], tables.size());
    if (is_new) tables.emplace_back();
    Table& table = tables[at->second];
    table.oid = *row[0];
    table.name = *row[1];
    table.columns.push_back({{*row[2], *row[3]}, *row[4] == "t", *row[7]});
    table.key_columns = *row[5];
    table.is_int8 = *row[6] == "t";
    table.is_readable = *row[8] == "t";
  }
  for (Row& row : sql.rows(indexes_sql, {name})) {
    const auto at = by_oid.find(*row[0]);
    if (at == by_oid.end()) continue;
    if (row[4]) {
      tables[at->second].expressions.push_back(*std::move(row[4]));
    } else {
      tables[at->second].indexes.push_back(std::move(row));
    }
  }
  return tables;
}

// 3 of "vector(3)"; 0 for other types and for vectors of any dimension.
std::size_t dimension_of(const std::string& type) {
  for (const std::string_view name : {"vector(", "halfvec("}) {
    if (type.compare(0, name.size(), name) != 0) continue;
    std::size_t dimension = 0;
    std::from_chars(type.data() + name.size(), type.data() + type.size(), dimension);
    return dimension;
  }
  return 0;
}

void read_index(const Row& index, Collection& collection) {
  collection.has_index = true;
  for (const MetricName& metric : metrics) {
    const bool ends_with = index[2]->size() >= metric.op_classes.size() &&
                           index[2]->compare(index[2]->size() - metric.op_classes.size(),
                                             metric.op_classes.size(), metric.op_classes) == 0;
    if (ends_with) collection.metric = metric.metric;
  }
  if (!index[3]) return;
  const json::value options = json::parse(*index[3]);
  for (const json::value& option : options.as_array()) {
    const std::string text(option.as_string().data(), option.as_string().size());
    const std::size_t equals = text.find('=');
    const int value = std::atoi(text.c_str() + equals + 1);
    const std::string_view name = std::string_view(text).substr(0, equals);
    if (name == "m") collection.m = value;
    if (name == "ef_construction") collection.ef_construction = value;
    if (name == "quantizer") collection.quantization = text.substr(equals + 1);
    if (name == "quantizer_bits") collection.quantizer_bits = value;
  }
}

// The indexed vector column, or else the first one.
const TableColumn* vector_column(const Table& table) {
  const TableColumn* first = nullptr;
  for (const TableColumn& column : table.columns) {
    if (dimension_of(column.column.type) == 0) continue;
    if (first == nullptr) first = &column;
    for (const Row& index : table.indexes) {
      if (*index[1] == column.number) return &column;
    }
  }
  return first;
}

// A sentence on why the table is no collection, or "".
std::string read_table(const Table& table, Collection& collection) {
  if (table.key_columns != "1") return "its primary key must be one column";
  const TableColumn* vector = vector_column(table);
  if (vector == nullptr) {
    return "it has no column of type vector or halfvec with a number of dimensions";
  }
  if (vector->is_key) return "its vector is its primary key";
  collection.name = table.name;
  collection.oid = table.oid;
  collection.vector = vector->column;
  collection.dimension = dimension_of(vector->column.type);
  const bool is_half = vector->column.type.front() == 'h';
  collection.vector_type = is_half ? (table.is_int8 ? "Int8" : "Float16") : "Float32";
  for (const TableColumn& column : table.columns) {
    if (&column == vector) continue;
    if (column.is_key) {
      collection.key = column.column;
    } else if (column.column.name == "metadata" && column.column.type == "jsonb") {
      collection.metadata_column = column.column.name;
    } else {
      collection.fields.push_back(column.column);
    }
  }
  for (const Row& index : table.indexes) {
    if (*index[1] != vector->number) continue;
    read_index(index, collection);
    break;
  }
  for (const std::string& expression : table.expressions) {
    if (auto member = member_in(expression)) collection.indexed_members.push_back(*member);
  }
  return "";
}

}  // namespace

const MetricName& metric_name(Metric metric) {
  return *std::find_if(metrics.begin(), metrics.end(),
                       [&](const MetricName& entry) { return entry.metric == metric; });
}

const MetricName& metric_named(const std::string& name, const std::string& where) {
  std::vector<std::string_view> names;
  for (const MetricName& metric : metrics) names.push_back(metric.name);
  return metrics[one_of(name, names, where)];
}

double score_of(Metric metric, double distance) {
  switch (metric) {
    case Metric::cosine:
      return 1 - distance;
    case Metric::dot_product:
      return -distance;
    default:
      return 1 / (1 + distance);
  }
}

const Column* Collection::field(std::string_view field_name) const {
  for (const Column& column : fields) {
    if (column.name == field_name) return &column;
  }
  return nullptr;
}

std::string Collection::distance(const std::string& parameter) const {
  return fmt::format("({} {} {})", quote_name(vector.name), metric_name(metric).distance,
                     parameter);
}

std::optional<std::string> member_in(std::string_view expression) {
  constexpr std::string_view prefix = "(metadata -> '";
  constexpr std::string_view suffix = "'::text)";
  if (!expression.starts_with(prefix) || !expression.ends_with(suffix)) return std::nullopt;
  expression.remove_prefix(prefix.size());
  expression.remove_suffix(suffix.size());
  std::string member;
  for (std::size_t i = 0; i < expression.size(); ++i) {
    member += expression[i];
    if (expression[i] != '\'') continue;
    if (++i == expression.size() || expression[i] != '\'') return std::nullopt;
  }
  return member;
}

std::string Collection::checked_vector(const json::value& value, const std::string& where) const {
  const std::string text = vector_text(value, dimension, where);
  if (vector_type != "Int8") return text;
  const json::array& items = value.get_array();
  for (std::size_t i = 0; i < items.size(); ++i) {
    const auto number = items[i].to_number<double>();
    if (number == std::floor(number) && number >= -128 && number <= 127) continue;
    throw Failure(422, fmt::format("{}[{}]: {} is no whole number from -128 to 127, as the "
                                   "collection's vector_type Int8 asks",
                                   where, i, number));
  }
  return text;
}

Collection find_collection(Sql& sql, const std::string& name) {
  const std::vector<Table> tables = read_tables(sql, name);
  Collection collection;
  if (tables.empty()) throw Failure(404, fmt::format("collection \"{}\" does not exist", name));
  const std::string fault = read_table(tables.front(), collection);
  if (!fault.empty()) {
    throw Failure(404, fmt::format("table \"{}\" is no collection: {}", name, fault));
  }
  return collection;
}

std::vector<Collection> list_collections(Sql& sql) {
  std::vector<Collection> collections;
  for (const Table& table : read_tables(sql, std::nullopt)) {
    Collection collection;
    if (table.is_readable && read_table(table, collection).empty()) {
      collections.push_back(std::move(collection));
    }
  }
  return collections;
}

json::object describe(const Collection& collection) {
  json::object index;
  if (collection.has_index) {
    index = {{"m", collection.m}, {"ef_construction", collection.ef_construction}};
    if (collection.quantizer_bits > 0) index["quantizer_bits"] = collection.quantizer_bits;
  }
  json::array fields;
  for (const Column& column : collection.fields) {
    fields.push_back(json::object{{"name", column.name}, {"type", column.type}});
  }
  return {
      {"name", collection.name},
      {"dimension", collection.dimension},
      {"distance_metric", metric_name(collection.metric).name},
      {"vector_type", collection.vector_type},
      {"index_config", collection.has_index ? json::value(index) : json::value(nullptr)},
      {"quantization", collection.quantization},
      {"columns",
       {{"id", {{"name", collection.key.name}, {"type", collection.key.type}}},
        {"vector", {{"name", collection.vector.name}, {"type", collection.vector.type}}},
        {"metadata", collection.metadata_column.empty() ? json::value(nullptr)
                                                        : json::value(collection.metadata_column)},
        {"fields", std::move(fields)}}},
  };
}

}  // namespace dvecdb::server::http::rest
