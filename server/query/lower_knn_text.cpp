// What EXPLAIN says of a nearest-neighbour scan.
#include "server/query/deparse.h"
#include "server/query/lower.h"
#include "server/query/lower_walk.h"

namespace dvecdb::server::query::lower {

void Lowering::describe_nearest(VectorScan& scan, const Query& query, const Expr& order,
                                int entry) const {
  if (!settings_.for_explain) return;
  scan.order_text = deparse_expression(context_.catalog, order, scan.table);
  std::vector<const Expr*> conjuncts;
  split_conjuncts(query.where.get(), conjuncts);
  for (const Expr* conjunct : conjuncts) {
    bool is_own = true;
    visit_own_columns(*conjunct, [&](const ColumnExpr& c) { is_own = is_own && c.entry == entry; });
    if (!is_own) continue;
    if (!scan.filter_text.empty()) scan.filter_text += " AND ";
    scan.filter_text += deparse_expression(context_.catalog, *conjunct, scan.table);
  }
}

}  // namespace dvecdb::server::query::lower
