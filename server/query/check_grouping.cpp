// In a grouped query, columns outside aggregates must be grouped or depend on what is.
#include <fmt/format.h>

#include <algorithm>

#include "server/query/analyze_internal.h"

namespace dvecdb::server::query {

namespace {

class GroupingCheck {
 public:
  explicit GroupingCheck(Scope& scope) : scope_(scope) {
    for (const int target : scope.query->group_by) {
      groups_.push_back(scope.query->targets[static_cast<std::size_t>(target)].expr.get());
    }
  }

  void check(const Expr& expr) { visit(expr, 0); }

 private:
  void visit(const Expr& expr, int depth) {
    if (expr.kind == ExprKind::aggregate) {
      const auto& aggregate = static_cast<const AggregateExpr&>(expr);
      // Arguments of an aggregate of this query need no grouping; its direct ones do.
      if (aggregate.levels_up >= depth) {
        for (const ExprPtr& direct : aggregate.direct_arguments) visit(*direct, depth);
        return;
      }
    }
    if (expr.kind == ExprKind::constant || expr.kind == ExprKind::param ||
        expr.kind == ExprKind::grouping) {
      return;
    }
    if (depth == 0 && is_grouped(expr)) return;
    if (expr.kind == ExprKind::column) {
      check_column(static_cast<const ColumnExpr&>(expr), depth);
      return;
    }
    visit_children(expr, [&](const Expr& child) { visit(child, depth); });
    if (expr.kind == ExprKind::sublink) {
      visit_inner(*static_cast<const SublinkExpr&>(expr).query, depth + 1);
    }
  }

  void visit_inner(Query& query, int depth) {
    visit_query(
        query, [&](ExprPtr& expr) { visit(*expr, depth); },
        [&](Query& inner) { visit_inner(inner, depth + 1); });
  }

  bool is_grouped(const Expr& expr) const {
    return std::any_of(groups_.begin(), groups_.end(),
                       [&](const Expr* group) { return equal(*group, expr); });
  }

  bool is_grouped_column(int entry, int column) const {
    return std::any_of(groups_.begin(), groups_.end(), [&](const Expr* group) {
      if (group->kind != ExprKind::column) return false;
      const auto& grouped = static_cast<const ColumnExpr&>(*group);
      return grouped.entry == entry && grouped.column == column && grouped.levels_up == 0;
    });
  }

  // All columns of the table's primary key are grouped.
  bool has_grouped_key(int entry) const {
    const RangeEntry& range = scope_.query->range_table[static_cast<std::size_t>(entry)];
    if (range.kind != RangeKind::relation) return false;
    for (const IndexDesc* index : range.relation->indexes) {
      if (!index->is_primary) continue;
      return std::all_of(index->keys.begin(), index->keys.end(), [&](const IndexDesc::Key& key) {
        return is_grouped_column(entry, key.column);
      });
    }
    return false;
  }

  void check_column(const ColumnExpr& column, int depth) {
    if (column.levels_up != depth) return;
    if (is_grouped_column(column.entry, column.column) || has_grouped_key(column.entry)) return;
    const RangeEntry& range = scope_.query->range_table[static_cast<std::size_t>(column.entry)];
    std::string name = "*";
    if (column.column > 0) {
      name = range.columns[static_cast<std::size_t>(column.column - 1)].name;
    } else if (column.column < 0) {
      name = "ctid";
    }
    const std::string full = range.alias.empty() ? name : range.alias + "." + name;
    if (depth == 0) {
      throw error_at(scope_, sqlstate::grouping_error,
                     fmt::format("column \"{}\" must appear in the GROUP BY clause or be used in "
                                 "an aggregate function",
                                 full),
                     column.location);
    }
    throw error_at(scope_, sqlstate::grouping_error,
                   fmt::format("subquery uses ungrouped column \"{}\" from outer query", full),
                   column.location);
  }

  Scope& scope_;
  std::vector<const Expr*> groups_;
};

// GROUPING(...) refers to GROUP BY items.
void match_grouping_calls(Scope& scope) {
  const Query& query = *scope.query;
  for (auto& [call, arguments] : scope.grouping_calls) {
    for (const ExprPtr& argument : arguments) {
      const auto at = std::find_if(query.group_by.begin(), query.group_by.end(), [&](int target) {
        return equal(*query.targets[static_cast<std::size_t>(target)].expr, *argument);
      });
      if (at == query.group_by.end()) {
        throw error_at(scope, sqlstate::grouping_error,
                       "arguments to GROUPING must be grouping expressions of the associated "
                       "query level",
                       location_of(*argument));
      }
      call->groups.push_back(static_cast<int>(at - query.group_by.begin()));
    }
  }
}

int aggregate_location(const Expr& expr) {
  if (expr.kind == ExprKind::aggregate) return expr.location;
  int found = -1;
  visit_children(expr, [&](const Expr& child) {
    if (found < 0) found = aggregate_location(child);
  });
  return found;
}

int aggregate_location(const Query& query) {
  for (const TargetEntry& target : query.targets) {
    const int found = aggregate_location(*target.expr);
    if (found >= 0) return found;
  }
  return query.having ? aggregate_location(*query.having) : -1;
}

bool in_recursive_term(const Scope& scope) {
  return std::any_of(scope.query->range_table.begin(), scope.query->range_table.end(),
                     [&](const RangeEntry& entry) {
                       if (entry.kind != RangeKind::cte) return false;
                       const Cte& cte = query_up(const_cast<Scope&>(scope), entry.cte_levels_up)
                                            .ctes[static_cast<std::size_t>(entry.cte_index)];
                       return cte.is_recursive && cte.query == nullptr;
                     });
}

}  // namespace

void check_grouping(Scope& scope) {
  Query& query = *scope.query;
  match_grouping_calls(scope);
  const bool is_grouped = query.has_aggregates || !query.group_by.empty() ||
                          !query.grouping_sets.empty() || query.having != nullptr;
  if (!is_grouped) return;
  if (query.has_aggregates && in_recursive_term(scope)) {
    throw error_at(scope, sqlstate::invalid_recursion,
                   "aggregate functions are not allowed in a recursive query's recursive term",
                   aggregate_location(query));
  }
  for (const int target : query.group_by) {
    const Expr& expr = *query.targets[static_cast<std::size_t>(target)].expr;
    if (contains_aggregate(expr)) {
      throw error_at(scope, sqlstate::grouping_error,
                     "aggregate functions are not allowed in GROUP BY", location_of(expr));
    }
    if (contains_window(expr)) {
      throw error_at(scope, sqlstate::windowing_error,
                     "window functions are not allowed in GROUP BY", location_of(expr));
    }
  }
  GroupingCheck check(scope);
  for (const TargetEntry& target : query.targets) check.check(*target.expr);
  if (query.having) check.check(*query.having);
  for (const WindowDefinition& window : query.windows) {
    for (const ExprPtr& expr : window.partition_by) check.check(*expr);
    for (const SortItem& item : window.order_by) check.check(*item.expr);
  }
}

}  // namespace dvecdb::server::query
