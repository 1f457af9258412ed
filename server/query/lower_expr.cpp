// Expressions, kind by kind.
#include <fmt/format.h>

#include <algorithm>

#include "server/query/domain_value.h"
#include "server/query/lower.h"
#include "server/query/lower_sql.h"
#include "server/query/lower_types.h"
#include "server/types/array.h"
#include "server/types/error.h"
#include "server/types/oids.h"

namespace dvecdb::server::query::lower {

using types::SqlError;
namespace oids = types::oids;
namespace sqlstate = types::sqlstate;

void not_supported(std::string_view feature) {
  throw SqlError(sqlstate::feature_not_supported, fmt::format("{} is not supported", feature));
}

bool any_of(const Expr& expr, const std::function<bool(const Expr&)>& test) {
  if (test(expr)) return true;
  bool found = false;
  visit_children(expr, [&](const Expr& child) { found = found || any_of(child, test); });
  return found;
}

bool returns_set(const Expr& expr) {
  return any_of(expr, [](const Expr& e) {
    return e.kind == ExprKind::function && static_cast<const FunctionExpr&>(e).returns_set;
  });
}

std::string Lowering::expr(const Expr& e, const Context& context) {
  if (context.sets != nullptr) {
    auto found = context.sets->find(&e);
    if (found != context.sets->end()) return found->second;
  }
  if (context.left_out != nullptr) {
    for (const Expr* left_out : *context.left_out) {
      if (equal(*left_out, e)) return "NULL";
    }
  }
  const bool is_literal = e.kind == ExprKind::constant || e.kind == ExprKind::param ||
                          e.kind == ExprKind::case_placeholder;
  if (context.inner != nullptr && !is_literal && !stays_outside(e)) {
    Context within = context;
    within.inner = nullptr;
    within.sets = nullptr;
    context.inner->expressions.push_back(expr(e, within));
    return fmt::format("{}.{}", context.inner->alias,
                       output_name(context.inner->expressions.size() - 1));
  }
  return expr_by_kind(e, context);
}

std::string Lowering::expr_by_kind(const Expr& e, const Context& context) {
  switch (e.kind) {
    case ExprKind::constant:
      return value_literal(static_cast<const ConstantExpr&>(e).value);
    case ExprKind::param:
      return param(static_cast<const ParamExpr&>(e), context);
    case ExprKind::column:
      return column(static_cast<const ColumnExpr&>(e), context);
    case ExprKind::function:
      return function(static_cast<const FunctionExpr&>(e), context);
    case ExprKind::operation:
      return operation(static_cast<const OperationExpr&>(e), context);
    case ExprKind::distinct_from:
      return distinct_from(static_cast<const DistinctFromExpr&>(e), context);
    case ExprKind::null_if:
      return null_if(static_cast<const NullIfExpr&>(e), context);
    case ExprKind::scalar_array_op:
      return scalar_array(static_cast<const ScalarArrayExpr&>(e), context);
    case ExprKind::boolean_op:
      return boolean(static_cast<const BooleanExpr&>(e), context);
    case ExprKind::case_when:
      return case_when(static_cast<const CaseExpr&>(e), context);
    case ExprKind::case_placeholder:
      if (context.placeholder == nullptr) not_supported("this use of a CASE value");
      return *context.placeholder;
    case ExprKind::coalesce: {
      const auto& list = static_cast<const CoalesceExpr&>(e).arguments;
      if (list.size() == 1) return expr(*list.front(), context);
      return call_sql("coalesce", exprs(list, context));
    }
    case ExprKind::min_max:
      return min_max(static_cast<const MinMaxExpr&>(e), context);
    case ExprKind::null_test:
      return null_test(static_cast<const NullTestExpr&>(e), context);
    case ExprKind::boolean_test:
      return boolean_test(static_cast<const BooleanTestExpr&>(e), context);
    case ExprKind::coercion:
      return coercion(static_cast<const CoercionExpr&>(e), context);
    case ExprKind::array:
      return array(static_cast<const ArrayExpr&>(e), context);
    case ExprKind::row:
      return row(static_cast<const RowExpr&>(e), context);
    case ExprKind::row_compare:
      return row_compare(static_cast<const RowCompareExpr&>(e), context);
    case ExprKind::field:
      return field(static_cast<const FieldExpr&>(e), context);
    case ExprKind::subscript:
      return subscript(static_cast<const SubscriptExpr&>(e), context);
    case ExprKind::aggregate:
      return aggregate(static_cast<const AggregateExpr&>(e), context);
    case ExprKind::window:
      return window(static_cast<const WindowExpr&>(e), context);
    case ExprKind::grouping:
      return grouping(static_cast<const GroupingExpr&>(e), context);
    case ExprKind::sublink:
      return sublink(static_cast<const SublinkExpr&>(e), context);
    case ExprKind::sql_value:
      return sql_value(static_cast<const SqlValueExpr&>(e));
    case ExprKind::next_value: {
      const auto& next = static_cast<const NextValueExpr&>(e);
      plan_.writes = true;
      return call_symbol("nextval_oid", true, {{oids::regclass, -1}}, next.type,
                         {std::to_string(next.sequence)});
    }
    case ExprKind::set_default:
      break;
  }
  throw SqlError(sqlstate::internal_error, "an expression that cannot be lowered");
}

std::vector<std::string> Lowering::exprs(const ExprList& list, const Context& context) {
  std::vector<std::string> out;
  out.reserve(list.size());
  for (const ExprPtr& e : list) out.push_back(expr(*e, context));
  return out;
}

std::string Lowering::param(const ParamExpr& param, const Context& context) {
  StoreText* text = context.scope == nullptr ? &root_ : context.scope->text;
  for (const Scope* scope = context.scope; scope != nullptr; scope = scope->outer) {
    if (scope->parameters == nullptr) continue;
    return import(scope->parameters->at(static_cast<std::size_t>(param.number - 1)), scope->text,
                  text);
  }
  return import(fmt::format("?{}", param.number), &root_, text);
}

std::string Lowering::boolean(const BooleanExpr& e, const Context& context) {
  if (e.op == BooleanOperator::not_) {
    return fmt::format("(NOT {})", expr(*e.arguments.front(), context));
  }
  return join_balanced(exprs(e.arguments, context), e.op == BooleanOperator::and_ ? "AND" : "OR");
}

std::string Lowering::case_when(const CaseExpr& e, const Context& context) {
  std::string subject;
  Context within = context;
  if (e.subject != nullptr) {
    subject = expr(*e.subject, context);
    within.placeholder = &subject;
  }
  std::string out = "CASE";
  for (const auto& [condition, result] : e.branches) {
    out += fmt::format(" WHEN {} THEN {}", expr(*condition, within), expr(*result, context));
  }
  return out + fmt::format(" ELSE {} END", expr(*e.otherwise, context));
}

std::string Lowering::min_max(const MinMaxExpr& e, const Context& context) {
  std::vector<std::string> arguments = exprs(e.arguments, context);
  arguments.insert(arguments.begin(), std::to_string(e.type.oid));
  return call_sql(e.is_greatest ? "greatest_value" : "least_value", arguments);
}

std::string Lowering::null_test(const NullTestExpr& e, const Context& context) {
  const std::string argument = expr(*e.argument, context);
  if (e.argument_is_row) {
    return call_sql(e.is_not_null ? "row_is_not_null" : "row_is_null", {argument});
  }
  return fmt::format("({} IS {}NULL)", argument, e.is_not_null ? "NOT " : "");
}

std::string Lowering::boolean_test(const BooleanTestExpr& e, const Context& context) {
  const auto test = [&]() -> std::string_view {
    switch (e.test) {
      case BooleanTestKind::is_true:
        return "IS 1";
      case BooleanTestKind::is_not_true:
        return "IS NOT 1";
      case BooleanTestKind::is_false:
        return "IS 0";
      case BooleanTestKind::is_not_false:
        return "IS NOT 0";
      case BooleanTestKind::is_unknown:
        return "IS NULL";
      case BooleanTestKind::is_not_unknown:
        return "IS NOT NULL";
    }
    return "IS NULL";
  };
  return fmt::format("({} {})", expr(*e.argument, context), test());
}

std::string Lowering::coercion(const CoercionExpr& e, const Context& context) {
  switch (e.method) {
    case CoercionMethod::relabel:
      return expr(*e.argument, context);
    case CoercionMethod::row_to_record:
      return row_to_record(*e.argument, context);
    case CoercionMethod::via_text:
      return call_sql("via_text",
                      {types_literal({e.argument->type}, e.type), expr(*e.argument, context)});
    case CoercionMethod::typmod:
      if (e.type.typmod < 0) return expr(*e.argument, context);
      return call_sql("apply_typmod", {types_literal({}, e.type), expr(*e.argument, context),
                                       e.is_explicit ? "1" : "0"});
    case CoercionMethod::domain:
      return domain_value(e, context);
    case CoercionMethod::array_elements:
      return array_elements_coercion(e, context);
  }
  return {};
}

// domain_value('>domain', x, name, check, ...): each check is a statement over ?1.
std::string Lowering::domain_value(const CoercionExpr& e, const Context& context) {
  std::vector<std::string> arguments{types_literal({}, e.type), expr(*e.argument, context)};
  std::vector<Oid> domains;
  for (const TypeDesc* domain = context_.catalog.find_type(e.type.oid);
       domain != nullptr && domain->kind == types::TypeKind::domain;
       domain = context_.catalog.find_type(domain->base.oid)) {
    domains.insert(domains.begin(), domain->oid);
  }
  const RelationDesc row = domain_value_row({base_type(e.type.oid), -1});
  for (const Oid domain : domains) {
    for (const ConstraintDesc* constraint : context_.catalog.domain_constraints(domain)) {
      if (constraint->type != 'c') continue;
      const AnalyzeContext check{context_.catalog, context_.io, context_.search_path,
                                 context_.current_user, constraint->check_text};
      const ExprPtr holds =
          analyze_expression(check, constraint->check_text, &row, {oids::boolean, -1});
      arguments.push_back(text_literal(constraint->name));
      arguments.push_back(text_literal(fmt::format("SELECT {} FROM (SELECT ?1 AS value) AS v",
                                                   lower_expression(check, *holds, &row, "v"))));
    }
  }
  return call_sql("domain_value", arguments);
}

// As a record the row is no longer of a type that the catalog describes: it takes its names along.
std::string Lowering::row_to_record(const Expr& row, const Context& context) {
  const bool is_whole_row =
      row.kind == ExprKind::column && static_cast<const ColumnExpr&>(row).column == 0;
  if (!is_whole_row || context.inner != nullptr) return expr(row, context);
  const auto& column = static_cast<const ColumnExpr&>(row);
  Scope& scope = scope_of(column, context);
  return import(whole_row(scope, column.entry, true), scope.text, context.scope->text);
}

std::string Lowering::array_elements_coercion(const CoercionExpr& e, const Context& context) {
  const std::string source = expr(*e.argument, context);
  const std::string element_oid = std::to_string(e.element_coercion->type.oid);
  const std::string retagged = call_sql("array_retag", {source, element_oid});
  if (e.element_coercion->kind == ExprKind::case_placeholder) return retagged;
  const std::string alias = next_alias();
  const std::string value = alias + ".value";
  Context within = context;
  within.placeholder = &value;
  // An empty array gives no rows: it only changes its element type.
  return fmt::format(
      "coalesce((SELECT array_rebuild({0}, {1}, {2}) FROM array_elements({1}) AS {3}), {4})",
      element_oid, source, expr(*e.element_coercion, within), alias, retagged);
}

std::string Lowering::array(const ArrayExpr& e, const Context& context) {
  const bool all_constant =
      std::all_of(e.elements.begin(), e.elements.end(),
                  [](const ExprPtr& item) { return item->kind == ExprKind::constant; });
  if (all_constant && !e.is_nested) {
    std::vector<Value> values;
    for (const ExprPtr& item : e.elements) {
      values.push_back(static_cast<const ConstantExpr&>(*item).value);
    }
    return value_literal(types::encode_array(types::make_array(e.element_type, std::move(values))));
  }
  std::vector<std::string> items = exprs(e.elements, context);
  const std::string element = std::to_string(e.element_type);
  const std::string nested = e.is_nested ? "1" : "0";
  // SQLite takes at most 127 arguments; longer lists come in as rows.
  if (items.size() > most_arguments) {
    return fmt::format("(SELECT array_build({}, {}, column1) FROM (VALUES ({})))", element, nested,
                       join(items, "), ("));
  }
  items.insert(items.begin(), {element, nested});
  return call_sql("array_value", items);
}

std::string Lowering::record(TypeRef type, const std::vector<RangeColumn>& columns,
                             const std::vector<std::string>& values) {
  std::vector<std::string> parts;
  for (std::size_t begin = 0; begin < values.size() || parts.empty(); begin += most_arguments) {
    functions::CallTypes call;
    call.result = type;
    std::vector<std::string> arguments{""};
    for (std::size_t i = begin; i < std::min(values.size(), begin + most_arguments); ++i) {
      // Only a record that the catalog does not describe carries its names.
      const bool keeps_name = type.oid == oids::record && i < columns.size();
      call.columns.push_back({keeps_name ? columns[i].name : std::string(), columns[i].type});
      arguments.push_back(values[i]);
    }
    arguments[0] = text_literal(functions::write_call_types(call));
    parts.push_back(call_sql("record_construct", arguments));
  }
  return parts.size() == 1 ? parts.front() : call_sql("record_join", parts);
}

std::string Lowering::row(const RowExpr& e, const Context& context) {
  std::vector<RangeColumn> columns;
  for (std::size_t i = 0; i < e.fields.size(); ++i) {
    columns.push_back({i < e.names.size() ? e.names[i] : std::string(), e.fields[i]->type});
  }
  return record(e.type, columns, exprs(e.fields, context));
}

std::string Lowering::field(const FieldExpr& e, const Context& context) {
  if (e.argument->kind == ExprKind::row) {
    const auto& fields = static_cast<const RowExpr&>(*e.argument).fields;
    const auto index = static_cast<std::size_t>(e.field - 1);
    if (index < fields.size()) return expr(*fields[index], context);
  }
  if (e.argument->kind == ExprKind::column && context.inner == nullptr) {
    const auto& whole = static_cast<const ColumnExpr&>(*e.argument);
    if (whole.column == 0) {
      ColumnExpr direct(e.type, whole.entry, e.field, whole.levels_up);
      return column(direct, context);
    }
  }
  return call_sql("record_field", {expr(*e.argument, context), std::to_string(e.field)});
}

std::string Lowering::subscript(const SubscriptExpr& e, const Context& context) {
  std::string container = expr(*e.container, context);
  if (base_type(e.container->type.oid) == oids::jsonb) {
    for (const SubscriptExpr::Index& index : e.indexes) {
      const bool is_key = index.upper->type.oid == oids::text;
      container = call_symbol(is_key ? "jsonb_object_field" : "jsonb_array_element", true,
                              {{oids::jsonb, -1}, index.upper->type}, {oids::jsonb, -1},
                              {container, expr(*index.upper, context)});
    }
    return container;
  }
  const bool is_slice = std::any_of(e.indexes.begin(), e.indexes.end(),
                                    [](const auto& index) { return index.is_slice; });
  std::vector<std::string> arguments{container};
  if (!is_slice && e.assigned == nullptr) {
    for (const auto& index : e.indexes) arguments.push_back(expr(*index.upper, context));
    return call_sql("array_subscript", arguments);
  }
  std::string kinds;
  std::vector<std::string> bounds;
  for (const auto& index : e.indexes) {
    const bool has_lower = index.lower != nullptr;
    const bool has_upper = index.upper != nullptr;
    if (!index.is_slice) {
      kinds += 'e';
    } else {
      kinds += has_lower ? (has_upper ? 'b' : 'l') : (has_upper ? 'u' : 'n');
    }
    if (has_lower) bounds.push_back(expr(*index.lower, context));
    if (has_upper) bounds.push_back(expr(*index.upper, context));
  }
  arguments.push_back(text_literal(kinds));
  if (e.assigned != nullptr) {
    const TypeDesc* array = context_.catalog.find_type(base_type(e.container->type.oid));
    arguments.push_back(std::to_string(array->element));
    arguments.push_back(expr(*e.assigned, context));
  }
  arguments.insert(arguments.end(), bounds.begin(), bounds.end());
  return call_sql(e.assigned != nullptr ? "array_assign" : "array_slice", arguments);
}

std::string Lowering::sql_value(const SqlValueExpr& e) {
  const auto call = [&](std::string_view symbol, std::vector<TypeRef> types, Oid result,
                        std::vector<std::string> arguments) {
    return call_symbol(symbol, true, types, {result, -1}, std::move(arguments));
  };
  const auto of_now = [&](std::string_view symbol, Oid result) {
    return call(symbol, {{oids::timestamptz, -1}}, result,
                {call("now", {}, oids::timestamptz, {})});
  };
  const auto rounded = [&](std::string sql) {
    if (e.type.typmod < 0) return sql;
    return call_sql("apply_typmod", {types_literal({}, e.type), sql, "1"});
  };
  switch (e.value) {
    case SqlValueKind::current_date:
      return of_now("timestamptz_date", oids::date);
    case SqlValueKind::current_time:
      return rounded(of_now("timestamptz_timetz", oids::timetz));
    case SqlValueKind::current_timestamp:
      return rounded(call("now", {}, oids::timestamptz, {}));
    case SqlValueKind::local_time:
      return rounded(of_now("timestamptz_time", oids::time));
    case SqlValueKind::local_timestamp:
      return rounded(of_now("timestamptz_timestamp", oids::timestamp));
    case SqlValueKind::current_user:
    case SqlValueKind::current_role:
      return call("current_user", {}, oids::name, {});
    case SqlValueKind::session_user:
      return call("session_user", {}, oids::name, {});
    case SqlValueKind::current_catalog:
      return call("current_database", {}, oids::name, {});
    case SqlValueKind::current_schema:
      return call("current_schema", {}, oids::name, {});
  }
  return {};
}

// Bit i (from the right) says that the i-th argument from the right is not grouped here.
std::string Lowering::grouping(const GroupingExpr& e, const Context& context) {
  int bits = 0;
  for (const int group : e.groups) {
    const bool is_grouped = context.grouped == nullptr ||
                            std::find(context.grouped->begin(), context.grouped->end(), group) !=
                                context.grouped->end();
    bits = bits * 2 + (is_grouped ? 0 : 1);
  }
  return std::to_string(bits);
}

}  // namespace dvecdb::server::query::lower
