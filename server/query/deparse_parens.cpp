// Where parentheses may be left out: PostgreSQL's rules for its pretty form, which knows the
// precedence of AND, OR, NOT and of + - * / % alone.
#include "server/query/deparse_internal.h"

namespace dvecdb::server::query {

namespace {

template <typename Target>
const Target& as(const Expr& expr) {
  return static_cast<const Target&>(expr);
}

// 1: + and -, 2: * / %, 0: all else.
int arithmetic_priority(const OperationExpr& e) {
  if (e.arguments.size() != 2 || e.op->name.size() != 1) return 0;
  switch (e.op->name[0]) {
    case '+':
    case '-':
      return 1;
    case '*':
    case '/':
    case '%':
      return 2;
    default:
      return 0;
  }
}

// Nodes that print their parts between brackets of their own.
bool encloses_parts(const Expr& parent) {
  switch (parent.kind) {
    case ExprKind::function:
      return as<FunctionExpr>(parent).form == CoercionForm::call;
    case ExprKind::coercion:
      return false;
    case ExprKind::subscript:
    case ExprKind::array:
    case ExprKind::row:
    case ExprKind::coalesce:
    case ExprKind::min_max:
    case ExprKind::null_if:
    case ExprKind::aggregate:
    case ExprKind::grouping:
    case ExprKind::window:
    case ExprKind::case_when:
      return true;
    default:
      return false;
  }
}

bool is_simple(const Expr& e, const Expr& parent);

bool operation_is_simple(const OperationExpr& e, const Expr& parent) {
  if (parent.kind != ExprKind::operation) {
    return parent.kind == ExprKind::boolean_op || encloses_parts(parent);
  }
  const int own = arithmetic_priority(e);
  const int around = arithmetic_priority(as<OperationExpr>(parent));
  if (own == 0 || around == 0) return false;
  if (own != around) return own > around;
  return as<OperationExpr>(parent).arguments[0].get() == &e;
}

bool boolean_is_simple(BooleanOperator op, const Expr& parent) {
  if (parent.kind != ExprKind::boolean_op) return encloses_parts(parent);
  const BooleanOperator around = as<BooleanExpr>(parent).op;
  return around == BooleanOperator::or_ ||
         (around == BooleanOperator::and_ && op != BooleanOperator::or_);
}

bool is_simple(const Expr& e, const Expr& parent) {
  if (e.collation != types::invalid_oid) return false;
  switch (e.kind) {
    case ExprKind::operation:
      return operation_is_simple(as<OperationExpr>(e), parent);
    case ExprKind::boolean_op:
      return boolean_is_simple(as<BooleanExpr>(e).op, parent);
    case ExprKind::distinct_from:
      if (as<DistinctFromExpr>(e).negated) return boolean_is_simple(BooleanOperator::not_, parent);
      return parent.kind == ExprKind::boolean_op || encloses_parts(parent);
    case ExprKind::sublink:
    case ExprKind::null_test:
    case ExprKind::boolean_test:
      return parent.kind == ExprKind::boolean_op || encloses_parts(parent);
    case ExprKind::coercion: {
      const auto& coercion = as<CoercionExpr>(e);
      return coercion.method == CoercionMethod::typmod || is_simple(*coercion.argument, e);
    }
    case ExprKind::field:
      return parent.kind != ExprKind::field;
    case ExprKind::scalar_array_op:
    case ExprKind::row_compare:
      return false;
    default:
      return true;
  }
}

}  // namespace

void Deparser::open() {
  if (!spares_parens_) out_ += "(";
}

void Deparser::close() {
  if (!spares_parens_) out_ += ")";
}

void Deparser::operand(const Expr& e, const Expr& parent, bool show_implicit) {
  const bool parens = needs_parens(e, parent);
  if (parens) out_ += "(";
  expr(e, show_implicit);
  if (parens) out_ += ")";
}

bool Deparser::needs_parens(const Expr& e, const Expr& parent) const {
  return spares_parens_ && !is_simple(e, parent);
}

bool prints_as_call(const Expr& e) {
  switch (e.kind) {
    case ExprKind::function: {
      const CoercionForm form = as<FunctionExpr>(e).form;
      return form == CoercionForm::call || form == CoercionForm::sql_syntax;
    }
    case ExprKind::coalesce:
    case ExprKind::min_max:
    case ExprKind::null_if:
    case ExprKind::sql_value:
      return e.collation == types::invalid_oid;
    default:
      return false;
  }
}

}  // namespace dvecdb::server::query
