// FROM: range-table entries, joins, CTEs.
#include <fmt/format.h>

#include <algorithm>

#include "server/query/lower.h"
#include "server/query/lower_sql.h"
#include "server/query/lower_types.h"
#include "server/query/lower_walk.h"
#include "server/query/rows_from.h"
#include "server/types/error.h"
#include "server/types/oids.h"

namespace dvecdb::server::query::lower {

namespace oids = types::oids;
using types::SqlError;
namespace sqlstate = types::sqlstate;

namespace {

bool is_inner(JoinKind kind) {
  return kind == JoinKind::inner || kind == JoinKind::cross;
}

bool is_all_inner(const FromItem& item) {
  return !item.is_join ||
         (is_inner(item.join) && is_all_inner(*item.left) && is_all_inner(*item.right));
}

bool has_full_or_right(const FromItem& item) {
  if (!item.is_join) return false;
  return item.join == JoinKind::full || item.join == JoinKind::right ||
         has_full_or_right(*item.left) || has_full_or_right(*item.right);
}

// VALUES that take columns of other entries.
bool refers_to_siblings(const RangeEntry& entry) {
  bool found = false;
  for (const ExprList& row : entry.values) {
    for (const ExprPtr& item : row) {
      visit_own_columns(*item, [&](const ColumnExpr&) { found = true; });
    }
  }
  return found;
}

// VALUES that hold more than SQLite's own VALUES can look up from inside.
bool refers_out(const RangeEntry& entry) {
  const auto looks_out = [](const Expr& e) {
    return e.kind == ExprKind::column || e.kind == ExprKind::sublink;
  };
  for (const ExprList& row : entry.values) {
    for (const ExprPtr& item : row) {
      if (any_of(*item, looks_out)) return true;
    }
  }
  return false;
}

// Gives rows: those of a set, or the one of a function that must know the columns it is to fill.
bool is_row_source(const FunctionExpr& call) {
  return call.returns_set ||
         (call.type.oid == oids::record &&
          functions::Registry::instance().find_set(call.proc->symbol) != nullptr);
}

std::string values_as_selects(const std::vector<std::vector<std::string>>& rows) {
  constexpr std::size_t most_rows = 400;  // SQLite takes 500 selects in a row
  if (rows.size() > most_rows) not_supported("VALUES with columns in more than 400 rows");
  std::vector<std::string> selects;
  for (const std::vector<std::string>& row : rows) {
    std::vector<std::string> items;
    for (const std::string& item : row) items.push_back(item + " AS " + output_name(items.size()));
    selects.push_back("SELECT " + join(items, ", "));
  }
  return join(selects, " UNION ALL ");
}

}  // namespace

void Lowering::name_entries(Scope& scope) {
  const Query& query = *scope.query;
  scope.entries.resize(query.range_table.size());
  for (std::size_t i = 0; i < query.range_table.size(); ++i) {
    const RangeEntry& entry = query.range_table[i];
    EntrySql& sql = scope.entries[i];
    if (entry.kind == RangeKind::join) continue;
    if (sql.alias.empty()) sql.alias = next_alias();
    if (entry.kind == RangeKind::values && !refers_out(entry)) {
      sql.column_prefix = "column";
    }
    if (entry.kind != RangeKind::relation || entry.relation == nullptr) continue;
    const bool has_own_name = !entry.alias.empty() && entry.alias != entry.relation->name;
    plan_.aliases.push_back(
        {sql.alias, has_own_name ? entry.relation->name + " " + entry.alias : entry.relation->name,
         entry.relation});
  }
  for (const FromPtr& item : query.from) mark_nullable(scope, *item, false);
}

void Lowering::mark_nullable(Scope& scope, const FromItem& item, bool nullable) {
  if (item.entry >= 0 && nullable) {
    scope.entries.at(static_cast<std::size_t>(item.entry)).is_nullable = true;
  }
  if (!item.is_join) return;
  const bool left_missing = item.join == JoinKind::right || item.join == JoinKind::full;
  const bool right_missing = item.join == JoinKind::left || item.join == JoinKind::full;
  mark_nullable(scope, *item.left, nullable || left_missing);
  mark_nullable(scope, *item.right, nullable || right_missing);
}

std::string Lowering::from_list(Scope& scope) {
  std::string out;
  for (const FromPtr& item : scope.query->from) {
    std::string sql = from_item(scope, *item);
    // After a comma SQLite would take everything before it as the left side of the join.
    if (!out.empty() && has_full_or_right(*item)) sql = "(" + sql + ")";
    out += (out.empty() ? "" : ", ") + sql;
  }
  return out;
}

std::string Lowering::from_item(Scope& scope, const FromItem& item, bool keep_order) {
  if (!item.is_join) return from_entry(scope, item.entry);
  const auto side = [&](const FromItem& part, bool in_parentheses) {
    const std::string sql = from_item(scope, part, keep_order);
    return in_parentheses ? "(" + sql + ")" : sql;
  };
  // Inner joins associate: a right side made of them needs no parentheses.
  const bool is_flat = !item.right->is_join || (is_inner(item.join) && is_all_inner(*item.right));
  std::string_view word = "JOIN";
  if (is_inner(item.join)) {
    // CROSS JOIN forbids SQLite another order; plain JOIN does not.
    if (keep_order) word = "CROSS JOIN";
  } else if (item.join == JoinKind::left) {
    word = "LEFT JOIN";
  } else if (item.join == JoinKind::right) {
    word = "RIGHT JOIN";
  } else {
    word = "FULL JOIN";
  }
  const std::string left = side(*item.left, false);
  const std::string right = side(*item.right, !is_flat);
  const std::string condition =
      item.condition == nullptr ? "1" : expr(*item.condition, Context{.scope = &scope});
  return fmt::format("{} {} {} ON {}", left, word, right, condition);
}

std::string Lowering::from_entry(Scope& scope, int index) {
  const RangeEntry& entry = scope.query->range_table.at(static_cast<std::size_t>(index));
  const std::string& alias = scope.entries.at(static_cast<std::size_t>(index)).alias;
  if (driving_.scope == &scope && driving_.entry == index) return driving_.sql;
  switch (entry.kind) {
    case RangeKind::relation:
      if (entry.relation->store_name.empty()) not_supported("reading from this relation");
      if (has_changed(*entry.relation)) {
        return fmt::format("{} AS {}", table_before(*entry.relation), alias);
      }
      return fmt::format("{} AS {}", store_table(entry.relation->store_name), alias);
    case RangeKind::subquery:
      return subquery_entry(scope, index);
    case RangeKind::values:
      return values_entry(scope, index);
    case RangeKind::function:
      return function_entry(scope, index);
    case RangeKind::cte:
      return fmt::format("{} AS {}", cte_name(scope, entry), alias);
    case RangeKind::join:
      break;
  }
  throw SqlError(sqlstate::internal_error, "a join entry is no table");
}

std::string Lowering::subquery_entry(Scope& scope, int index) {
  const RangeEntry& entry = scope.query->range_table.at(static_cast<std::size_t>(index));
  if (entry.is_lateral) return lateral_entry(scope, index);
  return fmt::format("({}) AS {}", query(*entry.subquery, &scope, scope.text),
                     scope.entries.at(static_cast<std::size_t>(index)).alias);
}

std::string Lowering::lateral_entry(Scope& scope, int index) {
  const RangeEntry& entry = scope.query->range_table.at(static_cast<std::size_t>(index));
  StoreText inner;
  inner.outer = scope.text;
  std::string sql = query(*entry.subquery, &scope, &inner);
  return lateral_call(std::move(sql), inner, entry.columns.size(),
                      scope.entries.at(static_cast<std::size_t>(index)).alias);
}

std::string Lowering::lateral_call(std::string sql, const StoreText& inner, std::size_t columns,
                                   const std::string& alias) {
  if (!inner.ctes.empty()) {
    // The text may have a WITH of its own: a level around it keeps the two apart.
    sql = fmt::format("WITH {} SELECT * FROM ({})", join(inner.ctes, ", "), sql);
  }
  constexpr std::size_t most_columns = 100;
  if (inner.captured.size() > most_columns || columns > most_columns) {
    not_supported("LATERAL with more than 100 columns");
  }
  std::vector<std::string> arguments{text_literal(sql)};
  arguments.insert(arguments.end(), inner.captured.begin(), inner.captured.end());
  return fmt::format("{} AS {}", call_sql("lateral", arguments), alias);
}

// VALUES with columns of other entries: as a query one level further in.
std::string Lowering::lateral_values(Scope& scope, int index) {
  const RangeEntry& entry = scope.query->range_table.at(static_cast<std::size_t>(index));
  StoreText inner;
  inner.outer = scope.text;
  const Query within;
  Scope inside(&within, &scope, &inner);
  std::vector<std::vector<std::string>> rows;
  for (const ExprList& row : entry.values) {
    rows.emplace_back();
    for (const ExprPtr& item : row) {
      const ExprPtr shifted = clone(*item);
      shift_levels(*shifted, 1);
      rows.back().push_back(expr(*shifted, Context{.scope = &inside}));
    }
  }
  return lateral_call(values_as_selects(rows), inner, entry.columns.size(),
                      scope.entries.at(static_cast<std::size_t>(index)).alias);
}

std::string Lowering::values_entry(Scope& scope, int index) {
  const RangeEntry& entry = scope.query->range_table.at(static_cast<std::size_t>(index));
  if (refers_to_siblings(entry)) return lateral_values(scope, index);
  if (refers_out(entry)) {
    std::vector<std::vector<std::string>> rows;
    for (const ExprList& row : entry.values) {
      rows.push_back(exprs(row, Context{.scope = &scope}));
    }
    return fmt::format("({}) AS {}", values_as_selects(rows),
                       scope.entries.at(static_cast<std::size_t>(index)).alias);
  }
  std::string rows;
  for (const ExprList& row : entry.values) {
    rows += rows.empty() ? "(" : ", (";
    rows += join(exprs(row, Context{.scope = &scope}), ", ");
    rows += ')';
  }
  return fmt::format("(VALUES {}) AS {}", rows,
                     scope.entries.at(static_cast<std::size_t>(index)).alias);
}

std::vector<RangeColumn> Lowering::set_result(const FunctionExpr& call) const {
  std::vector<RangeColumn> columns;
  if (call.proc->out_columns.size() > 1) {
    for (const auto& column : call.proc->out_columns) {
      columns.push_back({column.name, {column.type, -1}});
    }
    return columns;
  }
  const TypeDesc* desc = context_.catalog.find_type(base_type(call.type.oid));
  if (desc != nullptr && desc->kind == types::TypeKind::composite) {
    for (const auto& column : desc->columns) columns.push_back({column.name, column.type});
  }
  if (columns.empty()) columns.push_back({call.proc->name, call.type});
  return columns;
}

std::string Lowering::function_entry(Scope& scope, int index) {
  const RangeEntry& entry = scope.query->range_table.at(static_cast<std::size_t>(index));
  const Context context{.scope = &scope};
  std::vector<RowsFromCall> calls;
  std::vector<std::string> arguments{""};
  for (const RangeFunction& function : entry.functions) {
    RowsFromCall call;
    call.columns = static_cast<int>(function.columns.size());
    functions::CallTypes types;
    types.result = function.call->type;
    for (const RangeColumn& column : function.columns) {
      types.columns.push_back({column.name, column.type});
    }
    const bool is_set = function.call->kind == ExprKind::function &&
                        is_row_source(static_cast<const FunctionExpr&>(*function.call));
    if (is_set) {
      const auto& set = static_cast<const FunctionExpr&>(*function.call);
      if (functions::Registry::instance().find_set(set.proc->symbol) == nullptr) {
        not_supported("set-returning function " + set.proc->name);
      }
      call.kind = RowsFromKind::set;
      call.symbol = set.proc->symbol;
      call.is_strict = set.proc->is_strict;
      call.arguments = static_cast<int>(set.arguments.size());
      types.arguments = types_of(set.arguments);
      for (std::string& argument : exprs(set.arguments, context)) {
        arguments.push_back(std::move(argument));
      }
    } else {
      const TypeDesc* desc = context_.catalog.find_type(base_type(function.call->type.oid));
      const bool is_row = function.call->type.oid == oids::record ||
                          (desc != nullptr && desc->kind == types::TypeKind::composite);
      call.kind = is_row ? RowsFromKind::record : RowsFromKind::value;
      arguments.push_back(expr(*function.call, context));
    }
    call.types = functions::write_call_types(types);
    calls.push_back(std::move(call));
  }
  arguments[0] = text_literal(write_rows_from(calls));
  return fmt::format("{} AS {}", call_sql("rows_from", arguments),
                     scope.entries.at(static_cast<std::size_t>(index)).alias);
}

std::string Lowering::with_clause(Scope& scope) {
  const Query& query = *scope.query;
  if (query.ctes.empty() || (parts_ != nullptr && parts_->statement == &query)) return {};
  std::vector<std::string> definitions;
  scope.cte_names.resize(query.ctes.size());
  for (std::size_t i = 0; i < query.ctes.size(); ++i) {
    scope.cte_names[i] = fmt::format("w{}", cte_count_++);
    definitions.push_back(cte_definition(query.ctes[i], scope.cte_names[i], scope, scope.text));
  }
  return fmt::format("WITH RECURSIVE {} ", join(definitions, ", "));
}

std::string Lowering::cte_definition(const Cte& cte, const std::string& name, Scope& scope,
                                     StoreText* text) {
  const std::string body = cte.is_recursive ? recursive_cte_body(*cte.query, &scope, text)
                                            : query(*cte.query, &scope, text);
  std::vector<std::string> columns;
  for (std::size_t i = 0; i < cte.columns.size(); ++i) columns.push_back(output_name(i));
  std::string_view hint;
  if (cte.is_materialized) hint = " MATERIALIZED";
  if (cte.is_not_materialized) hint = " NOT MATERIALIZED";
  return fmt::format("{}({}) AS{} ({})", name, join(columns, ", "), hint, body);
}

std::string Lowering::cte_name(Scope& scope, const RangeEntry& entry) {
  Scope* owner = &scope;
  for (int level = 0; level < entry.cte_levels_up && owner != nullptr; ++level) {
    owner = owner->outer;
  }
  if (owner == nullptr) throw SqlError(sqlstate::internal_error, "a CTE that leads nowhere");
  const auto index = static_cast<std::size_t>(entry.cte_index);
  if (parts_ != nullptr && parts_->statement == owner->query) {
    const std::string& rows = parts_->rows.at(index);
    const bool is_table = rows.starts_with("temp.");
    if (!is_table && owner->text != scope.text) not_supported("a recursive CTE inside LATERAL");
    return rows;
  }
  if (owner->text == scope.text) return owner->cte_names.at(index);
  // Used inside a text of its own: defined again there.
  const Cte& cte = owner->query->ctes.at(index);
  StoreText& text = *scope.text;
  auto known = text.cte_names.find(&cte);
  if (known != text.cte_names.end()) return known->second;
  if (cte.is_recursive) not_supported("a recursive CTE inside LATERAL");
  const std::string name = fmt::format("w{}", cte_count_++);
  text.cte_names[&cte] = name;
  text.ctes.push_back(cte_definition(cte, name, *owner, &text));
  return name;
}

// Set-returning functions of the select list as FROM entries, the ones inside others' arguments
// first. Fills `columns` with what stands for each call; returns what to add to FROM.
std::string Lowering::set_columns(const std::vector<TargetEntry>& targets, const Context& context,
                                  SetColumns& columns) {
  // By depth: a call whose arguments hold calls comes after them.
  std::vector<std::vector<const FunctionExpr*>> levels;
  const std::function<std::size_t(const Expr&)> collect = [&](const Expr& e) {
    std::size_t depth = 0;
    visit_children(e, [&](const Expr& child) { depth = std::max(depth, collect(child)); });
    if (e.kind != ExprKind::function) return depth;
    const auto& call = static_cast<const FunctionExpr&>(e);
    if (!call.returns_set) return depth;
    if (levels.size() <= depth) levels.resize(depth + 1);
    levels[depth].push_back(&call);
    return depth + 1;
  };
  for (const TargetEntry& target : targets) collect(*target.expr);
  std::string out;
  for (const auto& level : levels) {
    const std::string alias = next_alias();
    std::vector<RowsFromCall> calls;
    std::vector<std::string> arguments{""};
    std::size_t next_column = 0;
    Context within = context;
    within.sets = &columns;
    SetColumns added;
    for (const FunctionExpr* set : level) {
      if (functions::Registry::instance().find_set(set->proc->symbol) == nullptr) {
        not_supported("set-returning function " + set->proc->name);
      }
      const std::vector<RangeColumn> result = set_result(*set);
      functions::CallTypes types{types_of(set->arguments), set->type, {}};
      std::vector<std::string> names;
      for (const RangeColumn& column : result) {
        types.columns.push_back({column.name, column.type});
        names.push_back(fmt::format("{}.{}", alias, output_name(next_column++)));
      }
      for (std::string& argument : exprs(set->arguments, within)) {
        arguments.push_back(std::move(argument));
      }
      calls.push_back({RowsFromKind::set, set->proc->symbol, set->proc->is_strict,
                       static_cast<int>(result.size()), static_cast<int>(set->arguments.size()),
                       functions::write_call_types(types)});
      added[set] = names.size() == 1 ? names.front() : record(set->type, result, names);
    }
    columns.insert(added.begin(), added.end());
    arguments[0] = text_literal(write_rows_from(calls));
    out +=
        fmt::format("{}{} AS {}", out.empty() ? "" : ", ", call_sql("rows_from", arguments), alias);
  }
  return out;
}

}  // namespace dvecdb::server::query::lower
