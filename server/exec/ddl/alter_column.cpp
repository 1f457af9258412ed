#include "server/exec/ddl/alter_column.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "server/exec/ddl/table_definition.h"
#include "server/exec/ddl/vector_index_actions.h"
#include "server/exec/dml/table_shape.h"
#include "server/exec/vector_index_definition.h"
#include "server/query/deparse.h"
#include "server/types/error.h"

namespace dvecdb::server::exec {

using query::ColumnDesc;
using query::IndexDesc;
using query::RelationDesc;
using types::SqlError;
using types::TypeRef;
namespace raw = query::raw;
namespace sqlstate = types::sqlstate;

namespace {

void refuse_nulls(Ddl& ddl, const RelationDesc& table, const ColumnDesc& column) {
  storage::Statement nulls = ddl.connection().prepare(fmt::format(
      "SELECT 1 FROM {} WHERE {} IS NULL LIMIT 1", table.store_name, column.store_name));
  if (!nulls.step()) return;
  throw SqlError(
      sqlstate::not_null_violation,
      fmt::format("column \"{}\" of relation \"{}\" contains null values", column.name, table.name))
      .schema(table.schema)
      .table(table.name)
      .column(column.name);
}

bool uses_column(const IndexDesc& index, std::int16_t number) {
  return std::any_of(index.keys.begin(), index.keys.end(),
                     [&](const IndexDesc::Key& key) { return key.column == number; });
}

// Every row's column from an expression over the row: computed one by one, so that a failing row
// stops before anything is written and a volatile expression gives each its own value.
void fill_column(Ddl& ddl, const RelationDesc& table, const ColumnDesc& column,
                 const std::string& expression) {
  storage::Connection& connection = ddl.connection();
  std::vector<std::int64_t> rowids;
  {
    storage::Statement all =
        connection.prepare(fmt::format("SELECT rowid FROM {}", table.store_name));
    while (all.step()) rowids.push_back(all.column(0).as_integer());
  }
  storage::Statement update =
      connection.prepare(fmt::format("UPDATE {} AS t SET {} = {} WHERE t.rowid = ?1",
                                     table.store_name, column.store_name, expression));
  for (std::size_t i = 0; i < rowids.size(); ++i) {
    if ((i & 255) == 0) ddl.context().check_cancel();
    update.reset();
    update.bind(1, Value::integer(rowids[i]));
    update.run();
  }
}

// The conversion of ALTER ... TYPE: USING's expression, or the column by assignment.
query::ExprPtr conversion(Ddl& ddl, const RelationDesc& table, const ColumnDesc& column,
                          const PgQuery__ColumnDef& node, TypeRef target) {
  try {
    if (node.raw_default != nullptr) {
      return query::analyze_node(ddl.analysis(), node.raw_default, &table, target);
    }
    return query::analyze_expression(ddl.analysis(), query::quote_identifier(column.name), &table,
                                     target);
  } catch (const SqlError& error) {
    if (error.sqlstate() != sqlstate::datatype_mismatch) throw;
    const std::string type = query::format_type(ddl.catalog(), target);
    if (node.raw_default != nullptr) {
      throw SqlError(sqlstate::datatype_mismatch,
                     fmt::format("result of USING clause for column \"{}\" cannot be cast "
                                 "automatically to type {}",
                                 column.name, type))
          .hint("You might need to add an explicit cast.");
    }
    throw SqlError(
        sqlstate::datatype_mismatch,
        fmt::format("column \"{}\" cannot be cast automatically to type {}", column.name, type))
        .hint(fmt::format("You might need to specify \"USING {}::{}\".",
                          query::quote_identifier(column.name), type));
  }
}

// What is computed from the column must still make sense with its new type.
void check_dependents(Ddl& ddl, const RelationDesc& table, const ColumnDesc& column,
                      TypeRef target) {
  RelationDesc draft = table;
  draft.columns[static_cast<std::size_t>(column.number - 1)].type = target;
  const auto analyze = [&](const std::string& text, TypeRef type) {
    query::AnalyzeContext analysis = ddl.analysis();
    analysis.statement_text = {};
    try {
      query::analyze_expression(analysis, text, &draft, type);
    } catch (SqlError& error) {
      error.at(0);
      throw;
    }
  };
  for (const query::ConstraintDesc* constraint : table.constraints) {
    if (constraint->type == 'c') analyze(constraint->check_text, {16, -1});
  }
  for (const ColumnDesc& other : table.columns) {
    if (other.generated != '\0' && !other.is_dropped) analyze(other.default_text, other.type);
  }
}

}  // namespace

void add_column(Ddl& ddl, Oid table_oid, const PgQuery__ColumnDef& node, bool if_not_exists) {
  const RelationDesc* table = ddl.catalog().find_relation(table_oid);
  if (find_column(*table, node.colname) != nullptr) {
    const std::string message =
        fmt::format("column \"{}\" of relation \"{}\" already exists", node.colname, table->name);
    if (!if_not_exists) throw SqlError(sqlstate::duplicate_column, message);
    ddl.context().notice("NOTICE", sqlstate::duplicate_column, message + ", skipping");
    return;
  }
  std::vector<ConstraintSource> constraints;
  std::vector<ColumnSource> columns;
  columns.push_back(read_column(ddl, node, table->name, constraints));
  make_sequences(ddl, table->name, *ddl.catalog().find_schema(table->schema_oid),
                 table->persistence, columns);
  table = ddl.catalog().find_relation(table_oid);
  RelationDesc draft = *table;
  ColumnDesc added;
  added.number = static_cast<std::int16_t>(draft.columns.size() + 1);
  added.name = columns[0].definition.name;
  added.type = columns[0].definition.type;
  added.store_name = fmt::format("c{}", added.number);
  draft.columns.push_back(added);
  analyze_defaults(ddl, columns, draft);
  const bool not_null = columns[0].definition.not_null;
  const std::int16_t number = ddl.writer().add_column(table_oid, columns[0].definition);
  ddl.changed();
  tie_sequences(ddl, table_oid, columns, number);
  ddl.changed();
  table = ddl.catalog().find_relation(table_oid);
  const ColumnDesc& column = table->columns[static_cast<std::size_t>(number - 1)];
  if (columns[0].definition.identity != '\0') {
    const query::ExprPtr next = query::analyze_expression(
        ddl.analysis(), fmt::format("nextval({}::oid::regclass)", columns[0].sequence_oid), nullptr,
        column.type);
    fill_column(ddl, *table, column, query::lower_expression(ddl.analysis(), *next, nullptr, ""));
  } else if (columns[0].default_expr) {
    fill_column(ddl, *table, column,
                query::lower_expression(ddl.analysis(), *columns[0].default_expr, table, "t"));
  }
  if (not_null) refuse_nulls(ddl, *table, column);
  for (const ConstraintSource& constraint : constraints) {
    add_constraint(ddl, table_oid, constraint, true);
  }
}

void drop_column(Ddl& ddl, const RelationDesc& table, const PgQuery__AlterTableCmd& command) {
  const ColumnDesc* column = find_column(table, command.name);
  if (column == nullptr) {
    const std::string message =
        fmt::format("column \"{}\" of relation \"{}\" does not exist", command.name, table.name);
    if (command.missing_ok == 0) throw SqlError(sqlstate::undefined_column, message);
    notice_skip(ddl.context(), message);
    return;
  }
  // The graph's triggers read the column: they go before it.
  for (const IndexDesc* index : table.indexes) {
    if (is_vector_index(*index) && uses_column(*index, column->number)) {
      drop_vector_index(ddl, *index);
    }
  }
  drop_objects(ddl, {catalog::relation_address(table.oid, column->number)},
               command.behavior == PG_QUERY__DROP_BEHAVIOR__DROP_CASCADE);
}

void set_column_default(Ddl& ddl, const RelationDesc& table, std::string_view name,
                        const raw::Node* value) {
  const ColumnDesc& column = get_column(table, name);
  if (column.generated != '\0') {
    throw SqlError(
        sqlstate::syntax_error,
        fmt::format("column \"{}\" of relation \"{}\" is a generated column", name, table.name));
  }
  if (column.identity != '\0') {
    throw SqlError(
        sqlstate::syntax_error,
        fmt::format("column \"{}\" of relation \"{}\" is an identity column", name, table.name));
  }
  const query::ExprPtr expr =
      value == nullptr ? nullptr : query::analyze_node(ddl.analysis(), value, nullptr, column.type);
  ddl.writer().set_default(table.oid, column.number, expr.get());
}

void set_column_not_null(Ddl& ddl, const RelationDesc& table, std::string_view name) {
  const ColumnDesc& column = get_column(table, name);
  if (column.not_null) return;
  refuse_nulls(ddl, table, column);
  ddl.writer().set_not_null(table.oid, column.number, true);
}

void drop_column_not_null(Ddl& ddl, const RelationDesc& table, std::string_view name) {
  const ColumnDesc& column = get_column(table, name);
  for (const IndexDesc* index : table.indexes) {
    if (!index->is_primary || !uses_column(*index, column.number)) continue;
    throw SqlError(sqlstate::invalid_table_definition,
                   fmt::format("column \"{}\" is in a primary key", name));
  }
  if (column.identity != '\0') {
    throw SqlError(
        sqlstate::syntax_error,
        fmt::format("column \"{}\" of relation \"{}\" is an identity column", name, table.name));
  }
  ddl.writer().set_not_null(table.oid, column.number, false);
}

void alter_column_type(Ddl& ddl, const RelationDesc& table, std::string_view name,
                       const PgQuery__ColumnDef& node) {
  const ColumnDesc& column = get_column(table, name);
  const TypeRef target = query::resolve_type_name(ddl.analysis(), node.type_name);
  const query::ExprPtr expr = conversion(ddl, table, column, node, target);
  check_dependents(ddl, table, column, target);
  query::ExprPtr new_default;
  if (!column.default_text.empty() && column.generated == '\0') {
    new_default = query::analyze_expression(ddl.analysis(), column.default_text, nullptr, target);
  }
  for (const IndexDesc* index : table.indexes) {
    if (is_vector_index(*index) && uses_column(*index, column.number)) {
      check_vector_index_type(ddl.catalog(), target);
      drop_vector_index(ddl, *index);
    }
  }
  fill_column(ddl, table, column, query::lower_expression(ddl.analysis(), *expr, &table, "t"));
  const std::int16_t number = column.number;
  const Oid table_oid = table.oid;
  ddl.writer().set_column_type(table_oid, number, target, types::invalid_oid);
  if (new_default) ddl.writer().set_default(table_oid, number, new_default.get());
  ddl.changed();
  const std::vector<const IndexDesc*> indexes = ddl.catalog().find_relation(table_oid)->indexes;
  for (const IndexDesc* index : indexes) {
    if (!uses_column(*index, number)) continue;
    if (is_vector_index(*index)) {
      build_vector_index(ddl, index->oid);
    } else {
      ddl.writer().rebuild_index(*index);
    }
  }
}

void alter_identity(Ddl& ddl, const RelationDesc& table, const PgQuery__AlterTableCmd& command) {
  const ColumnDesc& column = get_column(table, command.name);
  const bool is_add = command.subtype == PG_QUERY__ALTER_TABLE_TYPE__AT_AddIdentity;
  const auto complain = [&](std::string_view what) {
    return SqlError(
        sqlstate::object_not_in_prerequisite_state,
        fmt::format("column \"{}\" of relation \"{}\" {}", column.name, table.name, what));
  };
  if (is_add) {
    if (column.identity != '\0') throw complain("is already an identity column");
    if (!column.default_text.empty()) throw complain("already has a default value");
    if (!column.not_null) throw complain("must be declared NOT NULL before identity can be added");
    const PgQuery__Constraint& constraint = *command.def->constraint;
    std::vector<ColumnSource> columns(1);
    columns[0].definition.name = column.name;
    columns[0].definition.identity = raw::view(constraint.generated_when) == "a" ? 'a' : 'd';
    columns[0].sequence =
        sequence_definition(raw::list(constraint.n_options, constraint.options), column.type.oid);
    const std::int16_t number = column.number;
    const Oid table_oid = table.oid;
    make_sequences(ddl, table.name, *ddl.catalog().find_schema(table.schema_oid), table.persistence,
                   columns);
    ddl.writer().set_identity(table_oid, number, columns[0].definition.identity);
    tie_sequences(ddl, table_oid, columns, number);
    return;
  }
  if (column.identity == '\0') {
    const SqlError error = complain("is not an identity column");
    if (command.missing_ok == 0) throw error;
    notice_skip(ddl.context(), error.fields().message);
    return;
  }
  if (command.subtype == PG_QUERY__ALTER_TABLE_TYPE__AT_DropIdentity) {
    const Oid sequence = column.identity_sequence;
    ddl.writer().set_sequence_owner(sequence, types::invalid_oid, 0, false);
    ddl.writer().set_identity(table.oid, column.number, '\0');
    ddl.changed();
    drop_objects(ddl, {catalog::relation_address(sequence)}, false);
    return;
  }
  std::vector<raw::Node*> options;
  for (raw::Node* node : raw::list(command.def->list->n_items, command.def->list->items)) {
    if (std::string_view(node->def_elem->defname) == "generated") {
      ddl.writer().set_identity(
          table.oid, column.number,
          static_cast<char>(std::atoi(definition_text(node->def_elem->arg).c_str())));
    } else {
      options.push_back(node);
    }
  }
  if (!options.empty()) alter_sequence(ddl, column.identity_sequence, options);
}

void check_all_rows(Ddl& ddl, const RelationDesc& table, const query::ConstraintDesc& constraint) {
  const std::string check =
      lower_table_expression(ddl.context(), table, constraint.check_text, "t", {16, -1});
  storage::Statement violations = ddl.connection().prepare(
      fmt::format("SELECT 1 FROM {} AS t WHERE NOT ({}) LIMIT 1", table.store_name, check));
  if (!violations.step()) return;
  throw SqlError(sqlstate::check_violation,
                 fmt::format("check constraint \"{}\" of relation \"{}\" is violated by some row",
                             constraint.name, table.name))
      .schema(table.schema)
      .table(table.name)
      .constraint(constraint.name);
}

}  // namespace dvecdb::server::exec
