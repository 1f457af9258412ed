#include "server/query/lower_walk.h"

#include "server/query/lower.h"

namespace dvecdb::server::query::lower {

namespace {

void visit_query_columns(Query& query, const ColumnVisitor& visit, int depth) {
  visit_query(
      query, [&](ExprPtr& e) { visit_own_columns(*e, visit, depth); },
      [&](Query& inner) { visit_query_columns(inner, visit, depth + 1); });
}

}  // namespace

void visit_own_columns(const Expr& expr, const ColumnVisitor& visit, int depth) {
  if (expr.kind == ExprKind::column) {
    const auto& column = static_cast<const ColumnExpr&>(expr);
    if (column.levels_up == depth) visit(column);
    return;
  }
  visit_children(expr, [&](const Expr& child) { visit_own_columns(child, visit, depth); });
  if (expr.kind == ExprKind::sublink) {
    // visit_query offers its expressions for change; none is made here.
    visit_query_columns(*static_cast<const SublinkExpr&>(expr).query, visit, depth + 1);
  }
}

void split_conjuncts(const Expr* condition, std::vector<const Expr*>& out) {
  if (condition == nullptr) return;
  if (condition->kind == ExprKind::boolean_op) {
    const auto& boolean = static_cast<const BooleanExpr&>(*condition);
    if (boolean.op == BooleanOperator::and_) {
      for (const ExprPtr& argument : boolean.arguments) split_conjuncts(argument.get(), out);
      return;
    }
  }
  out.push_back(condition);
}

bool is_volatile(const Expr& expr) {
  return any_of(expr, [](const Expr& e) {
    const ProcDesc* proc = nullptr;
    if (e.kind == ExprKind::function) proc = static_cast<const FunctionExpr&>(e).proc;
    if (e.kind == ExprKind::operation) proc = static_cast<const OperationExpr&>(e).proc;
    return e.kind == ExprKind::next_value || (proc != nullptr && proc->volatility == 'v');
  });
}

}  // namespace dvecdb::server::query::lower
