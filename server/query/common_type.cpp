// The one type that several expressions share: UNION, CASE, ARRAY, VALUES ...
#include <fmt/format.h>

#include <algorithm>

#include "server/query/analyze_internal.h"

namespace dvecdb::server::query {

namespace {

// Chooses among types in order. `conflict(i)` is called with the index of a type of another
// category and either throws or lets the answer be 0.
template <typename Conflict>
std::size_t choose(const Statement& statement, const std::vector<Oid>& types, Conflict conflict) {
  std::size_t best = 0;
  Oid type = base_type(statement, types[0]);
  for (std::size_t i = 1; i < types.size(); ++i) {
    const Oid next = base_type(statement, types[i]);
    if (next == oids::unknown || next == type) continue;
    if (type == oids::unknown) {
      type = next;
      best = i;
      continue;
    }
    const char category = category_of(statement, type);
    if (category_of(statement, next) != category) {
      conflict(best, i);
      return types.size();
    }
    if (!is_preferred(statement, category, type) &&
        can_coerce(statement, type, next, CoercionContext::implicit) &&
        !can_coerce(statement, next, type, CoercionContext::implicit)) {
      type = next;
      best = i;
    }
  }
  return best;
}

bool all_same(const std::vector<Oid>& types) {
  return types[0] != oids::unknown &&
         std::all_of(types.begin(), types.end(), [&](Oid t) { return t == types[0]; });
}

Oid settled(const Statement& statement, Oid chosen) {
  const Oid base = base_type(statement, chosen);
  return base == oids::unknown ? oids::text : base;
}

}  // namespace

Oid select_common_type(Scope& scope, const std::vector<const Expr*>& exprs,
                       std::string_view context, const Expr** which) {
  std::vector<Oid> types;
  for (const Expr* expr : exprs) types.push_back(expr->type.oid);
  if (which != nullptr) *which = exprs[0];
  if (all_same(types)) return types[0];
  const std::size_t best =
      choose(scope.statement, types, [&](std::size_t so_far, std::size_t other) {
        if (context.empty()) return;
        throw error_at(
            scope, sqlstate::datatype_mismatch,
            fmt::format("{} types {} and {} cannot be matched", context,
                        type_text(scope.statement, settled(scope.statement, types[so_far])),
                        type_text(scope.statement, types[other])),
            location_of(*exprs[other]));
      });
  if (best == types.size()) return types::invalid_oid;
  if (which != nullptr) *which = exprs[best];
  return settled(scope.statement, types[best]);
}

Oid common_type_of(const Statement& statement, const std::vector<Oid>& types) {
  if (types.empty()) return types::invalid_oid;
  if (all_same(types)) return types[0];
  const std::size_t best = choose(statement, types, [](std::size_t, std::size_t) {});
  return best == types.size() ? types::invalid_oid : settled(statement, types[best]);
}

std::int32_t common_typmod(const std::vector<const Expr*>& exprs, Oid common) {
  std::int32_t typmod = exprs.empty() ? -1 : exprs[0]->type.typmod;
  for (const Expr* expr : exprs) {
    if (expr->type.oid != common || expr->type.typmod != typmod) return -1;
  }
  return typmod;
}

ExprPtr coerce_to_common(Scope& scope, ExprPtr expr, Oid target, std::string_view context) {
  if (expr->type.oid == target) return expr;
  if (!can_coerce(scope.statement, expr->type.oid, target, CoercionContext::implicit)) {
    throw error_at(
        scope, sqlstate::cannot_coerce,
        fmt::format("{} could not convert type {} to {}", context,
                    type_text(scope.statement, expr->type.oid), type_text(scope.statement, target)),
        location_of(*expr));
  }
  return coerce_implicitly(scope, std::move(expr), target);
}

Oid unify(Scope& scope, ExprList& list, std::string_view context) {
  const Oid common = select_common_type(scope, pointers(list), context);
  for (ExprPtr& expr : list) expr = coerce_to_common(scope, std::move(expr), common, context);
  return common;
}

}  // namespace dvecdb::server::query
