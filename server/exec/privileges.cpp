#include "server/exec/privileges.h"

#include <fmt/format.h>

#include <algorithm>

#include "server/exec/acl.h"
#include "server/types/error.h"

namespace dvecdb::server::exec {

using query::CommandKind;
using query::RelationDesc;
using types::SqlError;
namespace sqlstate = types::sqlstate;

namespace {

std::string_view kind_name(char kind) {
  switch (kind) {
    case 'v':
      return "view";
    case 'S':
      return "sequence";
    case 'i':
      return "index";
    default:
      return "table";
  }
}

bool is_granted(SessionContext& context, std::string_view user, const std::vector<std::string>& acl,
                char privilege) {
  return std::any_of(acl.begin(), acl.end(), [&](const std::string& text) {
    const AclItem item = parse_acl_item(text);
    if (item.privileges.find(privilege) == std::string::npos) return false;
    if (item.grantee.empty()) return true;  // PUBLIC
    const catalog::RoleDesc* role = context.snapshot().find_role(item.grantee);
    return role != nullptr && context.is_member(user, role->oid);
  });
}

bool is_catalog_relation(const RelationDesc& relation) {
  return relation.schema == "pg_catalog" || relation.schema == "information_schema";
}

}  // namespace

namespace {

bool role_has_privilege(SessionContext& context, const catalog::RoleDesc& role,
                        const RelationDesc& relation, char privilege) {
  if (role.is_superuser) return true;
  if (is_catalog_relation(relation)) {
    return privilege == 'r' && relation.name != "pg_authid" && relation.name != "pg_shadow";
  }
  if (context.is_member(role.name, relation.owner)) return true;
  const std::vector<std::string>* acl = context.snapshot().find_acl(relation.oid);
  return acl != nullptr && is_granted(context, role.name, *acl, privilege);
}

SqlError no_privilege(const RelationDesc& relation) {
  return {sqlstate::insufficient_privilege,
          fmt::format("permission denied for {} {}", kind_name(relation.kind), relation.name)};
}

}  // namespace

bool has_table_privilege(SessionContext& context, const RelationDesc& relation, char privilege) {
  if (context.is_superuser()) return true;
  const catalog::RoleDesc* role = context.snapshot().find_role(context.current_user);
  return role != nullptr && role_has_privilege(context, *role, relation, privilege);
}

void require_table_privilege(SessionContext& context, const RelationDesc& relation,
                             char privilege) {
  if (has_table_privilege(context, relation, privilege)) return;
  throw no_privilege(relation);
}

void check_plan_privileges(SessionContext& context, const query::Plan& plan) {
  if (context.is_superuser()) return;
  const RelationDesc* target = nullptr;
  char privilege = 'r';
  if (plan.command == CommandKind::insert) {
    target = plan.insert.table;
    privilege = 'a';
  } else if (plan.command == CommandKind::update) {
    target = plan.update.table;
    privilege = 'w';
  } else if (plan.command == CommandKind::delete_) {
    target = plan.delete_.table;
    privilege = 'd';
  }
  if (target != nullptr) require_table_privilege(context, *target, privilege);
  for (const query::RelationRead& read : plan.reads) {
    const RelationDesc* relation = context.catalog().find_relation(read.relation);
    if (relation == nullptr) continue;
    if (read.role == types::invalid_oid) {
      require_table_privilege(context, *relation, 'r');
      continue;
    }
    const catalog::RoleDesc* owner = context.snapshot().find_role(read.role);
    if (owner == nullptr || !role_has_privilege(context, *owner, *relation, 'r')) {
      throw no_privilege(*relation);
    }
  }
  for (const query::Plan& part : plan.before) check_plan_privileges(context, part);
  for (const query::Plan& part : plan.after) check_plan_privileges(context, part);
}

void require_owner(SessionContext& context, types::Oid owner, std::string_view kind,
                   std::string_view name) {
  if (context.is_superuser() || context.is_member(context.current_user, owner)) return;
  throw SqlError(sqlstate::insufficient_privilege,
                 fmt::format("must be owner of {} {}", kind, name));
}

void require_superuser(SessionContext& context, std::string_view what) {
  if (context.is_superuser()) return;
  throw SqlError(sqlstate::insufficient_privilege, std::string(what));
}

namespace {

/// A database whose rights were never set lets everybody connect.
bool has_database_privilege(SessionContext& context, char privilege) {
  if (context.is_superuser()) return true;
  const catalog::DatabaseDesc* database = context.snapshot().find_database(context.database->oid());
  if (database == nullptr) return false;
  if (privilege == 'c' && !database->has_acl) return true;
  return context.is_member(context.current_user, database->owner) ||
         is_granted(context, context.current_user, database->acl, privilege);
}

}  // namespace

void require_database_connect(SessionContext& context) {
  if (has_database_privilege(context, 'c')) return;
  throw SqlError(sqlstate::insufficient_privilege,
                 fmt::format("permission denied for database \"{}\"", context.database->name()))
      .detail("User does not have CONNECT privilege.");
}

void require_database_create(SessionContext& context) {
  if (has_database_privilege(context, 'C')) return;
  throw SqlError(sqlstate::insufficient_privilege,
                 fmt::format("permission denied for database {}", context.database->name()));
}

void require_schema_create(SessionContext& context, const query::SchemaDesc& schema) {
  if (context.is_superuser() || context.is_member(context.current_user, schema.owner)) return;
  if (schema.name == context.temp_schema()) return;
  const std::vector<std::string>* acl = context.snapshot().find_acl(schema.oid);
  if (acl != nullptr && is_granted(context, context.current_user, *acl, 'C')) return;
  throw SqlError(sqlstate::insufficient_privilege,
                 fmt::format("permission denied for schema {}", schema.name));
}

}  // namespace dvecdb::server::exec
