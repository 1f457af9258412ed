// Subqueries in expressions.
#include <fmt/format.h>

#include "server/query/lower.h"
#include "server/query/lower_sql.h"
#include "server/query/lower_types.h"
#include "server/types/array.h"

namespace dvecdb::server::query::lower {

namespace {

bool is_constant_one(const Expr* expr) {
  if (expr == nullptr || expr->kind != ExprKind::constant) return false;
  const Value& value = static_cast<const ConstantExpr&>(*expr).value;
  return !value.is_null() && value.as_integer() <= 1;
}

// True when the query cannot give two rows.
bool gives_one_row(const Query& query) {
  if (is_constant_one(query.limit.get()) && !query.with_ties) return true;
  if (query.set_operation != nullptr || query.has_target_sets) return false;
  if (!query.group_by.empty() || !query.grouping_sets.empty()) return false;
  return query.has_aggregates || query.from.empty();
}

}  // namespace

std::string Lowering::sublink(const SublinkExpr& e, const Context& context) {
  Scope* scope = context.scope;
  if (e.sublink == SublinkKind::any || e.sublink == SublinkKind::all) {
    return in_query(e, context);
  }
  const std::string inner = query(*e.query, scope, scope == nullptr ? &root_ : scope->text);
  const std::string alias = next_alias();
  switch (e.sublink) {
    case SublinkKind::exists:
      return fmt::format("EXISTS ({})", inner);
    case SublinkKind::array: {
      const TypeDesc* array_type = context_.catalog.find_type(base_type(e.type.oid));
      const TypeRef column = e.query->targets.front().expr->type;
      const TypeDesc* column_type = context_.catalog.find_type(base_type(column.oid));
      const bool is_nested = column_type != nullptr && column_type->is_array;
      const Oid element = array_type != nullptr ? array_type->element : column.oid;
      return fmt::format("coalesce((SELECT array_build({}, {}, {}.c1) FROM ({}) AS {}), {})",
                         element, is_nested ? 1 : 0, alias, inner, alias,
                         value_literal(types::encode_array(types::make_array(element, {}))));
    }
    case SublinkKind::row_compare: {
      std::vector<std::string> left;
      std::vector<std::string> right;
      for (std::size_t i = 0; i < e.left.size(); ++i) {
        const TypeRef type = e.left[i]->type;
        left.push_back(key(type, expr(*e.left[i], context)));
        right.push_back(key(type, fmt::format("{}.{}", alias, output_name(i))));
      }
      return fmt::format("(SELECT single_row(({}) {} ({})) FROM ({}) AS {})", join(left, ", "),
                         e.op, join(right, ", "), inner, alias);
    }
    default:
      break;
  }
  if (gives_one_row(*e.query)) return fmt::format("({})", inner);
  return fmt::format("(SELECT single_row({}.c1) FROM ({}) AS {})", alias, inner, alias);
}

// left op ANY/ALL (query)
std::string Lowering::in_query(const SublinkExpr& e, const Context& context) {
  std::vector<TypeRef> right_types;
  for (const TargetEntry& target : e.query->targets) {
    if (!target.is_junk) right_types.push_back(target.expr->type);
  }
  bool is_plain = e.sublink == SublinkKind::any ? e.op == "=" : e.op == "<>" && e.left.size() == 1;
  for (std::size_t i = 0; i < e.left.size() && i < right_types.size(); ++i) {
    const bool is_coerced = i < e.right_coercions.size() && e.right_coercions[i] != nullptr;
    is_plain = is_plain && !is_coerced &&
               native_comparison("=", e.left[i]->type.oid, right_types[i].oid).has_value();
  }
  if (!is_plain) return quantified(e, context);
  std::vector<std::string> left;
  for (const ExprPtr& item : e.left) left.push_back(collated(item->type, expr(*item, context)));
  const std::string left_sql =
      left.size() == 1 ? left.front() : fmt::format("({})", join(left, ", "));
  return fmt::format(
      "({} {} ({}))", left_sql, e.sublink == SublinkKind::any ? "IN" : "NOT IN",
      query(*e.query, context.scope, context.scope == nullptr ? &root_ : context.scope->text));
}

std::string Lowering::quantified(const SublinkExpr& e, const Context& context) {
  const std::string inner = query(*e.query, context.scope, context.scope->text);
  const std::string alias = next_alias();
  std::vector<std::string> terms;
  // Rows are ordered by their first columns that differ.
  const bool by_row = e.left.size() > 1 && e.op != "=" && e.op != "<>";
  std::vector<std::string> left_keys;
  std::vector<std::string> right_keys;
  std::size_t position = 0;
  for (const TargetEntry& target : e.query->targets) {
    if (target.is_junk || position >= e.left.size()) continue;
    std::string right = fmt::format("{}.{}", alias, output_name(position));
    TypeRef right_type = target.expr->type;
    if (position < e.right_coercions.size() && e.right_coercions[position] != nullptr) {
      Context within = context;
      const std::string plain = right;
      within.placeholder = &plain;
      right_type = e.right_coercions[position]->type;
      right = expr(*e.right_coercions[position], within);
    }
    const Expr& left = *e.left[position];
    if (by_row) {
      left_keys.push_back(key(left.type, expr(left, context)));
      right_keys.push_back(key(right_type, right));
      ++position;
      continue;
    }
    terms.push_back(compare(*e.operators[position], left.type, right_type, expr(left, context),
                            right, context));
    ++position;
  }
  const bool is_any = e.sublink == SublinkKind::any;
  const std::string condition =
      by_row ? fmt::format("(({}) {} ({}))", join(left_keys, ", "), e.op, join(right_keys, ", "))
             : join_balanced(terms, e.op == "<>" ? "OR" : "AND");
  return fmt::format("(SELECT {}({}) FROM ({}) AS {})", is_any ? "bool_any" : "bool_all", condition,
                     inner, alias);
}

}  // namespace dvecdb::server::query::lower
