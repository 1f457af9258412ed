// RENAME, SET SCHEMA, OWNER TO.
#include <fmt/format.h>

#include "server/exec/ddl/ddl.h"
#include "server/exec/privileges.h"
#include "server/types/error.h"

namespace dvecdb::server::exec {

using catalog::ObjectAddress;
using query::RelationDesc;
using types::SqlError;
namespace raw = query::raw;
namespace sqlstate = types::sqlstate;

namespace {

std::string tag_of(const UtilityCall& call) {
  return std::string(query::command_tag(call.statement.raw));
}

// Null after a notice (IF EXISTS).
const RelationDesc* relation_or_notice(Ddl& ddl, const PgQuery__RangeVar& range, bool missing_ok) {
  const QualifiedName name = name_of(range);
  const RelationDesc* relation = find_relation_or_null(ddl.context(), name);
  if (relation == nullptr) {
    const std::string message = fmt::format("relation \"{}\" does not exist", name.name);
    if (!missing_ok) throw SqlError(sqlstate::undefined_table, message);
    notice_skip(ddl.context(), message);
    return nullptr;
  }
  require_owner(ddl.context(), relation->owner, relation_kind_name(relation->kind), relation->name);
  return relation;
}

raw::NodeList parts_of(const raw::Node* node) {
  if (raw::is(node, PG_QUERY__NODE__NODE_LIST)) {
    return raw::list(node->list->n_items, node->list->items);
  }
  if (raw::is(node, PG_QUERY__NODE__NODE_TYPE_NAME)) {
    return raw::list(node->type_name->n_names, node->type_name->names);
  }
  return {};
}

const types::TypeDesc& named_type(Ddl& ddl, const raw::Node* node) {
  const QualifiedName name = name_of(parts_of(node));
  if (const types::TypeDesc* type = find_user_type(ddl.context(), name)) return *type;
  throw SqlError(sqlstate::undefined_object, fmt::format("type \"{}\" does not exist", name.name));
}

void rename_column(Ddl& ddl, const PgQuery__RenameStmt& statement) {
  const RelationDesc* table =
      relation_or_notice(ddl, *statement.relation, statement.missing_ok != 0);
  if (table == nullptr) return;
  const query::ColumnDesc* column = find_column(*table, statement.subname);
  if (column == nullptr) {
    throw SqlError(sqlstate::undefined_column,
                   fmt::format("column \"{}\" does not exist", statement.subname));
  }
  if (find_column(*table, statement.newname) != nullptr) {
    throw SqlError(sqlstate::duplicate_column,
                   fmt::format("column \"{}\" of relation \"{}\" already exists", statement.newname,
                               table->name));
  }
  ddl.writer().rename(catalog::relation_address(table->oid, column->number), statement.newname);
}

void rename_relation(Ddl& ddl, const PgQuery__RenameStmt& statement) {
  const RelationDesc* relation =
      relation_or_notice(ddl, *statement.relation, statement.missing_ok != 0);
  if (relation == nullptr) return;
  if (ddl.catalog().find_relation(relation->schema, statement.newname) != nullptr) {
    throw SqlError(sqlstate::duplicate_table,
                   fmt::format("relation \"{}\" already exists", statement.newname));
  }
  ddl.writer().rename(catalog::relation_address(relation->oid), statement.newname);
}

void rename_constraint(Ddl& ddl, const PgQuery__RenameStmt& statement) {
  const RelationDesc* table =
      relation_or_notice(ddl, *statement.relation, statement.missing_ok != 0);
  if (table == nullptr) return;
  for (const query::ConstraintDesc* constraint : table->constraints) {
    if (constraint->name != statement.subname) continue;
    // The index of a key bears its constraint's name.
    if (constraint->type == 'p' || constraint->type == 'u') {
      ddl.writer().rename(catalog::relation_address(constraint->index), statement.newname);
    } else {
      ddl.writer().rename(catalog::constraint_address(constraint->oid), statement.newname);
    }
    return;
  }
  throw SqlError(sqlstate::undefined_object,
                 fmt::format("constraint \"{}\" for table \"{}\" does not exist", statement.subname,
                             table->name));
}

void rename_object(Ddl& ddl, const PgQuery__RenameStmt& statement) {
  SessionContext& context = ddl.context();
  const std::string_view subject = raw::view(statement.subname);
  switch (statement.rename_type) {
    case PG_QUERY__OBJECT_TYPE__OBJECT_COLUMN:
    case PG_QUERY__OBJECT_TYPE__OBJECT_ATTRIBUTE:
      rename_column(ddl, statement);
      return;
    case PG_QUERY__OBJECT_TYPE__OBJECT_TABLE:
    case PG_QUERY__OBJECT_TYPE__OBJECT_VIEW:
    case PG_QUERY__OBJECT_TYPE__OBJECT_INDEX:
    case PG_QUERY__OBJECT_TYPE__OBJECT_SEQUENCE:
      rename_relation(ddl, statement);
      return;
    case PG_QUERY__OBJECT_TYPE__OBJECT_TABCONSTRAINT:
      rename_constraint(ddl, statement);
      return;
    case PG_QUERY__OBJECT_TYPE__OBJECT_SCHEMA: {
      const query::SchemaDesc& schema = get_schema(context, subject);
      require_owner(context, schema.owner, "schema", schema.name);
      ddl.writer().rename(catalog::schema_address(schema.oid), statement.newname);
      return;
    }
    case PG_QUERY__OBJECT_TYPE__OBJECT_TYPE:
    case PG_QUERY__OBJECT_TYPE__OBJECT_DOMAIN:
      ddl.writer().rename(catalog::type_address(named_type(ddl, statement.object).oid),
                          statement.newname);
      return;
    case PG_QUERY__OBJECT_TYPE__OBJECT_ROLE:
      require_superuser(context, "permission denied to rename role");
      ddl.writer().rename(catalog::role_address(get_role(context, subject).oid), statement.newname);
      context.transaction.shared_catalog_changed();
      return;
    case PG_QUERY__OBJECT_TYPE__OBJECT_DATABASE: {
      const catalog::DatabaseDesc* database = context.snapshot().find_database(subject);
      if (database == nullptr) {
        throw SqlError(sqlstate::invalid_catalog_name,
                       fmt::format("database \"{}\" does not exist", subject));
      }
      if (database->oid == context.database->oid()) {
        throw SqlError(sqlstate::feature_not_supported, "current database cannot be renamed");
      }
      ddl.writer().rename(catalog::database_address(database->oid), statement.newname);
      context.transaction.shared_catalog_changed();
      return;
    }
    default:
      throw SqlError(sqlstate::feature_not_supported,
                     fmt::format("{} ... RENAME is not supported", tag_of(ddl.call())));
  }
}

}  // namespace

StatementResult run_rename(UtilityCall& call) {
  const std::string tag = tag_of(call);
  Ddl ddl(call, tag);
  rename_object(ddl, *call.node->rename_stmt);
  ddl.changed();
  return tag_result(tag);
}

StatementResult run_set_schema(UtilityCall& call) {
  const PgQuery__AlterObjectSchemaStmt& statement = *call.node->alter_object_schema_stmt;
  const std::string tag = tag_of(call);
  Ddl ddl(call, tag);
  const query::SchemaDesc& schema = get_schema(call.context, statement.newschema);
  require_schema_create(call.context, schema);
  switch (statement.object_type) {
    case PG_QUERY__OBJECT_TYPE__OBJECT_TABLE:
    case PG_QUERY__OBJECT_TYPE__OBJECT_VIEW:
    case PG_QUERY__OBJECT_TYPE__OBJECT_SEQUENCE: {
      const RelationDesc* relation =
          relation_or_notice(ddl, *statement.relation, statement.missing_ok != 0);
      if (relation == nullptr) return tag_result(tag);
      if (ddl.catalog().find_relation(schema.name, relation->name) != nullptr) {
        throw SqlError(sqlstate::duplicate_table,
                       fmt::format("relation \"{}\" already exists in schema \"{}\"",
                                   relation->name, schema.name));
      }
      ddl.writer().set_schema(catalog::relation_address(relation->oid), schema.oid);
      break;
    }
    case PG_QUERY__OBJECT_TYPE__OBJECT_TYPE:
    case PG_QUERY__OBJECT_TYPE__OBJECT_DOMAIN:
      ddl.writer().set_schema(catalog::type_address(named_type(ddl, statement.object).oid),
                              schema.oid);
      break;
    default:
      throw SqlError(sqlstate::feature_not_supported,
                     fmt::format("{} ... SET SCHEMA is not supported", tag));
  }
  ddl.changed();
  return tag_result(tag);
}

StatementResult run_set_owner(UtilityCall& call) {
  const PgQuery__AlterOwnerStmt& statement = *call.node->alter_owner_stmt;
  const std::string tag = tag_of(call);
  Ddl ddl(call, tag);
  const Oid owner = get_role(call.context, *statement.newowner).oid;
  switch (statement.object_type) {
    case PG_QUERY__OBJECT_TYPE__OBJECT_SCHEMA: {
      const query::SchemaDesc& schema = get_schema(call.context, raw::string_of(statement.object));
      require_owner(call.context, schema.owner, "schema", schema.name);
      ddl.writer().set_owner(catalog::schema_address(schema.oid), owner);
      break;
    }
    case PG_QUERY__OBJECT_TYPE__OBJECT_TYPE:
    case PG_QUERY__OBJECT_TYPE__OBJECT_DOMAIN:
      ddl.writer().set_owner(catalog::type_address(named_type(ddl, statement.object).oid), owner);
      break;
    case PG_QUERY__OBJECT_TYPE__OBJECT_DATABASE: {
      const std::string_view name = raw::string_of(statement.object);
      const catalog::DatabaseDesc* database = call.context.snapshot().find_database(name);
      if (database == nullptr) {
        throw SqlError(sqlstate::invalid_catalog_name,
                       fmt::format("database \"{}\" does not exist", name));
      }
      require_owner(call.context, database->owner, "database", database->name);
      ddl.writer().set_owner(catalog::database_address(database->oid), owner);
      call.context.transaction.shared_catalog_changed();
      break;
    }
    default:
      throw SqlError(sqlstate::feature_not_supported,
                     fmt::format("{} ... OWNER TO is not supported", tag));
  }
  ddl.changed();
  return tag_result(tag);
}

}  // namespace dvecdb::server::exec
