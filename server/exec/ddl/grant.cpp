// GRANT and REVOKE on objects.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "server/exec/acl.h"
#include "server/exec/ddl/ddl.h"
#include "server/exec/privileges.h"
#include "server/types/error.h"

namespace dvecdb::server::exec {

using catalog::ObjectAddress;
using types::SqlError;
namespace raw = query::raw;
namespace sqlstate = types::sqlstate;

namespace {

struct Target {
  ObjectAddress address;
  Oid owner = types::invalid_oid;
  std::string_view all;        // every privilege of its kind
  std::string public_default;  // what PUBLIC has before the first GRANT
  const std::vector<std::string>* acl = nullptr;
};

Target relation_target(Ddl& ddl, const query::RelationDesc& relation) {
  require_owner(ddl.context(), relation.owner, relation_kind_name(relation.kind), relation.name);
  return {catalog::relation_address(relation.oid), relation.owner,
          relation.kind == 'S' ? sequence_privileges : table_privileges, "",
          ddl.snapshot().find_acl(relation.oid)};
}

std::vector<Target> find_targets(Ddl& ddl, const PgQuery__GrantStmt& statement) {
  SessionContext& context = ddl.context();
  std::vector<Target> targets;
  const raw::NodeList objects = raw::list(statement.n_objects, statement.objects);
  const bool all_in_schema =
      statement.targtype == PG_QUERY__GRANT_TARGET_TYPE__ACL_TARGET_ALL_IN_SCHEMA;
  const bool wants_sequences = statement.objtype == PG_QUERY__OBJECT_TYPE__OBJECT_SEQUENCE;
  if (all_in_schema) {
    for (const raw::Node* node : objects) {
      const query::SchemaDesc& schema = get_schema(context, raw::string_of(node));
      for (const query::RelationDesc* relation : ddl.catalog().relations()) {
        if (relation->schema_oid != schema.oid) continue;
        const bool is_sequence = relation->kind == 'S';
        const bool is_table = relation->kind == 'r' || relation->kind == 'v';
        if (wants_sequences ? is_sequence : is_table) {
          targets.push_back(relation_target(ddl, *relation));
        }
      }
    }
    return targets;
  }
  for (const raw::Node* node : objects) {
    switch (statement.objtype) {
      case PG_QUERY__OBJECT_TYPE__OBJECT_TABLE:
      case PG_QUERY__OBJECT_TYPE__OBJECT_SEQUENCE:
        targets.push_back(relation_target(ddl, find_relation(ddl.call(), *node->range_var)));
        break;
      case PG_QUERY__OBJECT_TYPE__OBJECT_SCHEMA: {
        const query::SchemaDesc& schema = get_schema(context, raw::string_of(node));
        require_owner(context, schema.owner, "schema", schema.name);
        targets.push_back({catalog::schema_address(schema.oid), schema.owner, schema_privileges, "",
                           ddl.snapshot().find_acl(schema.oid)});
        break;
      }
      case PG_QUERY__OBJECT_TYPE__OBJECT_DATABASE: {
        const std::string_view name = raw::string_of(node);
        const catalog::DatabaseDesc* database = ddl.snapshot().find_database(name);
        if (database == nullptr) {
          throw SqlError(sqlstate::invalid_catalog_name,
                         fmt::format("database \"{}\" does not exist", name));
        }
        require_owner(context, database->owner, "database", database->name);
        targets.push_back({catalog::database_address(database->oid), database->owner,
                           database_privileges, "Tc",
                           database->has_acl ? &database->acl : nullptr});
        break;
      }
      default:
        break;  // privileges on other kinds are not checked, and so not kept
    }
  }
  return targets;
}

std::string letters_of(const PgQuery__GrantStmt& statement, std::string_view all) {
  if (statement.n_privileges == 0) return std::string(all);
  std::string letters;
  for (const raw::Node* node : raw::list(statement.n_privileges, statement.privileges)) {
    const std::string name(raw::view(node->access_priv->priv_name));
    if (name.empty()) return std::string(all);
    const char letter = privilege_letter(name);
    if (letter == '\0') {
      throw SqlError(sqlstate::syntax_error,
                     fmt::format("unrecognized privilege type \"{}\"", name));
    }
    if (all.find(letter) == std::string_view::npos) {
      std::string upper = name;
      for (char& c : upper) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
      throw SqlError("0LP01", fmt::format("invalid privilege type {} for {}", upper,
                                          all == table_privileges      ? "table"
                                          : all == sequence_privileges ? "sequence"
                                          : all == schema_privileges   ? "schema"
                                                                       : "database"));
    }
    letters += letter;
  }
  return letters;
}

AclItem& item_for(std::vector<AclItem>& items, const std::string& grantee,
                  const std::string& grantor) {
  for (AclItem& item : items) {
    if (item.grantee == grantee) return item;
  }
  items.push_back({grantee, "", "", grantor});
  return items.back();
}

void remove_letters(std::string& from, std::string_view letters) {
  std::erase_if(from, [&](char c) { return letters.find(c) != std::string_view::npos; });
}

void apply(Ddl& ddl, const PgQuery__GrantStmt& statement, const Target& target) {
  const catalog::RoleDesc* owner = ddl.snapshot().find_role(target.owner);
  const std::string owner_name = owner != nullptr ? owner->name : "";
  std::vector<AclItem> items;
  if (target.acl != nullptr) {
    for (const std::string& text : *target.acl) items.push_back(parse_acl_item(text));
  } else {
    if (!target.public_default.empty()) {
      items.push_back({"", target.public_default, "", owner_name});
    }
    items.push_back({owner_name, std::string(target.all), "", owner_name});
  }
  const std::string letters = letters_of(statement, target.all);
  for (const raw::Node* node : raw::list(statement.n_grantees, statement.grantees)) {
    const bool is_public = node->role_spec->roletype == PG_QUERY__ROLE_SPEC_TYPE__ROLESPEC_PUBLIC;
    const std::string grantee = is_public ? "" : get_role(ddl.context(), *node->role_spec).name;
    AclItem& item = item_for(items, grantee, owner_name);
    remove_letters(item.with_grant, letters);
    if (statement.is_grant != 0) {
      remove_letters(item.privileges, letters);
      item.privileges += letters;
      if (statement.grant_option != 0) item.with_grant += letters;
    } else if (statement.grant_option == 0) {
      remove_letters(item.privileges, letters);
    }
  }
  std::vector<std::string> acl;
  for (const AclItem& item : items) {
    if (!item.privileges.empty()) acl.push_back(format_acl_item(item));
  }
  ddl.writer().set_acl(target.address, acl);
}

}  // namespace

StatementResult run_grant(UtilityCall& call) {
  const PgQuery__GrantStmt& statement = *call.node->grant_stmt;
  const std::string tag = statement.is_grant != 0 ? "GRANT" : "REVOKE";
  Ddl ddl(call, tag);
  const bool has_columns =
      std::any_of(statement.privileges, statement.privileges + statement.n_privileges,
                  [](const raw::Node* node) { return node->access_priv->n_cols > 0; });
  if (has_columns) {
    throw SqlError(sqlstate::feature_not_supported, "column privileges are not supported");
  }
  for (const Target& target : find_targets(ddl, statement)) apply(ddl, statement, target);
  if (statement.objtype == PG_QUERY__OBJECT_TYPE__OBJECT_DATABASE) {
    call.context.transaction.shared_catalog_changed();
  }
  ddl.changed();
  return tag_result(tag);
}

StatementResult run_alter_default_privileges(UtilityCall&) {
  throw SqlError(sqlstate::feature_not_supported, "ALTER DEFAULT PRIVILEGES is not supported");
}

}  // namespace dvecdb::server::exec
