// SELECT and VALUES, and the way from a raw node to the right kind of query.
#include <fmt/format.h>

#include <algorithm>

#include "server/query/analyze_internal.h"

namespace dvecdb::server::query {

QueryPtr analyze_query_node(Statement& statement, Scope* parent, const raw::Node* node,
                            const std::function<void(Scope&)>& prepare) {
  const DepthGuard depth(statement);
  Scope scope(statement, parent);
  auto query = std::make_unique<Query>();
  scope.query = query.get();
  if (prepare) prepare(scope);
  switch (node->node_case) {
    case PG_QUERY__NODE__NODE_SELECT_STMT: {
      const PgQuery__SelectStmt& select = *node->select_stmt;
      if (select.n_values_lists > 0) {
        analyze_values(scope, select);
      } else if (select.op == PG_QUERY__SET_OPERATION__SETOP_NONE) {
        analyze_select(scope, select);
      } else {
        analyze_set_operation(scope, select);
      }
      break;
    }
    case PG_QUERY__NODE__NODE_INSERT_STMT:
      analyze_insert(scope, *node->insert_stmt);
      break;
    case PG_QUERY__NODE__NODE_UPDATE_STMT:
      analyze_update(scope, *node->update_stmt);
      break;
    case PG_QUERY__NODE__NODE_DELETE_STMT:
      analyze_delete(scope, *node->delete_stmt);
      break;
    case PG_QUERY__NODE__NODE_MERGE_STMT:
      throw not_supported(scope, "MERGE", -1);
    default:
      throw not_supported(scope, "this statement as a query", -1);
  }
  return query;
}

void analyze_select(Scope& scope, const PgQuery__SelectStmt& select) {
  Query& query = *scope.query;
  analyze_with(scope, select.with_clause);
  if (select.into_clause != nullptr) {
    throw error_at(scope, sqlstate::syntax_error, "SELECT ... INTO is not allowed here",
                   select.into_clause->rel == nullptr ? -1 : select.into_clause->rel->location);
  }
  for (const raw::Node* window : raw::list(select.n_window_clause, select.window_clause)) {
    scope.window_definitions.push_back(window->window_def);
  }
  analyze_from(scope, raw::list(select.n_from_clause, select.from_clause));
  query.targets = analyze_targets(scope, raw::list(select.n_target_list, select.target_list),
                                  Clause::select_target);
  query.where = analyze_where(scope, select.where_clause, Clause::where, "WHERE");
  query.having = analyze_where(scope, select.having_clause, Clause::having, "HAVING");
  query.order_by = analyze_order_by(scope, raw::list(select.n_sort_clause, select.sort_clause));
  analyze_group_by(scope, raw::list(select.n_group_clause, select.group_clause));
  if (select.group_distinct) throw not_supported(scope, "GROUP BY DISTINCT", -1);
  analyze_distinct(scope, raw::list(select.n_distinct_clause, select.distinct_clause));
  analyze_limit(scope, select);
  analyze_windows(scope);
  resolve_unknown_targets(scope, query.targets);
  analyze_locking(scope, raw::list(select.n_locking_clause, select.locking_clause));
  check_grouping(scope);
}

namespace {

// NULL as a LIMIT means none; a literal is checked at run time.
ExprPtr limit_expr(Scope& scope, const raw::Node* node, Clause clause, std::string_view name) {
  if (node == nullptr) return nullptr;
  ExprPtr expr = analyze_expr(scope, node, clause);
  expr = coerce_to_bigint(scope, std::move(expr), name);
  const std::function<const Expr*(const Expr&)> own_column = [&](const Expr& e) -> const Expr* {
    if (e.kind == ExprKind::column && static_cast<const ColumnExpr&>(e).levels_up == 0) return &e;
    const Expr* found = nullptr;
    visit_children(e, [&](const Expr& child) {
      if (found == nullptr) found = own_column(child);
    });
    return found;
  };
  if (const Expr* column = own_column(*expr)) {
    throw error_at(scope, sqlstate::invalid_column_reference,
                   fmt::format("argument of {} must not contain variables", name),
                   column->location);
  }
  return expr;
}

struct LockWord {
  PgQuery__LockClauseStrength raw;
  LockStrength strength;
  std::string_view words;
};
constexpr LockWord lock_words[] = {
    {PG_QUERY__LOCK_CLAUSE_STRENGTH__LCS_FORKEYSHARE, LockStrength::key_share, "FOR KEY SHARE"},
    {PG_QUERY__LOCK_CLAUSE_STRENGTH__LCS_FORSHARE, LockStrength::share, "FOR SHARE"},
    {PG_QUERY__LOCK_CLAUSE_STRENGTH__LCS_FORNOKEYUPDATE, LockStrength::no_key_update,
     "FOR NO KEY UPDATE"},
    {PG_QUERY__LOCK_CLAUSE_STRENGTH__LCS_FORUPDATE, LockStrength::update, "FOR UPDATE"},
};

const LockWord& lock_word(PgQuery__LockClauseStrength strength) {
  for (const LockWord& word : lock_words) {
    if (word.raw == strength) return word;
  }
  return lock_words[3];
}

void check_lockable(const Scope& scope, std::string_view words) {
  const Query& query = *scope.query;
  const auto refuse = [&](bool is_there, std::string_view what) {
    if (!is_there) return;
    throw error_at(scope, sqlstate::feature_not_supported,
                   fmt::format("{} is not allowed with {}", words, what), -1);
  };
  refuse(query.set_operation != nullptr, "UNION/INTERSECT/EXCEPT");
  refuse(query.is_distinct || !query.distinct_on.empty(), "DISTINCT clause");
  refuse(!query.group_by.empty() || !query.grouping_sets.empty(), "GROUP BY clause");
  refuse(query.having != nullptr, "HAVING clause");
  refuse(query.has_aggregates, "aggregate functions");
  refuse(query.has_windows, "window functions");
  refuse(query.has_target_sets, "set-returning functions in the target list");
}

void check_locked_relation(const Scope& scope, const PgQuery__RangeVar& name,
                           std::string_view words) {
  const std::string_view relation = name.relname;
  if (!raw::view(name.schemaname).empty()) {
    throw error_at(scope, sqlstate::syntax_error,
                   fmt::format("{} must specify unqualified relation names", words), name.location);
  }
  const auto& table = scope.query->range_table;
  const bool is_known = std::any_of(
      table.begin(), table.end(), [&](const RangeEntry& entry) { return entry.alias == relation; });
  if (!is_known) {
    throw error_at(
        scope, sqlstate::undefined_table,
        fmt::format("relation \"{}\" in {} clause not found in FROM clause", relation, words),
        name.location);
  }
}

}  // namespace

void analyze_limit(Scope& scope, const PgQuery__SelectStmt& select) {
  Query& query = *scope.query;
  query.offset = limit_expr(scope, select.limit_offset, Clause::offset, "OFFSET");
  query.with_ties = select.limit_option == PG_QUERY__LIMIT_OPTION__LIMIT_OPTION_WITH_TIES;
  if (query.with_ties && raw::is(select.limit_count, PG_QUERY__NODE__NODE_A_CONST) &&
      select.limit_count->a_const->isnull) {
    throw error_at(scope, sqlstate::invalid_row_count_in_limit_clause,
                   "row count cannot be null in FETCH FIRST ... WITH TIES clause", -1);
  }
  query.limit = limit_expr(scope, select.limit_count, Clause::limit, "LIMIT");
}

void analyze_locking(Scope& scope, raw::NodeList clauses) {
  for (const raw::Node* node : clauses) {
    const PgQuery__LockingClause& clause = *node->locking_clause;
    const LockWord& word = lock_word(clause.strength);
    check_lockable(scope, word.words);
    for (const raw::Node* relation : raw::list(clause.n_locked_rels, clause.locked_rels)) {
      check_locked_relation(scope, *relation->range_var, word.words);
    }
    Query& query = *scope.query;
    query.lock = std::max(query.lock, word.strength);
    query.lock_nowait =
        query.lock_nowait || clause.wait_policy == PG_QUERY__LOCK_WAIT_POLICY__LockWaitError;
    query.lock_skip_locked =
        query.lock_skip_locked || clause.wait_policy == PG_QUERY__LOCK_WAIT_POLICY__LockWaitSkip;
  }
}

namespace {

std::vector<ExprList> values_rows(Scope& scope, const PgQuery__SelectStmt& select) {
  std::vector<ExprList> rows;
  const auto lists = raw::list(select.n_values_lists, select.values_lists);
  const Clause clause = lists.size() == 1 ? Clause::values_single : Clause::values;
  for (const raw::Node* node : lists) {
    const auto items = raw::list(node->list->n_items, node->list->items);
    ExprList row;
    for (const raw::Node* item : items) {
      scope.set_calls = 0;
      if (raw::is(item, PG_QUERY__NODE__NODE_COLUMN_REF)) {
        // t.* inside VALUES spreads out
        const PgQuery__ColumnRef& ref = *item->column_ref;
        if (raw::is(ref.fields[ref.n_fields - 1], PG_QUERY__NODE__NODE_A_STAR)) {
          throw not_supported(scope, "row expansion in VALUES", ref.location);
        }
      }
      row.push_back(analyze_expr(scope, item, clause));
    }
    if (!rows.empty() && rows[0].size() != row.size()) {
      throw error_at(scope, sqlstate::syntax_error, "VALUES lists must all be the same length",
                     items.empty() ? -1 : raw::location_of(items[0]));
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace

void analyze_values(Scope& scope, const PgQuery__SelectStmt& select) {
  Query& query = *scope.query;
  analyze_with(scope, select.with_clause);
  RangeEntry entry;
  entry.kind = RangeKind::values;
  entry.alias = "*VALUES*";
  entry.values = values_rows(scope, select);
  for (std::size_t column = 0; column < entry.values[0].size(); ++column) {
    std::vector<const Expr*> items;
    for (const ExprList& row : entry.values) items.push_back(row[column].get());
    Oid common = select_common_type(scope, items, "VALUES");
    // A single unknown column stays open where the caller decides.
    const bool all_unknown = std::all_of(items.begin(), items.end(), [](const Expr* item) {
      return item->type.oid == oids::unknown;
    });
    if (all_unknown && !scope.resolve_unknowns) common = oids::unknown;
    std::vector<const Expr*> coerced;
    for (ExprList& row : entry.values) {
      row[column] = coerce_to_common(scope, std::move(row[column]), common, "VALUES");
      coerced.push_back(row[column].get());
    }
    entry.columns.push_back(
        {fmt::format("column{}", column + 1), {common, common_typmod(coerced, common)}});
  }
  const int index = add_entry(scope, std::move(entry));
  query.from.push_back(leaf(index));
  scope.names.push_back({index});
  query.targets = expand_entry(scope, index, 0, -1);
  query.order_by = analyze_order_by(scope, raw::list(select.n_sort_clause, select.sort_clause));
  analyze_limit(scope, select);
  if (select.n_locking_clause > 0) {
    throw error_at(scope, sqlstate::feature_not_supported,
                   fmt::format("{} cannot be applied to VALUES",
                               lock_word(select.locking_clause[0]->locking_clause->strength).words),
                   -1);
  }
  check_grouping(scope);
}

}  // namespace dvecdb::server::query
