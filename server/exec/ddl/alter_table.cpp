// ALTER TABLE (and what else the grammar says with its node: ALTER INDEX, VIEW, SEQUENCE ...).
#include <fmt/format.h>

#include "server/exec/ddl/alter_column.h"
#include "server/exec/ddl/table_definition.h"
#include "server/exec/dml/foreign_keys.h"
#include "server/exec/privileges.h"
#include "server/types/error.h"

namespace dvecdb::server::exec {

using query::ConstraintDesc;
using query::RelationDesc;
using types::SqlError;
namespace raw = query::raw;
namespace sqlstate = types::sqlstate;

namespace {

class TableAlteration {
 public:
  TableAlteration(Ddl& ddl, Oid table, std::string tag)
      : ddl_(ddl), table_(table), tag_(std::move(tag)) {}

  void run(const PgQuery__AlterTableCmd& command) {
    switch (command.subtype) {
      case PG_QUERY__ALTER_TABLE_TYPE__AT_AddColumn:
        add_column(ddl_, table_, *command.def->column_def, command.missing_ok != 0);
        return;
      case PG_QUERY__ALTER_TABLE_TYPE__AT_DropColumn:
        drop_column(ddl_, relation(), command);
        return;
      case PG_QUERY__ALTER_TABLE_TYPE__AT_ColumnDefault:
        set_column_default(ddl_, relation(), command.name, command.def);
        return;
      case PG_QUERY__ALTER_TABLE_TYPE__AT_SetNotNull:
        set_column_not_null(ddl_, relation(), command.name);
        return;
      case PG_QUERY__ALTER_TABLE_TYPE__AT_DropNotNull:
        drop_column_not_null(ddl_, relation(), command.name);
        return;
      case PG_QUERY__ALTER_TABLE_TYPE__AT_AlterColumnType:
        alter_column_type(ddl_, relation(), command.name, *command.def->column_def);
        return;
      case PG_QUERY__ALTER_TABLE_TYPE__AT_AddIdentity:
      case PG_QUERY__ALTER_TABLE_TYPE__AT_SetIdentity:
      case PG_QUERY__ALTER_TABLE_TYPE__AT_DropIdentity:
        alter_identity(ddl_, relation(), command);
        return;
      case PG_QUERY__ALTER_TABLE_TYPE__AT_DropExpression:
        drop_generation(command);
        return;
      case PG_QUERY__ALTER_TABLE_TYPE__AT_AddConstraint:
        add_constraint(ddl_, table_, {command.def->constraint, {}, false, false}, true);
        return;
      case PG_QUERY__ALTER_TABLE_TYPE__AT_AddIndexConstraint:
      case PG_QUERY__ALTER_TABLE_TYPE__AT_AddIndex:
        break;
      case PG_QUERY__ALTER_TABLE_TYPE__AT_DropConstraint:
        drop_constraint(command);
        return;
      case PG_QUERY__ALTER_TABLE_TYPE__AT_ValidateConstraint:
        validate_constraint(command.name);
        return;
      case PG_QUERY__ALTER_TABLE_TYPE__AT_ChangeOwner:
        ddl_.writer().set_owner(catalog::relation_address(table_),
                                get_role(ddl_.context(), *command.newowner).oid);
        return;
      case PG_QUERY__ALTER_TABLE_TYPE__AT_SetLogged:
        ddl_.writer().set_persistence(table_, 'p');
        return;
      case PG_QUERY__ALTER_TABLE_TYPE__AT_SetUnLogged:
        ddl_.writer().set_persistence(table_, 'u');
        return;
      case PG_QUERY__ALTER_TABLE_TYPE__AT_SetRelOptions:
        ddl_.writer().set_storage_options(
            table_,
            parse_rel_options(raw::list(command.def->list->n_items, command.def->list->items)));
        return;
      case PG_QUERY__ALTER_TABLE_TYPE__AT_ResetRelOptions:
        ddl_.writer().set_storage_options(table_, {});
        return;
      // How PostgreSQL lays rows out, which rows here do not have.
      case PG_QUERY__ALTER_TABLE_TYPE__AT_SetStatistics:
      case PG_QUERY__ALTER_TABLE_TYPE__AT_SetStorage:
      case PG_QUERY__ALTER_TABLE_TYPE__AT_SetCompression:
      case PG_QUERY__ALTER_TABLE_TYPE__AT_SetOptions:
      case PG_QUERY__ALTER_TABLE_TYPE__AT_ResetOptions:
      case PG_QUERY__ALTER_TABLE_TYPE__AT_ClusterOn:
      case PG_QUERY__ALTER_TABLE_TYPE__AT_DropCluster:
      case PG_QUERY__ALTER_TABLE_TYPE__AT_ReplicaIdentity:
      case PG_QUERY__ALTER_TABLE_TYPE__AT_EnableTrigAll:
      case PG_QUERY__ALTER_TABLE_TYPE__AT_DisableTrigAll:
      case PG_QUERY__ALTER_TABLE_TYPE__AT_EnableTrigUser:
      case PG_QUERY__ALTER_TABLE_TYPE__AT_DisableTrigUser:
        return;
      default:
        break;
    }
    throw SqlError(sqlstate::feature_not_supported,
                   fmt::format("this form of {} is not supported", tag_));
  }

 private:
  const RelationDesc& relation() { return *ddl_.catalog().find_relation(table_); }

  const ConstraintDesc* find_constraint(std::string_view name) {
    for (const ConstraintDesc* constraint : relation().constraints) {
      if (constraint->name == name) return constraint;
    }
    return nullptr;
  }

  SqlError no_constraint(std::string_view name) {
    return SqlError(
        sqlstate::undefined_object,
        fmt::format("constraint \"{}\" of relation \"{}\" does not exist", name, relation().name));
  }

  void drop_constraint(const PgQuery__AlterTableCmd& command) {
    const ConstraintDesc* constraint = find_constraint(command.name);
    if (constraint == nullptr) {
      const SqlError error = no_constraint(command.name);
      if (command.missing_ok == 0) throw error;
      notice_skip(ddl_.context(), error.fields().message);
      return;
    }
    drop_objects(ddl_, {catalog::constraint_address(constraint->oid)},
                 command.behavior == PG_QUERY__DROP_BEHAVIOR__DROP_CASCADE);
  }

  void validate_constraint(std::string_view name) {
    const ConstraintDesc* constraint = find_constraint(name);
    if (constraint == nullptr) throw no_constraint(name);
    if (constraint->type == 'f') {
      ForeignKeys::check_all(ddl_.context(), relation(), *constraint);
    } else if (constraint->type == 'c') {
      check_all_rows(ddl_, relation(), *constraint);
    } else {
      throw SqlError(sqlstate::wrong_object_type,
                     fmt::format("constraint \"{}\" of relation \"{}\" is not a foreign key or "
                                 "check constraint",
                                 name, relation().name));
    }
    ddl_.writer().set_constraint_validated(constraint->oid);
  }

  void drop_generation(const PgQuery__AlterTableCmd& command) {
    const query::ColumnDesc& column = get_column(relation(), command.name);
    if (column.generated == '\0') {
      const std::string message =
          fmt::format("column \"{}\" of relation \"{}\" is not a stored generated column",
                      column.name, relation().name);
      if (command.missing_ok == 0) {
        throw SqlError(sqlstate::object_not_in_prerequisite_state, message);
      }
      notice_skip(ddl_.context(), message);
      return;
    }
    ddl_.writer().drop_generation(table_, column.number);
  }

  Ddl& ddl_;
  Oid table_;
  std::string tag_;
};

}  // namespace

StatementResult run_alter_table(UtilityCall& call) {
  const PgQuery__AlterTableStmt& statement = *call.node->alter_table_stmt;
  const std::string tag(query::command_tag(call.statement.raw));
  Ddl ddl(call, tag);
  const QualifiedName name = name_of(*statement.relation);
  const RelationDesc* relation = find_relation_or_null(call.context, name);
  if (relation == nullptr) {
    const std::string message = fmt::format("relation \"{}\" does not exist", name.name);
    if (statement.missing_ok == 0) throw SqlError(sqlstate::undefined_table, message);
    notice_skip(call.context, message);
    return tag_result(tag);
  }
  require_owner(call.context, relation->owner, relation_kind_name(relation->kind), relation->name);
  if (relation->oid < catalog::first_user_oid) {
    throw SqlError(sqlstate::insufficient_privilege,
                   fmt::format("permission denied: \"{}\" is a system catalog", relation->name));
  }
  TableAlteration alteration(ddl, relation->oid, tag);
  for (const raw::Node* node : raw::list(statement.n_cmds, statement.cmds)) {
    alteration.run(*node->alter_table_cmd);
    ddl.changed();
  }
  return tag_result(tag);
}

}  // namespace dvecdb::server::exec
