// How far the value of an expression depends on more than its arguments.
#include <algorithm>

#include "server/query/walk.h"
#include "server/types/oids.h"

namespace dvecdb::server::query {

namespace oids = types::oids;

namespace {

char more_volatile(char a, char b) {
  constexpr std::string_view order = "isv";
  return order.find(a) > order.find(b) ? a : b;
}

// Text forms that follow the session's settings or the catalog.
bool has_stable_text(const Catalog& catalog, Oid type) {
  switch (type) {
    case oids::date:
    case oids::time:
    case oids::timetz:
    case oids::timestamp:
    case oids::timestamptz:
    case oids::interval:
    case oids::record:
    case oids::regclass:
    case oids::regtype:
    case oids::regproc:
    case oids::regprocedure:
    case oids::regoper:
    case oids::regoperator:
    case oids::regrole:
    case oids::regnamespace:
      return true;
    default:
      break;
  }
  const types::TypeDesc* desc = catalog.find_type(type);
  return desc != nullptr &&
         (desc->category == 'A' || desc->kind == types::TypeKind::enumeration ||
          desc->kind == types::TypeKind::composite || desc->kind == types::TypeKind::domain);
}

char volatility_of_proc(const ProcDesc* proc) {
  return proc == nullptr ? 'i' : proc->volatility;
}

// text || anything is SQL for text || anything::text: as stable as that cast.
char volatility_of_operation(const Catalog& catalog, const OperationExpr& expr) {
  const bool is_cast = expr.proc != nullptr &&
                       (expr.proc->symbol == "textanycat" || expr.proc->symbol == "anytextcat");
  if (!is_cast) return volatility_of_proc(expr.proc);
  const bool is_stable =
      std::any_of(expr.arguments.begin(), expr.arguments.end(),
                  [&](const ExprPtr& e) { return has_stable_text(catalog, e->type.oid); });
  return is_stable ? 's' : 'i';
}

// Of the expression's own operation.
char own_volatility(const Catalog& catalog, const Expr& expr) {
  switch (expr.kind) {
    case ExprKind::function:
      return volatility_of_proc(static_cast<const FunctionExpr&>(expr).proc);
    case ExprKind::operation:
      return volatility_of_operation(catalog, static_cast<const OperationExpr&>(expr));
    case ExprKind::scalar_array_op:
      return volatility_of_proc(static_cast<const ScalarArrayExpr&>(expr).proc);
    case ExprKind::aggregate:
      return volatility_of_proc(static_cast<const AggregateExpr&>(expr).proc);
    case ExprKind::coercion: {
      const auto& coercion = static_cast<const CoercionExpr&>(expr);
      if (coercion.method != CoercionMethod::via_text) return 'i';
      const bool is_stable = has_stable_text(catalog, coercion.argument->type.oid) ||
                             has_stable_text(catalog, expr.type.oid);
      return is_stable ? 's' : 'i';
    }
    case ExprKind::sql_value:
      return 's';
    case ExprKind::next_value:
      return 'v';
    default:
      return 'i';
  }
}

}  // namespace

char volatility_of(const Catalog& catalog, const Expr& expr) {
  char found = own_volatility(catalog, expr);
  visit_children(expr, [&](const Expr& child) {
    found = more_volatile(found, volatility_of(catalog, child));
  });
  return found;
}

}  // namespace dvecdb::server::query
