#include "server/query/walk.h"

#include <algorithm>

namespace dvecdb::server::query {

namespace {

template <typename Target>
Target& as(Expr& expr) {
  return static_cast<Target&>(expr);
}

class Children {
 public:
  explicit Children(const ExprVisitor& visit) : visit_(visit) {}

  void operator()(ExprPtr& child) const {
    if (child) visit_(child);
  }
  void operator()(ExprList& children) const {
    for (ExprPtr& child : children) (*this)(child);
  }
  void operator()(std::vector<SortItem>& items) const {
    for (SortItem& item : items) (*this)(item.expr);
  }

 private:
  const ExprVisitor& visit_;
};

void visit_case(CaseExpr& expr, const Children& each) {
  each(expr.subject);
  for (auto& [condition, result] : expr.branches) {
    each(condition);
    each(result);
  }
  each(expr.otherwise);
}

void visit_subscript(SubscriptExpr& expr, const Children& each) {
  each(expr.container);
  for (SubscriptExpr::Index& index : expr.indexes) {
    each(index.lower);
    each(index.upper);
  }
  each(expr.assigned);
}

void visit_aggregate(AggregateExpr& expr, const Children& each) {
  each(expr.direct_arguments);
  each(expr.arguments);
  each(expr.order_by);
  each(expr.filter);
}

}  // namespace

void visit_children(Expr& expr, const ExprVisitor& visit) {
  const Children each(visit);
  switch (expr.kind) {
    case ExprKind::function:
      return each(as<FunctionExpr>(expr).arguments);
    case ExprKind::operation:
      return each(as<OperationExpr>(expr).arguments);
    case ExprKind::distinct_from:
      each(as<DistinctFromExpr>(expr).left);
      return each(as<DistinctFromExpr>(expr).right);
    case ExprKind::null_if:
      each(as<NullIfExpr>(expr).left);
      return each(as<NullIfExpr>(expr).right);
    case ExprKind::scalar_array_op:
      each(as<ScalarArrayExpr>(expr).left);
      return each(as<ScalarArrayExpr>(expr).array);
    case ExprKind::boolean_op:
      return each(as<BooleanExpr>(expr).arguments);
    case ExprKind::case_when:
      return visit_case(as<CaseExpr>(expr), each);
    case ExprKind::coalesce:
      return each(as<CoalesceExpr>(expr).arguments);
    case ExprKind::min_max:
      return each(as<MinMaxExpr>(expr).arguments);
    case ExprKind::null_test:
      return each(as<NullTestExpr>(expr).argument);
    case ExprKind::boolean_test:
      return each(as<BooleanTestExpr>(expr).argument);
    case ExprKind::coercion:
      each(as<CoercionExpr>(expr).argument);
      return each(as<CoercionExpr>(expr).element_coercion);
    case ExprKind::array:
      return each(as<ArrayExpr>(expr).elements);
    case ExprKind::row:
      return each(as<RowExpr>(expr).fields);
    case ExprKind::row_compare:
      each(as<RowCompareExpr>(expr).left);
      return each(as<RowCompareExpr>(expr).right);
    case ExprKind::field:
      return each(as<FieldExpr>(expr).argument);
    case ExprKind::subscript:
      return visit_subscript(as<SubscriptExpr>(expr), each);
    case ExprKind::aggregate:
      return visit_aggregate(as<AggregateExpr>(expr), each);
    case ExprKind::window:
      each(as<WindowExpr>(expr).arguments);
      return each(as<WindowExpr>(expr).filter);
    case ExprKind::sublink:
      each(as<SublinkExpr>(expr).left);
      return each(as<SublinkExpr>(expr).right_coercions);
    case ExprKind::constant:
    case ExprKind::param:
    case ExprKind::column:
    case ExprKind::case_placeholder:
    case ExprKind::grouping:
    case ExprKind::sql_value:
    case ExprKind::set_default:
    case ExprKind::next_value:
      return;
  }
}

void visit_children(const Expr& expr, const std::function<void(const Expr&)>& visit) {
  // The visitor gets each child const, so nothing is changed.
  visit_children(const_cast<Expr&>(expr), [&](ExprPtr& child) { visit(*child); });
}

namespace {

void visit_from(FromItem& item, const Children& each) {
  if (!item.is_join) return;
  visit_from(*item.left, each);
  visit_from(*item.right, each);
  each(item.condition);
}

void visit_entry(RangeEntry& entry, const Children& each,
                 const std::function<void(Query&)>& visit_inner) {
  if (entry.subquery) visit_inner(*entry.subquery);
  for (RangeFunction& function : entry.functions) each(function.call);
  for (ExprList& row : entry.values) each(row);
  each(entry.join_columns);
}

}  // namespace

void visit_query(Query& query, const ExprVisitor& visit,
                 const std::function<void(Query&)>& visit_inner) {
  const Children each(visit);
  for (Cte& cte : query.ctes) {
    if (cte.query) visit_inner(*cte.query);
  }
  for (RangeEntry& entry : query.range_table) visit_entry(entry, each, visit_inner);
  for (FromPtr& item : query.from) visit_from(*item, each);
  each(query.where);
  for (TargetEntry& target : query.targets) each(target.expr);
  each(query.having);
  for (WindowDefinition& window : query.windows) {
    each(window.partition_by);
    each(window.order_by);
    each(window.start_offset);
    each(window.end_offset);
  }
  each(query.limit);
  each(query.offset);
  for (TargetEntry& target : query.returning) each(target.expr);
  for (TargetEntry& target : query.conflict.set) each(target.expr);
  each(query.conflict.where);
}

void shift_levels(Expr& expr, int levels, int inside) {
  if (expr.kind == ExprKind::column) {
    auto& column = as<ColumnExpr>(expr);
    if (column.levels_up >= inside) column.levels_up += levels;
    return;
  }
  if (expr.kind == ExprKind::aggregate) {
    auto& aggregate = as<AggregateExpr>(expr);
    if (aggregate.levels_up >= inside) aggregate.levels_up += levels;
  }
  const ExprVisitor shift = [&](ExprPtr& child) { shift_levels(*child, levels, inside); };
  visit_children(expr, shift);
  if (expr.kind != ExprKind::sublink) return;

  const std::function<void(Query&, int)> shift_query = [&](Query& query, int depth) {
    for (RangeEntry& entry : query.range_table) {
      if (entry.kind == RangeKind::cte && entry.cte_levels_up >= depth) {
        entry.cte_levels_up += levels;
      }
    }
    visit_query(
        query, [&](ExprPtr& child) { shift_levels(*child, levels, depth); },
        [&](Query& inner) { shift_query(inner, depth + 1); });
  };
  shift_query(*as<SublinkExpr>(expr).query, inside + 1);
}

namespace {

int leftmost(int a, int b) {
  if (a < 0) return b;
  return b < 0 ? a : std::min(a, b);
}

// Kinds whose text may begin with an operand.
bool begins_with_operand(ExprKind kind) {
  switch (kind) {
    case ExprKind::function:
    case ExprKind::operation:
    case ExprKind::distinct_from:
    case ExprKind::null_if:
    case ExprKind::scalar_array_op:
    case ExprKind::boolean_op:
    case ExprKind::null_test:
    case ExprKind::boolean_test:
    case ExprKind::coercion:
    case ExprKind::row_compare:
    case ExprKind::field:
    case ExprKind::subscript:
    case ExprKind::sublink:
      return true;
    default:
      return false;
  }
}

}  // namespace

int location_of(const Expr& expr) {
  if (!begins_with_operand(expr.kind)) return expr.location;
  int found = expr.location;
  visit_children(expr, [&](const Expr& child) { found = leftmost(found, location_of(child)); });
  return found;
}

}  // namespace dvecdb::server::query
