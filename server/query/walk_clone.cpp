#include "server/query/walk.h"

namespace dvecdb::server::query {

namespace {

template <typename Target>
const Target& as(const Expr& expr) {
  return static_cast<const Target&>(expr);
}

ExprPtr copy(const ExprPtr& expr) {
  return expr ? clone(*expr) : nullptr;
}

ExprList copy(const ExprList& list) {
  ExprList result;
  result.reserve(list.size());
  for (const ExprPtr& expr : list) result.push_back(copy(expr));
  return result;
}

std::vector<SortItem> copy(const std::vector<SortItem>& items) {
  std::vector<SortItem> result;
  for (const SortItem& item : items) {
    result.push_back({copy(item.expr), item.descending, item.nulls_first, item.op});
  }
  return result;
}

std::unique_ptr<FunctionExpr> copy_function(const FunctionExpr& e) {
  auto result = std::make_unique<FunctionExpr>(e.proc, e.type);
  result->arguments = copy(e.arguments);
  result->returns_set = e.returns_set;
  result->is_variadic = e.is_variadic;
  result->form = e.form;
  return result;
}

std::unique_ptr<CaseExpr> copy_case(const CaseExpr& e) {
  auto result = std::make_unique<CaseExpr>(e.type);
  result->subject = copy(e.subject);
  for (const auto& [condition, value] : e.branches) {
    result->branches.emplace_back(copy(condition), copy(value));
  }
  result->otherwise = copy(e.otherwise);
  return result;
}

std::unique_ptr<CoercionExpr> copy_coercion(const CoercionExpr& e) {
  auto result = std::make_unique<CoercionExpr>(e.method, e.type);
  result->argument = copy(e.argument);
  result->element_coercion = copy(e.element_coercion);
  result->is_explicit = e.is_explicit;
  result->form = e.form;
  return result;
}

std::unique_ptr<SubscriptExpr> copy_subscript(const SubscriptExpr& e) {
  auto result = std::make_unique<SubscriptExpr>(e.type);
  result->container = copy(e.container);
  result->assigned = copy(e.assigned);
  for (const SubscriptExpr::Index& index : e.indexes) {
    result->indexes.push_back({copy(index.lower), copy(index.upper), index.is_slice});
  }
  return result;
}

std::unique_ptr<AggregateExpr> copy_aggregate(const AggregateExpr& e) {
  auto result = std::make_unique<AggregateExpr>(e.proc, e.type);
  result->direct_arguments = copy(e.direct_arguments);
  result->arguments = copy(e.arguments);
  result->order_by = copy(e.order_by);
  result->is_star = e.is_star;
  result->is_distinct = e.is_distinct;
  result->filter = copy(e.filter);
  result->levels_up = e.levels_up;
  return result;
}

std::unique_ptr<WindowExpr> copy_window(const WindowExpr& e) {
  auto result = std::make_unique<WindowExpr>(e.proc, e.type);
  result->arguments = copy(e.arguments);
  result->is_star = e.is_star;
  result->filter = copy(e.filter);
  result->window = e.window;
  return result;
}

std::unique_ptr<SublinkExpr> copy_sublink(const SublinkExpr& e) {
  auto result = std::make_unique<SublinkExpr>(e.sublink, e.type);
  result->query = clone(*e.query);
  result->left = copy(e.left);
  result->operators = e.operators;
  result->right_coercions = copy(e.right_coercions);
  result->op = e.op;
  return result;
}

// left and right by name, the rest by constructor
template <typename Pair, typename... Arguments>
std::unique_ptr<Pair> copy_pair(const Pair& e, Arguments... arguments) {
  auto result = std::make_unique<Pair>(arguments...);
  result->left = copy(e.left);
  result->right = copy(e.right);
  return result;
}

template <typename Made>
ExprPtr with_list(std::unique_ptr<Made> made, ExprList Made::*member, const ExprList& list) {
  (*made).*member = copy(list);
  return made;
}

ExprPtr copy_test(const Expr& expr) {
  if (expr.kind == ExprKind::null_test) {
    auto test = std::make_unique<NullTestExpr>();
    test->argument = copy(as<NullTestExpr>(expr).argument);
    test->is_not_null = as<NullTestExpr>(expr).is_not_null;
    test->argument_is_row = as<NullTestExpr>(expr).argument_is_row;
    return test;
  }
  auto test = std::make_unique<BooleanTestExpr>();
  test->argument = copy(as<BooleanTestExpr>(expr).argument);
  test->test = as<BooleanTestExpr>(expr).test;
  return test;
}

ExprPtr copy_comparison(const Expr& expr) {
  if (expr.kind == ExprKind::distinct_from) {
    const auto& e = as<DistinctFromExpr>(expr);
    auto result = copy_pair(e, e.op);
    result->negated = e.negated;
    return result;
  }
  if (expr.kind == ExprKind::null_if) {
    const auto& e = as<NullIfExpr>(expr);
    return copy_pair(e, e.op, e.type);
  }
  if (expr.kind == ExprKind::row_compare) {
    const auto& e = as<RowCompareExpr>(expr);
    auto result = copy_pair(e);
    result->op = e.op;
    result->operators = e.operators;
    return result;
  }
  const auto& e = as<ScalarArrayExpr>(expr);
  auto result = std::make_unique<ScalarArrayExpr>(e.op, e.proc);
  result->is_any = e.is_any;
  result->left = copy(e.left);
  result->array = copy(e.array);
  return result;
}

ExprPtr copy_array_or_row(const Expr& expr) {
  if (expr.kind == ExprKind::array) {
    const auto& e = as<ArrayExpr>(expr);
    auto result = std::make_unique<ArrayExpr>(e.type, e.element_type);
    result->is_nested = e.is_nested;
    result->elements = copy(e.elements);
    return result;
  }
  auto result = std::make_unique<RowExpr>(expr.type);
  result->fields = copy(as<RowExpr>(expr).fields);
  result->names = as<RowExpr>(expr).names;
  return result;
}

ExprPtr copy_leaf(const Expr& expr) {
  switch (expr.kind) {
    case ExprKind::constant:
      return std::make_unique<ConstantExpr>(expr.type, as<ConstantExpr>(expr).value);
    case ExprKind::param:
      return std::make_unique<ParamExpr>(as<ParamExpr>(expr).number, expr.type);
    case ExprKind::column: {
      const auto& e = as<ColumnExpr>(expr);
      return std::make_unique<ColumnExpr>(e.type, e.entry, e.column, e.levels_up);
    }
    case ExprKind::case_placeholder:
      return std::make_unique<CasePlaceholderExpr>(expr.type);
    case ExprKind::grouping: {
      auto result = std::make_unique<GroupingExpr>();
      result->groups = as<GroupingExpr>(expr).groups;
      return result;
    }
    case ExprKind::sql_value:
      return std::make_unique<SqlValueExpr>(as<SqlValueExpr>(expr).value, expr.type);
    case ExprKind::set_default:
      return std::make_unique<SetDefaultExpr>(expr.type);
    default:
      return std::make_unique<NextValueExpr>(as<NextValueExpr>(expr).sequence, expr.type);
  }
}

ExprPtr copy_node(const Expr& expr) {
  switch (expr.kind) {
    case ExprKind::function:
      return copy_function(as<FunctionExpr>(expr));
    case ExprKind::operation: {
      const auto& e = as<OperationExpr>(expr);
      return with_list(std::make_unique<OperationExpr>(e.op, e.proc, e.type),
                       &OperationExpr::arguments, e.arguments);
    }
    case ExprKind::distinct_from:
    case ExprKind::null_if:
    case ExprKind::row_compare:
    case ExprKind::scalar_array_op:
      return copy_comparison(expr);
    case ExprKind::boolean_op: {
      const auto& e = as<BooleanExpr>(expr);
      return with_list(std::make_unique<BooleanExpr>(e.op), &BooleanExpr::arguments, e.arguments);
    }
    case ExprKind::case_when:
      return copy_case(as<CaseExpr>(expr));
    case ExprKind::coalesce:
      return with_list(std::make_unique<CoalesceExpr>(expr.type), &CoalesceExpr::arguments,
                       as<CoalesceExpr>(expr).arguments);
    case ExprKind::min_max: {
      const auto& e = as<MinMaxExpr>(expr);
      return with_list(std::make_unique<MinMaxExpr>(e.type, e.is_greatest), &MinMaxExpr::arguments,
                       e.arguments);
    }
    case ExprKind::null_test:
    case ExprKind::boolean_test:
      return copy_test(expr);
    case ExprKind::coercion:
      return copy_coercion(as<CoercionExpr>(expr));
    case ExprKind::array:
    case ExprKind::row:
      return copy_array_or_row(expr);
    case ExprKind::field: {
      const auto& e = as<FieldExpr>(expr);
      auto result = std::make_unique<FieldExpr>(e.type, e.field);
      result->argument = copy(e.argument);
      result->name = e.name;
      return result;
    }
    case ExprKind::subscript:
      return copy_subscript(as<SubscriptExpr>(expr));
    case ExprKind::aggregate:
      return copy_aggregate(as<AggregateExpr>(expr));
    case ExprKind::window:
      return copy_window(as<WindowExpr>(expr));
    case ExprKind::sublink:
      return copy_sublink(as<SublinkExpr>(expr));
    default:
      return copy_leaf(expr);
  }
}

RangeEntry copy(const RangeEntry& e) {
  RangeEntry result;
  result.kind = e.kind;
  result.alias = e.alias;
  result.columns = e.columns;
  result.is_lateral = e.is_lateral;
  result.relation = e.relation;
  if (e.subquery) result.subquery = clone(*e.subquery);
  result.view = e.view;
  for (const RangeFunction& function : e.functions) {
    result.functions.push_back({copy(function.call), function.columns});
  }
  result.with_ordinality = e.with_ordinality;
  for (const ExprList& row : e.values) result.values.push_back(copy(row));
  result.cte_index = e.cte_index;
  result.cte_levels_up = e.cte_levels_up;
  result.join_columns = copy(e.join_columns);
  return result;
}

FromPtr copy(const FromPtr& item) {
  if (!item) return nullptr;
  auto result = std::make_unique<FromItem>();
  result->entry = item->entry;
  result->is_join = item->is_join;
  result->join = item->join;
  result->left = copy(item->left);
  result->right = copy(item->right);
  result->condition = copy(item->condition);
  return result;
}

std::vector<TargetEntry> copy(const std::vector<TargetEntry>& targets) {
  std::vector<TargetEntry> result;
  for (const TargetEntry& t : targets) {
    result.push_back(
        {copy(t.expr), t.name, t.is_junk, t.target_column, t.origin_table, t.origin_column});
  }
  return result;
}

std::vector<WindowDefinition> copy(const std::vector<WindowDefinition>& windows) {
  std::vector<WindowDefinition> result;
  for (const WindowDefinition& w : windows) {
    result.push_back({w.name, copy(w.partition_by), copy(w.order_by), w.has_frame, w.mode, w.start,
                      w.end, copy(w.start_offset), copy(w.end_offset), w.exclusion});
  }
  return result;
}

std::unique_ptr<SetOperation> copy(const std::unique_ptr<SetOperation>& node) {
  if (!node) return nullptr;
  auto result = std::make_unique<SetOperation>();
  result->entry = node->entry;
  result->op = node->op;
  result->all = node->all;
  result->left = copy(node->left);
  result->right = copy(node->right);
  result->column_types = node->column_types;
  return result;
}

std::vector<Cte> copy(const std::vector<Cte>& ctes) {
  std::vector<Cte> result;
  for (const Cte& c : ctes) {
    result.push_back({c.name, c.query ? clone(*c.query) : nullptr, c.columns, c.is_recursive,
                      c.is_materialized, c.is_not_materialized});
  }
  return result;
}

}  // namespace

ExprPtr clone(const Expr& expr) {
  ExprPtr result = copy_node(expr);
  result->collation = expr.collation;
  result->location = expr.location;
  return result;
}

QueryPtr clone(const Query& q) {
  auto result = std::make_unique<Query>();
  result->command = q.command;
  result->ctes = copy(q.ctes);
  result->has_recursive = q.has_recursive;
  for (const RangeEntry& entry : q.range_table) result->range_table.push_back(copy(entry));
  for (const FromPtr& item : q.from) result->from.push_back(copy(item));
  result->where = copy(q.where);
  result->targets = copy(q.targets);
  result->group_by = q.group_by;
  result->grouping_sets = q.grouping_sets;
  result->having = copy(q.having);
  result->windows = copy(q.windows);
  result->is_distinct = q.is_distinct;
  result->distinct_on = q.distinct_on;
  result->order_by = q.order_by;
  result->limit = copy(q.limit);
  result->offset = copy(q.offset);
  result->with_ties = q.with_ties;
  result->lock = q.lock;
  result->lock_nowait = q.lock_nowait;
  result->lock_skip_locked = q.lock_skip_locked;
  result->set_operation = copy(q.set_operation);
  result->has_aggregates = q.has_aggregates;
  result->has_windows = q.has_windows;
  result->has_sublinks = q.has_sublinks;
  result->has_target_sets = q.has_target_sets;
  result->result_entry = q.result_entry;
  result->returning = copy(q.returning);
  result->source_entry = q.source_entry;
  result->overriding_system = q.overriding_system;
  result->overriding_user = q.overriding_user;
  result->conflict.action = q.conflict.action;
  result->conflict.arbiter = q.conflict.arbiter;
  result->conflict.set = copy(q.conflict.set);
  result->conflict.where = copy(q.conflict.where);
  result->conflict.excluded_entry = q.conflict.excluded_entry;
  return result;
}

}  // namespace dvecdb::server::query
