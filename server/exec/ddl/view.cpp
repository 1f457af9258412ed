// CREATE VIEW, CREATE TABLE AS, SELECT INTO.
#include <fmt/format.h>

#include "server/exec/ddl/ddl.h"
#include "server/exec/ddl/table_definition.h"
#include "server/exec/dml/foreign_keys.h"
#include "server/exec/dml/table_writer.h"
#include "server/exec/statement_runner.h"
#include "server/types/error.h"
#include "server/types/oids.h"

namespace dvecdb::server::exec {

using query::RelationDesc;
using types::SqlError;
namespace raw = query::raw;
namespace sqlstate = types::sqlstate;

namespace {

// unknown-type literals become text in what is stored.
types::TypeRef stored_type(types::TypeRef type) {
  return type.oid == types::oids::unknown ? types::TypeRef{types::oids::text, -1} : type;
}

std::vector<catalog::ColumnDefinition> columns_of(const std::vector<ResultColumn>& result,
                                                  const std::vector<std::string>& names) {
  if (names.size() > result.size()) {
    throw SqlError(sqlstate::syntax_error, "too many column names were specified");
  }
  std::vector<catalog::ColumnDefinition> columns;
  for (std::size_t i = 0; i < result.size(); ++i) {
    catalog::ColumnDefinition column;
    column.name = i < names.size() ? names[i] : result[i].name;
    column.type = stored_type(result[i].type);
    for (const catalog::ColumnDefinition& other : columns) {
      if (other.name != column.name) continue;
      throw SqlError(sqlstate::duplicate_column,
                     fmt::format("column \"{}\" specified more than once", column.name));
    }
    columns.push_back(std::move(column));
  }
  return columns;
}

std::vector<std::string> names_in(std::size_t count, raw::Node* const* nodes) {
  std::vector<std::string> names;
  for (const raw::Node* node : raw::list(count, nodes)) names.emplace_back(raw::string_of(node));
  return names;
}

// The names of a view's columns become those of its query, which the catalog keeps as text.
void name_targets(query::Query& query, const std::vector<catalog::ColumnDefinition>& columns) {
  std::size_t i = 0;
  for (query::TargetEntry& target : query.targets) {
    if (!target.is_junk && i < columns.size()) target.name = columns[i++].name;
  }
  if (query.set_operation == nullptr) return;
  const query::SetOperation* first = query.set_operation.get();
  while (first->entry < 0) first = first->left.get();
  name_targets(*query.range_table.at(static_cast<std::size_t>(first->entry)).subquery, columns);
}

// The rows of `source` into a table made for them.
StatementResult create_from(UtilityCall& call, Ddl& ddl, const PgQuery__IntoClause& into,
                            Statement& source, bool if_not_exists) {
  const QualifiedName name = name_of(*into.rel);
  const std::string persistence(raw::view(into.rel->relpersistence));
  const bool is_temporary = persistence == "t";
  const query::SchemaDesc& schema = creation_schema(ddl, name, is_temporary);
  if (skip_existing(ddl, name, schema, if_not_exists)) return tag_result("CREATE TABLE AS");
  analyze_statement(call.context, source, false);
  catalog::TableDefinition table;
  table.name = name.name;
  table.schema = schema.oid;
  table.owner = ddl.owner();
  table.persistence = persistence.empty() ? 'p' : persistence[0];
  table.columns = columns_of(source.columns, names_in(into.n_col_names, into.col_names));
  table.options = parse_rel_options(raw::list(into.n_options, into.options));
  const Oid oid = ddl.writer().create_table(table);
  ddl.changed();
  remember_on_commit(call.context, oid, is_temporary, into.on_commit);
  std::int64_t count = 0;
  if (into.skip_data == 0) {
    analyze_statement(call.context, source, true);
    StatementResult rows = run_statement(call.context, source, call.parameters);
    ForeignKeys none(call.context);
    TableWriter writer(call.context, none, *ddl.catalog().find_relation(oid));
    std::vector<Value> row;
    while (rows.rows->next(row)) {
      writer.insert(row);
      if ((++count & 255) == 0) call.context.check_cancel();
    }
  }
  return tag_result(into.skip_data != 0 ? "CREATE TABLE AS" : fmt::format("SELECT {}", count));
}

}  // namespace

StatementResult run_create_table_as(UtilityCall& call) {
  const PgQuery__CreateTableAsStmt& statement = *call.node->create_table_as_stmt;
  if (statement.objtype == PG_QUERY__OBJECT_TYPE__OBJECT_MATVIEW) {
    throw SqlError(sqlstate::feature_not_supported, "CREATE MATERIALIZED VIEW is not supported");
  }
  Ddl ddl(call, "CREATE TABLE AS");
  StatementPtr source;
  if (raw::is(statement.query, PG_QUERY__NODE__NODE_EXECUTE_STMT)) {
    source = call.context.prepared.get(raw::view(statement.query->execute_stmt->name)).statement;
    if (!source->parameters.empty()) {
      throw SqlError(sqlstate::feature_not_supported,
                     "CREATE TABLE AS EXECUTE with parameters is not supported");
    }
  } else {
    source = inner_statement(call.statement, statement.query);
  }
  return create_from(call, ddl, *statement.into, *source, statement.if_not_exists != 0);
}

StatementResult run_select_into(UtilityCall& call) {
  Ddl ddl(call, "SELECT INTO");
  PgQuery__SelectStmt* leftmost = call.node->select_stmt;
  while (leftmost->larg != nullptr) leftmost = leftmost->larg;
  PgQuery__IntoClause* into = leftmost->into_clause;
  const StatementPtr source = inner_statement(call.statement, call.node);
  // The query is the same without its INTO.
  struct Restore {
    PgQuery__SelectStmt* select;
    PgQuery__IntoClause* into;
    ~Restore() { select->into_clause = into; }
  } restore{leftmost, into};
  leftmost->into_clause = nullptr;
  return create_from(call, ddl, *into, *source, false);
}

StatementResult run_create_view(UtilityCall& call) {
  const PgQuery__ViewStmt& statement = *call.node->view_stmt;
  if (statement.with_check_option > PG_QUERY__VIEW_CHECK_OPTION__NO_CHECK_OPTION) {
    throw SqlError(sqlstate::feature_not_supported, "WITH CHECK OPTION is not supported");
  }
  Ddl ddl(call, "CREATE VIEW");
  const QualifiedName name = name_of(*statement.view);
  const bool is_temporary = raw::view(statement.view->relpersistence) == "t";
  const query::SchemaDesc& schema = creation_schema(ddl, name, is_temporary);
  const RelationDesc* existing = ddl.catalog().find_relation(schema.name, name.name);
  if (existing != nullptr && statement.replace == 0) {
    throw SqlError(sqlstate::duplicate_table,
                   fmt::format("relation \"{}\" already exists", name.name));
  }
  if (existing != nullptr && existing->kind != 'v') {
    throw SqlError(sqlstate::wrong_object_type, fmt::format("\"{}\" is not a view", name.name));
  }
  query::RawStatement select = call.statement.raw;
  select.node = statement.query;
  select.is_query = true;
  query::ParamTypes params;
  params.allow_inference = false;
  const query::QueryPtr query = query::analyze(ddl.analysis(), select, params);
  if (!params.types.empty()) {
    throw SqlError(sqlstate::undefined_parameter, "there is no parameter $1");
  }
  for (const query::Cte& cte : query->ctes) {
    if (cte.query->command == query::CommandKind::select) continue;
    throw SqlError(sqlstate::feature_not_supported,
                   "views must not contain data-modifying statements in WITH");
  }
  std::vector<ResultColumn> columns;
  for (const query::TargetEntry& target : query->targets) {
    if (!target.is_junk) columns.push_back({target.name, target.expr->type, 0, 0});
  }
  catalog::ViewDefinition view;
  view.name = name.name;
  view.schema = schema.oid;
  view.owner = ddl.owner();
  if (is_temporary) view.persistence = 't';
  view.columns = columns_of(columns, names_in(statement.n_aliases, statement.aliases));
  name_targets(*query, view.columns);
  view.query = query.get();
  view.options = parse_rel_options(raw::list(statement.n_options, statement.options));
  view.replaced = existing;
  ddl.writer().create_view(view);
  ddl.changed();
  return tag_result("CREATE VIEW");
}

}  // namespace dvecdb::server::exec
