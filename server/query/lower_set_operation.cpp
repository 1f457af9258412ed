// UNION, INTERSECT, EXCEPT and recursive CTEs.
#include <fmt/format.h>

#include <algorithm>

#include "server/query/lower.h"
#include "server/query/lower_sql.h"
#include "server/query/lower_types.h"

namespace dvecdb::server::query::lower {

namespace {

// SQLite takes 500 selects in a row; longer ones are grouped.
constexpr std::size_t most_members = 400;

std::string_view word_of(const SetOperation& node) {
  switch (node.op) {
    case SetOperator::union_:
      return node.all ? " UNION ALL " : " UNION ";
    case SetOperator::intersect:
      return " INTERSECT ";
    case SetOperator::except:
      return " EXCEPT ";
  }
  return " UNION ALL ";
}

// True when the text of the query may stand between UNIONs as it is.
bool can_be_member(const Query& query) {
  return query.ctes.empty() && query.order_by.empty() && query.limit == nullptr &&
         query.offset == nullptr && query.set_operation == nullptr && query.grouping_sets.empty();
}

std::string chain(std::vector<std::string> members, std::string_view word) {
  while (members.size() > most_members) {
    std::vector<std::string> groups;
    for (std::size_t begin = 0; begin < members.size(); begin += most_members) {
      const auto first = members.begin() + static_cast<std::ptrdiff_t>(begin);
      const auto last = members.begin() +
                        static_cast<std::ptrdiff_t>(std::min(members.size(), begin + most_members));
      groups.push_back(
          fmt::format("SELECT * FROM ({})", join(std::vector<std::string>(first, last), word)));
    }
    members = std::move(groups);
  }
  return join(members, word);
}

}  // namespace

std::string Lowering::set_operation(const Query& query, Scope* outer, StoreText* text) {
  Scope scope(&query, outer, text);
  name_entries(scope);
  const std::string with = with_clause(scope);
  const std::string rows = set_tree(*query.set_operation, scope);
  if (query.order_by.empty() && query.limit == nullptr && query.offset == nullptr) {
    return with + rows;
  }
  // The targets refer to the leftmost leaf: whichever it is, its columns are those of the whole.
  const std::string alias = next_alias();
  for (EntrySql& entry : scope.entries) entry.alias = alias;
  const Context context{.scope = &scope};
  SelectSql all;
  all.from = fmt::format("({}) AS {}", rows, alias);
  for (const TargetEntry& target : query.targets) {
    all.outputs.push_back(expr(*target.expr, context));
  }
  return wrap(with, all.text(), query, context);
}

std::string Lowering::set_member(const SetOperation& node, Scope& scope) {
  if (node.left == nullptr) {
    const Query& leaf = *scope.query->range_table.at(static_cast<std::size_t>(node.entry)).subquery;
    const std::string sql = query(leaf, &scope, scope.text);
    return can_be_member(leaf) ? sql : fmt::format("SELECT * FROM ({})", sql);
  }
  return fmt::format("SELECT * FROM ({})", set_tree(node, scope));
}

std::string Lowering::set_tree(const SetOperation& node, Scope& scope) {
  if (node.left == nullptr) return set_member(node, scope);
  const bool all_native = std::all_of(node.column_types.begin(), node.column_types.end(),
                                      [&](const TypeRef& type) { return is_native(type); });
  if (!all_native && node.op != SetOperator::union_) return set_sides_by_key(node, scope);
  if (node.all && node.op != SetOperator::union_) return set_all_by_count(node, scope);
  if (!all_native && !node.all) return set_distinct_by_key(node, scope);
  // The chain of the same operation to the left, which is how SQLite evaluates it.
  std::vector<std::string> members;
  const SetOperation* at = &node;
  for (; at->left != nullptr && at->op == node.op && at->all == node.all; at = at->left.get()) {
    members.push_back(set_member(*at->right, scope));
  }
  members.push_back(set_member(*at, scope));
  std::reverse(members.begin(), members.end());
  const bool has_collation =
      std::any_of(node.column_types.begin(), node.column_types.end(),
                  [&](const TypeRef& type) { return !collated(type, "").empty(); });
  if (node.all || !has_collation) return chain(std::move(members), word_of(node));
  std::vector<std::string> columns;
  for (std::size_t i = 0; i < node.column_types.size(); ++i) {
    const std::string name = output_name(i);
    columns.push_back(collated(node.column_types[i], name) + " AS " + name);
  }
  if (node.op == SetOperator::union_) {
    // DISTINCT keeps the first of equal values, UNION the last.
    return fmt::format("SELECT DISTINCT {} FROM ({})", join(columns, ", "),
                       chain(std::move(members), " UNION ALL "));
  }
  // The first member tells SQLite how to compare.
  members.front() = fmt::format("SELECT {} FROM ({})", join(columns, ", "), members.front());
  return chain(std::move(members), word_of(node));
}

// INTERSECT ALL and EXCEPT ALL: equal rows are told apart by counting them.
std::string Lowering::set_all_by_count(const SetOperation& node, Scope& scope) {
  std::vector<std::string> plain;
  std::vector<std::string> compared;
  std::vector<std::string> keys;
  for (std::size_t i = 0; i < node.column_types.size(); ++i) {
    const std::string name = output_name(i);
    plain.push_back(name);
    compared.push_back(collated(node.column_types[i], name) + " AS " + name);
    keys.push_back(key(node.column_types[i], name));
  }
  const auto counted = [&](const SetOperation& side) {
    return fmt::format("SELECT {}, row_number() OVER (PARTITION BY {}) AS place FROM ({})",
                       join(compared, ", "), join(keys, ", "), set_tree(side, scope));
  };
  return fmt::format("SELECT {} FROM ({}{}{})", join(plain, ", "), counted(*node.left),
                     word_of(node), counted(*node.right));
}

// INTERSECT and EXCEPT of types whose equal values differ in bytes: both sides in groups of equal
// rows, of which those with the right sides stay. With ALL, the n-th of equal rows of one side
// meets the n-th of the other. min and max also make SQLite show the left side's row.
std::string Lowering::set_sides_by_key(const SetOperation& node, Scope& scope) {
  std::vector<std::string> plain;
  std::vector<std::string> keys;
  for (std::size_t i = 0; i < node.column_types.size(); ++i) {
    plain.push_back(output_name(i));
    keys.push_back(key(node.column_types[i], output_name(i)));
  }
  const std::string columns = join(plain, ", ");
  const std::string place =
      node.all ? fmt::format(", row_number() OVER (PARTITION BY {}) AS place", join(keys, ", "))
               : "";
  const auto side = [&](const SetOperation& part, int number) {
    return fmt::format("SELECT {}, {} AS side{} FROM ({})", columns, number, place,
                       set_tree(part, scope));
  };
  const std::string_view stays = node.op == SetOperator::intersect
                                     ? "min(side) = 1 AND count(DISTINCT side) = 2"
                                     : "max(side) = 1";
  return fmt::format("SELECT {} FROM ({} UNION ALL {}) GROUP BY {}{} HAVING {}", columns,
                     side(*node.left, 1), side(*node.right, 2), join(keys, ", "),
                     node.all ? ", place" : "", stays);
}

std::string Lowering::set_distinct_by_key(const SetOperation& node, Scope& scope) {
  std::vector<std::string> plain;
  std::vector<std::string> keys;
  for (std::size_t i = 0; i < node.column_types.size(); ++i) {
    plain.push_back(output_name(i));
    keys.push_back(key(node.column_types[i], output_name(i)));
  }
  return fmt::format("SELECT {} FROM ({} UNION ALL {}) GROUP BY {}", join(plain, ", "),
                     set_member(*node.left, scope), set_member(*node.right, scope),
                     join(keys, ", "));
}

// What PostgreSQL takes in a recursive member and SQLite does not.
void Lowering::refuse_recursion(const Query& query, const Query& owner) const {
  const SetOperation& node = *query.set_operation;
  if (!node.all && !std::all_of(node.column_types.begin(), node.column_types.end(),
                                [&](const TypeRef& type) { return is_native(type); })) {
    not_supported("a recursive UNION that must find equal values of this type");
  }
  if (node.right->entry < 0) not_supported("a set operation in the recursive term of WITH");
  const Query& member = *query.range_table.at(static_cast<std::size_t>(node.right->entry)).subquery;
  if (member.has_windows) not_supported("a window function in the recursive term of WITH");
  if (member.is_distinct || !member.distinct_on.empty() || !member.group_by.empty()) {
    not_supported("DISTINCT or GROUP BY in the recursive term of WITH");
  }
  if (!can_be_member(member)) {
    not_supported("ORDER BY, LIMIT or WITH in the recursive term of WITH");
  }
  constexpr int levels_to_owner = 2;  // the member, the UNION, the query of the WITH
  const bool is_direct =
      std::any_of(member.range_table.begin(), member.range_table.end(), [&](const RangeEntry& e) {
        return e.kind == RangeKind::cte && e.cte_levels_up == levels_to_owner &&
               owner.ctes.at(static_cast<std::size_t>(e.cte_index)).query.get() == &query;
      });
  if (!is_direct) not_supported("a recursive reference inside a subquery");
}

// The recursive member must keep its FROM at the top, where SQLite looks for the CTE's name.
std::string Lowering::recursive_cte_body(const Query& query, Scope* outer, StoreText* text) {
  if (query.set_operation == nullptr) return select(query, outer, text);
  Scope scope(&query, outer, text);
  name_entries(scope);
  const std::string with = with_clause(scope);
  const SetOperation& node = *query.set_operation;
  if (outer != nullptr) refuse_recursion(query, *outer->query);
  return fmt::format("{}{}{}{}", with, set_member(*node.left, scope), word_of(node),
                     set_member(*node.right, scope));
}

}  // namespace dvecdb::server::query::lower
