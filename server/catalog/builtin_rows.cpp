#include "server/catalog/builtin_rows.h"

#include <cctype>

#include "server/catalog/embedded_files.h"
#include "server/catalog/tables.h"
#include "server/types/error.h"
#include "server/types/oids.h"

namespace dvecdb::server::catalog {

namespace {

constexpr Oid pg_catalog_schema = 11;

TextTable read_file(const CatalogTable& table, std::string_view file) {
  TextTable rows(table.columns);
  rows.append(embedded_file(file));
  return rows;
}

// "vector_pg_proc.tsv" and "vector_proc.tsv" both add to pg_proc.
std::string vector_file(std::string_view table, bool with_prefix) {
  if (!with_prefix) table.remove_prefix(std::string_view("pg_").size());
  return "vector_" + std::string(table) + ".tsv";
}

}  // namespace

const BuiltinRows& BuiltinRows::instance() {
  static const BuiltinRows rows;
  return rows;
}

BuiltinRows::BuiltinRows() {
  const TextTable classes = read_file(pg_class::table, "pg_class.tsv");
  for (std::size_t i = 0; i < classes.size(); ++i) {
    if (classes.row(i).character(pg_class::relkind) == 'r') add_table(classes.row(i));
  }
  const TextTable attributes = read_file(pg_attribute::table, "pg_attribute.tsv");
  for (std::size_t i = 0; i < attributes.size(); ++i) {
    const TextRow row = attributes.row(i);
    const auto found = by_oid_.find(row.oid(pg_attribute::attrelid));
    if (found == by_oid_.end() || row.integer(pg_attribute::attnum) < 1) continue;
    found->second->column_types.push_back(row.oid(pg_attribute::atttypid));
  }
  for (BuiltinTable& table : tables_) {
    table.rows = TextTable(static_cast<int>(table.column_types.size()));
    const std::string prefix = table.schema == "pg_catalog" ? "" : table.schema + ".";
    add_file(table, prefix + table.name + ".tsv");
    if (!table.name.starts_with("pg_")) continue;
    add_file(table, vector_file(table.name, true));
    add_file(table, vector_file(table.name, false));
    if (table.name != "pg_proc") continue;
    add_file(table, "extension_proc.tsv");
    add_file(table, "dvecdb_proc.tsv");
  }
  const TextTable& procs = table(pg_proc::table.oid).rows;
  for (std::size_t i = 0; i < procs.size(); ++i) {
    const TextRow row = procs.row(i);
    proc_oids_.emplace(row.raw(pg_proc::proname), row.raw(pg_proc::oid));
  }
  for (BuiltinTable& table : tables_) resolve_procs(table);
}

void BuiltinRows::add_table(const TextRow& relation) {
  BuiltinTable& table = tables_.emplace_back();
  table.oid = relation.oid(pg_class::oid);
  table.name = relation.text(pg_class::relname);
  const bool is_catalog = relation.oid(pg_class::relnamespace) == pg_catalog_schema;
  table.schema = is_catalog ? "pg_catalog" : "information_schema";
  table.is_shared = relation.boolean(pg_class::relisshared);
  by_oid_.emplace(table.oid, &table);
}

void BuiltinRows::add_file(BuiltinTable& table, std::string_view file) {
  table.rows.append(embedded_file(file));
}

// A function that is told by name becomes the oid of (the first of) that name.
void BuiltinRows::resolve_procs(BuiltinTable& table) {
  for (int column = 1; column <= table.rows.columns(); ++column) {
    if (table.column_types[column - 1] != types::oids::regproc) continue;
    for (std::size_t i = 0; i < table.rows.size(); ++i) {
      const std::string_view field = table.rows.row(i).raw(column);
      if (field.empty() || field == "\\N" || std::isdigit(field.front()) != 0) continue;
      const auto found = proc_oids_.find(field);
      if (field != "-" && found == proc_oids_.end()) {
        throw types::SqlError(types::sqlstate::internal_error,
                              table.name + " refers to unknown function " + std::string(field));
      }
      table.rows.replace(i, column, field == "-" ? std::string_view("0") : found->second);
    }
  }
}

const BuiltinTable& BuiltinRows::table(Oid oid) const {
  const auto found = by_oid_.find(oid);
  if (found == by_oid_.end()) {
    throw types::SqlError(types::sqlstate::internal_error,
                          "no built-in catalog " + std::to_string(oid));
  }
  return *found->second;
}

}  // namespace dvecdb::server::catalog
