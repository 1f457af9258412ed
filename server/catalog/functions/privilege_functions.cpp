// has_*_privilege and pg_has_role. One function answers all the forms of a family: what an
// argument is shows by its stored form (a name is text, an oid a number).
#include <algorithm>
#include <cctype>

#include "server/catalog/acl.h"
#include "server/catalog/functions/families.h"
#include "server/catalog/reg_names.h"
#include "server/catalog/table.h"
#include "server/types/error.h"
#include "server/types/oids.h"

namespace dvecdb::server::catalog {

namespace {

namespace oids = types::oids;
namespace sqlstate = types::sqlstate;
using types::SqlError;

struct Privilege {
  char letter;
  bool with_grant;
};

// "SELECT, INSERT WITH GRANT OPTION": any of them will do.
std::vector<Privilege> parse_privileges(std::string_view text, std::string_view allowed) {
  std::vector<Privilege> out;
  while (true) {
    const std::size_t comma = text.find(',');
    std::string_view one = text.substr(0, comma);
    while (!one.empty() && one.front() == ' ') one.remove_prefix(1);
    while (!one.empty() && one.back() == ' ') one.remove_suffix(1);
    std::string upper;
    for (const char c : one) {
      upper.push_back(static_cast<char>(std::toupper(static_cast<unsigned char>(c))));
    }
    constexpr std::string_view grant = " WITH GRANT OPTION";
    const bool with_grant = upper.ends_with(grant);
    if (with_grant) upper.resize(upper.size() - grant.size());
    const char letter = privilege_letter(upper);
    if (letter == '\0' || allowed.find(letter) == std::string_view::npos) {
      throw SqlError(sqlstate::invalid_parameter_value,
                     "unrecognized privilege type: \"" + std::string(one) + "\"");
    }
    out.push_back({letter, with_grant});
    if (comma == std::string_view::npos) return out;
    text.remove_prefix(comma + 1);
  }
}

Oid database_owner(const CatalogEnvironment& session) {
  const DatabaseDesc* database =
      session.catalog().snapshot().find_database(session.current_database_oid());
  return database == nullptr ? types::invalid_oid : database->owner;
}

// 0 for PUBLIC.
Oid role_argument(const FunctionContext& context, const Value& value) {
  if (value.kind() == Value::Kind::integer) return oid_of(value);
  if (value.as_bytes() == "public") return types::invalid_oid;
  const RoleDesc* role = session_of(context).catalog().snapshot().find_role(value.as_bytes());
  if (role == nullptr) {
    throw SqlError(sqlstate::undefined_object, "role \"" + string_of(value) + "\" does not exist");
  }
  return role->oid;
}

bool any_allowed(const FunctionContext& context, Oid role, const std::vector<std::string>& acl,
                 Oid owner, const std::vector<Privilege>& privileges) {
  const CatalogEnvironment& session = session_of(context);
  return std::any_of(privileges.begin(), privileges.end(), [&](const Privilege& privilege) {
    return is_allowed(
        session.catalog().snapshot(), acl,
        {role, owner, privilege.letter, privilege.with_grant, database_owner(session)});
  });
}

std::string role_name(const FunctionContext& context, Oid role) {
  const RoleDesc* desc = session_of(context).catalog().snapshot().find_role(role);
  return desc == nullptr ? std::string() : desc->name;
}

struct Object {
  Oid owner = types::invalid_oid;
  std::vector<std::string> acl;
};

// The kinds of objects, each with how to find one (nullopt: no such oid).
std::vector<std::string> acl_or_default(const FunctionContext& context, Oid object, char type,
                                        Oid owner) {
  const std::vector<std::string>* acl = session_of(context).catalog().snapshot().find_acl(object);
  return acl != nullptr ? *acl : default_acl(type, role_name(context, owner));
}

Oid relation_argument(const FunctionContext& context, const Value& value) {
  if (value.kind() == Value::Kind::integer) return oid_of(value);
  const SessionCatalog& catalog = session_of(context).catalog();
  return resolve_reg(catalog.snapshot(), catalog, oids::regclass, value.as_bytes());
}

std::optional<Object> relation_object(const FunctionContext& context, const Value& value) {
  const Oid oid = relation_argument(context, value);
  const RelationDesc* relation = session_of(context).catalog().find_relation(oid);
  if (relation == nullptr) return std::nullopt;
  const char type = relation->kind == 'S' ? 's' : 'r';
  return Object{relation->owner, acl_or_default(context, oid, type, relation->owner)};
}

std::optional<Object> sequence_object(const FunctionContext& context, const Value& value) {
  const Oid oid = relation_argument(context, value);
  const RelationDesc* relation = session_of(context).catalog().find_relation(oid);
  if (relation != nullptr && relation->kind != 'S') {
    throw SqlError(sqlstate::wrong_object_type, "\"" + relation->name + "\" is not a sequence");
  }
  return relation_object(context, value);
}

std::optional<Object> schema_object(const FunctionContext& context, const Value& value) {
  const SessionCatalog& catalog = session_of(context).catalog();
  const bool is_oid = value.kind() == Value::Kind::integer;
  const SchemaDesc* schema =
      is_oid ? catalog.find_schema(oid_of(value)) : catalog.find_schema(value.as_bytes());
  if (schema == nullptr && !is_oid) {
    throw SqlError(sqlstate::invalid_schema_name,
                   "schema \"" + string_of(value) + "\" does not exist");
  }
  if (schema == nullptr) return std::nullopt;
  return Object{schema->owner, acl_or_default(context, schema->oid, 'n', schema->owner)};
}

std::optional<Object> database_object(const FunctionContext& context, const Value& value) {
  const Snapshot& snapshot = session_of(context).catalog().snapshot();
  const bool is_oid = value.kind() == Value::Kind::integer;
  const DatabaseDesc* database =
      is_oid ? snapshot.find_database(oid_of(value)) : snapshot.find_database(value.as_bytes());
  if (database == nullptr && !is_oid) {
    throw SqlError(sqlstate::invalid_catalog_name,
                   "database \"" + string_of(value) + "\" does not exist");
  }
  if (database == nullptr) return std::nullopt;
  return Object{database->owner, database->has_acl
                                     ? database->acl
                                     : default_acl('d', role_name(context, database->owner))};
}

template <Oid reg_type, char type>
std::optional<Object> reg_object(const FunctionContext& context, const Value& value) {
  const SessionCatalog& catalog = session_of(context).catalog();
  const Oid oid = value.kind() == Value::Kind::integer
                      ? oid_of(value)
                      : resolve_reg(catalog.snapshot(), catalog, reg_type, value.as_bytes());
  const bool exists = reg_type == oids::regtype ? catalog.find_type(oid) != nullptr
                                                : catalog.find_proc(oid) != nullptr;
  if (!exists) return std::nullopt;
  constexpr Oid bootstrap_superuser = 10;
  return Object{bootstrap_superuser, acl_or_default(context, oid, type, bootstrap_superuser)};
}

// Languages, tablespaces and the like: few and the superuser's.
template <Oid catalog_oid, char type>
std::optional<Object> named_object(const FunctionContext& context, const Value& value) {
  CatalogEnvironment& session = session_of(context);
  const RelationDesc* relation = session.catalog().find_relation(catalog_oid);
  const CatalogTable table{catalog_oid, relation->store_name,
                           static_cast<int>(relation->columns.size())};
  const bool is_oid = value.kind() == Value::Kind::integer;
  const auto found = find_rows(session.connection(), table, {{is_oid ? 1 : 2, value}});
  if (found.empty() && is_oid) return std::nullopt;
  if (found.empty()) {
    throw SqlError(sqlstate::undefined_object, "\"" + string_of(value) + "\" does not exist");
  }
  const Oid owner = found.front().oid(3);
  return Object{owner, acl_or_default(context, found.front().oid(1), type, owner)};
}

using FindObject = std::optional<Object> (*)(const FunctionContext&, const Value&);

struct Family {
  FindObject find;
  std::string_view privileges;
};

constexpr Family table_family = {relation_object, "arwdDxt"};
constexpr Family sequence_family = {sequence_object, "rwU"};
constexpr Family schema_family = {schema_object, "UC"};
constexpr Family database_family = {database_object, "CTc"};
constexpr Family function_family = {reg_object<oids::regprocedure, 'f'>, "X"};
constexpr Family type_family = {reg_object<oids::regtype, 'T'>, "U"};
constexpr Family language_family = {named_object<2612, 'l'>, "U"};
constexpr Family tablespace_family = {named_object<1213, 't'>, "C"};
constexpr Family wrapper_family = {named_object<2328, 'F'>, "U"};
constexpr Family server_family = {named_object<1417, 'S'>, "U"};

// (object, privilege) or (role, object, privilege)
template <const Family& family>
Value has_privilege(const FunctionContext& context, Arguments arguments) {
  const bool has_role = arguments.size() == 3;
  const Oid role =
      has_role ? role_argument(context, arguments[0]) : session_of(context).current_user_oid();
  const auto privileges = parse_privileges(arguments.back().as_bytes(), family.privileges);
  const std::optional<Object> object = family.find(context, arguments[has_role ? 1 : 0]);
  if (!object) return Value::null();
  return Value::boolean(any_allowed(context, role, object->acl, object->owner, privileges));
}

constexpr std::string_view column_privileges = "arwx";

bool has_column(const FunctionContext& context, Oid role, const RelationDesc& relation,
                std::int16_t column, const std::vector<Privilege>& privileges) {
  const std::vector<std::string>* acl =
      session_of(context).catalog().snapshot().find_column_acl(relation.oid, column);
  return acl != nullptr && any_allowed(context, role, *acl, relation.owner, privileges);
}

// (table, column, privilege) or (role, table, column, privilege)
Value has_column_privilege(const FunctionContext& context, Arguments arguments) {
  const std::size_t first = arguments.size() == 4 ? 1 : 0;
  const Oid role =
      first == 1 ? role_argument(context, arguments[0]) : session_of(context).current_user_oid();
  const auto privileges = parse_privileges(arguments.back().as_bytes(), column_privileges);
  const Oid oid = relation_argument(context, arguments[first]);
  const RelationDesc* relation = session_of(context).catalog().find_relation(oid);
  if (relation == nullptr) return Value::null();
  const Value& wanted = arguments[first + 1];
  const bool is_number = wanted.kind() == Value::Kind::integer;
  for (const query::ColumnDesc& column : relation->columns) {
    const bool is_it = is_number ? column.number == wanted.as_integer()
                                 : !column.is_dropped && column.name == wanted.as_bytes();
    if (!is_it) continue;
    if (column.is_dropped) return Value::null();
    const auto acl = acl_or_default(context, oid, 'r', relation->owner);
    return Value::boolean(any_allowed(context, role, acl, relation->owner, privileges) ||
                          has_column(context, role, *relation, column.number, privileges));
  }
  if (is_number) return Value::null();
  throw SqlError(sqlstate::undefined_column, "column \"" + string_of(wanted) + "\" of relation \"" +
                                                 relation->name + "\" does not exist");
}

Value has_any_column_privilege(const FunctionContext& context, Arguments arguments) {
  const bool has_role = arguments.size() == 3;
  const Oid role =
      has_role ? role_argument(context, arguments[0]) : session_of(context).current_user_oid();
  const auto privileges = parse_privileges(arguments.back().as_bytes(), column_privileges);
  const Oid oid = relation_argument(context, arguments[has_role ? 1 : 0]);
  const RelationDesc* relation = session_of(context).catalog().find_relation(oid);
  if (relation == nullptr) return Value::null();
  const auto acl = acl_or_default(context, oid, 'r', relation->owner);
  bool allowed = any_allowed(context, role, acl, relation->owner, privileges);
  for (const query::ColumnDesc& column : relation->columns) {
    allowed = allowed || has_column(context, role, *relation, column.number, privileges);
  }
  return Value::boolean(allowed);
}

Value has_parameter_privilege(const FunctionContext& context, Arguments arguments) {
  const Oid role = arguments.size() == 3 ? role_argument(context, arguments[0])
                                         : session_of(context).current_user_oid();
  const auto privileges = parse_privileges(arguments.back().as_bytes(), "sA");
  return Value::boolean(any_allowed(context, role, {}, types::invalid_oid, privileges));
}

// (role, kind) or (user, role, kind); kind is MEMBER, USAGE, with ADMIN OPTION.
Value has_role(const FunctionContext& context, Arguments arguments) {
  const CatalogEnvironment& session = session_of(context);
  const bool has_user = arguments.size() == 3;
  const Oid user = has_user ? role_argument(context, arguments[0]) : session.current_user_oid();
  const Oid role = role_argument(context, arguments[has_user ? 1 : 0]);
  std::string kind;
  for (const char c : arguments.back().as_bytes()) {
    kind.push_back(static_cast<char>(std::toupper(static_cast<unsigned char>(c))));
  }
  const bool is_usage = kind == "USAGE";
  if (!is_usage && !kind.starts_with("MEMBER") && !kind.starts_with("USAGE WITH")) {
    throw SqlError(sqlstate::invalid_parameter_value,
                   "unrecognized privilege type: \"" + string_of(arguments.back()) + "\"");
  }
  return Value::boolean(
      is_member(session.catalog().snapshot(), user, role, database_owner(session), is_usage));
}

// The six forms of a family.
#define DVECDB_SIX_FORMS(name, function)                                          \
  {name "_id", function}, {name "_id_id", function}, {name "_id_name", function}, \
      {name "_name", function}, {name "_name_id", function}, {                    \
    name "_name_name", function                                                   \
  }

constexpr ScalarEntry entries[] = {
    DVECDB_SIX_FORMS("has_any_column_privilege", has_any_column_privilege),
    DVECDB_SIX_FORMS("has_database_privilege", has_privilege<database_family>),
    DVECDB_SIX_FORMS("has_foreign_data_wrapper_privilege", has_privilege<wrapper_family>),
    DVECDB_SIX_FORMS("has_function_privilege", has_privilege<function_family>),
    DVECDB_SIX_FORMS("has_language_privilege", has_privilege<language_family>),
    DVECDB_SIX_FORMS("has_schema_privilege", has_privilege<schema_family>),
    DVECDB_SIX_FORMS("has_sequence_privilege", has_privilege<sequence_family>),
    DVECDB_SIX_FORMS("has_server_privilege", has_privilege<server_family>),
    DVECDB_SIX_FORMS("has_table_privilege", has_privilege<table_family>),
    DVECDB_SIX_FORMS("has_tablespace_privilege", has_privilege<tablespace_family>),
    DVECDB_SIX_FORMS("has_type_privilege", has_privilege<type_family>),
    DVECDB_SIX_FORMS("pg_has_role", has_role),
    {"has_column_privilege_id_attnum", has_column_privilege},
    {"has_column_privilege_id_id_attnum", has_column_privilege},
    {"has_column_privilege_id_id_name", has_column_privilege},
    {"has_column_privilege_id_name", has_column_privilege},
    {"has_column_privilege_id_name_attnum", has_column_privilege},
    {"has_column_privilege_id_name_name", has_column_privilege},
    {"has_column_privilege_name_attnum", has_column_privilege},
    {"has_column_privilege_name_id_attnum", has_column_privilege},
    {"has_column_privilege_name_id_name", has_column_privilege},
    {"has_column_privilege_name_name", has_column_privilege},
    {"has_column_privilege_name_name_attnum", has_column_privilege},
    {"has_column_privilege_name_name_name", has_column_privilege},
    {"has_parameter_privilege_id_name", has_parameter_privilege},
    {"has_parameter_privilege_name", has_parameter_privilege},
    {"has_parameter_privilege_name_name", has_parameter_privilege},
};
#undef DVECDB_SIX_FORMS

}  // namespace

ScalarTable privilege_functions() {
  return entries;
}

}  // namespace dvecdb::server::catalog
