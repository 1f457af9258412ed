// Looking through analyzed trees for what the lowering must know. Internal.
#pragma once

#include <functional>
#include <vector>

#include "server/query/tree.h"

namespace dvecdb::server::query::lower {

// Every column reference in the expression, sublinks' queries included, that points to the query
// `depth` levels out of where it stands (0: the query that holds `expr`).
using ColumnVisitor = std::function<void(const ColumnExpr&)>;
void visit_own_columns(const Expr& expr, const ColumnVisitor& visit, int depth = 0);

// The conditions that AND combines.
void split_conjuncts(const Expr* condition, std::vector<const Expr*>& out);

// True when a call inside may answer differently each time.
bool is_volatile(const Expr& expr);

}  // namespace dvecdb::server::query::lower
