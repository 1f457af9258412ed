// CREATE, ALTER and DROP ROLE; settings of roles and databases.
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "server/exec/acl.h"
#include "server/exec/ddl/ddl.h"
#include "server/exec/privileges.h"
#include "server/exec/scram.h"
#include "server/types/error.h"
#include "server/types/oids.h"
#include "server/types/type_io.h"

namespace dvecdb::server::exec {

using catalog::RoleDesc;
using types::SqlError;
namespace raw = query::raw;
namespace sqlstate = types::sqlstate;

namespace {

void require_role_rights(SessionContext& context, std::string_view what) {
  if (context.is_superuser() || context.role().can_create_role) return;
  throw SqlError(sqlstate::insufficient_privilege, fmt::format("permission denied to {}", what));
}

std::vector<std::string> role_names(Ddl& ddl, const raw::Node* list) {
  std::vector<std::string> names;
  if (!raw::is(list, PG_QUERY__NODE__NODE_LIST)) return names;
  for (const raw::Node* node : raw::list(list->list->n_items, list->list->items)) {
    names.push_back(get_role(ddl.context(), *node->role_spec).name);
  }
  return names;
}

// Memberships asked for beside the role's own properties.
struct RoleOptions {
  RoleDesc role;
  std::vector<std::string> member_of, members, admins;
};

// PASSWORD NULL, and an empty one, leave the role without.
std::string verifier_of(SessionContext& context, const raw::Node* arg) {
  if (arg == nullptr) return {};
  const std::string password = definition_text(arg);
  if (!password.empty()) return make_scram_verifier(password);
  context.notice("NOTICE", sqlstate::successful_completion,
                 "empty string is not a valid password, clearing password");
  return {};
}

int connection_limit(const std::string& text) {
  const int limit = std::atoi(text.c_str());
  if (limit >= -1) return limit;
  throw SqlError(sqlstate::invalid_parameter_value,
                 fmt::format("invalid connection limit: {}", limit));
}

void read_options(Ddl& ddl, raw::NodeList options, RoleOptions& out) {
  RoleDesc& role = out.role;
  for (const raw::Node* node : options) {
    const PgQuery__DefElem& element = *node->def_elem;
    const std::string_view name = element.defname;
    const auto flag = [&] { return definition_flag(element); };
    if (name == "password") {
      role.verifier = verifier_of(ddl.context(), element.arg);
    } else if (name == "superuser") {
      role.is_superuser = flag();
    } else if (name == "inherit") {
      role.inherits = flag();
    } else if (name == "createrole") {
      role.can_create_role = flag();
    } else if (name == "createdb") {
      role.can_create_database = flag();
    } else if (name == "canlogin") {
      role.can_login = flag();
    } else if (name == "isreplication") {
      role.can_replicate = flag();
    } else if (name == "bypassrls") {
      role.bypasses_rls = flag();
    } else if (name == "connectionlimit") {
      role.connection_limit = connection_limit(definition_text(element.arg));
    } else if (name == "validUntil") {
      role.valid_until = types::input_text(ddl.context().io(), {types::oids::timestamptz, -1},
                                           definition_text(element.arg))
                             .as_integer();
    } else if (name == "addroleto") {
      out.member_of = role_names(ddl, element.arg);
    } else if (name == "rolemembers") {
      out.members = role_names(ddl, element.arg);
    } else if (name == "adminmembers") {
      out.admins = role_names(ddl, element.arg);
    }
    // sysid is accepted and ignored, as by PostgreSQL.
  }
  if (role.is_superuser && !ddl.context().is_superuser()) {
    throw SqlError(sqlstate::insufficient_privilege, "must be superuser to create superusers");
  }
}

void changed(Ddl& ddl) {
  ddl.context().transaction.shared_catalog_changed();
  ddl.changed();
}

void grant_memberships(Ddl& ddl, const std::string& name, const RoleOptions& options) {
  const Oid grantor = ddl.owner();
  const Oid role = get_role(ddl.context(), name).oid;
  for (const std::string& group : options.member_of) {
    ddl.writer().grant_role(get_role(ddl.context(), group).oid, role, grantor, false);
  }
  for (const std::string& member : options.members) {
    ddl.writer().grant_role(role, get_role(ddl.context(), member).oid, grantor, false);
  }
  for (const std::string& admin : options.admins) {
    ddl.writer().grant_role(role, get_role(ddl.context(), admin).oid, grantor, true);
  }
}

// One row of pg_db_role_setting after SET or RESET.
void change_settings(Ddl& ddl, Oid database, Oid role, const PgQuery__VariableSetStmt& statement) {
  catalog::RoleSetting setting{database, role, {}};
  for (const catalog::RoleSetting& known : ddl.snapshot().role_settings()) {
    if (known.database == database && known.role == role) setting = known;
  }
  const std::string name(raw::view(statement.name));
  const auto is_named = [&](const std::string& assignment) {
    return assignment.substr(0, assignment.find('=')) == name;
  };
  switch (statement.kind) {
    case PG_QUERY__VARIABLE_SET_KIND__VAR_SET_VALUE: {
      const std::string value = flatten_set_arguments(statement);
      SessionContext& context = ddl.context();
      if (const SettingDefinition* definition = context.settings.table().find(name)) {
        context.settings.check_settable(name, context.is_superuser());
        check_setting(*definition, value);
      } else {
        context.settings.check_settable(name, context.is_superuser());
      }
      std::erase_if(setting.assignments, is_named);
      setting.assignments.push_back(name + "=" + value);
      break;
    }
    case PG_QUERY__VARIABLE_SET_KIND__VAR_RESET_ALL:
      setting.assignments.clear();
      break;
    default:
      std::erase_if(setting.assignments, is_named);
  }
  ddl.writer().set_role_settings(setting);
  changed(ddl);
}

bool is_grantee(const std::vector<std::string>* acl, const std::string& name) {
  return acl != nullptr && std::any_of(acl->begin(), acl->end(), [&](const std::string& text) {
           return parse_acl_item(text).grantee == name;
         });
}

// A role that privileges were granted to must not vanish under them.
void refuse_granted(Ddl& ddl, const RoleDesc& role) {
  std::string detail;
  const auto add = [&](std::string_view kind, const std::string& name) {
    detail += fmt::format("{}privileges for {} {}", detail.empty() ? "" : "\n", kind, name);
  };
  for (const query::RelationDesc* relation : ddl.catalog().relations()) {
    if (relation->oid < catalog::first_user_oid) continue;
    if (is_grantee(ddl.snapshot().find_acl(relation->oid), role.name) &&
        relation->owner != role.oid) {
      add(relation_kind_name(relation->kind), relation->name);
    }
  }
  for (const query::SchemaDesc* schema : ddl.snapshot().schemas()) {
    if (is_grantee(ddl.snapshot().find_acl(schema->oid), role.name) && schema->owner != role.oid) {
      add("schema", schema->name);
    }
  }
  for (const catalog::DatabaseDesc& database : ddl.snapshot().databases()) {
    if (is_grantee(&database.acl, role.name) && database.owner != role.oid) {
      add("database", database.name);
    }
  }
  if (detail.empty()) return;
  throw SqlError(
      sqlstate::dependent_objects_still_exist,
      fmt::format("role \"{}\" cannot be dropped because some objects depend on it", role.name))
      .detail(std::move(detail));
}

Oid database_oid(SessionContext& context, std::string_view name) {
  if (const catalog::DatabaseDesc* found = context.snapshot().find_database(name)) {
    return found->oid;
  }
  throw SqlError(sqlstate::invalid_catalog_name,
                 fmt::format("database \"{}\" does not exist", name));
}

}  // namespace

StatementResult run_create_role(UtilityCall& call) {
  const PgQuery__CreateRoleStmt& statement = *call.node->create_role_stmt;
  Ddl ddl(call, "CREATE ROLE");
  require_role_rights(call.context, "create role");
  const std::string name(raw::view(statement.role));
  if (name.rfind("pg_", 0) == 0) {
    throw SqlError(sqlstate::reserved_name, fmt::format("role name \"{}\" is reserved", name))
        .detail("Role names starting with \"pg_\" are reserved.");
  }
  if (ddl.snapshot().find_role(name) != nullptr) {
    throw SqlError(sqlstate::duplicate_object, fmt::format("role \"{}\" already exists", name));
  }
  RoleOptions options;
  options.role.name = name;
  options.role.can_login = statement.stmt_type == PG_QUERY__ROLE_STMT_TYPE__ROLESTMT_USER;
  read_options(ddl, raw::list(statement.n_options, statement.options), options);
  ddl.writer().create_role(options.role);
  changed(ddl);
  grant_memberships(ddl, name, options);
  changed(ddl);
  return tag_result("CREATE ROLE");
}

StatementResult run_alter_role(UtilityCall& call) {
  const PgQuery__AlterRoleStmt& statement = *call.node->alter_role_stmt;
  Ddl ddl(call, "ALTER ROLE");
  const RoleDesc& role = get_role(call.context, *statement.role);
  RoleOptions options;
  options.role = role;
  const raw::NodeList elements = raw::list(statement.n_options, statement.options);
  const bool only_password =
      elements.size() == 1 && std::string_view(elements[0]->def_elem->defname) == "password";
  const bool is_self = role.name == call.context.current_user;
  if (!(is_self && only_password)) require_role_rights(call.context, "alter role");
  if (role.is_superuser && !is_self) {
    require_superuser(call.context,
                      "must be superuser to alter superuser roles or change "
                      "superuser attribute");
  }
  read_options(ddl, elements, options);
  const Oid oid = role.oid;
  const std::string name = role.name;
  ddl.writer().alter_role(oid, options.role);
  changed(ddl);
  if (statement.action < 0) {
    for (const std::string& member : options.members) {
      ddl.writer().revoke_role(oid, get_role(call.context, member).oid);
    }
    changed(ddl);
  } else {
    grant_memberships(ddl, name, options);
    changed(ddl);
  }
  return tag_result("ALTER ROLE");
}

StatementResult run_alter_role_set(UtilityCall& call) {
  const PgQuery__AlterRoleSetStmt& statement = *call.node->alter_role_set_stmt;
  Ddl ddl(call, "ALTER ROLE");
  const Oid role =
      statement.role != nullptr ? get_role(call.context, *statement.role).oid : types::invalid_oid;
  if (role != call.context.role().oid) require_role_rights(call.context, "alter role");
  const std::string_view database = raw::view(statement.database);
  change_settings(ddl, database.empty() ? types::invalid_oid : database_oid(call.context, database),
                  role, *statement.setstmt);
  return tag_result("ALTER ROLE");
}

StatementResult run_alter_database_set(UtilityCall& call) {
  const PgQuery__AlterDatabaseSetStmt& statement = *call.node->alter_database_set_stmt;
  Ddl ddl(call, "ALTER DATABASE");
  const Oid database = database_oid(call.context, statement.dbname);
  require_owner(call.context, call.context.snapshot().find_database(database)->owner, "database",
                statement.dbname);
  change_settings(ddl, database, types::invalid_oid, *statement.setstmt);
  return tag_result("ALTER DATABASE");
}

StatementResult run_drop_role(UtilityCall& call) {
  const PgQuery__DropRoleStmt& statement = *call.node->drop_role_stmt;
  Ddl ddl(call, "DROP ROLE");
  require_role_rights(call.context, "drop role");
  for (const raw::Node* node : raw::list(statement.n_roles, statement.roles)) {
    const std::string name(raw::view(node->role_spec->rolename));
    const RoleDesc* role = ddl.snapshot().find_role(name);
    if (role == nullptr) {
      const std::string message = fmt::format("role \"{}\" does not exist", name);
      if (statement.missing_ok == 0) throw SqlError(sqlstate::undefined_object, message);
      notice_skip(call.context, message);
      continue;
    }
    if (name == call.context.current_user) {
      throw SqlError(sqlstate::object_in_use, "current user cannot be dropped");
    }
    if (name == call.context.session_user) {
      throw SqlError(sqlstate::object_in_use, "session user cannot be dropped");
    }
    refuse_granted(ddl, *role);
    ddl.writer().drop_role(role->oid);
    changed(ddl);
  }
  return tag_result("DROP ROLE");
}

StatementResult run_grant_role(UtilityCall& call) {
  const PgQuery__GrantRoleStmt& statement = *call.node->grant_role_stmt;
  const std::string tag = statement.is_grant != 0 ? "GRANT ROLE" : "REVOKE ROLE";
  Ddl ddl(call, tag);
  require_role_rights(call.context, "grant role");
  const Oid grantor = ddl.owner();
  for (const raw::Node* granted : raw::list(statement.n_granted_roles, statement.granted_roles)) {
    const Oid role = get_role(call.context, granted->access_priv->priv_name).oid;
    for (const raw::Node* grantee : raw::list(statement.n_grantee_roles, statement.grantee_roles)) {
      const Oid member = get_role(call.context, *grantee->role_spec).oid;
      if (statement.is_grant != 0) {
        ddl.writer().grant_role(role, member, grantor, raw::has_admin_option(statement));
      } else {
        ddl.writer().revoke_role(role, member);
      }
      changed(ddl);
    }
  }
  return tag_result(tag);
}

}  // namespace dvecdb::server::exec
