// One SELECT.
#include <fmt/format.h>

#include <algorithm>

#include "server/query/lower.h"
#include "server/query/lower_sql.h"
#include "server/query/lower_types.h"

namespace dvecdb::server::query::lower {

std::string SelectSql::text() const {
  std::vector<std::string> named;
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    named.push_back(fmt::format("{} AS {}", outputs[i], output_name(i)));
  }
  // A query without columns still has rows.
  if (named.empty()) named.emplace_back("NULL");
  std::string sql = with + (is_distinct ? "SELECT DISTINCT " : "SELECT ") + join(named, ", ");
  if (!from.empty()) sql += " FROM " + from;
  if (!where.empty()) sql += " WHERE " + where;
  if (!group_by.empty()) sql += " GROUP BY " + join(group_by, ", ");
  if (!having.empty()) sql += " HAVING " + having;
  if (!order_by.empty()) sql += " ORDER BY " + join(order_by, ", ");
  if (!limit.empty() || !offset.empty()) sql += " LIMIT " + (limit.empty() ? "-1" : limit);
  if (!offset.empty()) sql += " OFFSET " + offset;
  return sql;
}

std::string Lowering::select(const Query& query, Scope* outer, StoreText* text) {
  if (query.set_operation != nullptr) return set_operation(query, outer, text);
  if (!query.grouping_sets.empty()) return grouping_sets(query, outer, text);
  Scope scope(&query, outer, text);
  name_entries(scope);
  const std::string with = with_clause(scope);
  const bool is_grouped = query.has_aggregates || query.has_windows || !query.group_by.empty();
  const bool goes_outside =
      is_grouped && std::any_of(query.targets.begin(), query.targets.end(),
                                [](const TargetEntry& t) { return stays_outside(*t.expr); });
  if (goes_outside) return grouped_outside(scope, with);
  if (std::optional<std::string> found = nearest(scope, with)) return *found;

  Context context{.scope = &scope};
  SelectSql out;
  read_rows(out, scope, context);
  SetColumns sets;
  if (query.has_target_sets) {
    const std::string added = set_columns(query.targets, context, sets);
    if (!added.empty()) out.from += (out.from.empty() ? "" : ", ") + added;
    context.sets = &sets;
  }
  group(out, query, context);
  const bool is_one_group = query.having != nullptr && query.group_by.empty();
  if (needs_wrap(query) || is_one_group) {
    for (const TargetEntry& target : query.targets) {
      out.outputs.push_back(expr(*target.expr, context));
    }
    // SQLite sees that it aggregates by its outputs only.
    if (is_one_group) out.outputs.emplace_back("count(*)");
    return wrap(with, out.text(), query, context);
  }
  out.with = with;
  out.is_distinct = query.is_distinct;
  std::vector<std::string> targets;
  std::vector<std::string> names;
  for (const TargetEntry& target : query.targets) {
    targets.push_back(expr(*target.expr, context));
    names.push_back(target.is_junk ? "" : output_name(out.outputs.size()));
    if (target.is_junk) continue;
    out.outputs.push_back(query.is_distinct ? collated(target.expr->type, targets.back())
                                            : targets.back());
  }
  for (const SortClause& sort : query.order_by) {
    const auto at = static_cast<std::size_t>(sort.target);
    const Expr& e = *query.targets[at].expr;
    if (names[at].empty() && e.kind == ExprKind::constant) continue;
    // Inside an expression c1 could mean a table's column: there the target's text is repeated.
    const bool by_name = !names[at].empty() && is_native(e.type);
    out.order_by.push_back(
        order_item(sort, e.type, by_name ? names[at] : targets[at], is_not_null(e, scope)));
  }
  out.limit = limit_sql(query.limit.get(), "limit_count", context);
  out.offset = limit_sql(query.offset.get(), "offset_count", context);
  return out.text();
}

void Lowering::read_rows(SelectSql& out, Scope& scope, const Context& context) {
  out.from = from_list(scope);
  if (scope.query->where != nullptr) out.where = expr(*scope.query->where, context);
}

void Lowering::group(SelectSql& out, const Query& query, const Context& context) {
  for (std::size_t i = 0; i < query.group_by.size(); ++i) {
    const bool is_left_out =
        context.grouped != nullptr && std::find(context.grouped->begin(), context.grouped->end(),
                                                static_cast<int>(i)) == context.grouped->end();
    if (is_left_out) continue;
    const Expr& e = *query.targets.at(static_cast<std::size_t>(query.group_by[i])).expr;
    // A number here would mean an output's position.
    out.group_by.push_back(e.kind == ExprKind::constant ? "''" : key(e.type, expr(e, context)));
  }
  if (query.having != nullptr) out.having = expr(*query.having, context);
}

// The grouped (or windowed) rows as a subquery, and around it what cannot be inside.
std::string Lowering::grouped_outside(Scope& scope, const std::string& with) {
  const Query& query = *scope.query;
  InnerOutputs inner{next_alias(), {}};
  Context context{.scope = &scope};
  context.inner = &inner;
  SetColumns sets;
  const std::string added = set_columns(query.targets, context, sets);
  context.sets = &sets;
  SelectSql out;
  for (const TargetEntry& target : query.targets) {
    out.outputs.push_back(expr(*target.expr, context));
  }
  SelectSql rows;
  const Context plain{.scope = &scope};
  read_rows(rows, scope, plain);
  group(rows, query, plain);
  rows.outputs = inner.expressions;
  out.from = fmt::format("({}) AS {}", rows.text(), inner.alias);
  if (!added.empty()) out.from += ", " + added;
  return wrap(with, out.text(), query, plain);
}

std::string Lowering::order_item(const SortClause& sort, TypeRef type, const std::string& sql,
                                 bool not_null) const {
  std::string out = key(type, sql);
  if (sort.descending) out += " DESC";
  if (!not_null) out += sort.nulls_first ? " NULLS FIRST" : " NULLS LAST";
  return out;
}

bool Lowering::is_not_null(const Expr& expr, const Scope& scope) const {
  if (expr.kind != ExprKind::column) return false;
  const auto& column = static_cast<const ColumnExpr&>(expr);
  if (column.levels_up != 0 || column.column <= 0) return false;
  const auto index = static_cast<std::size_t>(column.entry);
  const RangeEntry& entry = scope.query->range_table.at(index);
  if (entry.kind != RangeKind::relation || scope.entries.at(index).is_nullable) return false;
  return entry.relation->columns.at(static_cast<std::size_t>(column.column - 1)).not_null;
}

std::string Lowering::limit_sql(const Expr* limit, std::string_view checked,
                                const Context& context) {
  if (limit == nullptr) return {};
  limit = &without_widening(*limit);
  if (limit->kind == ExprKind::constant) {
    const Value& value = static_cast<const ConstantExpr&>(*limit).value;
    if (value.is_null()) return {};
    if (value.as_integer() >= 0) return std::to_string(value.as_integer());
  }
  Context outside = context;
  outside.sets = nullptr;
  return call_sql(checked, {expr(*limit, outside)});
}

}  // namespace dvecdb::server::query::lower
