// Expressions: one raw node to one analyzed node.
#include <fmt/format.h>

#include <charconv>

#include "server/query/analyze_internal.h"
#include "server/query/deparse.h"

namespace dvecdb::server::query {

namespace {

ExprPtr integer_or_numeric(Scope& scope, std::string_view text, int location) {
  std::int64_t number = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (status == std::errc() && end == text.data() + text.size()) {
    const bool fits = number >= INT32_MIN && number <= INT32_MAX;
    return make_constant({fits ? oids::int4 : oids::int8, -1}, Value::integer(number), location);
  }
  const TypeRef numeric{oids::numeric, -1};
  return make_constant(numeric, types::input_text(scope.statement.context.io, numeric, text),
                       location);
}

ExprPtr bit_string(Scope& scope, std::string_view text, int location) {
  const TypeRef bit{oids::bit, -1};
  return make_constant(bit, types::input_text(scope.statement.context.io, bit, text), location);
}

}  // namespace

ExprPtr analyze_constant(Scope& scope, const PgQuery__AConst& constant) {
  const int location = constant.location;
  if (constant.isnull) return make_null({oids::unknown, -1}, location);
  switch (constant.val_case) {
    case PG_QUERY__A__CONST__VAL_IVAL:
      return make_constant({oids::int4, -1}, Value::integer(constant.ival->ival), location);
    case PG_QUERY__A__CONST__VAL_FVAL:
      return integer_or_numeric(scope, raw::view(constant.fval->fval), location);
    case PG_QUERY__A__CONST__VAL_BOOLVAL:
      return make_constant({oids::boolean, -1}, Value::boolean(constant.boolval->boolval != 0),
                           location);
    case PG_QUERY__A__CONST__VAL_SVAL:
      return make_constant({oids::unknown, -1},
                           Value::text(std::string(raw::view(constant.sval->sval))), location);
    case PG_QUERY__A__CONST__VAL_BSVAL:
      return bit_string(scope, raw::view(constant.bsval->bsval), location);
    default:
      return make_constant({oids::int4, -1}, Value::integer(0), location);
  }
}

ExprPtr analyze_param(Scope& scope, const PgQuery__ParamRef& ref) {
  if (ExprPtr argument = function_argument(scope, ref.number - 1)) return argument;
  ParamTypes* params = scope.statement.params;
  const auto fail = [&] {
    throw error_at(scope, sqlstate::undefined_parameter,
                   fmt::format("there is no parameter ${}", ref.number), ref.location);
  };
  constexpr int most = 65535;
  if (params == nullptr || ref.number < 1 || ref.number > most) fail();
  const auto index = static_cast<std::size_t>(ref.number - 1);
  if (index >= params->types.size()) {
    if (!params->allow_inference) fail();
    params->types.resize(index + 1, types::invalid_oid);
  }
  Oid& type = params->types[index];
  if (type == types::invalid_oid) {
    if (!params->allow_inference) fail();
    type = oids::unknown;
  }
  auto param = std::make_unique<ParamExpr>(ref.number, TypeRef{type, -1});
  param->location = ref.location;
  return param;
}

ExprPtr make_boolean(BooleanOperator op, ExprList arguments, int location) {
  auto expr = std::make_unique<BooleanExpr>(op);
  expr->arguments = std::move(arguments);
  expr->location = location;
  return expr;
}

namespace {

ExprPtr analyze_boolean(Scope& scope, const PgQuery__BoolExpr& node) {
  BooleanOperator op = BooleanOperator::not_;
  std::string_view construct = "NOT";
  if (node.boolop == PG_QUERY__BOOL_EXPR_TYPE__AND_EXPR) {
    op = BooleanOperator::and_;
    construct = "AND";
  } else if (node.boolop == PG_QUERY__BOOL_EXPR_TYPE__OR_EXPR) {
    op = BooleanOperator::or_;
    construct = "OR";
  }
  ExprList arguments;
  for (const raw::Node* argument : raw::list(node.n_args, node.args)) {
    arguments.push_back(coerce_to_boolean(scope, analyze_expr(scope, argument), construct));
  }
  return make_boolean(op, std::move(arguments), node.location);
}

ExprPtr analyze_null_test(Scope& scope, const PgQuery__NullTest& node) {
  auto test = std::make_unique<NullTestExpr>();
  test->argument = analyze_expr(scope, node.arg);
  test->is_not_null = node.nulltesttype == PG_QUERY__NULL_TEST_TYPE__IS_NOT_NULL;
  test->argument_is_row = is_composite(scope.statement, test->argument->type.oid);
  test->location = node.location;
  return test;
}

struct BooleanTestName {
  PgQuery__BoolTestType raw;
  BooleanTestKind kind;
  std::string_view name;
};
constexpr BooleanTestName boolean_tests[] = {
    {PG_QUERY__BOOL_TEST_TYPE__IS_TRUE, BooleanTestKind::is_true, "IS TRUE"},
    {PG_QUERY__BOOL_TEST_TYPE__IS_NOT_TRUE, BooleanTestKind::is_not_true, "IS NOT TRUE"},
    {PG_QUERY__BOOL_TEST_TYPE__IS_FALSE, BooleanTestKind::is_false, "IS FALSE"},
    {PG_QUERY__BOOL_TEST_TYPE__IS_NOT_FALSE, BooleanTestKind::is_not_false, "IS NOT FALSE"},
    {PG_QUERY__BOOL_TEST_TYPE__IS_UNKNOWN, BooleanTestKind::is_unknown, "IS UNKNOWN"},
    {PG_QUERY__BOOL_TEST_TYPE__IS_NOT_UNKNOWN, BooleanTestKind::is_not_unknown, "IS NOT UNKNOWN"},
};

ExprPtr analyze_boolean_test(Scope& scope, const PgQuery__BooleanTest& node) {
  auto test = std::make_unique<BooleanTestExpr>();
  std::string_view construct;
  for (const BooleanTestName& name : boolean_tests) {
    if (name.raw != node.booltesttype) continue;
    test->test = name.kind;
    construct = name.name;
  }
  test->argument = coerce_to_boolean(scope, analyze_expr(scope, node.arg), construct);
  test->location = node.location;
  return test;
}

ExprPtr analyze_coalesce(Scope& scope, const PgQuery__CoalesceExpr& node) {
  auto expr = std::make_unique<CoalesceExpr>(TypeRef{});
  const int sets_before = scope.set_calls;
  for (const raw::Node* argument : raw::list(node.n_args, node.args)) {
    expr->arguments.push_back(analyze_expr(scope, argument));
  }
  const Oid common = unify(scope, expr->arguments, "COALESCE");
  expr->type = {common, common_typmod(pointers(expr->arguments), common)};
  expr->location = node.location;
  if (scope.set_calls != sets_before) {
    throw error_at(scope, sqlstate::feature_not_supported,
                   "set-returning functions are not allowed in COALESCE", scope.set_location)
        .hint("You might be able to move the set-returning function into a LATERAL FROM item.");
  }
  return expr;
}

ExprPtr analyze_min_max(Scope& scope, const PgQuery__MinMaxExpr& node) {
  const bool is_greatest = node.op == PG_QUERY__MIN_MAX_OP__IS_GREATEST;
  auto expr = std::make_unique<MinMaxExpr>(TypeRef{}, is_greatest);
  for (const raw::Node* argument : raw::list(node.n_args, node.args)) {
    expr->arguments.push_back(analyze_expr(scope, argument));
  }
  const Oid common = unify(scope, expr->arguments, is_greatest ? "GREATEST" : "LEAST");
  if (!has_ordering(scope.statement, common)) {
    throw error_at(scope, sqlstate::undefined_function,
                   fmt::format("could not identify a comparison function for type {}",
                               type_text(scope.statement, common)),
                   -1);
  }
  expr->type = {common, common_typmod(pointers(expr->arguments), common)};
  expr->location = node.location;
  return expr;
}

ExprPtr analyze_row(Scope& scope, const PgQuery__RowExpr& node) {
  constexpr std::size_t max_fields = 1664;
  auto row = std::make_unique<RowExpr>(TypeRef{oids::record, -1});
  for (const raw::Node* field : raw::list(node.n_args, node.args)) {
    // row(t.*) spreads t's columns
    if (raw::is(field, PG_QUERY__NODE__NODE_COLUMN_REF)) {
      const PgQuery__ColumnRef& ref = *field->column_ref;
      if (raw::is(ref.fields[ref.n_fields - 1], PG_QUERY__NODE__NODE_A_STAR)) {
        PgQuery__ResTarget target;
        pg_query__res_target__init(&target);
        PgQuery__Node inner;
        pg_query__node__init(&inner);
        inner.node_case = PG_QUERY__NODE__NODE_RES_TARGET;
        inner.res_target = &target;
        target.val = const_cast<raw::Node*>(field);
        raw::Node* items[] = {&inner};
        for (TargetEntry& entry : analyze_targets(scope, raw::list(1, items), scope.clause)) {
          row->fields.push_back(std::move(entry.expr));
        }
        continue;
      }
    }
    row->fields.push_back(analyze_expr(scope, field));
  }
  if (row->fields.size() > max_fields) {
    throw error_at(scope, sqlstate::too_many_columns,
                   fmt::format("ROW expressions can have at most {} entries", max_fields),
                   node.location);
  }
  for (std::size_t i = 0; i < row->fields.size(); ++i) {
    row->names.push_back(fmt::format("f{}", i + 1));
  }
  row->location = node.location;
  return row;
}

ExprPtr analyze_collate(Scope& scope, const PgQuery__CollateClause& node) {
  ExprPtr expr = analyze_expr(scope, node.arg);
  const TypeDesc& type = type_of(scope.statement, expr->type.oid);
  const Oid element = array_element(scope.statement, expr->type.oid);
  const bool is_collatable = expr->type.oid == oids::unknown ||
                             type.collation != types::invalid_oid ||
                             (element != types::invalid_oid &&
                              type_of(scope.statement, element).collation != types::invalid_oid) ||
                             type.category == 'S';
  if (!is_collatable) {
    throw error_at(scope, sqlstate::datatype_mismatch,
                   fmt::format("collations are not supported by type {}",
                               type_text(scope.statement, expr->type.oid)),
                   node.location);
  }
  expr->collation = resolve_collation(scope, node);
  return expr;
}

ExprPtr analyze_default_marker(Scope& scope, const PgQuery__SetToDefault& node) {
  if (!scope.allows_default) {
    throw error_at(scope, sqlstate::syntax_error, "DEFAULT is not allowed in this context",
                   node.location);
  }
  auto marker = std::make_unique<SetDefaultExpr>(TypeRef{oids::unknown, -1});
  marker->location = node.location;
  return marker;
}

}  // namespace

ExprPtr analyze_expr(Scope& scope, const raw::Node* node, Clause clause) {
  const ClauseGuard guard(scope, clause);
  return analyze_expr(scope, node);
}

ExprPtr analyze_expr(Scope& scope, const raw::Node* node) {
  if (node == nullptr) return nullptr;
  const DepthGuard depth(scope.statement);
  switch (node->node_case) {
    case PG_QUERY__NODE__NODE_COLUMN_REF:
      return analyze_column_ref(scope, *node->column_ref);
    case PG_QUERY__NODE__NODE_PARAM_REF:
      return analyze_param(scope, *node->param_ref);
    case PG_QUERY__NODE__NODE_A_CONST:
      return analyze_constant(scope, *node->a_const);
    case PG_QUERY__NODE__NODE_A_INDIRECTION:
      return analyze_indirection(scope, *node->a_indirection);
    case PG_QUERY__NODE__NODE_A_ARRAY_EXPR:
      return analyze_array(scope, *node->a_array_expr, types::invalid_oid, types::invalid_oid, -1);
    case PG_QUERY__NODE__NODE_TYPE_CAST:
      return analyze_cast(scope, *node->type_cast);
    case PG_QUERY__NODE__NODE_COLLATE_CLAUSE:
      return analyze_collate(scope, *node->collate_clause);
    case PG_QUERY__NODE__NODE_A_EXPR:
      return analyze_operator_node(scope, *node->a_expr);
    case PG_QUERY__NODE__NODE_BOOL_EXPR:
      return analyze_boolean(scope, *node->bool_expr);
    case PG_QUERY__NODE__NODE_FUNC_CALL:
      return analyze_call(scope, *node->func_call);
    case PG_QUERY__NODE__NODE_GROUPING_FUNC:
      return analyze_grouping(scope, *node->grouping_func);
    case PG_QUERY__NODE__NODE_SUB_LINK:
      return analyze_sublink(scope, *node->sub_link);
    case PG_QUERY__NODE__NODE_CASE_EXPR:
      return analyze_case(scope, *node->case_expr);
    case PG_QUERY__NODE__NODE_ROW_EXPR:
      return analyze_row(scope, *node->row_expr);
    case PG_QUERY__NODE__NODE_COALESCE_EXPR:
      return analyze_coalesce(scope, *node->coalesce_expr);
    case PG_QUERY__NODE__NODE_MIN_MAX_EXPR:
      return analyze_min_max(scope, *node->min_max_expr);
    case PG_QUERY__NODE__NODE_SQLVALUE_FUNCTION:
      return analyze_sql_value(scope, *node->sqlvalue_function);
    case PG_QUERY__NODE__NODE_NULL_TEST:
      return analyze_null_test(scope, *node->null_test);
    case PG_QUERY__NODE__NODE_BOOLEAN_TEST:
      return analyze_boolean_test(scope, *node->boolean_test);
    case PG_QUERY__NODE__NODE_SET_TO_DEFAULT:
      return analyze_default_marker(scope, *node->set_to_default);
    case PG_QUERY__NODE__NODE_XML_EXPR:
    case PG_QUERY__NODE__NODE_XML_SERIALIZE:
      throw not_supported(scope, "XML", raw::location_of(node));
    case PG_QUERY__NODE__NODE_CURRENT_OF_EXPR:
      throw not_supported(scope, "WHERE CURRENT OF", -1);
    default:
      throw not_supported(scope, "this kind of expression", raw::location_of(node));
  }
}

ExprPtr analyze_where(Scope& scope, const raw::Node* node, Clause clause,
                      std::string_view construct) {
  if (node == nullptr) return nullptr;
  return coerce_to_boolean(scope, analyze_expr(scope, node, clause), construct);
}

}  // namespace dvecdb::server::query
