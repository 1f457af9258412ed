// JOIN: the names on both sides, USING and NATURAL, and the join's own columns.
#include <fmt/format.h>

#include <algorithm>

#include "server/query/analyze_internal.h"

namespace dvecdb::server::query {

namespace {

struct SideColumn {
  std::string name;
  ExprPtr expr;
};

std::vector<SideColumn> columns_of_item(Scope& scope, const FromItem& item) {
  std::vector<SideColumn> columns;
  const std::size_t count =
      scope.query->range_table[static_cast<std::size_t>(item.entry)].columns.size();
  for (std::size_t i = 0; i < count; ++i) {
    const RangeEntry& range = scope.query->range_table[static_cast<std::size_t>(item.entry)];
    if (range.columns[i].name.empty()) continue;
    std::string name = range.columns[i].name;
    columns.push_back(
        {std::move(name), column_of_entry(scope, item.entry, static_cast<int>(i) + 1, 0, -1)});
  }
  return columns;
}

std::vector<std::string> natural_columns(const std::vector<SideColumn>& left,
                                         const std::vector<SideColumn>& right) {
  std::vector<std::string> shared;
  for (const SideColumn& column : left) {
    const bool is_shared = std::any_of(right.begin(), right.end(), [&](const SideColumn& other) {
      return other.name == column.name;
    });
    if (is_shared) shared.push_back(column.name);
  }
  return shared;
}

std::size_t find_side_column(const Scope& scope, const std::vector<SideColumn>& columns,
                             const std::string& name, std::string_view side) {
  std::size_t found = columns.size();
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (columns[i].name != name) continue;
    if (found != columns.size()) {
      throw error_at(
          scope, sqlstate::ambiguous_column,
          fmt::format("common column name \"{}\" appears more than once in {} table", name, side),
          -1);
    }
    found = i;
  }
  if (found == columns.size()) {
    throw error_at(scope, sqlstate::undefined_column,
                   fmt::format("column \"{}\" specified in USING clause does not exist in {} table",
                               name, side),
                   -1);
  }
  return found;
}

JoinKind kind_of(const PgQuery__JoinExpr& join, bool has_condition) {
  switch (join.jointype) {
    case PG_QUERY__JOIN_TYPE__JOIN_LEFT:
      return JoinKind::left;
    case PG_QUERY__JOIN_TYPE__JOIN_RIGHT:
      return JoinKind::right;
    case PG_QUERY__JOIN_TYPE__JOIN_FULL:
      return JoinKind::full;
    default:
      return has_condition ? JoinKind::inner : JoinKind::cross;
  }
}

// The one column that two columns of USING become.
ExprPtr merge_columns(Scope& scope, const Expr& left, const Expr& right, JoinKind join) {
  std::vector<const Expr*> both{&left, &right};
  const Oid common = select_common_type(scope, both, "JOIN/USING");
  ExprPtr l = coerce_to_common(scope, clone(left), common, "JOIN/USING");
  ExprPtr r = coerce_to_common(scope, clone(right), common, "JOIN/USING");
  switch (join) {
    case JoinKind::left:
      return l;
    case JoinKind::right:
      return r;
    case JoinKind::full: {
      auto coalesce = std::make_unique<CoalesceExpr>(TypeRef{common, -1});
      coalesce->arguments.push_back(std::move(l));
      coalesce->arguments.push_back(std::move(r));
      coalesce->type.typmod = common_typmod(pointers(coalesce->arguments), common);
      return coalesce;
    }
    default:
      if (l->kind == ExprKind::column) return l;
      return r->kind == ExprKind::column ? std::move(r) : std::move(l);
  }
}

struct Joined {
  RangeEntry entry;
  ExprPtr condition;
};

void add_column(RangeEntry& entry, std::string name, ExprPtr expr) {
  entry.columns.push_back({std::move(name), expr->type});
  entry.join_columns.push_back(std::move(expr));
}

// Merged columns first, then what is left of both sides.
Joined join_using(Scope& scope, const std::vector<std::string>& names, std::vector<SideColumn> left,
                  std::vector<SideColumn> right, JoinKind kind) {
  Joined joined;
  joined.entry.kind = RangeKind::join;
  ExprList conditions;
  std::vector<bool> left_merged(left.size(), false);
  std::vector<bool> right_merged(right.size(), false);
  for (const std::string& name : names) {
    const std::size_t l = find_side_column(scope, left, name, "left");
    const std::size_t r = find_side_column(scope, right, name, "right");
    left_merged[l] = true;
    right_merged[r] = true;
    conditions.push_back(
        make_operation(scope, "=", clone(*left[l].expr), clone(*right[r].expr), -1));
    add_column(joined.entry, name, merge_columns(scope, *left[l].expr, *right[r].expr, kind));
  }
  for (std::size_t i = 0; i < left.size(); ++i) {
    if (!left_merged[i]) add_column(joined.entry, left[i].name, std::move(left[i].expr));
  }
  for (std::size_t i = 0; i < right.size(); ++i) {
    if (!right_merged[i]) add_column(joined.entry, right[i].name, std::move(right[i].expr));
  }
  if (conditions.size() == 1) {
    joined.condition = std::move(conditions[0]);
  } else if (!conditions.empty()) {
    joined.condition = make_boolean(BooleanOperator::and_, std::move(conditions), -1);
  }
  return joined;
}

// The right side may refer to the left one by LATERAL.
FromPtr analyze_right(Scope& scope, const PgQuery__JoinExpr& join,
                      const std::vector<NamespaceItem>& left_names,
                      std::vector<NamespaceItem>& right_names) {
  const bool lateral_ok = join.jointype == PG_QUERY__JOIN_TYPE__JOIN_INNER ||
                          join.jointype == PG_QUERY__JOIN_TYPE__JOIN_LEFT;
  const std::size_t before = scope.names.size();
  for (NamespaceItem item : left_names) {
    item.lateral_only = true;
    item.lateral_ok = lateral_ok;
    scope.names.push_back(item);
  }
  FromPtr right = analyze_from_item(scope, join.rarg, right_names);
  scope.names.resize(before);
  return right;
}

ExprPtr analyze_on(Scope& scope, const raw::Node* condition,
                   const std::vector<NamespaceItem>& names) {
  std::vector<NamespaceItem> saved = std::move(scope.names);
  scope.names = names;
  for (NamespaceItem& item : scope.names) item.lateral_only = false;
  ExprPtr result = analyze_where(scope, condition, Clause::join_on, "JOIN/ON");
  scope.names = std::move(saved);
  return result;
}

}  // namespace

FromPtr analyze_join(Scope& scope, const PgQuery__JoinExpr& join,
                     std::vector<NamespaceItem>& names) {
  auto item = std::make_unique<FromItem>();
  item->is_join = true;
  std::vector<NamespaceItem> left_names;
  std::vector<NamespaceItem> right_names;
  item->left = analyze_from_item(scope, join.larg, left_names);
  item->right = analyze_right(scope, join, left_names, right_names);
  check_alias_conflicts(scope, left_names, right_names);
  if (join.join_using_alias != nullptr) {
    throw not_supported(scope, "an alias for JOIN USING", -1);
  }

  std::vector<NamespaceItem> both = left_names;
  both.insert(both.end(), right_names.begin(), right_names.end());
  std::vector<SideColumn> left = columns_of_item(scope, *item->left);
  std::vector<SideColumn> right = columns_of_item(scope, *item->right);
  std::vector<std::string> shared =
      join.is_natural ? natural_columns(left, right)
                      : raw::strings_of(raw::list(join.n_using_clause, join.using_clause));
  item->join = kind_of(join, !shared.empty() || join.quals != nullptr);
  Joined joined = join_using(scope, shared, std::move(left), std::move(right), item->join);
  item->condition = std::move(joined.condition);
  if (join.quals != nullptr) item->condition = analyze_on(scope, join.quals, both);
  if (item->condition == nullptr && item->join != JoinKind::cross) {
    item->condition = make_constant({oids::boolean, -1}, Value::boolean(true));
  }

  apply_alias(scope, joined.entry, join.alias);
  const bool has_alias = join.alias != nullptr;
  item->entry = add_entry(scope, std::move(joined.entry));
  if (!has_alias) {
    // The sides stay reachable by name, their columns through the join alone.
    for (NamespaceItem side : both) {
      side.columns_visible = false;
      names.push_back(side);
    }
  }
  names.push_back({item->entry, has_alias});
  return item;
}

}  // namespace dvecdb::server::query
