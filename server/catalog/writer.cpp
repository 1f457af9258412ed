#include "server/catalog/writer.h"

#include "server/catalog/session_catalog.h"
#include "server/catalog/state.h"
#include "server/catalog/writer_rows.h"
#include "server/query/deparse.h"
#include "server/types/error.h"

namespace dvecdb::server::catalog {

namespace {

constexpr std::size_t max_name_bytes = 63;

std::size_t cut_position(std::string_view name, std::size_t limit) {
  if (name.size() <= limit) return name.size();
  while (limit > 0 && (static_cast<unsigned char>(name[limit]) & 0xC0) == 0x80) --limit;
  return limit;
}

// "table_column_label" in at most 63 bytes: the longer of the first two loses bytes.
std::string join_names(std::string_view table, std::string_view column, const std::string& label) {
  const std::size_t overhead = label.size() + 1 + (column.empty() ? 0 : 1);
  std::size_t table_bytes = table.size();
  std::size_t column_bytes = column.size();
  while (table_bytes + column_bytes + overhead > max_name_bytes) {
    if (table_bytes > column_bytes) {
      --table_bytes;
    } else {
      --column_bytes;
    }
  }
  std::string name(table.substr(0, cut_position(table, table_bytes)));
  if (!column.empty()) {
    name += "_";
    name += column.substr(0, cut_position(column, column_bytes));
  }
  return name + "_" + label;
}

bool constraint_name_is_taken(storage::Connection& connection, std::string_view name, Oid schema) {
  using namespace pg_constraint;
  return !find_rows(connection, table,
                    {{conname, text_value(name)}, {connamespace, oid_value(schema)}})
              .empty();
}

}  // namespace

Writer::Writer(storage::Connection& connection, const Snapshot& snapshot,
               const query::AnalyzeContext& context)
    : connection_(connection), snapshot_(snapshot), context_(context) {}

void Writer::changed() {
  bump_version(connection_, false);
}

std::string Writer::stored_text(const query::Expr& expr, const RelationDesc* relation) const {
  const StorageCatalog catalog(snapshot_);
  return query::deparse_expression(catalog, expr, relation);
}

RelationDesc Writer::current_relation(Oid oid) const {
  const StoreRow row = row_of(connection_, pg_class::table, oid);
  RelationDesc relation;
  relation.oid = oid;
  relation.name = row.text(pg_class::relname);
  relation.schema_oid = row.oid(pg_class::relnamespace);
  const std::vector<StoreRow> schemas = find_rows(
      connection_, pg_namespace::table, {{pg_namespace::oid, oid_value(relation.schema_oid)}});
  if (!schemas.empty()) relation.schema = schemas.front().text(pg_namespace::nspname);
  relation.owner = row.oid(pg_class::relowner);
  relation.kind = row.character(pg_class::relkind);
  relation.persistence = row.character(pg_class::relpersistence);
  relation.store_name = "t" + std::to_string(oid);
  for (const StoreRow& attribute :
       find_rows(connection_, pg_attribute::table, {{pg_attribute::attrelid, oid_value(oid)}})) {
    const auto number = static_cast<std::int16_t>(attribute.integer(pg_attribute::attnum));
    if (number < 1) continue;
    query::ColumnDesc column;
    column.number = number;
    column.name = attribute.text(pg_attribute::attname);
    column.type = {attribute.oid(pg_attribute::atttypid),
                   static_cast<std::int32_t>(attribute.integer(pg_attribute::atttypmod))};
    column.collation = attribute.oid(pg_attribute::attcollation);
    column.not_null = attribute.boolean(pg_attribute::attnotnull);
    column.is_dropped = attribute.boolean(pg_attribute::attisdropped);
    column.identity = attribute.character(pg_attribute::attidentity);
    column.generated = attribute.character(pg_attribute::attgenerated);
    column.store_name = "c" + std::to_string(number);
    relation.columns.push_back(std::move(column));
  }
  return relation;
}

std::string Writer::choose_name(std::string_view table, std::string_view column,
                                std::string_view label, Oid schema) {
  std::string suffix(label);
  for (int number = 1;; ++number) {
    std::string name = join_names(table, column, suffix);
    if (!relation_name_is_taken(connection_, name, schema) &&
        !constraint_name_is_taken(connection_, name, schema)) {
      return name;
    }
    suffix = std::string(label) + std::to_string(number);
  }
}

}  // namespace dvecdb::server::catalog
