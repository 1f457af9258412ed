// ORDER BY, GROUP BY and DISTINCT: each item becomes an index into the select list.
#include <fmt/format.h>

#include <algorithm>

#include "server/query/analyze_internal.h"

namespace dvecdb::server::query {

namespace {

std::string_view clause_name(Clause clause) {
  switch (clause) {
    case Clause::group_by:
      return "GROUP BY";
    case Clause::distinct_on:
      return "DISTINCT ON";
    case Clause::window_partition:
      return "PARTITION BY";
    default:
      return "ORDER BY";
  }
}

// A bare name that one output column has; -1: none.
int find_by_name(Scope& scope, std::string_view name, Clause clause, int location) {
  const auto& targets = scope.query->targets;
  int found = -1;
  for (std::size_t i = 0; i < targets.size(); ++i) {
    if (targets[i].is_junk || targets[i].name != name) continue;
    if (found >= 0 && !equal(*targets[static_cast<std::size_t>(found)].expr, *targets[i].expr)) {
      throw error_at(scope, sqlstate::ambiguous_column,
                     fmt::format("{} \"{}\" is ambiguous", clause_name(clause), name), location);
    }
    if (found < 0) found = static_cast<int>(i);
  }
  return found;
}

int find_by_position(Scope& scope, const PgQuery__AConst& constant, Clause clause) {
  if (constant.val_case != PG_QUERY__A__CONST__VAL_IVAL) {
    throw error_at(scope, sqlstate::syntax_error,
                   fmt::format("non-integer constant in {}", clause_name(clause)),
                   constant.location);
  }
  const auto& targets = scope.query->targets;
  int position = 0;
  for (std::size_t i = 0; i < targets.size(); ++i) {
    if (!targets[i].is_junk && ++position == constant.ival->ival) return static_cast<int>(i);
  }
  throw error_at(
      scope, sqlstate::invalid_column_reference,
      fmt::format("{} position {} is not in select list", clause_name(clause), constant.ival->ival),
      constant.location);
}

// By the expression, as SQL99 has it; a new one joins the list as junk.
int find_by_expression(Scope& scope, const raw::Node* node, Clause clause) {
  scope.set_calls = 0;
  ExprPtr expr = analyze_expr(scope, node, clause);
  auto& targets = scope.query->targets;
  for (std::size_t i = 0; i < targets.size(); ++i) {
    if (equal(*targets[i].expr, *expr)) return static_cast<int>(i);
  }
  TargetEntry target;
  target.expr = std::move(expr);
  target.is_junk = true;
  targets.push_back(std::move(target));
  return static_cast<int>(targets.size()) - 1;
}

Oid settle_target(Scope& scope, int target) {
  TargetEntry& entry = scope.query->targets[static_cast<std::size_t>(target)];
  if (entry.expr->type.oid == oids::unknown) {
    entry.expr = coerce_implicitly(scope, std::move(entry.expr), oids::text);
  }
  return entry.expr->type.oid;
}

}  // namespace

int find_target(Scope& scope, const raw::Node* node, Clause clause, bool standard) {
  if (!standard && raw::is(node, PG_QUERY__NODE__NODE_COLUMN_REF) &&
      node->column_ref->n_fields == 1) {
    const PgQuery__ColumnRef& ref = *node->column_ref;
    const std::string_view name = raw::string_of(ref.fields[0]);
    // GROUP BY prefers the columns of FROM, ORDER BY those of the select list.
    const bool is_input = clause == Clause::group_by && !name.empty() &&
                          find_column(scope, name, ref.location) != nullptr;
    if (!name.empty() && !is_input) {
      const int found = find_by_name(scope, name, clause, ref.location);
      if (found >= 0) return found;
    }
  }
  if (!standard && raw::is(node, PG_QUERY__NODE__NODE_A_CONST) && !node->a_const->isnull) {
    return find_by_position(scope, *node->a_const, clause);
  }
  return find_by_expression(scope, node, clause);
}

SortClause sort_options(Scope& scope, const PgQuery__SortBy& item, Oid type) {
  SortClause sort;
  // USING has a place of its own.
  const int location = item.location >= 0 ? item.location : raw::location_of(item.node);
  sort.descending = item.sortby_dir == PG_QUERY__SORT_BY_DIR__SORTBY_DESC;
  if (item.sortby_dir == PG_QUERY__SORT_BY_DIR__SORTBY_USING) {
    const auto name = raw::list(item.n_use_op, item.use_op);
    const OperatorDesc* op = find_binary_operator(scope, name, type, type, false, location);
    if (op->name != "<" && op->name != ">") {
      throw error_at(scope, sqlstate::wrong_object_type,
                     fmt::format("operator {} is not a valid ordering operator", op->name),
                     location)
          .hint("Ordering operators must be \"<\" or \">\" members of btree operator families.");
    }
    sort.op = op;
    sort.descending = op->name == ">";
  } else {
    require_ordering(scope, type, location);
  }
  switch (item.sortby_nulls) {
    case PG_QUERY__SORT_BY_NULLS__SORTBY_NULLS_FIRST:
      sort.nulls_first = true;
      break;
    case PG_QUERY__SORT_BY_NULLS__SORTBY_NULLS_LAST:
      sort.nulls_first = false;
      break;
    default:
      sort.nulls_first = sort.descending;
      break;
  }
  return sort;
}

std::vector<SortClause> analyze_order_by(Scope& scope, raw::NodeList items) {
  std::vector<SortClause> sorts;
  for (const raw::Node* node : items) {
    const PgQuery__SortBy& item = *node->sort_by;
    const int target = find_target(scope, item.node, Clause::order_by, false);
    const Oid type = settle_target(scope, target);
    SortClause sort = sort_options(scope, item, type);
    sort.target = target;
    const bool is_known = std::any_of(sorts.begin(), sorts.end(), [&](const SortClause& other) {
      return other.target == target;
    });
    if (!is_known) sorts.push_back(sort);
  }
  return sorts;
}

// ---------------------------------------------------------------- GROUP BY

namespace {

int group_target(Scope& scope, const raw::Node* node) {
  const int target = find_target(scope, node, Clause::group_by, false);
  const Oid type = settle_target(scope, target);
  require_equality(scope, type, raw::location_of(node));
  auto& groups = scope.query->group_by;
  const auto at = std::find(groups.begin(), groups.end(), target);
  if (at != groups.end()) return static_cast<int>(at - groups.begin());
  groups.push_back(target);
  return static_cast<int>(groups.size()) - 1;
}

void add_group_items(Scope& scope, const raw::Node* node, std::vector<int>& out) {
  // GROUP BY (a, b) is GROUP BY a, b; ROW(a, b) is one value
  if (raw::is(node, PG_QUERY__NODE__NODE_ROW_EXPR) &&
      node->row_expr->row_format == PG_QUERY__COERCION_FORM__COERCE_IMPLICIT_CAST) {
    for (const raw::Node* field : raw::list(node->row_expr->n_args, node->row_expr->args)) {
      add_group_items(scope, field, out);
    }
    return;
  }
  out.push_back(group_target(scope, node));
}

GroupingSet analyze_grouping_set(Scope& scope, const raw::Node* node) {
  const DepthGuard depth(scope.statement);
  GroupingSet set;
  if (!raw::is(node, PG_QUERY__NODE__NODE_GROUPING_SET)) {
    add_group_items(scope, node, set.targets);
    return set;
  }
  const PgQuery__GroupingSet& raw_set = *node->grouping_set;
  switch (raw_set.kind) {
    case PG_QUERY__GROUPING_SET_KIND__GROUPING_SET_ROLLUP:
      set.kind = GroupingSetKind::rollup;
      break;
    case PG_QUERY__GROUPING_SET_KIND__GROUPING_SET_CUBE:
      set.kind = GroupingSetKind::cube;
      break;
    case PG_QUERY__GROUPING_SET_KIND__GROUPING_SET_SETS:
      set.kind = GroupingSetKind::sets;
      break;
    default:
      set.kind = GroupingSetKind::empty;
      return set;
  }
  constexpr std::size_t max_cube = 12;
  if (set.kind == GroupingSetKind::cube && raw_set.n_content > max_cube) {
    throw error_at(scope, sqlstate::too_many_columns, "CUBE is limited to 12 elements",
                   raw_set.location);
  }
  for (const raw::Node* child : raw::list(raw_set.n_content, raw_set.content)) {
    set.children.push_back(analyze_grouping_set(scope, child));
  }
  return set;
}

}  // namespace

void analyze_group_by(Scope& scope, raw::NodeList items) {
  const bool has_sets = std::any_of(items.begin(), items.end(), [](const raw::Node* node) {
    return raw::is(node, PG_QUERY__NODE__NODE_GROUPING_SET);
  });
  for (const raw::Node* node : items) {
    GroupingSet set = analyze_grouping_set(scope, node);
    if (has_sets) scope.query->grouping_sets.push_back(std::move(set));
  }
}

// ---------------------------------------------------------------- DISTINCT

namespace {

void distinct_all(Scope& scope) {
  Query& query = *scope.query;
  query.is_distinct = true;
  for (const SortClause& sort : query.order_by) {
    const TargetEntry& target = query.targets[static_cast<std::size_t>(sort.target)];
    if (target.is_junk) {
      throw error_at(scope, sqlstate::invalid_column_reference,
                     "for SELECT DISTINCT, ORDER BY expressions must appear in select list",
                     location_of(*target.expr));
    }
  }
  if (query.targets.empty()) {
    throw error_at(scope, sqlstate::syntax_error, "SELECT DISTINCT must have at least one column",
                   -1);
  }
  for (std::size_t i = 0; i < query.targets.size(); ++i) {
    if (query.targets[i].is_junk) continue;
    const Oid type = settle_target(scope, static_cast<int>(i));
    require_equality(scope, type, location_of(*query.targets[i].expr));
  }
}

void distinct_on(Scope& scope, raw::NodeList items) {
  Query& query = *scope.query;
  std::vector<int> locations;
  for (const raw::Node* node : items) {
    const int target = find_target(scope, node, Clause::distinct_on, false);
    const Oid type = settle_target(scope, target);
    require_equality(scope, type, raw::location_of(node));
    if (std::find(query.distinct_on.begin(), query.distinct_on.end(), target) ==
        query.distinct_on.end()) {
      query.distinct_on.push_back(target);
      locations.push_back(raw::location_of(node));
    }
  }
  // What leads ORDER BY must be what is made distinct.
  bool skipped = false;
  for (const SortClause& sort : query.order_by) {
    const auto at = std::find(query.distinct_on.begin(), query.distinct_on.end(), sort.target);
    const bool is_distinct = at != query.distinct_on.end();
    if (is_distinct && skipped) {
      throw error_at(scope, sqlstate::invalid_column_reference,
                     "SELECT DISTINCT ON expressions must match initial ORDER BY expressions",
                     locations[static_cast<std::size_t>(at - query.distinct_on.begin())]);
    }
    skipped = skipped || !is_distinct;
  }
  const auto sorted = [&](int target) {
    return std::any_of(query.order_by.begin(), query.order_by.end(),
                       [&](const SortClause& sort) { return sort.target == target; });
  };
  for (std::size_t i = 0; i < query.distinct_on.size(); ++i) {
    if (!skipped || sorted(query.distinct_on[i])) continue;
    throw error_at(scope, sqlstate::invalid_column_reference,
                   "SELECT DISTINCT ON expressions must match initial ORDER BY expressions",
                   locations[i]);
  }
}

}  // namespace

void analyze_distinct(Scope& scope, raw::NodeList items) {
  if (items.empty()) return;
  // Plain DISTINCT is a list of one empty node.
  const bool is_plain = items.size() == 1 && (items[0] == nullptr ||
                                              items[0]->node_case == PG_QUERY__NODE__NODE__NOT_SET);
  if (is_plain) {
    distinct_all(scope);
  } else {
    distinct_on(scope, items);
  }
}

}  // namespace dvecdb::server::query
