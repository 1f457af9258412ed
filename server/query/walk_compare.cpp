#include <algorithm>
#include <vector>

#include "server/query/walk.h"

namespace dvecdb::server::query {

namespace {

template <typename Target>
const Target& as(const Expr& expr) {
  return static_cast<const Target&>(expr);
}

bool same_value(const Value& a, const Value& b) {
  if (a.kind() != b.kind()) return false;
  switch (a.kind()) {
    case Value::Kind::null:
      return true;
    case Value::Kind::integer:
      return a.as_integer() == b.as_integer();
    case Value::Kind::real:
      return a.as_real() == b.as_real();
    case Value::Kind::text:
    case Value::Kind::blob:
      return a.as_bytes() == b.as_bytes();
  }
  return false;
}

bool same_column(const ColumnExpr& a, const ColumnExpr& b) {
  return a.entry == b.entry && a.column == b.column && a.levels_up == b.levels_up;
}

bool same_shape(const SubscriptExpr& a, const SubscriptExpr& b) {
  return !a.assigned == !b.assigned &&
         std::equal(a.indexes.begin(), a.indexes.end(), b.indexes.begin(), b.indexes.end(),
                    [](const auto& x, const auto& y) {
                      return x.is_slice == y.is_slice && !x.lower == !y.lower &&
                             !x.upper == !y.upper;
                    });
}

bool same_aggregate(const AggregateExpr& a, const AggregateExpr& b) {
  return a.proc == b.proc && a.is_star == b.is_star && a.is_distinct == b.is_distinct &&
         a.levels_up == b.levels_up && a.arguments.size() == b.arguments.size() &&
         std::equal(a.order_by.begin(), a.order_by.end(), b.order_by.begin(), b.order_by.end(),
                    [](const SortItem& x, const SortItem& y) {
                      return x.descending == y.descending && x.nulls_first == y.nulls_first &&
                             x.op == y.op;
                    });
}

// What two nodes of the same kind hold beside their children.
bool same_node(const Expr& a, const Expr& b) {
  switch (a.kind) {
    case ExprKind::constant:
      return same_value(as<ConstantExpr>(a).value, as<ConstantExpr>(b).value);
    case ExprKind::param:
      return as<ParamExpr>(a).number == as<ParamExpr>(b).number;
    case ExprKind::column:
      return same_column(as<ColumnExpr>(a), as<ColumnExpr>(b));
    case ExprKind::function:
      return as<FunctionExpr>(a).proc == as<FunctionExpr>(b).proc;
    case ExprKind::operation:
      return as<OperationExpr>(a).op == as<OperationExpr>(b).op;
    case ExprKind::distinct_from:
      return as<DistinctFromExpr>(a).op == as<DistinctFromExpr>(b).op &&
             as<DistinctFromExpr>(a).negated == as<DistinctFromExpr>(b).negated;
    case ExprKind::null_if:
      return as<NullIfExpr>(a).op == as<NullIfExpr>(b).op;
    case ExprKind::scalar_array_op:
      return as<ScalarArrayExpr>(a).op == as<ScalarArrayExpr>(b).op &&
             as<ScalarArrayExpr>(a).is_any == as<ScalarArrayExpr>(b).is_any;
    case ExprKind::boolean_op:
      return as<BooleanExpr>(a).op == as<BooleanExpr>(b).op;
    case ExprKind::case_when:
      return !as<CaseExpr>(a).subject == !as<CaseExpr>(b).subject;
    case ExprKind::min_max:
      return as<MinMaxExpr>(a).is_greatest == as<MinMaxExpr>(b).is_greatest;
    case ExprKind::null_test:
      return as<NullTestExpr>(a).is_not_null == as<NullTestExpr>(b).is_not_null;
    case ExprKind::boolean_test:
      return as<BooleanTestExpr>(a).test == as<BooleanTestExpr>(b).test;
    case ExprKind::coercion:
      return as<CoercionExpr>(a).method == as<CoercionExpr>(b).method;
    case ExprKind::array:
      return as<ArrayExpr>(a).element_type == as<ArrayExpr>(b).element_type;
    case ExprKind::row_compare:
      return as<RowCompareExpr>(a).operators == as<RowCompareExpr>(b).operators;
    case ExprKind::field:
      return as<FieldExpr>(a).field == as<FieldExpr>(b).field;
    case ExprKind::subscript:
      return same_shape(as<SubscriptExpr>(a), as<SubscriptExpr>(b));
    case ExprKind::aggregate:
      return same_aggregate(as<AggregateExpr>(a), as<AggregateExpr>(b));
    case ExprKind::window:
      return as<WindowExpr>(a).proc == as<WindowExpr>(b).proc &&
             as<WindowExpr>(a).window == as<WindowExpr>(b).window &&
             !as<WindowExpr>(a).filter == !as<WindowExpr>(b).filter;
    case ExprKind::grouping:
      return as<GroupingExpr>(a).groups == as<GroupingExpr>(b).groups;
    case ExprKind::sql_value:
      return as<SqlValueExpr>(a).value == as<SqlValueExpr>(b).value;
    case ExprKind::next_value:
      return as<NextValueExpr>(a).sequence == as<NextValueExpr>(b).sequence;
    case ExprKind::coalesce:
    case ExprKind::row:
    case ExprKind::case_placeholder:
    case ExprKind::set_default:
      return true;
    case ExprKind::sublink:
      return false;
  }
  return false;
}

std::vector<const Expr*> children_of(const Expr& expr) {
  std::vector<const Expr*> children;
  visit_children(expr, [&](const Expr& child) { children.push_back(&child); });
  return children;
}

// How a sublink's query compares with another: all expressions in the same places.
bool same_query(const Query& a, const Query& b) {
  std::vector<const Expr*> left;
  std::vector<const Expr*> right;
  std::vector<const Query*> left_inner;
  std::vector<const Query*> right_inner;
  const auto collect = [](const Query& query, auto& exprs, auto& inner) {
    visit_query(
        const_cast<Query&>(query), [&](ExprPtr& e) { exprs.push_back(e.get()); },
        [&](Query& q) { inner.push_back(&q); });
  };
  collect(a, left, left_inner);
  collect(b, right, right_inner);
  if (a.range_table.size() != b.range_table.size() || a.from.size() != b.from.size() ||
      a.is_distinct != b.is_distinct || a.group_by != b.group_by ||
      !a.set_operation != !b.set_operation || !a.where != !b.where || !a.limit != !b.limit) {
    return false;
  }
  for (std::size_t i = 0; i < a.range_table.size(); ++i) {
    const RangeEntry& x = a.range_table[i];
    const RangeEntry& y = b.range_table[i];
    if (x.kind != y.kind || x.relation != y.relation || x.cte_index != y.cte_index) return false;
  }
  const auto same_expr = [](const Expr* x, const Expr* y) { return equal(*x, *y); };
  const auto same_inner = [](const Query* x, const Query* y) { return same_query(*x, *y); };
  return std::equal(left.begin(), left.end(), right.begin(), right.end(), same_expr) &&
         std::equal(left_inner.begin(), left_inner.end(), right_inner.begin(), right_inner.end(),
                    same_inner);
}

bool same_sublink(const SublinkExpr& a, const SublinkExpr& b) {
  return a.sublink == b.sublink && a.operators == b.operators && same_query(*a.query, *b.query);
}

}  // namespace

bool equal(const Expr& a, const Expr& b) {
  if (&a == &b) return true;
  if (a.kind != b.kind || a.type != b.type || a.collation != b.collation) return false;
  const bool same = a.kind == ExprKind::sublink
                        ? same_sublink(as<SublinkExpr>(a), as<SublinkExpr>(b))
                        : same_node(a, b);
  if (!same) return false;
  const auto left = children_of(a);
  const auto right = children_of(b);
  return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                    [](const Expr* x, const Expr* y) { return equal(*x, *y); });
}

}  // namespace dvecdb::server::query
