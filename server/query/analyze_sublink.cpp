// Subqueries in expressions.
#include <fmt/format.h>

#include "server/query/analyze_internal.h"

namespace dvecdb::server::query {

namespace {

void check_allowed(const Scope& scope, int location) {
  std::string_view where;
  switch (scope.clause) {
    case Clause::check:
      where = "check constraint";
      break;
    case Clause::column_default:
      where = "DEFAULT expression";
      break;
    case Clause::index_expression:
      where = "index expression";
      break;
    case Clause::index_predicate:
      where = "index predicate";
      break;
    case Clause::generated_column:
      where = "column generation expression";
      break;
    default:
      return;
  }
  throw error_at(scope, sqlstate::feature_not_supported,
                 fmt::format("cannot use subquery in {}", where), location);
}

std::vector<const TargetEntry*> visible_targets(const Query& query) {
  std::vector<const TargetEntry*> targets;
  for (const TargetEntry& target : query.targets) {
    if (!target.is_junk) targets.push_back(&target);
  }
  return targets;
}

ExprPtr single_column(Scope& scope, const PgQuery__SubLink& link, QueryPtr query,
                      SublinkKind kind) {
  const auto targets = visible_targets(*query);
  if (targets.size() != 1) {
    throw error_at(scope, sqlstate::syntax_error, "subquery must return only one column",
                   link.location);
  }
  TypeRef type = targets[0]->expr->type;
  if (kind == SublinkKind::array) {
    const Oid element = type.oid;
    // An array of arrays is an array with one more dimension.
    type.oid = array_element(scope.statement, element) != types::invalid_oid
                   ? element
                   : array_of(scope.statement, element);
    if (type.oid == types::invalid_oid) {
      throw error_at(scope, sqlstate::undefined_object,
                     fmt::format("could not find array type for data type {}",
                                 type_text(scope.statement, element)),
                     link.location);
    }
  }
  auto expr = std::make_unique<SublinkExpr>(kind, type);
  expr->query = std::move(query);
  return expr;
}

// left op column, kept as operator, left side and conversion of the column.
void add_comparison(Scope& scope, SublinkExpr& expr, raw::NodeList name, ExprPtr left,
                    const Expr& column, int location) {
  ExprPtr placeholder = std::make_unique<CasePlaceholderExpr>(column.type);
  ExprPtr compared =
      name.empty() ? make_operation(scope, "=", std::move(left), std::move(placeholder), location)
                   : make_operation(scope, name, std::move(left), std::move(placeholder), location);
  auto& operation = static_cast<OperationExpr&>(*compared);
  if (operation.type.oid != oids::boolean) {
    throw error_at(scope, sqlstate::datatype_mismatch,
                   fmt::format("operator {} must return type boolean, not type {}",
                               operation.op->name, type_text(scope.statement, operation.type.oid)),
                   location)
        .hint("The operator of a quantified comparison subquery must return type boolean.");
  }
  expr.operators.push_back(operation.op);
  expr.left.push_back(std::move(operation.arguments[0]));
  ExprPtr right = std::move(operation.arguments[1]);
  if (right->kind == ExprKind::case_placeholder) right = nullptr;
  expr.right_coercions.push_back(std::move(right));
}

ExprPtr comparison(Scope& scope, const PgQuery__SubLink& link, QueryPtr query, SublinkKind kind) {
  auto expr = std::make_unique<SublinkExpr>(kind, TypeRef{oids::boolean, -1});
  ExprPtr test = analyze_expr(scope, link.testexpr);
  ExprList left;
  if (test->kind == ExprKind::row) {
    left = std::move(static_cast<RowExpr&>(*test).fields);
  } else {
    left.push_back(std::move(test));
  }
  const auto targets = visible_targets(*query);
  if (left.size() < targets.size()) {
    throw error_at(scope, sqlstate::syntax_error, "subquery has too many columns", link.location);
  }
  if (left.size() > targets.size()) {
    throw error_at(scope, sqlstate::syntax_error, "subquery has too few columns", link.location);
  }
  const auto name = raw::list(link.n_oper_name, link.oper_name);
  expr->op = name.empty() ? "=" : std::string(raw::string_of(name.back()));
  for (std::size_t i = 0; i < left.size(); ++i) {
    add_comparison(scope, *expr, name, std::move(left[i]), *targets[i]->expr, link.location);
  }
  expr->query = std::move(query);
  return expr;
}

}  // namespace

ExprPtr analyze_sublink(Scope& scope, const PgQuery__SubLink& link) {
  check_allowed(scope, link.location);
  scope.query->has_sublinks = true;
  QueryPtr query = analyze_query_node(scope.statement, &scope, link.subselect);
  ExprPtr result;
  switch (link.sub_link_type) {
    case PG_QUERY__SUB_LINK_TYPE__EXISTS_SUBLINK: {
      auto exists = std::make_unique<SublinkExpr>(SublinkKind::exists, TypeRef{oids::boolean, -1});
      exists->query = std::move(query);
      result = std::move(exists);
      break;
    }
    case PG_QUERY__SUB_LINK_TYPE__EXPR_SUBLINK:
      result = single_column(scope, link, std::move(query), SublinkKind::scalar);
      break;
    case PG_QUERY__SUB_LINK_TYPE__ARRAY_SUBLINK:
      result = single_column(scope, link, std::move(query), SublinkKind::array);
      break;
    case PG_QUERY__SUB_LINK_TYPE__ANY_SUBLINK:
      result = comparison(scope, link, std::move(query), SublinkKind::any);
      break;
    case PG_QUERY__SUB_LINK_TYPE__ALL_SUBLINK:
      result = comparison(scope, link, std::move(query), SublinkKind::all);
      break;
    case PG_QUERY__SUB_LINK_TYPE__ROWCOMPARE_SUBLINK:
      result = comparison(scope, link, std::move(query), SublinkKind::row_compare);
      break;
    default:
      throw not_supported(scope, "this kind of subquery", link.location);
  }
  result->location = link.location;
  return result;
}

}  // namespace dvecdb::server::query
