// What fields a row value has.
#include "server/query/analyze_internal.h"

namespace dvecdb::server::query {

std::vector<RangeColumn> out_columns(const Statement& statement, const FunctionExpr& call) {
  std::vector<RangeColumn> columns;
  for (const auto& column : call.proc->out_columns) {
    Oid type = column.type;
    if (is_polymorphic(type)) {
      std::vector<Oid> declared = call.proc->arguments;
      declared.resize(call.arguments.size(), oids::any);
      type = resolve_polymorphic(statement, types_of(call.arguments), declared, type);
    }
    columns.push_back({column.name, {type, -1}});
  }
  return columns;
}

namespace {

// Queries around an expression, innermost last.
using QueryStack = std::vector<const Query*>;

class RowFinder {
 public:
  explicit RowFinder(const Statement& statement) : statement_(statement) {}

  std::vector<RangeColumn> columns(const Expr& row, const QueryStack& around) const {
    const TypeDesc* type = statement_.catalog().find_type(base_type(statement_, row.type.oid));
    if (type != nullptr && type->kind == TypeKind::composite) return named(*type, row, around);
    switch (row.kind) {
      case ExprKind::column:
        return of_column(static_cast<const ColumnExpr&>(row), around);
      case ExprKind::row:
        return of_constructor(static_cast<const RowExpr&>(row));
      case ExprKind::function:
        return out_columns(statement_, static_cast<const FunctionExpr&>(row));
      case ExprKind::sublink: {
        const auto& link = static_cast<const SublinkExpr&>(row);
        return link.sublink == SublinkKind::scalar ? of_target(*link.query, 1, around)
                                                   : std::vector<RangeColumn>();
      }
      default:
        return {};
    }
  }

 private:
  // A whole table's row has the names that its alias gave.
  std::vector<RangeColumn> named(const TypeDesc& type, const Expr& row,
                                 const QueryStack& around) const {
    if (row.kind == ExprKind::column && static_cast<const ColumnExpr&>(row).column == 0) {
      return entry_of(static_cast<const ColumnExpr&>(row), around).columns;
    }
    std::vector<RangeColumn> columns;
    for (const auto& column : type.columns) columns.push_back({column.name, column.type});
    return columns;
  }

  static const RangeEntry& entry_of(const ColumnExpr& column, const QueryStack& around) {
    const Query& query = *around.at(around.size() - 1 - static_cast<std::size_t>(column.levels_up));
    return query.range_table[static_cast<std::size_t>(column.entry)];
  }

  static std::vector<RangeColumn> of_constructor(const RowExpr& row) {
    std::vector<RangeColumn> columns;
    for (std::size_t i = 0; i < row.fields.size(); ++i) {
      columns.push_back({row.names[i], row.fields[i]->type});
    }
    return columns;
  }

  std::vector<RangeColumn> of_target(const Query& query, int position, QueryStack around) const {
    around.push_back(&query);
    int seen = 0;
    for (const TargetEntry& target : result_targets(query)) {
      if (!target.is_junk && ++seen == position) return columns(*target.expr, around);
    }
    return {};
  }

  std::vector<RangeColumn> of_column(const ColumnExpr& column, QueryStack around) const {
    const RangeEntry& entry = entry_of(column, around);
    if (column.column == 0) return entry.columns;
    around.resize(around.size() - static_cast<std::size_t>(column.levels_up));
    if (entry.kind == RangeKind::subquery) {
      return of_target(*entry.subquery, column.column, around);
    }
    if (entry.kind == RangeKind::cte) {
      around.resize(around.size() - static_cast<std::size_t>(entry.cte_levels_up));
      const Cte& cte = around.back()->ctes[static_cast<std::size_t>(entry.cte_index)];
      if (cte.query) return of_target(*cte.query, column.column, around);
    }
    if (entry.kind == RangeKind::values && !entry.values.empty()) {
      return columns(*entry.values[0][static_cast<std::size_t>(column.column - 1)], around);
    }
    return {};
  }

  const Statement& statement_;
};

}  // namespace

std::vector<RangeColumn> row_columns(const Scope& scope, const Expr& row) {
  QueryStack around;
  for (const Scope* at = &scope; at != nullptr; at = at->parent) {
    around.insert(around.begin(), at->query);
  }
  return RowFinder(scope.statement).columns(row, around);
}

}  // namespace dvecdb::server::query
