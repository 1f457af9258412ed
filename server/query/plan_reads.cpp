#include "server/query/plan_reads.h"

#include <functional>
#include <map>
#include <set>

#include "server/query/catalog.h"
#include "server/query/walk.h"

namespace dvecdb::server::query {

namespace {

class ReadCollector {
 public:
  void collect(Query& query, Oid role) {
    std::map<const Query*, Oid> view_owners;
    for (std::size_t i = 0; i < query.range_table.size(); ++i) {
      const RangeEntry& entry = query.range_table[i];
      const bool is_changed =
          query.command != CommandKind::select && static_cast<int>(i) == query.result_entry;
      if (entry.view != nullptr) {
        reads_.insert({entry.view->oid, role});
        view_owners[entry.subquery.get()] = entry.view->owner;
      } else if (entry.kind == RangeKind::relation && entry.relation != nullptr && !is_changed) {
        reads_.insert({entry.relation->oid, role});
      }
    }
    const std::function<void(const Expr&)> look = [&](const Expr& expr) {
      visit_children(expr, look);
      if (expr.kind != ExprKind::sublink) return;
      collect(*static_cast<const SublinkExpr&>(expr).query, role);
    };
    visit_query(
        query, [&](ExprPtr& expr) { look(*expr); },
        [&](Query& inner) {
          const auto view = view_owners.find(&inner);
          collect(inner, view == view_owners.end() ? role : view->second);
        });
  }

  std::vector<RelationRead> take() { return {reads_.begin(), reads_.end()}; }

 private:
  std::set<RelationRead> reads_;
};

}  // namespace

std::vector<RelationRead> collect_reads(Query& query) {
  ReadCollector collector;
  collector.collect(query, types::invalid_oid);
  return collector.take();
}

}  // namespace dvecdb::server::query
