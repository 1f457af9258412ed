// CREATE SCHEMA, CREATE EXTENSION, COMMENT ON.
#include <fmt/format.h>

#include <array>

#include "server/catalog/bootstrap.h"
#include "server/exec/ddl/ddl.h"
#include "server/exec/privileges.h"
#include "server/exec/statement_runner.h"
#include "server/types/error.h"

namespace dvecdb::server::exec {

using catalog::ObjectAddress;
using types::SqlError;
namespace raw = query::raw;
namespace sqlstate = types::sqlstate;

namespace {

const catalog::DatabaseDesc& get_database(SessionContext& context, std::string_view name) {
  if (const catalog::DatabaseDesc* found = context.snapshot().find_database(name)) return *found;
  throw SqlError(sqlstate::invalid_catalog_name,
                 fmt::format("database \"{}\" does not exist", name));
}

raw::NodeList parts_of(const raw::Node* node) {
  if (!raw::is(node, PG_QUERY__NODE__NODE_LIST)) return {};
  return raw::list(node->list->n_items, node->list->items);
}

const query::RelationDesc& relation_named(SessionContext& context, raw::NodeList parts) {
  const QualifiedName name = name_of(parts);
  if (const query::RelationDesc* relation = find_relation_or_null(context, name)) return *relation;
  throw SqlError(sqlstate::undefined_table,
                 fmt::format("relation \"{}\" does not exist", name.name));
}

ObjectAddress constraint_named(SessionContext& context, raw::NodeList parts) {
  const query::RelationDesc& table = relation_named(context, parts.first(parts.size() - 1));
  const std::string_view name = raw::string_of(parts.back());
  for (const query::ConstraintDesc* constraint : table.constraints) {
    if (constraint->name == name) return catalog::constraint_address(constraint->oid);
  }
  throw SqlError(
      sqlstate::undefined_object,
      fmt::format("constraint \"{}\" for table \"{}\" does not exist", name, table.name));
}

ObjectAddress commented_object(Ddl& ddl, const PgQuery__CommentStmt& statement) {
  SessionContext& context = ddl.context();
  const raw::NodeList parts = parts_of(statement.object);
  switch (statement.objtype) {
    case PG_QUERY__OBJECT_TYPE__OBJECT_TABLE:
    case PG_QUERY__OBJECT_TYPE__OBJECT_VIEW:
    case PG_QUERY__OBJECT_TYPE__OBJECT_INDEX:
    case PG_QUERY__OBJECT_TYPE__OBJECT_SEQUENCE: {
      const query::RelationDesc& relation = relation_named(context, parts);
      require_owner(context, relation.owner, relation_kind_name(relation.kind), relation.name);
      return catalog::relation_address(relation.oid);
    }
    case PG_QUERY__OBJECT_TYPE__OBJECT_COLUMN: {
      const query::RelationDesc& relation = relation_named(context, parts.first(parts.size() - 1));
      require_owner(context, relation.owner, relation_kind_name(relation.kind), relation.name);
      return catalog::relation_address(relation.oid,
                                       get_column(relation, raw::string_of(parts.back())).number);
    }
    case PG_QUERY__OBJECT_TYPE__OBJECT_SCHEMA:
      return catalog::schema_address(get_schema(context, raw::string_of(statement.object)).oid);
    case PG_QUERY__OBJECT_TYPE__OBJECT_DATABASE:
      return catalog::database_address(get_database(context, raw::string_of(statement.object)).oid);
    case PG_QUERY__OBJECT_TYPE__OBJECT_ROLE:
      return catalog::role_address(get_role(context, raw::string_of(statement.object)).oid);
    case PG_QUERY__OBJECT_TYPE__OBJECT_TYPE:
    case PG_QUERY__OBJECT_TYPE__OBJECT_DOMAIN:
      return catalog::type_address(
          query::resolve_type_name(ddl.analysis(), statement.object->type_name).oid);
    case PG_QUERY__OBJECT_TYPE__OBJECT_TABCONSTRAINT:
      return constraint_named(context, parts);
    case PG_QUERY__OBJECT_TYPE__OBJECT_EXTENSION: {
      const std::string_view name = raw::string_of(statement.object);
      const catalog::ExtensionDesc* extension = context.snapshot().find_extension(name);
      if (extension == nullptr) {
        throw SqlError(sqlstate::undefined_object,
                       fmt::format("extension \"{}\" does not exist", name));
      }
      return catalog::extension_address(extension->oid);
    }
    default:
      throw SqlError(sqlstate::feature_not_supported,
                     "COMMENT ON this kind of object is not supported");
  }
}

}  // namespace

StatementResult run_create_schema(UtilityCall& call) {
  const PgQuery__CreateSchemaStmt& statement = *call.node->create_schema_stmt;
  Ddl ddl(call, "CREATE SCHEMA");
  const catalog::RoleDesc& owner = statement.authrole != nullptr
                                       ? get_role(call.context, *statement.authrole)
                                       : call.context.role();
  std::string name(raw::view(statement.schemaname));
  if (name.empty()) name = owner.name;
  if (!call.context.is_superuser()) {
    require_database_create(call.context);
  }
  if (name.rfind("pg_", 0) == 0) {
    throw SqlError(sqlstate::reserved_name, fmt::format("unacceptable schema name \"{}\"", name))
        .detail("The prefix \"pg_\" is reserved for system schemas.");
  }
  if (ddl.catalog().find_schema(name) != nullptr) {
    const std::string message = fmt::format("schema \"{}\" already exists", name);
    if (statement.if_not_exists == 0) throw SqlError(sqlstate::duplicate_schema, message);
    call.context.notice("NOTICE", sqlstate::duplicate_schema, message + ", skipping");
    return tag_result("CREATE SCHEMA");
  }
  ddl.writer().create_schema(name, owner.oid);
  ddl.changed();
  // Elements are made in the new schema.
  if (statement.n_schema_elts > 0) {
    const std::size_t mark = call.context.settings.mark();
    call.context.settings.set(
        "search_path", "\"" + name + "\", " + call.context.settings.raw("search_path"), true, true);
    for (const raw::Node* node : raw::list(statement.n_schema_elts, statement.schema_elts)) {
      const StatementPtr element = inner_statement(call.statement, node);
      run_utility(call.context, *element, {});
    }
    call.context.settings.rollback_to(mark);
  }
  return tag_result("CREATE SCHEMA");
}

// "vector" and "plpgsql" are there from the start: to ask for one of them is no error and changes
// nothing.
StatementResult run_create_extension(UtilityCall& call) {
  const PgQuery__CreateExtensionStmt& statement = *call.node->create_extension_stmt;
  Ddl ddl(call, "CREATE EXTENSION");
  const std::string_view name = raw::view(statement.extname);
  const catalog::ExtensionDesc* present = ddl.snapshot().find_extension(name);
  if (present == nullptr) {
    ddl.writer().create_extension(name, call.context.role().oid);
    ddl.changed();
  } else if (present->oid > catalog::vector_extension_oid) {
    const std::string message = fmt::format("extension \"{}\" already exists", name);
    if (statement.if_not_exists == 0) throw SqlError(sqlstate::duplicate_object, message);
    call.context.notice("NOTICE", sqlstate::duplicate_object, message + ", skipping");
  }
  return tag_result("CREATE EXTENSION");
}

StatementResult run_alter_extension(UtilityCall& call) {
  const PgQuery__AlterExtensionStmt& statement = *call.node->alter_extension_stmt;
  const catalog::ExtensionDesc* extension =
      call.context.snapshot().find_extension(statement.extname);
  if (extension == nullptr) {
    throw SqlError(sqlstate::undefined_object,
                   fmt::format("extension \"{}\" does not exist", statement.extname));
  }
  call.context.notice("NOTICE", sqlstate::successful_completion,
                      fmt::format("version \"{}\" of extension \"{}\" is already installed",
                                  extension->version, extension->name));
  return tag_result("ALTER EXTENSION");
}

StatementResult run_comment(UtilityCall& call) {
  const PgQuery__CommentStmt& statement = *call.node->comment_stmt;
  Ddl ddl(call, "COMMENT");
  const std::string text(raw::view(statement.comment));
  ddl.writer().set_comment(commented_object(ddl, statement),
                           text.empty() ? std::nullopt : std::optional<std::string>(text));
  ddl.changed();
  return tag_result("COMMENT");
}

}  // namespace dvecdb::server::exec
