// Going over analyzed trees: children of an expression, copies, comparison.
#pragma once

#include <functional>

#include "server/query/tree.h"

namespace dvecdb::server::query {

// Calls `visit(ExprPtr&)` for every direct child expression that is there, in the order of
// evaluation. The query of a sublink is no child (see visit_query).
using ExprVisitor = std::function<void(ExprPtr&)>;
void visit_children(Expr& expr, const ExprVisitor& visit);
void visit_children(const Expr& expr, const std::function<void(const Expr&)>& visit);

// Calls `visit` for every expression that the query holds at its own level, ON conditions,
// functions in FROM and VALUES included, and `visit_inner` for every query one level down (CTEs,
// subqueries; sublinks are met inside expressions).
void visit_query(Query& query, const ExprVisitor& visit,
                 const std::function<void(Query&)>& visit_inner);

// A deep copy, sublinks' queries included.
ExprPtr clone(const Expr& expr);
QueryPtr clone(const Query& query);

// Same meaning: locations do not count.
bool equal(const Expr& a, const Expr& b);

// Adds `levels` to every reference out of the expression to a query around it
// (levels_up >= inside).
void shift_levels(Expr& expr, int levels, int inside = 0);

// 'i' immutable, 's' stable or 'v' volatile, as pg_proc says of the functions in it.
char volatility_of(const Catalog& catalog, const Expr& expr);

// Where the expression's text begins, -1 when unknown.
int location_of(const Expr& expr);

}  // namespace dvecdb::server::query
