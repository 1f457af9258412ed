// What EXPLAIN says of a nearest-neighbour scan.
#include <fmt/format.h>

#include "server/query/lower.h"
#include "server/query/lower_walk.h"

namespace dvecdb::server::query::lower {

void Lowering::describe_nearest(VectorScan& scan, const Query& query, const Expr& order,
                                int entry) const {
  if (!settings_.for_explain) return;
  scan.order_text = "by " + static_cast<const OperationExpr&>(order).op->name;
  std::vector<const Expr*> conjuncts;
  split_conjuncts(query.where.get(), conjuncts);
  std::size_t own = 0;
  for (const Expr* conjunct : conjuncts) {
    bool is_own = true;
    visit_own_columns(*conjunct, [&](const ColumnExpr& c) { is_own = is_own && c.entry == entry; });
    if (is_own) ++own;
  }
  if (own > 0) scan.filter_text = fmt::format("{} condition(s)", own);
}

}  // namespace dvecdb::server::query::lower
