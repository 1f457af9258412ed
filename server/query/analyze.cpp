#include "server/query/analyze.h"

#include <fmt/format.h>

#include "server/query/analyze_internal.h"

namespace dvecdb::server::query {

namespace {

// Every use of a parameter must agree with what was decided for it in the end.
class ParamCheck {
 public:
  ParamCheck(const Statement& statement, const ParamTypes& params)
      : statement_(statement), params_(params) {}

  void check(Query& query) const {
    visit_query(
        query, [&](ExprPtr& expr) { check(*expr); }, [&](Query& inner) { check(inner); });
  }

  void check(const Expr& expr) const {
    if (expr.kind == ExprKind::param) {
      const auto& param = static_cast<const ParamExpr&>(expr);
      const Oid decided = params_.types[static_cast<std::size_t>(param.number - 1)];
      if (decided != param.type.oid) fail(ambiguous_parameter, param);
      if (decided == oids::unknown) fail(sqlstate::indeterminate_datatype, param);
    }
    visit_children(expr, [&](const Expr& child) { check(child); });
    if (expr.kind == ExprKind::sublink) check(*static_cast<const SublinkExpr&>(expr).query);
  }

 private:
  void fail(std::string_view state, const ParamExpr& param) const {
    throw error_at(statement_, state,
                   fmt::format("could not determine data type of parameter ${}", param.number),
                   state == ambiguous_parameter ? param.location : -1);
  }

  const Statement& statement_;
  const ParamTypes& params_;
};

void check_params(const Statement& statement, const ParamTypes& params, Query* query,
                  const Expr* expr) {
  const ParamCheck check(statement, params);
  if (query != nullptr) check.check(*query);
  if (expr != nullptr) check.check(*expr);
  for (std::size_t i = 0; i < params.types.size(); ++i) {
    if (params.types[i] != types::invalid_oid && params.types[i] != oids::unknown) continue;
    throw SqlError(sqlstate::indeterminate_datatype,
                   fmt::format("could not determine data type of parameter ${}", i + 1));
  }
}

// The expression of "SELECT <text>", parsed.
struct ParsedExpression {
  std::string text;
  std::vector<RawStatement> statements;
  const raw::Node* node = nullptr;
};

constexpr std::string_view select_prefix = "SELECT ";

ParsedExpression parse_expression(std::string_view text) {
  ParsedExpression parsed;
  parsed.text = std::string(select_prefix) + std::string(text);
  parsed.statements = parse(parsed.text);
  if (parsed.statements.size() == 1) {
    const auto* node = static_cast<const raw::Node*>(parsed.statements[0].node);
    if (raw::is(node, PG_QUERY__NODE__NODE_SELECT_STMT) && node->select_stmt->n_target_list == 1) {
      parsed.node = node->select_stmt->target_list[0]->res_target->val;
    }
  }
  if (parsed.node == nullptr) {
    throw SqlError(sqlstate::syntax_error, fmt::format("syntax error in expression \"{}\"", text));
  }
  return parsed;
}

ExprPtr analyze_alone(const AnalyzeContext& context, const raw::Node* node,
                      const RelationDesc* relation, TypeRef target, Clause clause) {
  Statement statement{context, nullptr};
  Scope scope(statement, nullptr);
  Query query;
  scope.query = &query;
  if (relation != nullptr) {
    const int entry = add_relation_entry(scope, *relation, nullptr);
    scope.names.push_back({entry});
  }
  ExprPtr expr = analyze_expr(scope, node, clause);
  if (target.oid == types::invalid_oid) {
    return expr->type.oid == oids::unknown ? coerce_implicitly(scope, std::move(expr), oids::text)
                                           : std::move(expr);
  }
  const Oid source = expr->type.oid;
  CoercionRequest request;
  request.target = target;
  request.context = CoercionContext::assignment;
  ExprPtr result = coerce_to_target(scope, expr, request);
  if (result == nullptr) {
    throw error_at(scope, sqlstate::datatype_mismatch,
                   fmt::format("expression is of type {} but type {} is expected",
                               type_text(statement, source), type_text(statement, target)),
                   -1)
        .hint("You will need to rewrite or cast the expression.");
  }
  return result;
}

}  // namespace

QueryPtr analyze(const AnalyzeContext& context, const RawStatement& raw, ParamTypes& params) {
  if (!raw.is_query) {
    throw SqlError(sqlstate::feature_not_supported,
                   fmt::format("{} is not supported here", command_tag(raw)));
  }
  Statement statement{context, &params};
  QueryPtr query = analyze_query_node(statement, nullptr, static_cast<const raw::Node*>(raw.node));
  check_params(statement, params, query.get(), nullptr);
  return query;
}

ExprPtr analyze_expression(const AnalyzeContext& context, std::string_view text,
                           const RelationDesc* relation, TypeRef target) {
  const ParsedExpression parsed = parse_expression(text);
  const AnalyzeContext own{context.catalog, context.io, context.search_path, context.current_user,
                           parsed.text};
  return analyze_alone(own, parsed.node, relation, target,
                       relation == nullptr ? Clause::column_default : Clause::check);
}

ExprPtr analyze_node(const AnalyzeContext& context, const void* node, const RelationDesc* relation,
                     TypeRef target, ExpressionUse use) {
  constexpr Clause clauses[] = {Clause::check, Clause::index_expression, Clause::index_predicate,
                                Clause::generated_column};
  return analyze_alone(
      context, static_cast<const raw::Node*>(node), relation, target,
      relation == nullptr ? Clause::column_default : clauses[static_cast<int>(use)]);
}

TypeRef resolve_type_name(const AnalyzeContext& context, const void* type_name) {
  const Statement statement{context};
  return resolve_type(statement, *static_cast<const PgQuery__TypeName*>(type_name));
}

TypeRef resolve_type_text(const AnalyzeContext& context, std::string_view text) {
  const std::string cast = "NULL::" + std::string(text);
  const auto fail = [&]() -> SqlError {
    return SqlError(sqlstate::syntax_error, fmt::format("invalid type name \"{}\"", text));
  };
  ParsedExpression parsed;
  try {
    parsed = parse_expression(cast);
  } catch (const SqlError&) {
    throw fail();
  }
  if (!raw::is(parsed.node, PG_QUERY__NODE__NODE_TYPE_CAST)) throw fail();
  const AnalyzeContext own{context.catalog, context.io, context.search_path, context.current_user,
                           parsed.text};
  const Statement statement{own};
  PgQuery__TypeName name = *parsed.node->type_cast->type_name;
  name.location = -1;
  return resolve_type(statement, name);
}

}  // namespace dvecdb::server::query
