#include "server/catalog/object_description.h"

#include "server/catalog/names.h"
#include "server/catalog/table.h"
#include "server/catalog/type_names.h"
#include "server/catalog/visibility.h"

namespace dvecdb::server::catalog {

namespace {

using query::Catalog;

std::string_view kind_word(char kind) {
  switch (kind) {
    case 'i':
      return "index ";
    case 'S':
      return "sequence ";
    case 'v':
      return "view ";
    case 'c':
      return "composite type ";
    default:
      return "table ";
  }
}

std::string describe_relation(const Catalog& catalog, Oid oid) {
  const query::RelationDesc* relation = catalog.find_relation(oid);
  if (relation == nullptr) return "relation " + std::to_string(oid);
  return std::string(kind_word(relation->kind)) +
         qualified_name(is_visible(catalog, *relation) ? "" : relation->schema, relation->name);
}

std::string describe_column(const Catalog& catalog, const ObjectAddress& address) {
  const query::RelationDesc* relation = catalog.find_relation(address.object);
  if (relation == nullptr) return {};
  for (const query::ColumnDesc& column : relation->columns) {
    if (column.number != address.column) continue;
    return "column " + quote_name(column.name) + " of " +
           describe_relation(catalog, address.object);
  }
  return {};
}

std::string describe_constraint(const Catalog& catalog, const StoreRow& row) {
  const std::string name = "constraint " + quote_name(row.text(pg_constraint::conname));
  const Oid relation = row.oid(pg_constraint::conrelid);
  return relation == 0 ? name : name + " on " + describe_relation(catalog, relation);
}

std::string describe_default(const Catalog& catalog, const StoreRow& row) {
  const ObjectAddress column = {pg_class::table.oid, row.oid(pg_attrdef::adrelid),
                                static_cast<std::int32_t>(row.integer(pg_attrdef::adnum))};
  return "default value for " + describe_column(catalog, column);
}

std::string describe_proc(const Catalog& catalog, Oid oid) {
  const query::ProcDesc* proc = catalog.find_proc(oid);
  if (proc == nullptr) return {};
  std::string out = proc->kind == 'a' ? "aggregate " : "function ";
  out += qualified_name(is_visible(catalog, *proc) ? "" : proc->schema, proc->name) + "(";
  for (std::size_t i = 0; i < proc->arguments.size(); ++i) {
    if (i > 0) out += ",";
    out += type_text(catalog, {proc->arguments[i], -1});
  }
  return out + ")";
}

struct NamedCatalog {
  CatalogTable table;
  int name;
  std::string_view word;
};

constexpr NamedCatalog named_catalogs[] = {
    {pg_namespace::table, pg_namespace::nspname, "schema "},
    {pg_extension::table, pg_extension::extname, "extension "},
    {pg_authid::table, pg_authid::rolname, "role "},
    {pg_database::table, pg_database::datname, "database "},
    {pg_language::table, pg_language::lanname, "language "},
    {pg_am::table, pg_am::amname, "access method "},
    {pg_tablespace::table, pg_tablespace::spcname, "tablespace "},
};

}  // namespace

std::string describe_object(const Catalog& catalog, storage::Connection& connection,
                            const ObjectAddress& address) {
  if (address.catalog == pg_class::table.oid) {
    return address.column == 0 ? describe_relation(catalog, address.object)
                               : describe_column(catalog, address);
  }
  if (address.catalog == pg_type::table.oid) {
    return catalog.find_type(address.object) == nullptr
               ? std::string()
               : "type " + type_text(catalog, {address.object, -1});
  }
  if (address.catalog == pg_proc::table.oid) return describe_proc(catalog, address.object);
  const auto row = [&](const CatalogTable& table) {
    return find_rows(connection, table, {{1, oid_value(address.object)}});
  };
  for (const NamedCatalog& named : named_catalogs) {
    if (named.table.oid != address.catalog) continue;
    const std::vector<StoreRow> rows = row(named.table);
    return rows.empty() ? std::string()
                        : std::string(named.word) + quote_name(rows.front().text(named.name));
  }
  if (address.catalog == pg_constraint::table.oid) {
    const std::vector<StoreRow> rows = row(pg_constraint::table);
    return rows.empty() ? std::string() : describe_constraint(catalog, rows.front());
  }
  if (address.catalog == pg_attrdef::table.oid) {
    const std::vector<StoreRow> rows = row(pg_attrdef::table);
    return rows.empty() ? std::string() : describe_default(catalog, rows.front());
  }
  if (address.catalog == pg_rewrite::table.oid) {
    const std::vector<StoreRow> rows = row(pg_rewrite::table);
    return rows.empty() ? std::string()
                        : "rule " + rows.front().text(pg_rewrite::rulename) + " on " +
                              describe_relation(catalog, rows.front().oid(pg_rewrite::ev_class));
  }
  return {};
}

}  // namespace dvecdb::server::catalog
