// Small shared parts of the lowering that speak of types. Internal.
#pragma once

#include <string>
#include <vector>

#include "server/functions/call_types.h"
#include "server/query/lower_sql.h"
#include "server/query/tree.h"

namespace dvecdb::server::query::lower {

// Under SQLite's 127, leaving room for what the helpers put first.
inline constexpr std::size_t most_arguments = 120;

inline std::string types_literal(std::vector<TypeRef> arguments, TypeRef result) {
  return text_literal(functions::write_call_types({std::move(arguments), result, {}}));
}

inline std::vector<TypeRef> types_of(const ExprList& list) {
  std::vector<TypeRef> out;
  for (const ExprPtr& e : list) out.push_back(e->type);
  return out;
}

// The expression without casts between types of one stored form (int to bigint).
const Expr& without_widening(const Expr& expr);

// True for what cannot be an output of the grouped (or windowed) rows themselves, but only be
// computed from such outputs: set-returning functions, and what becomes a subquery over an
// aggregate's value (SQLite allows no aggregate of the outer query in FROM).
bool stays_outside(const Expr& expr);

}  // namespace dvecdb::server::query::lower
