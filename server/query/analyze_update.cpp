// UPDATE and DELETE.
#include "server/query/analyze_internal.h"

namespace dvecdb::server::query {

namespace {

// The target table is in reach everywhere but in FROM and USING items.
const RelationDesc& add_target(Scope& scope, const PgQuery__RangeVar& name, std::string_view verb) {
  const RelationDesc& relation = open_target(scope, name, verb);
  const int entry = add_relation_entry(scope, relation, name.alias);
  scope.query->result_entry = entry;
  NamespaceItem item{entry};
  item.lateral_only = true;
  item.lateral_ok = false;
  scope.names.push_back(item);
  return relation;
}

}  // namespace

void analyze_update(Scope& scope, const PgQuery__UpdateStmt& update) {
  Query& query = *scope.query;
  query.command = CommandKind::update;
  analyze_with(scope, update.with_clause);
  const RelationDesc& relation = add_target(scope, *update.relation, "UPDATE");
  analyze_from(scope, raw::list(update.n_from_clause, update.from_clause));
  query.where = analyze_where(scope, update.where_clause, Clause::where, "WHERE");
  analyze_returning(scope, raw::list(update.n_returning_list, update.returning_list));
  analyze_set_list(scope, raw::list(update.n_target_list, update.target_list), relation,
                   query.targets);
}

void analyze_delete(Scope& scope, const PgQuery__DeleteStmt& statement) {
  Query& query = *scope.query;
  query.command = CommandKind::delete_;
  analyze_with(scope, statement.with_clause);
  add_target(scope, *statement.relation, "DELETE");
  analyze_from(scope, raw::list(statement.n_using_clause, statement.using_clause));
  query.where = analyze_where(scope, statement.where_clause, Clause::where, "WHERE");
  analyze_returning(scope, raw::list(statement.n_returning_list, statement.returning_list));
}

}  // namespace dvecdb::server::query
