#include "tests/unit/exec/store_queries_fixture.h"

#include <fstream>
#include <sstream>
#include <stdexcept>

#include "server/exec/store_functions.h"
#include "server/query/parse.h"
#include "server/types/error.h"
#include "server/types/type_io.h"

namespace dvecdb::server::exec {

using query::ColumnDesc;
using query::RelationDesc;
using types::SqlError;
using types::Value;

namespace {

constexpr types::Oid first_oid = 20000;
constexpr types::Oid public_schema = 2200;

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> out(1);
  for (const char c : text) {
    if (c == separator) {
      out.emplace_back();
    } else {
      out.back() += c;
    }
  }
  return out;
}

}  // namespace

RelationDesc& FixtureCatalog::add_table(std::string name, std::vector<ColumnDesc> columns) {
  RelationDesc table;
  table.oid = first_oid + static_cast<types::Oid>(tables_.size()) * 2;
  table.row_type = table.oid + 1;
  table.name = name;
  table.schema = "public";
  table.schema_oid = public_schema;
  table.store_name = "t_" + name;
  table.columns = std::move(columns);
  types::TypeDesc row;
  row.oid = table.row_type;
  row.name = name;
  row.schema = "public";
  row.schema_oid = public_schema;
  row.kind = types::TypeKind::composite;
  row.category = 'C';
  row.relation = table.oid;
  for (const ColumnDesc& column : table.columns) row.columns.push_back({column.name, column.type});
  row_types_.push_back(std::move(row));
  tables_.push_back(std::move(table));
  return tables_.back();
}

void FixtureCatalog::add_index(std::string_view table, query::IndexDesc index) {
  for (RelationDesc& desc : tables_) {
    if (desc.name != table) continue;
    index.table = desc.oid;
    indexes_.push_back(std::move(index));
    desc.indexes.push_back(&indexes_.back());
  }
}

const RelationDesc* FixtureCatalog::find_relation(std::string_view schema,
                                                  std::string_view name) const {
  for (const RelationDesc& table : tables_) {
    if (schema == "public" && table.name == name) return &table;
  }
  return base_->find_relation(schema, name);
}

const RelationDesc* FixtureCatalog::find_relation(types::Oid oid) const {
  for (const RelationDesc& table : tables_) {
    if (table.oid == oid) return &table;
  }
  return base_->find_relation(oid);
}

const types::TypeDesc* FixtureCatalog::find_type(std::string_view schema,
                                                 std::string_view name) const {
  for (const types::TypeDesc& row : row_types_) {
    if (schema == "public" && row.name == name) return &row;
  }
  return base_->find_type(schema, name);
}

const types::TypeDesc* FixtureCatalog::find_type(types::Oid oid) const {
  for (const types::TypeDesc& row : row_types_) {
    if (row.oid == oid) return &row;
  }
  return base_->find_type(oid);
}

Fixture::Fixture(const std::string& tables_file) {
  register_store_functions(connection_);
  connection_.set_session(static_cast<functions::Environment*>(&environment_));
  read_tables(tables_file);
}

void Fixture::read_tables(const std::string& file) {
  std::ifstream in(file);
  if (!in) throw std::runtime_error("cannot read " + file);
  const RelationDesc* table = nullptr;
  for (std::string line; std::getline(in, line);) {
    if (line.empty()) continue;
    if (line.starts_with("table ")) {
      create(line.substr(6));
      table = catalog_.find_relation("public", split(line, ' ')[1]);
    } else {
      insert(*table, line);
    }
  }
}

// "name column:type column:type! ...", "!" for NOT NULL.
void Fixture::create(std::string_view header) {
  std::vector<std::string> words = split(header, ' ');
  std::vector<ColumnDesc> columns;
  std::string sql;
  for (std::size_t i = 1; i < words.size(); ++i) {
    ColumnDesc column;
    column.not_null = words[i].back() == '!';
    if (column.not_null) words[i].pop_back();
    const std::vector<std::string> parts = split(words[i], ':');
    column.number = static_cast<std::int16_t>(i);
    column.name = parts[0];
    column.store_name = parts[0];
    const types::TypeDesc* type = catalog_.find_type("pg_catalog", parts[1]);
    if (type == nullptr) type = catalog_.find_type("public", parts[1]);
    if (type == nullptr) throw std::runtime_error("no type " + parts[1]);
    column.type = {type->oid, -1};
    columns.push_back(column);
    sql += (sql.empty() ? "\"" : ", \"") + parts[0] + "\"";
  }
  connection_.execute("CREATE TABLE t_" + words[0] + "(" + sql + ")");
  catalog_.add_table(words[0], std::move(columns));
}

void Fixture::insert(const RelationDesc& table, std::string_view line) {
  const std::vector<std::string> texts = split(line, '|');
  std::string marks;
  for (std::size_t i = 1; i <= texts.size(); ++i) {
    marks += (i > 1 ? ",?" : "?") + std::to_string(i);
  }
  storage::Statement statement =
      connection_.prepare("INSERT INTO " + table.store_name + " VALUES (" + marks + ")");
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const Value value = texts[i] == "<null>"
                            ? Value()
                            : types::input_text(environment_.io(), table.columns[i].type, texts[i]);
    statement.bind(static_cast<int>(i + 1), value);
  }
  statement.run();
}

query::Plan Fixture::plan(std::string_view sql, const query::PlanSettings& settings) {
  const query::AnalyzeContext context{catalog_, environment_.io(), {"public"}, "postgres", sql};
  const std::vector<query::RawStatement> statements = query::parse(sql);
  query::ParamTypes params;
  query::QueryPtr tree = query::analyze(context, statements.at(0), params);
  return query::make_plan(context, std::move(tree), params, settings);
}

std::string Fixture::rows(const std::string& store_sql,
                          const std::vector<query::ResultColumn>& columns,
                          const std::vector<Value>& parameters) {
  storage::Statement statement = connection_.prepare(store_sql);
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    statement.bind(static_cast<int>(i + 1), parameters[i]);
  }
  std::string out;
  while (statement.step()) {
    for (std::size_t i = 0; i < columns.size(); ++i) {
      if (i > 0) out += '|';
      const Value value = statement.column(static_cast<int>(i));
      if (value.is_null()) {
        out += "<null>";
      } else {
        types::output_text(environment_.io(), columns[i].type, value, out);
      }
    }
    out += '\n';
  }
  return out;
}

std::string Fixture::run(std::string_view sql, const std::vector<Value>& parameters) {
  try {
    const query::Plan made = plan(sql);
    return rows(made.select.sql, made.columns, parameters);
  } catch (const SqlError& error) {
    return "ERROR " + error.sqlstate() + " " + error.what() + "\n";
  }
}

}  // namespace dvecdb::server::exec
