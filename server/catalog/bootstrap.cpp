#include "server/catalog/bootstrap.h"

#include <string>

#include "server/catalog/access.h"
#include "server/catalog/builtin_rows.h"
#include "server/catalog/snapshot.h"
#include "server/catalog/state.h"
#include "server/catalog/table.h"
#include "server/catalog/view_texts.h"
#include "server/types/oids.h"
#include "server/types/type_io.h"

namespace dvecdb::server::catalog {

namespace {

namespace oids = types::oids;

std::string store_name(const BuiltinTable& table) {
  return (table.is_shared ? "global.t" : "main.t") + std::to_string(table.oid);
}

Value stored_form(const types::IoContext& io, Oid type, const TextRow& row, int column) {
  if (row.is_null(column)) return Value::null();
  switch (type) {
    case oids::boolean:
    case oids::int2:
    case oids::int4:
    case oids::int8:
    case oids::oid:
    case oids::regproc:
      return Value::integer(row.integer(column));
    case oids::name:
    case oids::text:
    case oids::internal_char:
    case oids::pg_node_tree:
      return Value::text(row.text(column));
    default:
      return types::input_text(io, {type, -1}, row.text(column));
  }
}

void create_table(storage::Connection& connection, const BuiltinTable& table) {
  std::string sql = "CREATE TABLE " + store_name(table) + " (";
  for (int column = 1; column <= table.rows.columns(); ++column) {
    sql += (column == 1 ? "c" : ", c") + std::to_string(column);
  }
  connection.execute(sql + ")");
}

void insert_rows(storage::Connection& connection, const BuiltinTable& table) {
  const types::IoContext io{.types = Snapshot::builtin().get()};
  std::string sql = "INSERT INTO " + store_name(table) + " VALUES (";
  for (int column = 1; column <= table.rows.columns(); ++column) sql += column == 1 ? "?" : ", ?";
  storage::Statement insert = connection.prepare(sql + ")");
  for (std::size_t i = 0; i < table.rows.size(); ++i) {
    const TextRow row = table.rows.row(i);
    for (int column = 1; column <= table.rows.columns(); ++column) {
      insert.bind(column, stored_form(io, table.column_types[column - 1], row, column));
    }
    insert.run();
    insert.reset();
  }
}

// After the rows: filling a table that has its indexes takes longer.
void create_indexes(storage::Connection& connection, const BuiltinTable& table) {
  for (const IndexDesc* index : Snapshot::builtin()->find_relation(table.oid)->indexes) {
    std::string sql = index->is_unique ? "CREATE UNIQUE INDEX " : "CREATE INDEX ";
    sql += (table.is_shared ? "global." : "main.") + index->store_name;
    sql += " ON t" + std::to_string(table.oid) + " (";
    for (const IndexDesc::Key& key : index->keys) {
      if (sql.back() != '(') sql += ", ";
      sql += "c" + std::to_string(key.column);
    }
    connection.execute(sql + ")");
  }
}

void fill(storage::Connection& connection, bool shared) {
  for (const BuiltinTable& table : BuiltinRows::instance().tables()) {
    if (table.is_shared != shared) continue;
    create_table(connection, table);
    insert_rows(connection, table);
    create_indexes(connection, table);
  }
  create_state(connection, shared);
}

void add_view_texts(storage::Connection& connection) {
  for (const ViewText& view : builtin_view_texts()) {
    update_rows(connection, pg_rewrite::table, {{pg_rewrite::ev_class, oid_value(view.oid)}},
                {{pg_rewrite::ev_action, text_value(view.text)}});
  }
}

// The vector types and what belongs to them are the members of the extension "vector", which is
// there from the start: so pg_dump writes CREATE EXTENSION instead of its members.
void add_extension_members(storage::Connection& connection) {
  constexpr Oid catalogs[] = {pg_type::table.oid,    pg_proc::table.oid,     pg_operator::table.oid,
                              pg_opclass::table.oid, pg_opfamily::table.oid, pg_cast::table.oid,
                              pg_am::table.oid};
  for (const Oid catalog : catalogs) {
    const TextTable& rows = BuiltinRows::instance().table(catalog).rows;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const Oid member = rows.row(i).oid(1);
      if (member < first_vector_oid) continue;
      using namespace pg_depend;
      insert_row(connection, table,
                 {{classid, oid_value(catalog)},
                  {objid, oid_value(member)},
                  {refclassid, oid_value(pg_extension::table.oid)},
                  {refobjid, oid_value(vector_extension_oid)},
                  {deptype, char_value('e')}});
    }
  }
}

void add_database(storage::Connection& connection, Oid oid, std::string_view name, bool is_template,
                  bool allows_connections) {
  constexpr int utf8 = 6;
  using namespace pg_database;
  ColumnValues row = {
      {pg_database::oid, oid_value(oid)},
      {datname, text_value(name)},
      {datdba, oid_value(postgres_role_oid)},
      {encoding, Value::integer(utf8)},
      {datlocprovider, char_value('c')},
      {datistemplate, Value::boolean(is_template)},
      {datallowconn, Value::boolean(allows_connections)},
      {datconnlimit, Value::integer(-1)},
      {datfrozenxid, Value::integer(717)},
      {datminmxid, Value::integer(1)},
      {dattablespace, oid_value(1663)},
      {datcollate, text_value("C")},
      {datctype, text_value("C")},
  };
  if (is_template) {
    row.push_back({datacl, aclitem_array({"=c/postgres", "postgres=CTc/postgres"})});
  }
  insert_row(connection, table, row);
}

bool has_table(storage::Connection& connection, std::string_view schema) {
  storage::Statement select =
      connection.prepare("SELECT 1 FROM " + std::string(schema) +
                         ".sqlite_schema WHERE type = 'table' AND name = 'catalog_state'");
  return select.step();
}

}  // namespace

bool has_catalogs(storage::Connection& connection) {
  return has_table(connection, "main");
}

void create_catalogs(storage::Connection& connection) {
  fill(connection, false);
  add_view_texts(connection);
  add_extension_members(connection);
  connection.execute(
      "CREATE TABLE main.sequence_state "
      "(sequence INTEGER PRIMARY KEY, last_value, log_count, is_called)");
}

bool create_shared_catalogs(storage::Connection& connection) {
  create_access_tables(connection);
  if (has_table(connection, "global")) return false;
  fill(connection, true);
  add_database(connection, template1_oid, "template1", true, true);
  add_database(connection, template0_oid, "template0", true, false);
  add_database(connection, postgres_database_oid, "postgres", false, true);
  return true;
}

}  // namespace dvecdb::server::catalog
