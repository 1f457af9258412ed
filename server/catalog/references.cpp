#include "server/catalog/references.h"

#include <vector>

#include "server/catalog/snapshot.h"
#include "server/query/walk.h"
#include "server/types/oids.h"

namespace dvecdb::server::catalog {

namespace {

using query::Expr;
using query::ExprKind;
using query::Query;
using query::RangeEntry;
using query::RangeKind;

class Collector {
 public:
  explicit Collector(types::Oid table) : table_(table) {}

  void add(const Expr& expr) {
    add_object(pg_type::table.oid, expr.type.oid);
    switch (expr.kind) {
      case ExprKind::column:
        add_column(static_cast<const query::ColumnExpr&>(expr));
        break;
      case ExprKind::constant:
        add_constant(static_cast<const query::ConstantExpr&>(expr));
        break;
      case ExprKind::function:
        add_object(pg_proc::table.oid, static_cast<const query::FunctionExpr&>(expr).proc->oid);
        break;
      case ExprKind::aggregate:
        add_object(pg_proc::table.oid, static_cast<const query::AggregateExpr&>(expr).proc->oid);
        break;
      case ExprKind::operation:
        add_object(pg_operator::table.oid, static_cast<const query::OperationExpr&>(expr).op->oid);
        break;
      case ExprKind::next_value:
        add_object(pg_class::table.oid, static_cast<const query::NextValueExpr&>(expr).sequence);
        break;
      case ExprKind::sublink:
        add(*static_cast<const query::SublinkExpr&>(expr).query);
        break;
      default:
        break;
    }
    query::visit_children(expr, [this](const Expr& child) { add(child); });
  }

  void add(Query& query) {
    queries_.push_back(&query);
    for (const RangeEntry& entry : query.range_table) {
      if (entry.view != nullptr) add_object(pg_class::table.oid, entry.view->oid);
      if (entry.relation != nullptr) add_object(pg_class::table.oid, entry.relation->oid);
    }
    query::visit_query(
        query, [this](query::ExprPtr& expr) { add(*expr); },
        [this, &query](Query& inner) {
          for (const RangeEntry& entry : query.range_table) {
            if (entry.view != nullptr && entry.subquery.get() == &inner) return;
          }
          add(inner);
        });
    queries_.pop_back();
  }

  // A column of an object tells of the object, too.
  References take() {
    References out;
    for (const ObjectAddress& address : found_) {
      const auto next = found_.upper_bound(address);
      const bool has_columns = address.column == 0 && next != found_.end() &&
                               next->catalog == address.catalog && next->object == address.object;
      if (!has_columns) out.insert(address);
    }
    return out;
  }

 private:
  void add_object(types::Oid catalog, types::Oid object, int column = 0) {
    if (object >= first_user_oid) found_.insert({catalog, object, column});
  }

  void add_column(const query::ColumnExpr& column) {
    if (queries_.empty()) {
      if (column.column > 0) found_.insert({pg_class::table.oid, table_, column.column});
      return;
    }
    const std::size_t up = static_cast<std::size_t>(column.levels_up);
    if (up >= queries_.size()) return;
    const Query& query = *queries_[queries_.size() - 1 - up];
    const RangeEntry& entry = query.range_table.at(column.entry);
    const query::RelationDesc* relation = entry.view != nullptr ? entry.view : entry.relation;
    if (relation != nullptr && column.column > 0) {
      add_object(pg_class::table.oid, relation->oid, column.column);
    }
    if (entry.kind == RangeKind::join && column.column > 0 && up == 0) {
      add(*entry.join_columns.at(column.column - 1));
    }
  }

  void add_constant(const query::ConstantExpr& constant) {
    if (constant.value.is_null()) return;
    if (constant.type.oid == types::oids::regclass) {
      add_object(pg_class::table.oid, static_cast<types::Oid>(constant.value.as_integer()));
    }
    if (constant.type.oid == types::oids::regtype) {
      add_object(pg_type::table.oid, static_cast<types::Oid>(constant.value.as_integer()));
    }
  }

  types::Oid table_;
  std::vector<Query*> queries_;
  References found_;
};

}  // namespace

References references_of(const query::Expr& expr, types::Oid table) {
  Collector collector(table);
  collector.add(expr);
  return collector.take();
}

References references_of(query::Query& query) {
  Collector collector(types::invalid_oid);
  collector.add(query);
  return collector.take();
}

}  // namespace dvecdb::server::catalog
