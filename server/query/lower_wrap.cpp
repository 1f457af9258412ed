// What is done to finished rows in a select of its own around them: DISTINCT ON, DISTINCT of types
// that SQLite cannot compare, WITH TIES, grouping sets; then order and limits.
#include <fmt/format.h>

#include <algorithm>

#include "server/query/lower.h"
#include "server/query/lower_sql.h"
#include "server/query/lower_types.h"

namespace dvecdb::server::query::lower {

namespace {

using Sets = std::vector<std::vector<int>>;

Sets expand(const GroupingSet& set);

// The union of one alternative of each part, for every choice.
Sets cross(const std::vector<Sets>& parts) {
  Sets out{{}};
  for (const Sets& part : parts) {
    Sets longer;
    for (const auto& begun : out) {
      for (const auto& added : part) {
        longer.push_back(begun);
        for (const int group : added) {
          auto& set = longer.back();
          if (std::find(set.begin(), set.end(), group) == set.end()) set.push_back(group);
        }
      }
    }
    out = std::move(longer);
  }
  return out;
}

// The elements of ROLLUP and CUBE, each one or more groups taken together.
std::vector<std::vector<int>> elements_of(const GroupingSet& set) {
  std::vector<std::vector<int>> out;
  for (const int group : set.targets) out.push_back({group});
  for (const GroupingSet& child : set.children) {
    for (auto& groups : expand(child)) out.push_back(std::move(groups));
  }
  return out;
}

Sets expand(const GroupingSet& set) {
  Sets out;
  switch (set.kind) {
    case GroupingSetKind::empty:
      return {{}};
    case GroupingSetKind::simple:
      return {set.targets};
    case GroupingSetKind::sets:
      for (const GroupingSet& child : set.children) {
        for (auto& groups : expand(child)) out.push_back(std::move(groups));
      }
      return out;
    case GroupingSetKind::rollup: {
      const auto elements = elements_of(set);
      for (std::size_t count = elements.size() + 1; count-- > 0;) {
        std::vector<Sets> parts;
        for (std::size_t i = 0; i < count; ++i) parts.push_back({elements[i]});
        out.push_back(cross(parts).front());
      }
      return out;
    }
    case GroupingSetKind::cube: {
      const auto elements = elements_of(set);
      constexpr std::size_t most_elements = 12;
      if (elements.size() > most_elements) not_supported("CUBE with more than 12 elements");
      for (std::size_t mask = std::size_t{1} << elements.size(); mask-- > 0;) {
        std::vector<Sets> parts;
        for (std::size_t i = 0; i < elements.size(); ++i) {
          if ((mask >> (elements.size() - 1 - i)) & 1) parts.push_back({elements[i]});
        }
        out.push_back(cross(parts).front());
      }
      return out;
    }
  }
  return out;
}

}  // namespace

bool Lowering::needs_wrap(const Query& query) const {
  if (!query.distinct_on.empty() || query.with_ties) return true;
  if (!query.is_distinct) return false;
  return std::any_of(query.targets.begin(), query.targets.end(),
                     [&](const TargetEntry& target) { return !is_native(target.expr->type); });
}

std::vector<std::string> Lowering::order_by_outputs(const Query& query,
                                                    const std::string& alias) const {
  std::vector<std::string> out;
  for (const SortClause& sort : query.order_by) {
    const auto at = static_cast<std::size_t>(sort.target);
    out.push_back(order_item(sort, query.targets[at].expr->type,
                             fmt::format("{}.{}", alias, output_name(at)), false));
  }
  return out;
}

// `inner` gives all targets as c1..cn, in no order.
std::string Lowering::wrap(const std::string& with, const std::string& inner, const Query& query,
                           const Context& context) {
  std::string rows = inner;
  if (!query.distinct_on.empty()) {
    rows = distinct_on(rows, query);
  } else if (query.is_distinct) {
    rows = distinct_by_key(rows, query);
  }
  if (query.with_ties) rows = keep_ties(rows, query, context);
  const std::string alias = next_alias();
  SelectSql out;
  out.with = with;
  out.from = fmt::format("({}) AS {}", rows, alias);
  for (std::size_t i = 0; i < query.targets.size(); ++i) {
    if (query.targets[i].is_junk) continue;
    out.outputs.push_back(fmt::format("{}.{}", alias, output_name(i)));
  }
  out.order_by = order_by_outputs(query, alias);
  if (!query.with_ties) {
    out.limit = limit_sql(query.limit.get(), "limit_count", context);
    out.offset = limit_sql(query.offset.get(), "offset_count", context);
  }
  return out.text();
}

std::string Lowering::distinct_on(const std::string& inner, const Query& query) const {
  std::vector<std::string> keys;
  for (const int target : query.distinct_on) {
    const auto at = static_cast<std::size_t>(target);
    keys.push_back(key(query.targets[at].expr->type, "q." + output_name(at)));
  }
  const std::vector<std::string> order = order_by_outputs(query, "q");
  const std::string order_sql = order.empty() ? "" : " ORDER BY " + join(order, ", ");
  return fmt::format(
      "SELECT q2.* FROM (SELECT q.*, row_number() OVER (PARTITION BY {}{}) AS place FROM ({}) AS "
      "q) "
      "AS q2 WHERE q2.place = 1",
      join(keys, ", "), order_sql, inner);
}

std::string Lowering::distinct_by_key(const std::string& inner, const Query& query) const {
  std::vector<std::string> keys;
  for (std::size_t i = 0; i < query.targets.size(); ++i) {
    keys.push_back(key(query.targets[i].expr->type, "q." + output_name(i)));
  }
  return fmt::format("SELECT q.* FROM ({}) AS q GROUP BY {}", inner, join(keys, ", "));
}

std::string Lowering::keep_ties(const std::string& inner, const Query& query,
                                const Context& context) {
  const std::string order = join(order_by_outputs(query, "q"), ", ");
  const std::string limit =
      query.limit == nullptr ? "NULL" : expr(*query.limit, Context{.scope = context.scope});
  const std::string offset =
      query.offset == nullptr ? "NULL" : expr(*query.offset, Context{.scope = context.scope});
  return fmt::format(
      "SELECT q2.* FROM (SELECT q.*, rank() OVER (ORDER BY {0}) AS tied, row_number() OVER (ORDER "
      "BY "
      "{0}) AS place FROM ({1}) AS q) AS q2 WHERE (limit_sum({2}, {3}) < 0 OR q2.tied <= "
      "limit_sum({2}, {3})) AND q2.place > offset_count({3})",
      order, inner, limit, offset);
}

// One select a set, over the same rows; what a set leaves out is NULL there.
std::string Lowering::grouping_sets(const Query& query, Scope* outer, StoreText* text) {
  std::vector<Sets> parts;
  for (const GroupingSet& set : query.grouping_sets) parts.push_back(expand(set));
  Scope top(&query, outer, text);
  const std::string with = with_clause(top);
  std::vector<std::string> selects;
  for (const std::vector<int>& set : cross(parts)) {
    Scope scope(&query, outer, text);
    scope.cte_names = top.cte_names;
    name_entries(scope);
    std::vector<const Expr*> left_out;
    for (std::size_t i = 0; i < query.group_by.size(); ++i) {
      if (std::find(set.begin(), set.end(), static_cast<int>(i)) != set.end()) continue;
      left_out.push_back(query.targets.at(static_cast<std::size_t>(query.group_by[i])).expr.get());
    }
    Context context{.scope = &scope};
    SelectSql out;
    read_rows(out, scope, context);
    context.left_out = &left_out;
    context.grouped = &set;
    group(out, query, context);
    for (const TargetEntry& target : query.targets) {
      out.outputs.push_back(expr(*target.expr, context));
    }
    // A set without groups is one group of all rows, also when no other output aggregates.
    out.outputs.emplace_back("count(*)");
    selects.push_back(out.text());
  }
  Scope scope(&query, outer, text);
  return wrap(with, join(selects, " UNION ALL "), query, Context{.scope = &scope});
}

}  // namespace dvecdb::server::query::lower
