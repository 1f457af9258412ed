// Aggregates: which query they belong to, and what they may hold.
#include <fmt/format.h>

#include <algorithm>

#include "server/query/analyze_internal.h"

namespace dvecdb::server::query {

namespace {

bool contains(const Expr& expr, ExprKind kind) {
  if (expr.kind == kind) return true;
  bool found = false;
  visit_children(expr, [&](const Expr& child) { found = found || contains(child, kind); });
  return found;
}

// The innermost query levels that columns and aggregates in an expression refer to, counted from
// the expression's own query; -1 for none.
struct Levels {
  int column = -1;
  int aggregate = -1;
  int aggregate_location = -1;
};

void lower(int& level, int found) {
  if (found >= 0 && (level < 0 || found < level)) level = found;
}

void find_levels(const Expr& expr, int depth, Levels& levels);

void find_levels(Query& query, int depth, Levels& levels) {
  visit_query(
      query, [&](ExprPtr& expr) { find_levels(*expr, depth, levels); },
      [&](Query& inner) { find_levels(inner, depth + 1, levels); });
}

void find_levels(const Expr& expr, int depth, Levels& levels) {
  if (expr.kind == ExprKind::column) {
    lower(levels.column, static_cast<const ColumnExpr&>(expr).levels_up - depth);
    return;
  }
  if (expr.kind == ExprKind::aggregate) {
    const int level = static_cast<const AggregateExpr&>(expr).levels_up - depth;
    if (level >= 0 && (levels.aggregate < 0 || level < levels.aggregate)) {
      levels.aggregate = level;
      levels.aggregate_location = expr.location;
    }
  }
  visit_children(expr, [&](const Expr& child) { find_levels(child, depth, levels); });
  if (expr.kind == ExprKind::sublink) {
    find_levels(*static_cast<const SublinkExpr&>(expr).query, depth + 1, levels);
  }
}

struct ClauseWords {
  Clause clause;
  std::string_view words;
};

// Where an aggregate may not stand, in the words of its error.
constexpr ClauseWords refused_aggregates[] = {
    {Clause::join_on, "JOIN conditions"},
    {Clause::from_subselect, "FROM clause of their own query level"},
    {Clause::from_function, "functions in FROM"},
    {Clause::where, "WHERE"},
    {Clause::filter, "FILTER"},
    {Clause::window_range, "window RANGE"},
    {Clause::window_rows, "window ROWS"},
    {Clause::window_groups, "window GROUPS"},
    {Clause::update_source, "UPDATE"},
    {Clause::group_by, "GROUP BY"},
    {Clause::limit, "LIMIT"},
    {Clause::offset, "OFFSET"},
    {Clause::returning, "RETURNING"},
    {Clause::values, "VALUES"},
    {Clause::values_single, "VALUES"},
    {Clause::check, "check constraints"},
    {Clause::column_default, "DEFAULT expressions"},
    {Clause::index_expression, "index expressions"},
    {Clause::index_predicate, "index predicates"},
    {Clause::generated_column, "column generation expressions"},
};

constexpr ClauseWords refused_windows[] = {
    {Clause::join_on, "JOIN conditions"},
    {Clause::from_function, "functions in FROM"},
    {Clause::where, "WHERE"},
    {Clause::having, "HAVING"},
    {Clause::filter, "FILTER"},
    {Clause::window_partition, "window definitions"},
    {Clause::window_order, "window definitions"},
    {Clause::window_range, "window definitions"},
    {Clause::window_rows, "window definitions"},
    {Clause::window_groups, "window definitions"},
    {Clause::update_source, "UPDATE"},
    {Clause::group_by, "GROUP BY"},
    {Clause::limit, "LIMIT"},
    {Clause::offset, "OFFSET"},
    {Clause::returning, "RETURNING"},
    {Clause::values, "VALUES"},
    {Clause::values_single, "VALUES"},
    {Clause::check, "check constraints"},
    {Clause::column_default, "DEFAULT expressions"},
    {Clause::index_expression, "index expressions"},
    {Clause::index_predicate, "index predicates"},
    {Clause::generated_column, "column generation expressions"},
};

template <std::size_t N>
std::string_view words_for(const ClauseWords (&table)[N], Clause clause) {
  for (const ClauseWords& row : table) {
    if (row.clause == clause) return row.words;
  }
  return {};
}

// Finds the query of an aggregate or GROUPING by what it holds; checks the place. Answers how
// many levels out it is.
int place_aggregate(Scope& scope, const std::vector<const Expr*>& parts, std::string_view what,
                    int location) {
  Levels levels;
  for (const Expr* part : parts) {
    find_levels(*part, 0, levels);
    if (contains(*part, ExprKind::window)) {
      throw error_at(scope, sqlstate::grouping_error,
                     "aggregate function calls cannot contain window function calls",
                     location_of(*part));
    }
    if (contains_set(*part)) {
      throw error_at(scope, sqlstate::feature_not_supported,
                     "aggregate function calls cannot contain set-returning function calls",
                     location_of(*part))
          .hint("You might be able to move the set-returning function into a LATERAL FROM item.");
    }
  }
  int level = levels.column;
  lower(level, levels.aggregate);
  if (level < 0) level = 0;
  if (levels.aggregate == level) {
    throw error_at(scope, sqlstate::grouping_error, "aggregate function calls cannot be nested",
                   levels.aggregate_location);
  }
  Scope* owner = &scope;
  for (int i = 0; i < level && owner->parent != nullptr; ++i) owner = owner->parent;
  owner->query->has_aggregates = true;
  const std::string_view refused = words_for(refused_aggregates, owner->clause);
  if (!refused.empty()) {
    throw error_at(scope, sqlstate::grouping_error,
                   fmt::format("{} are not allowed in {}", what, refused), location);
  }
  return level;
}

void add_order(Scope& scope, const PgQuery__FuncCall& call, AggregateExpr& aggregate) {
  for (const raw::Node* node : raw::list(call.n_agg_order, call.agg_order)) {
    const PgQuery__SortBy& item = *node->sort_by;
    SortItem sort;
    sort.expr = analyze_expr(scope, item.node, Clause::order_by);
    if (sort.expr->type.oid == oids::unknown) {
      sort.expr = coerce_implicitly(scope, std::move(sort.expr), oids::text);
    }
    const SortClause options = sort_options(scope, item, sort.expr->type.oid);
    sort.descending = options.descending;
    sort.nulls_first = options.nulls_first;
    sort.op = options.op;
    aggregate.order_by.push_back(std::move(sort));
  }
}

// WITHIN GROUP: the arguments after the direct ones are the ones sorted by.
void split_ordered_set(Scope& scope, const PgQuery__FuncCall& call, AggregateExpr& aggregate) {
  const std::size_t sorted = call.n_agg_order;
  if (aggregate.arguments.size() < sorted) {
    throw error_at(scope, sqlstate::wrong_object_type,
                   fmt::format("function {} does not exist", aggregate.proc->name), call.location);
  }
  const std::size_t direct = aggregate.arguments.size() - sorted;
  ExprList all = std::move(aggregate.arguments);
  aggregate.arguments.clear();
  for (std::size_t i = 0; i < all.size(); ++i) {
    (i < direct ? aggregate.direct_arguments : aggregate.arguments).push_back(std::move(all[i]));
  }
  for (std::size_t i = 0; i < sorted; ++i) {
    const PgQuery__SortBy& item = *call.agg_order[i]->sort_by;
    SortItem sort;
    sort.expr = clone(*aggregate.arguments[i]);
    const SortClause options = sort_options(scope, item, sort.expr->type.oid);
    sort.descending = options.descending;
    sort.nulls_first = options.nulls_first;
    sort.op = options.op;
    aggregate.order_by.push_back(std::move(sort));
  }
}

void check_distinct(Scope& scope, const AggregateExpr& aggregate) {
  if (!aggregate.is_distinct) return;
  for (const ExprPtr& argument : aggregate.arguments) {
    require_equality(scope, argument->type.oid, location_of(*argument));
    require_ordering(scope, argument->type.oid, location_of(*argument));
  }
  for (const SortItem& item : aggregate.order_by) {
    const bool is_argument =
        std::any_of(aggregate.arguments.begin(), aggregate.arguments.end(),
                    [&](const ExprPtr& argument) { return equal(*argument, *item.expr); });
    if (!is_argument) {
      throw error_at(scope, sqlstate::invalid_column_reference,
                     "in an aggregate with DISTINCT, ORDER BY expressions must appear in argument "
                     "list",
                     location_of(*item.expr));
    }
  }
}

}  // namespace

bool contains_aggregate(const Expr& expr) {
  return contains(expr, ExprKind::aggregate);
}

bool contains_window(const Expr& expr) {
  return contains(expr, ExprKind::window);
}

bool contains_set(const Expr& expr) {
  if (expr.kind == ExprKind::function && static_cast<const FunctionExpr&>(expr).returns_set) {
    return true;
  }
  bool found = false;
  visit_children(expr, [&](const Expr& child) { found = found || contains_set(child); });
  return found;
}

ExprPtr make_aggregate(Scope& scope, const PgQuery__FuncCall& call,
                       std::unique_ptr<AggregateExpr> aggregate) {
  if (call.agg_within_group) {
    split_ordered_set(scope, call, *aggregate);
  } else {
    add_order(scope, call, *aggregate);
    check_distinct(scope, *aggregate);
  }
  aggregate->filter = analyze_where(scope, call.agg_filter, Clause::filter, "FILTER");
  std::vector<const Expr*> parts = pointers(aggregate->arguments);
  for (const SortItem& item : aggregate->order_by) parts.push_back(item.expr.get());
  for (const ExprPtr& direct : aggregate->direct_arguments) parts.push_back(direct.get());
  if (aggregate->filter) parts.push_back(aggregate->filter.get());
  aggregate->levels_up = place_aggregate(scope, parts, "aggregate functions", call.location);
  return aggregate;
}

ExprPtr make_window(Scope& scope, const PgQuery__FuncCall& call,
                    std::unique_ptr<WindowExpr> window) {
  const int location = call.location;
  const auto refuse = [&](std::string_view message) {
    throw error_at(scope, sqlstate::feature_not_supported, std::string(message), location);
  };
  if (call.agg_distinct) refuse("DISTINCT is not implemented for window functions");
  if (call.n_agg_order > 0) {
    refuse("aggregate ORDER BY is not implemented for window functions");
  }
  if (window->proc->kind == 'w' && call.agg_filter != nullptr) {
    refuse("FILTER is not implemented for non-aggregate window functions");
  }
  for (const ExprPtr& argument : window->arguments) {
    if (contains_window(*argument)) {
      throw error_at(scope, sqlstate::windowing_error, "window function calls cannot be nested",
                     location_of(*argument));
    }
    if (contains_set(*argument)) {
      throw error_at(scope, sqlstate::feature_not_supported,
                     "window function calls cannot contain set-returning function calls",
                     location_of(*argument))
          .hint("You might be able to move the set-returning function into a LATERAL FROM item.");
    }
  }
  const std::string_view refused = words_for(refused_windows, scope.clause);
  if (!refused.empty()) {
    throw error_at(scope, sqlstate::windowing_error,
                   fmt::format("window functions are not allowed in {}", refused), location);
  }
  window->filter = analyze_where(scope, call.agg_filter, Clause::filter, "FILTER");
  scope.query->has_windows = true;

  // OVER name; OVER (...) is a definition of its own.
  const PgQuery__WindowDef& over = *call.over;
  const std::string_view name = raw::view(over.name);
  auto& known = scope.window_definitions;
  if (!name.empty()) {
    const auto at = std::find_if(known.begin(), known.end(), [&](const PgQuery__WindowDef* def) {
      return raw::view(def->name) == name;
    });
    if (at == known.end()) {
      throw error_at(scope, sqlstate::undefined_object,
                     fmt::format("window \"{}\" does not exist", name), over.location);
    }
    window->window = static_cast<int>(at - known.begin());
  } else {
    known.push_back(&over);
    window->window = static_cast<int>(known.size()) - 1;
  }
  return window;
}

ExprPtr analyze_grouping(Scope& scope, const PgQuery__GroupingFunc& node) {
  // The arguments become indexes of GROUP BY items when all of those are known.
  auto grouping = std::make_unique<GroupingExpr>();
  grouping->location = node.location;
  ExprList arguments;
  for (const raw::Node* argument : raw::list(node.n_args, node.args)) {
    arguments.push_back(analyze_expr(scope, argument));
  }
  place_aggregate(scope, pointers(arguments), "grouping operations", node.location);
  scope.grouping_calls.push_back({grouping.get(), std::move(arguments)});
  return grouping;
}

}  // namespace dvecdb::server::query
