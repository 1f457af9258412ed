// INSERT, UPDATE, DELETE: the statements that choose rows and compute values; the executor applies
// them (plan.h tells what each gives).
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "server/query/lower.h"
#include "server/query/lower_sql.h"
#include "server/query/lower_types.h"
#include "server/query/lower_walk.h"

namespace dvecdb::server::query::lower {

namespace {

bool holds_entry(const FromItem& item, int entry) {
  if (!item.is_join) return item.entry == entry;
  return holds_entry(*item.left, entry) || holds_entry(*item.right, entry);
}

const RangeEntry& target_of(const Query& query) {
  return query.range_table.at(static_cast<std::size_t>(query.result_entry));
}

}  // namespace

// The row `rowid_parameter` of the target table, for values computed from it.
SelectSql Lowering::one_target_row(Scope& scope, int rowid_parameter) {
  const std::string& alias =
      scope.entries.at(static_cast<std::size_t>(scope.query->result_entry)).alias;
  SelectSql out;
  out.from =
      fmt::format("{} AS {}", store_table(target_of(*scope.query).relation->store_name), alias);
  out.where = fmt::format("{}.rowid = ?{}", alias, rowid_parameter);
  return out;
}

void Lowering::insert(const Query& query) {
  InsertPlan& plan = plan_.insert;
  plan.table = target_of(query).relation;
  Scope scope(&query, around_, &root_);
  name_entries(scope);
  SelectSql source;
  source.with = with_clause(scope);
  if (query.source_entry >= 0) source.from = ordered_source(scope, source);
  const Context context{.scope = &scope};
  for (const TargetEntry& target : query.targets) {
    plan.columns.push_back(target.target_column);
    source.outputs.push_back(expr(*target.expr, context));
  }
  plan.source.sql = source.text();
  plan.conflict.action = query.conflict.action;
  plan.conflict.arbiter = query.conflict.arbiter;
  plan.conflict.excluded_entry = query.conflict.excluded_entry;
  if (query.conflict.action == ConflictAction::update) conflict_update(query);
  if (!query.returning.empty()) returning(query, {});
}

// INSERT ... SELECT ... ORDER BY: defaults such as nextval() are to be taken in that order, so the
// ordered rows must be there first.
std::string Lowering::ordered_source(Scope& scope, SelectSql& source) {
  const int index = scope.query->source_entry;
  const RangeEntry& entry = scope.query->range_table.at(static_cast<std::size_t>(index));
  if (entry.kind != RangeKind::subquery || entry.subquery->order_by.empty()) {
    return from_entry(scope, index);
  }
  const std::string name = fmt::format("w{}", cte_count_++);
  source.with += fmt::format("{}{} AS MATERIALIZED ({}) ", source.with.empty() ? "WITH " : ", ",
                             name, this->query(*entry.subquery, &scope, scope.text));
  return fmt::format("{} AS {}", name, scope.entries.at(static_cast<std::size_t>(index)).alias);
}

void Lowering::conflict_update(const Query& query) {
  InsertPlan& plan = plan_.insert;
  const int first = static_cast<int>(plan_.parameter_types.size()) + 1;
  Scope scope(&query, around_, &root_);
  name_entries(scope);
  const std::string with = with_clause(scope);
  if (query.conflict.excluded_entry >= 0) {
    auto& overrides =
        scope.entries.at(static_cast<std::size_t>(query.conflict.excluded_entry)).overrides;
    for (const ColumnDesc& column : plan.table->columns) overrides[column.number] = "NULL";
    for (std::size_t i = 0; i < plan.columns.size(); ++i) {
      overrides[plan.columns[i]] = fmt::format("?{}", first + 1 + static_cast<int>(i));
    }
  }
  const Context context{.scope = &scope};
  SelectSql update = one_target_row(scope, first);
  update.with = with;
  for (const TargetEntry& target : query.conflict.set) {
    plan.update_columns.push_back(target.target_column);
    update.outputs.push_back(expr(*target.expr, context));
  }
  if (query.conflict.where != nullptr) {
    update.where += " AND " + expr(*query.conflict.where, context);
  }
  plan.conflict_update.sql = update.text();
}

// Columns of other tables that RETURNING reads, in the order of UPDATE's extra values.
std::vector<std::pair<int, int>> Lowering::extra_columns(const Query& query) {
  std::vector<std::pair<int, int>> extras;
  for (const TargetEntry& target : query.returning) {
    visit_own_columns(*target.expr, [&](const ColumnExpr& column) {
      const std::pair<int, int> found{column.entry, column.column};
      if (column.entry == query.result_entry) return;
      if (std::find(extras.begin(), extras.end(), found) == extras.end()) extras.push_back(found);
    });
  }
  return extras;
}

void Lowering::returning(const Query& query, const std::vector<std::pair<int, int>>& extras) {
  const int first = static_cast<int>(plan_.parameter_types.size()) + 1;
  Scope scope(&query, around_, &root_);
  name_entries(scope);
  const std::string with = with_clause(scope);
  for (std::size_t i = 0; i < extras.size(); ++i) {
    scope.entries.at(static_cast<std::size_t>(extras[i].first)).overrides[extras[i].second] =
        fmt::format("?{}", first + 1 + static_cast<int>(i));
  }
  SelectSql out = one_target_row(scope, first);
  out.with = with;
  for (const TargetEntry& target : query.returning) {
    out.outputs.push_back(expr(*target.expr, Context{.scope = &scope}));
  }
  plan_.returning.sql = out.text();
}

// The rows that UPDATE or DELETE aim at, each once.
SelectSql Lowering::target_rows(Scope& scope) {
  const Query& query = *scope.query;
  SelectSql out;
  out.with = with_clause(scope);
  read_rows(out, scope, Context{.scope = &scope});
  const bool is_listed =
      std::any_of(query.from.begin(), query.from.end(),
                  [&](const FromPtr& item) { return holds_entry(*item, query.result_entry); });
  if (!is_listed) {
    const std::string target = from_entry(scope, query.result_entry);
    out.from = out.from.empty() ? target : target + ", " + out.from;
  }
  const std::string rowid =
      scope.entries.at(static_cast<std::size_t>(query.result_entry)).alias + ".rowid";
  out.outputs.push_back(rowid);
  const bool has_others = query.from.size() > (is_listed ? 1 : 0) ||
                          (!query.from.empty() && query.from.front()->is_join);
  if (has_others) out.group_by.push_back(rowid);
  return out;
}

void Lowering::update(const Query& query) {
  UpdatePlan& plan = plan_.update;
  plan.table = target_of(query).relation;
  Scope scope(&query, around_, &root_);
  name_entries(scope);
  SelectSql rows = target_rows(scope);
  const Context context{.scope = &scope};
  for (const TargetEntry& target : query.targets) {
    if (target.is_junk) continue;
    plan.columns.push_back(target.target_column);
    rows.outputs.push_back(expr(*target.expr, context));
  }
  const auto extras = extra_columns(query);
  for (const auto& [entry, column] : extras) {
    rows.outputs.push_back(entry_column(scope, entry, column));
  }
  plan.extra = static_cast<int>(extras.size());
  plan.source.sql = rows.text();
  if (!query.returning.empty()) returning(query, extras);
}

void Lowering::delete_rows(const Query& query) {
  plan_.delete_.table = target_of(query).relation;
  Scope scope(&query, around_, &root_);
  name_entries(scope);
  SelectSql rows = target_rows(scope);
  for (const TargetEntry& target : query.returning) {
    rows.outputs.push_back(expr(*target.expr, Context{.scope = &scope}));
  }
  plan_.delete_.source.sql = rows.text();
}

}  // namespace dvecdb::server::query::lower
