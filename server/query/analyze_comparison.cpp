// Operator nodes of the grammar: plain operators, rows, IN, BETWEEN, IS DISTINCT FROM ...
#include <fmt/format.h>

#include <algorithm>

#include "server/query/analyze_internal.h"

namespace dvecdb::server::query {

namespace {

bool is_null_constant(const raw::Node* node) {
  return raw::is(node, PG_QUERY__NODE__NODE_A_CONST) && node->a_const->isnull;
}

bool is_row(const raw::Node* node) {
  return raw::is(node, PG_QUERY__NODE__NODE_ROW_EXPR);
}

bool is_scalar_sublink(const raw::Node* node) {
  return raw::is(node, PG_QUERY__NODE__NODE_SUB_LINK) &&
         node->sub_link->sub_link_type == PG_QUERY__SUB_LINK_TYPE__EXPR_SUBLINK;
}

raw::NodeList name_of(const PgQuery__AExpr& node) {
  return raw::list(node.n_name, node.name);
}

// A stand-in for a raw operator name.
class NameNode {
 public:
  explicit NameNode(std::string_view name) : text_(name) {
    pg_query__string__init(&string_);
    string_.sval = text_.data();
    pg_query__node__init(&node_);
    node_.node_case = PG_QUERY__NODE__NODE_STRING;
    node_.string = &string_;
  }
  NameNode(const NameNode&) = delete;
  NameNode& operator=(const NameNode&) = delete;
  raw::NodeList list() const { return {&pointer_, 1}; }

 private:
  std::string text_;
  PgQuery__String string_;
  raw::Node node_;
  raw::Node* pointer_ = &node_;
};

// (a, b) op (SELECT x, y)
ExprPtr row_against_query(Scope& scope, const PgQuery__AExpr& node) {
  PgQuery__SubLink link = *node.rexpr->sub_link;
  link.sub_link_type = PG_QUERY__SUB_LINK_TYPE__ROWCOMPARE_SUBLINK;
  link.testexpr = node.lexpr;
  link.n_oper_name = node.n_name;
  link.oper_name = node.name;
  link.location = node.location;
  return analyze_sublink(scope, link);
}

ExprPtr plain_operator(Scope& scope, const PgQuery__AExpr& node) {
  if (is_row(node.lexpr) && is_scalar_sublink(node.rexpr)) return row_against_query(scope, node);
  if (is_row(node.lexpr) && is_row(node.rexpr)) {
    ExprPtr left = analyze_expr(scope, node.lexpr);
    ExprPtr right = analyze_expr(scope, node.rexpr);
    return make_row_comparison(scope, name_of(node), static_cast<RowExpr&>(*left),
                               static_cast<RowExpr&>(*right), node.location);
  }
  ExprPtr left = analyze_expr(scope, node.lexpr);
  ExprPtr right = analyze_expr(scope, node.rexpr);
  return make_operation(scope, name_of(node), std::move(left), std::move(right), node.location);
}

ExprPtr array_operator(Scope& scope, const PgQuery__AExpr& node, bool is_any) {
  ExprPtr left = analyze_expr(scope, node.lexpr);
  ExprPtr right = analyze_expr(scope, node.rexpr);
  return make_scalar_array(scope, name_of(node), is_any, std::move(left), std::move(right),
                           node.location);
}

ExprPtr null_test(ExprPtr argument, bool is_not_null, int location) {
  auto test = std::make_unique<NullTestExpr>();
  test->argument = std::move(argument);
  test->is_not_null = is_not_null;
  test->location = location;
  return test;
}

ExprPtr row_distinct(Scope& scope, const PgQuery__AExpr& node, RowExpr& left, RowExpr& right,
                     bool negated) {
  if (left.fields.size() != right.fields.size()) {
    throw error_at(scope, sqlstate::syntax_error, "unequal number of entries in row expressions",
                   node.location);
  }
  ExprList parts;
  for (std::size_t i = 0; i < left.fields.size(); ++i) {
    parts.push_back(make_distinct(scope, name_of(node), std::move(left.fields[i]),
                                  std::move(right.fields[i]), negated, node.location));
  }
  if (parts.empty()) {
    return make_constant({oids::boolean, -1}, Value::boolean(negated), node.location);
  }
  if (parts.size() == 1) return std::move(parts[0]);
  return make_boolean(negated ? BooleanOperator::and_ : BooleanOperator::or_, std::move(parts),
                      node.location);
}

ExprPtr is_distinct(Scope& scope, const PgQuery__AExpr& node, bool negated) {
  if (is_null_constant(node.rexpr)) {
    return null_test(analyze_expr(scope, node.lexpr), !negated, node.location);
  }
  if (is_null_constant(node.lexpr)) {
    return null_test(analyze_expr(scope, node.rexpr), !negated, node.location);
  }
  ExprPtr left = analyze_expr(scope, node.lexpr);
  ExprPtr right = analyze_expr(scope, node.rexpr);
  if (left->kind == ExprKind::row && right->kind == ExprKind::row) {
    return row_distinct(scope, node, static_cast<RowExpr&>(*left), static_cast<RowExpr&>(*right),
                        negated);
  }
  return make_distinct(scope, name_of(node), std::move(left), std::move(right), negated,
                       node.location);
}

ExprPtr null_if(Scope& scope, const PgQuery__AExpr& node) {
  ExprPtr left = analyze_expr(scope, node.lexpr);
  ExprPtr right = analyze_expr(scope, node.rexpr);
  ExprPtr compared =
      make_operation(scope, name_of(node), std::move(left), std::move(right), node.location);
  auto& operation = static_cast<OperationExpr&>(*compared);
  if (operation.type.oid != oids::boolean) {
    throw error_at(scope, sqlstate::datatype_mismatch,
                   "NULLIF requires = operator to yield boolean", node.location);
  }
  auto expr = std::make_unique<NullIfExpr>(operation.op, operation.arguments[0]->type);
  expr->left = std::move(operation.arguments[0]);
  expr->right = std::move(operation.arguments[1]);
  expr->location = node.location;
  return expr;
}

bool contains_column(const Expr& expr) {
  if (expr.kind == ExprKind::column || expr.kind == ExprKind::sublink) return true;
  bool found = false;
  visit_children(expr, [&](const Expr& child) { found = found || contains_column(child); });
  return found;
}

ExprPtr compare_item(Scope& scope, const PgQuery__AExpr& node, ExprPtr left, ExprPtr right) {
  if (left->kind == ExprKind::row && right->kind == ExprKind::row) {
    return make_row_comparison(scope, name_of(node), static_cast<RowExpr&>(*left),
                               static_cast<RowExpr&>(*right), node.location);
  }
  return make_operation(scope, name_of(node), std::move(left), std::move(right), node.location);
}

// Constants of an IN list as one array, when they have a type in common.
ExprPtr in_array(Scope& scope, const PgQuery__AExpr& node, const Expr& left, ExprList& items,
                 bool is_any) {
  std::vector<const Expr*> all{&left};
  for (const ExprPtr& item : items) {
    all.push_back(item.get());
    if (item->kind == ExprKind::row) return nullptr;
  }
  const Oid scalar = select_common_type(scope, all, "");
  if (scalar == types::invalid_oid || scalar == oids::record) return nullptr;
  const Oid array_type = array_of(scope.statement, scalar);
  if (array_type == types::invalid_oid) return nullptr;
  for (const ExprPtr& item : items) {
    if (!can_coerce(scope.statement, item->type.oid, scalar, CoercionContext::implicit)) {
      return nullptr;
    }
  }
  auto array = std::make_unique<ArrayExpr>(TypeRef{array_type, -1}, scalar);
  for (ExprPtr& item : items) {
    array->elements.push_back(coerce_to_common(scope, std::move(item), scalar, "IN"));
  }
  return make_scalar_array(scope, name_of(node), is_any, clone(left), std::move(array),
                           node.location);
}

ExprPtr in_list(Scope& scope, const PgQuery__AExpr& node) {
  // "<>" is NOT IN
  const bool is_any = raw::string_of(node.name[node.n_name - 1]) != "<>";
  const ExprPtr left = analyze_expr(scope, node.lexpr);
  ExprList constants;
  ExprList others;
  for (const raw::Node* item : raw::list(node.rexpr->list->n_items, node.rexpr->list->items)) {
    ExprPtr value = analyze_expr(scope, item);
    (contains_column(*value) ? others : constants).push_back(std::move(value));
  }
  ExprList parts;
  if (constants.size() > 1) {
    if (ExprPtr array = in_array(scope, node, *left, constants, is_any)) {
      parts.push_back(std::move(array));
      constants.clear();
    }
  }
  for (ExprList* list : {&constants, &others}) {
    for (ExprPtr& item : *list) {
      ExprPtr compared = compare_item(scope, node, clone(*left), std::move(item));
      parts.push_back(coerce_to_boolean(scope, std::move(compared), "IN"));
    }
  }
  if (parts.size() == 1) return std::move(parts[0]);
  return make_boolean(is_any ? BooleanOperator::or_ : BooleanOperator::and_, std::move(parts),
                      node.location);
}

// value >= low AND value <= high, or its negation
ExprPtr between_once(Scope& scope, const Expr& value, const Expr& low, const Expr& high,
                     bool negated, int location) {
  ExprList parts;
  const auto compare = [&](std::string_view op, const Expr& bound) {
    if (value.kind == ExprKind::row && bound.kind == ExprKind::row) {
      ExprPtr left = clone(value);
      ExprPtr right = clone(bound);
      return make_row_comparison(scope, NameNode(op).list(), static_cast<RowExpr&>(*left),
                                 static_cast<RowExpr&>(*right), location);
    }
    return make_operation(scope, op, clone(value), clone(bound), location);
  };
  parts.push_back(compare(negated ? "<" : ">=", low));
  parts.push_back(compare(negated ? ">" : "<=", high));
  return make_boolean(negated ? BooleanOperator::or_ : BooleanOperator::and_, std::move(parts),
                      location);
}

ExprPtr between(Scope& scope, const PgQuery__AExpr& node, bool negated, bool is_symmetric) {
  const auto bounds = raw::list(node.rexpr->list->n_items, node.rexpr->list->items);
  const ExprPtr value = analyze_expr(scope, node.lexpr);
  const ExprPtr low = analyze_expr(scope, bounds[0]);
  const ExprPtr high = analyze_expr(scope, bounds[1]);
  ExprPtr first = between_once(scope, *value, *low, *high, negated, node.location);
  if (!is_symmetric) return first;
  ExprList parts;
  parts.push_back(std::move(first));
  parts.push_back(between_once(scope, *value, *high, *low, negated, node.location));
  return make_boolean(negated ? BooleanOperator::and_ : BooleanOperator::or_, std::move(parts),
                      node.location);
}

}  // namespace

ExprPtr analyze_operator_node(Scope& scope, const PgQuery__AExpr& node) {
  switch (node.kind) {
    case PG_QUERY__A__EXPR__KIND__AEXPR_OP_ANY:
      return array_operator(scope, node, true);
    case PG_QUERY__A__EXPR__KIND__AEXPR_OP_ALL:
      return array_operator(scope, node, false);
    case PG_QUERY__A__EXPR__KIND__AEXPR_DISTINCT:
      return is_distinct(scope, node, false);
    case PG_QUERY__A__EXPR__KIND__AEXPR_NOT_DISTINCT:
      return is_distinct(scope, node, true);
    case PG_QUERY__A__EXPR__KIND__AEXPR_NULLIF:
      return null_if(scope, node);
    case PG_QUERY__A__EXPR__KIND__AEXPR_IN:
      return in_list(scope, node);
    case PG_QUERY__A__EXPR__KIND__AEXPR_BETWEEN:
      return between(scope, node, false, false);
    case PG_QUERY__A__EXPR__KIND__AEXPR_NOT_BETWEEN:
      return between(scope, node, true, false);
    case PG_QUERY__A__EXPR__KIND__AEXPR_BETWEEN_SYM:
      return between(scope, node, false, true);
    case PG_QUERY__A__EXPR__KIND__AEXPR_NOT_BETWEEN_SYM:
      return between(scope, node, true, true);
    default:  // plain operators; LIKE, ILIKE and SIMILAR are spelled as operators
      return plain_operator(scope, node);
  }
}

namespace {

constexpr std::string_view row_operators[] = {"=", "<>", "<", "<=", ">", ">="};

bool is_row_operator(std::string_view name) {
  return std::find(std::begin(row_operators), std::end(row_operators), name) !=
         std::end(row_operators);
}

}  // namespace

ExprPtr make_row_comparison(Scope& scope, raw::NodeList name, RowExpr& left, RowExpr& right,
                            int location) {
  if (left.fields.size() != right.fields.size()) {
    throw error_at(scope, sqlstate::syntax_error, "unequal number of entries in row expressions",
                   location);
  }
  if (left.fields.empty()) {
    throw error_at(scope, sqlstate::feature_not_supported, "cannot compare rows of zero length",
                   location);
  }
  const std::string op(raw::string_of(name.back()));
  ExprList parts;
  for (std::size_t i = 0; i < left.fields.size(); ++i) {
    ExprPtr part = make_operation(scope, name, std::move(left.fields[i]),
                                  std::move(right.fields[i]), location);
    if (part->type.oid != oids::boolean) {
      throw error_at(scope, sqlstate::datatype_mismatch,
                     fmt::format("row comparison operator must yield type boolean, not type {}",
                                 type_text(scope.statement, part->type.oid)),
                     location);
    }
    parts.push_back(std::move(part));
  }
  if (parts.size() == 1) return std::move(parts[0]);
  if (!is_row_operator(op)) {
    throw error_at(
        scope, sqlstate::feature_not_supported,
        fmt::format("could not determine interpretation of row comparison operator {}", op),
        location)
        .hint("Row comparison operators must be associated with btree operator families.");
  }
  if (op == "=") return make_boolean(BooleanOperator::and_, std::move(parts), location);
  if (op == "<>") return make_boolean(BooleanOperator::or_, std::move(parts), location);
  auto comparison = std::make_unique<RowCompareExpr>();
  comparison->op = op;
  for (ExprPtr& part : parts) {
    auto& operation = static_cast<OperationExpr&>(*part);
    comparison->operators.push_back(operation.op);
    comparison->left.push_back(std::move(operation.arguments[0]));
    comparison->right.push_back(std::move(operation.arguments[1]));
  }
  comparison->location = location;
  return comparison;
}

}  // namespace dvecdb::server::query
