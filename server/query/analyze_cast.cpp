// Casts, ARRAY[...], CASE and the functions that SQL spells as words.
#include <fmt/format.h>

#include <algorithm>

#include "server/query/analyze_internal.h"

namespace dvecdb::server::query {

namespace {

bool is_array_constructor(const raw::Node* node) {
  return raw::is(node, PG_QUERY__NODE__NODE_A_ARRAY_EXPR);
}

// Elements of ARRAY[...]: nested constructors are analyzed with the same target.
void analyze_elements(Scope& scope, const PgQuery__AArrayExpr& node, ArrayExpr& array,
                      Oid array_type, Oid element, std::int32_t typmod) {
  for (const raw::Node* item : raw::list(node.n_elements, node.elements)) {
    ExprPtr value;
    if (is_array_constructor(item)) {
      value = analyze_array(scope, *item->a_array_expr, array_type, element, typmod);
      array.is_nested = true;
    } else {
      value = analyze_expr(scope, item);
      const TypeDesc* desc = scope.statement.catalog().find_type(value->type.oid);
      if (desc != nullptr && desc->is_array && value->type.oid != oids::int2vector &&
          value->type.oid != oids::oidvector) {
        array.is_nested = true;
      }
    }
    array.elements.push_back(std::move(value));
  }
}

[[noreturn]] void fail_element_array(Scope& scope, Oid element, int location) {
  throw error_at(scope, sqlstate::undefined_object,
                 fmt::format("could not find array type for data type {}",
                             type_text(scope.statement, element)),
                 location);
}

}  // namespace

ExprPtr analyze_array(Scope& scope, const PgQuery__AArrayExpr& node, Oid array_type, Oid element,
                      std::int32_t typmod) {
  const DepthGuard depth(scope.statement);
  auto array = std::make_unique<ArrayExpr>(TypeRef{}, types::invalid_oid);
  array->location = node.location;
  analyze_elements(scope, node, *array, array_type, element, typmod);

  Oid coerce_to = types::invalid_oid;
  const bool is_explicit = array_type != types::invalid_oid;
  if (is_explicit) {
    coerce_to = array->is_nested ? array_type : element;
  } else {
    if (array->elements.empty()) {
      throw error_at(scope, sqlstate::indeterminate_datatype,
                     "cannot determine type of empty array", node.location)
          .hint("Explicitly cast to the desired type, for example ARRAY[]::integer[].");
    }
    coerce_to = select_common_type(scope, pointers(array->elements), "ARRAY");
    if (array->is_nested) {
      array_type = coerce_to;
      element = array_element(scope.statement, array_type);
      if (element == types::invalid_oid) {
        throw error_at(scope, sqlstate::undefined_object,
                       fmt::format("could not find element type for data type {}",
                                   type_text(scope.statement, array_type)),
                       node.location);
      }
    } else {
      element = coerce_to;
      array_type = array_of(scope.statement, element);
      if (array_type == types::invalid_oid) fail_element_array(scope, element, node.location);
    }
  }
  for (ExprPtr& value : array->elements) {
    if (!is_explicit) {
      value = coerce_to_common(scope, std::move(value), coerce_to, "ARRAY");
      continue;
    }
    CoercionRequest request;
    request.target = {coerce_to, typmod};
    request.context = CoercionContext::explicit_cast;
    request.form = CoercionForm::explicit_cast;
    const Oid source = value->type.oid;
    const int location = location_of(*value);
    value = coerce_to_target(scope, value, request);
    if (value == nullptr) {
      throw error_at(scope, sqlstate::cannot_coerce,
                     fmt::format("cannot cast type {} to {}", type_text(scope.statement, source),
                                 type_text(scope.statement, coerce_to)),
                     location);
    }
  }
  array->type = {array_type, is_explicit ? typmod : -1};
  if (!is_explicit) {
    const std::int32_t common = common_typmod(pointers(array->elements), coerce_to);
    array->type.typmod = common;
  }
  array->element_type = element;
  return array;
}

ExprPtr analyze_cast(Scope& scope, const PgQuery__TypeCast& cast) {
  const TypeRef target = resolve_type(scope.statement, *cast.type_name);
  int location = cast.location;
  if (location < 0) location = cast.type_name->location;

  ExprPtr expr;
  if (is_array_constructor(cast.arg)) {
    // ARRAY[...]::t[] gives the element type to the constructor.
    const TypeRef base = base_type(scope.statement, target);
    const Oid element = array_element(scope.statement, base.oid);
    if (element != types::invalid_oid) {
      expr = analyze_array(scope, *cast.arg->a_array_expr, base.oid, element, base.typmod);
    }
  }
  if (expr == nullptr) expr = analyze_expr(scope, cast.arg);
  const Oid source = expr->type.oid;
  if (source == types::invalid_oid) return expr;

  CoercionRequest request;
  request.target = target;
  request.context = CoercionContext::explicit_cast;
  request.form = CoercionForm::explicit_cast;
  request.location = location;
  ExprPtr result = coerce_to_target(scope, expr, request);
  if (result == nullptr) {
    throw error_at(scope, sqlstate::cannot_coerce,
                   fmt::format("cannot cast type {} to {}", type_text(scope.statement, source),
                               type_text(scope.statement, target.oid)),
                   location);
  }
  return result;
}

ExprPtr analyze_case(Scope& scope, const PgQuery__CaseExpr& node) {
  auto expr = std::make_unique<CaseExpr>(TypeRef{});
  expr->location = node.location;
  const int sets_before = scope.set_calls;
  if (node.arg != nullptr) {
    expr->subject = analyze_expr(scope, node.arg);
    if (expr->subject->type.oid == oids::unknown) {
      CoercionRequest request;
      request.target = {oids::text, -1};
      expr->subject = coerce_type(scope, std::move(expr->subject), request);
    }
  }
  ExprList results;
  for (const raw::Node* item : raw::list(node.n_args, node.args)) {
    const PgQuery__CaseWhen& when = *item->case_when;
    ExprPtr condition = analyze_expr(scope, when.expr);
    if (expr->subject) {
      ExprPtr placeholder = std::make_unique<CasePlaceholderExpr>(expr->subject->type);
      placeholder->location = location_of(*expr->subject);
      condition =
          make_operation(scope, "=", std::move(placeholder), std::move(condition), when.location);
    }
    condition = coerce_to_boolean(scope, std::move(condition), "CASE/WHEN");
    expr->branches.emplace_back(std::move(condition), nullptr);
    results.push_back(analyze_expr(scope, when.result));
  }
  ExprPtr otherwise = node.defresult == nullptr ? make_null({oids::unknown, -1})
                                                : analyze_expr(scope, node.defresult);
  // PostgreSQL lets the ELSE result lead when it looks for the common type.
  std::vector<const Expr*> all{otherwise.get()};
  for (const ExprPtr& result : results) all.push_back(result.get());
  const Oid common = select_common_type(scope, all, "CASE");
  expr->otherwise = coerce_to_common(scope, std::move(otherwise), common, "CASE/ELSE");
  std::vector<const Expr*> coerced{expr->otherwise.get()};
  for (std::size_t i = 0; i < results.size(); ++i) {
    expr->branches[i].second = coerce_to_common(scope, std::move(results[i]), common, "CASE/WHEN");
    coerced.push_back(expr->branches[i].second.get());
  }
  expr->type = {common, common_typmod(coerced, common)};
  if (scope.set_calls != sets_before) {
    throw error_at(scope, sqlstate::feature_not_supported,
                   "set-returning functions are not allowed in CASE", scope.set_location)
        .hint("You might be able to move the set-returning function into a LATERAL FROM item.");
  }
  return expr;
}

namespace {

struct SqlValueRow {
  PgQuery__SQLValueFunctionOp raw;
  SqlValueKind kind;
  Oid type;
};
constexpr SqlValueRow sql_values[] = {
    {PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_DATE, SqlValueKind::current_date, oids::date},
    {PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_TIME, SqlValueKind::current_time, oids::timetz},
    {PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_TIME_N, SqlValueKind::current_time,
     oids::timetz},
    {PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_TIMESTAMP, SqlValueKind::current_timestamp,
     oids::timestamptz},
    {PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_TIMESTAMP_N, SqlValueKind::current_timestamp,
     oids::timestamptz},
    {PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_LOCALTIME, SqlValueKind::local_time, oids::time},
    {PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_LOCALTIME_N, SqlValueKind::local_time, oids::time},
    {PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_LOCALTIMESTAMP, SqlValueKind::local_timestamp,
     oids::timestamp},
    {PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_LOCALTIMESTAMP_N, SqlValueKind::local_timestamp,
     oids::timestamp},
    {PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_ROLE, SqlValueKind::current_role, oids::name},
    {PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_USER, SqlValueKind::current_user, oids::name},
    {PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_USER, SqlValueKind::current_user, oids::name},
    {PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_SESSION_USER, SqlValueKind::session_user, oids::name},
    {PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_CATALOG, SqlValueKind::current_catalog,
     oids::name},
    {PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_SCHEMA, SqlValueKind::current_schema,
     oids::name},
};

bool has_precision(PgQuery__SQLValueFunctionOp op) {
  return op == PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_TIME_N ||
         op == PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_TIMESTAMP_N ||
         op == PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_LOCALTIME_N ||
         op == PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_LOCALTIMESTAMP_N;
}

}  // namespace

ExprPtr analyze_sql_value(Scope& scope, const PgQuery__SQLValueFunction& node) {
  for (const SqlValueRow& row : sql_values) {
    if (row.raw != node.op) continue;
    constexpr std::int32_t most_digits = 6;
    const std::int32_t typmod = has_precision(node.op) ? std::min(node.typmod, most_digits) : -1;
    auto value = std::make_unique<SqlValueExpr>(row.kind, TypeRef{row.type, typmod});
    value->location = node.location;
    return value;
  }
  throw not_supported(scope, "this SQL value function", node.location);
}

}  // namespace dvecdb::server::query
