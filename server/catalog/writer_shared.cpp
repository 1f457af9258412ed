// Roles and databases, in the shared file.
#include "server/catalog/access.h"
#include "server/catalog/state.h"
#include "server/catalog/writer_rows.h"
#include "server/types/error.h"

namespace dvecdb::server::catalog {

namespace {

namespace sqlstate = types::sqlstate;
using types::SqlError;

constexpr int utf8_encoding = 6;
constexpr Oid default_tablespace = 1663;

ColumnValues role_attributes(const RoleDesc& role) {
  using namespace pg_authid;
  return {{rolsuper, Value::boolean(role.is_superuser)},
          {rolinherit, Value::boolean(role.inherits)},
          {rolcreaterole, Value::boolean(role.can_create_role)},
          {rolcreatedb, Value::boolean(role.can_create_database)},
          {rolcanlogin, Value::boolean(role.can_login)},
          {rolreplication, Value::boolean(role.can_replicate)},
          {rolbypassrls, Value::boolean(role.bypasses_rls)},
          {rolconnlimit, Value::integer(role.connection_limit)},
          {rolpassword, role.verifier.empty() ? Value::null() : text_value(role.verifier)},
          {rolvaliduntil, role.valid_until ? Value::integer(*role.valid_until) : Value::null()}};
}

ColumnValues database_attributes(const DatabaseDefinition& database) {
  using namespace pg_database;
  return {{datname, text_value(database.name)},
          {datdba, oid_value(database.owner)},
          {datistemplate, Value::boolean(database.is_template)},
          {datallowconn, Value::boolean(database.allows_connections)},
          {datconnlimit, Value::integer(database.connection_limit)}};
}

}  // namespace

Oid Writer::create_role(const RoleDesc& role) {
  using namespace pg_authid;
  if (role.name.starts_with("pg_")) {
    throw SqlError(sqlstate::reserved_name, "role name \"" + role.name + "\" is reserved")
        .detail("Role names starting with \"pg_\" are reserved.");
  }
  if (!find_rows(connection_, table, {{rolname, text_value(role.name)}}).empty()) {
    throw SqlError(sqlstate::duplicate_object, "role \"" + role.name + "\" already exists");
  }
  const Oid created = allocate_oid(connection_, true);
  ColumnValues row = role_attributes(role);
  row.push_back({pg_authid::oid, oid_value(created)});
  row.push_back({rolname, text_value(role.name)});
  insert_row(connection_, table, row);
  bump_version(connection_, true);
  return created;
}

void Writer::alter_role(Oid role, const RoleDesc& changes) {
  update_rows(connection_, pg_authid::table, {{pg_authid::oid, oid_value(role)}},
              role_attributes(changes));
  bump_version(connection_, true);
}

void Writer::drop_role(Oid role) {
  delete_rows(connection_, pg_authid::table, {{pg_authid::oid, oid_value(role)}});
  for (const int column : {pg_auth_members::roleid, pg_auth_members::member}) {
    delete_rows(connection_, pg_auth_members::table, {{column, oid_value(role)}});
  }
  delete_rows(connection_, pg_db_role_setting::table,
              {{pg_db_role_setting::setrole, oid_value(role)}});
  delete_api_keys_of(connection_, role);
  set_comment(role_address(role), std::nullopt);
  bump_version(connection_, true);
}

void Writer::grant_role(Oid role, Oid member, Oid grantor, bool with_admin) {
  using namespace pg_auth_members;
  delete_rows(connection_, table,
              {{roleid, oid_value(role)}, {pg_auth_members::member, oid_value(member)}});
  insert_row(connection_, table,
             {{roleid, oid_value(role)},
              {pg_auth_members::member, oid_value(member)},
              {pg_auth_members::grantor, oid_value(grantor)},
              {admin_option, Value::boolean(with_admin)}});
  bump_version(connection_, true);
}

void Writer::revoke_role(Oid role, Oid member) {
  using namespace pg_auth_members;
  delete_rows(connection_, table,
              {{roleid, oid_value(role)}, {pg_auth_members::member, oid_value(member)}});
  bump_version(connection_, true);
}

void Writer::set_role_settings(const RoleSetting& setting) {
  using namespace pg_db_role_setting;
  const ColumnValues self = {{setdatabase, oid_value(setting.database)},
                             {setrole, oid_value(setting.role)}};
  delete_rows(connection_, table, self);
  if (!setting.assignments.empty()) {
    ColumnValues row = self;
    row.push_back({setconfig, text_array(setting.assignments)});
    insert_row(connection_, table, row);
  }
  bump_version(connection_, true);
}

Oid Writer::create_database(const DatabaseDefinition& database) {
  using namespace pg_database;
  if (!find_rows(connection_, table, {{datname, text_value(database.name)}}).empty()) {
    throw SqlError(sqlstate::duplicate_database,
                   "database \"" + database.name + "\" already exists");
  }
  const Oid created = allocate_oid(connection_, true);
  ColumnValues row = database_attributes(database);
  row.insert(row.end(), {{pg_database::oid, oid_value(created)},
                         {encoding, Value::integer(utf8_encoding)},
                         {datlocprovider, char_value('c')},
                         {datminmxid, Value::integer(1)},
                         {dattablespace, oid_value(default_tablespace)},
                         {datcollate, text_value("C")},
                         {datctype, text_value("C")}});
  insert_row(connection_, table, row);
  bump_version(connection_, true);
  return created;
}

void Writer::alter_database(Oid database, const DatabaseDefinition& changes) {
  update_rows(connection_, pg_database::table, {{pg_database::oid, oid_value(database)}},
              database_attributes(changes));
  bump_version(connection_, true);
}

void Writer::drop_database(Oid database) {
  delete_rows(connection_, pg_database::table, {{pg_database::oid, oid_value(database)}});
  delete_rows(connection_, pg_db_role_setting::table,
              {{pg_db_role_setting::setdatabase, oid_value(database)}});
  set_comment(database_address(database), std::nullopt);
  bump_version(connection_, true);
}

}  // namespace dvecdb::server::catalog
