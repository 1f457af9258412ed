// UNION, INTERSECT, EXCEPT.
#include <fmt/format.h>

#include <algorithm>

#include "server/query/analyze_internal.h"

namespace dvecdb::server::query {

namespace {

SetOperator operator_of(PgQuery__SetOperation op) {
  switch (op) {
    case PG_QUERY__SET_OPERATION__SETOP_INTERSECT:
      return SetOperator::intersect;
    case PG_QUERY__SET_OPERATION__SETOP_EXCEPT:
      return SetOperator::except;
    default:
      return SetOperator::union_;
  }
}

std::string_view word_of(SetOperator op) {
  switch (op) {
    case SetOperator::intersect:
      return "INTERSECT";
    case SetOperator::except:
      return "EXCEPT";
    default:
      return "UNION";
  }
}

bool is_leaf(const PgQuery__SelectStmt& select) {
  return select.op == PG_QUERY__SET_OPERATION__SETOP_NONE || select.n_sort_clause > 0 ||
         select.limit_offset != nullptr || select.limit_count != nullptr ||
         select.n_locking_clause > 0 || select.with_clause != nullptr;
}

// Can the target's type be changed in place without changing what the query does?
bool is_plain_target(const Query& query, int target) {
  const auto uses = [&](int index) { return index == target; };
  return !query.is_distinct && query.set_operation == nullptr &&
         std::none_of(query.distinct_on.begin(), query.distinct_on.end(), uses) &&
         std::none_of(query.group_by.begin(), query.group_by.end(), uses) &&
         std::none_of(query.order_by.begin(), query.order_by.end(),
                      [&](const SortClause& sort) { return sort.target == target; });
}

class SetBuilder {
 public:
  explicit SetBuilder(Scope& scope) : scope_(scope) {}

  std::unique_ptr<SetOperation> build(const PgQuery__SelectStmt& select, bool is_top) {
    const DepthGuard depth(scope_.statement);
    if (!is_top && is_leaf(select)) return build_leaf(select);
    auto node = std::make_unique<SetOperation>();
    node->op = operator_of(select.op);
    node->all = select.all;
    node->left = build(*select.larg, false);
    if (is_top && scope_.recursive_cte >= 0 && node->op == SetOperator::union_) {
      open_recursion(*node->left);
    }
    node->right = build(*select.rarg, false);
    unify(*node);
    return node;
  }

  // The targets of the leftmost query under a node.
  const Query& leftmost(const SetOperation& node) const {
    const SetOperation* at = &node;
    while (at->entry < 0) at = at->left.get();
    return *scope_.query->range_table[static_cast<std::size_t>(at->entry)].subquery;
  }

 private:
  std::unique_ptr<SetOperation> build_leaf(const PgQuery__SelectStmt& select) {
    if (select.into_clause != nullptr) {
      throw error_at(scope_, sqlstate::syntax_error,
                     "INTO is only allowed on first SELECT of UNION/INTERSECT/EXCEPT", -1);
    }
    raw::Node node;
    pg_query__node__init(&node);
    node.node_case = PG_QUERY__NODE__NODE_SELECT_STMT;
    node.select_stmt = const_cast<PgQuery__SelectStmt*>(&select);
    QueryPtr query = analyze_query_node(scope_.statement, &scope_, &node,
                                        [](Scope& inner) { inner.resolve_unknowns = false; });
    const int number = static_cast<int>(scope_.query->range_table.size()) + 1;
    auto leaf_node = std::make_unique<SetOperation>();
    leaf_node->column_types = types_of_targets(*query);
    leaf_node->entry = add_subquery_entry(scope_, std::move(query),
                                          fmt::format("*SELECT* {}", number), nullptr, false);
    return leaf_node;
  }

  static std::vector<TypeRef> types_of_targets(const Query& query) {
    std::vector<TypeRef> types;
    for (const TargetEntry& target : query.targets) {
      if (!target.is_junk) types.push_back(target.expr->type);
    }
    return types;
  }

  // The expression behind a node's column, for messages and literals: a leaf's own target.
  ExprPtr column_expr(const SetOperation& node, std::size_t column) const {
    if (node.entry >= 0) {
      return clone(*target(node, column).expr);
    }
    auto placeholder = std::make_unique<CasePlaceholderExpr>(node.column_types[column]);
    placeholder->location = location_of(*target(leftmost_node(node), column).expr);
    return placeholder;
  }

  static const SetOperation& leftmost_node(const SetOperation& node) {
    const SetOperation* at = &node;
    while (at->entry < 0) at = at->left.get();
    return *at;
  }

  TargetEntry& target(const SetOperation& node, std::size_t column) const {
    Query& query = *scope_.query->range_table[static_cast<std::size_t>(node.entry)].subquery;
    std::size_t seen = 0;
    for (TargetEntry& entry : query.targets) {
      if (!entry.is_junk && seen++ == column) return entry;
    }
    return query.targets.front();
  }

  void unify(SetOperation& node) {
    const std::string_view word = word_of(node.op);
    if (node.left->column_types.size() != node.right->column_types.size()) {
      const TargetEntry* at = nullptr;
      for (const TargetEntry& entry : leftmost(*node.right).targets) {
        if (at == nullptr) at = &entry;
      }
      throw error_at(scope_, sqlstate::syntax_error,
                     fmt::format("each {} query must have the same number of columns", word),
                     at == nullptr ? -1 : location_of(*at->expr));
    }
    for (std::size_t i = 0; i < node.left->column_types.size(); ++i) {
      node.column_types.push_back(unify_column(node, i, word));
    }
  }

  TypeRef unify_column(SetOperation& node, std::size_t column, std::string_view word) {
    const ExprPtr left = column_expr(*node.left, column);
    const ExprPtr right = column_expr(*node.right, column);
    const std::vector<const Expr*> both{left.get(), right.get()};
    const Expr* which = nullptr;
    const Oid common = select_common_type(scope_, both, word, &which);
    const std::int32_t typmod = common_typmod(both, common);
    // A recursive term's column is what the non-recursive one made it.
    for (const Expr* side : both) {
      if (side->type.oid == oids::unknown ||
          can_coerce(scope_.statement, side->type.oid, common, CoercionContext::implicit)) {
        continue;
      }
      coerce_to_common(scope_, clone(*side), common, word);  // throws
    }
    convert(*node.left, column, common);
    convert(*node.right, column, common);
    if (!node.all) require_equality(scope_, common, location_of(*which));
    return {common, typmod};
  }

  // Makes every leaf below give the column as the type.
  void convert(SetOperation& node, std::size_t column, Oid type) {
    if (node.column_types[column].oid == type) return;
    node.column_types[column] = {type, -1};
    if (node.entry < 0) {
      convert(*node.left, column, type);
      convert(*node.right, column, type);
      return;
    }
    RangeEntry& entry = scope_.query->range_table[static_cast<std::size_t>(node.entry)];
    if (!is_plain(*entry.subquery, column)) wrap(entry);
    TargetEntry& changed = target(node, column);
    changed.expr = coerce_implicitly(scope_, std::move(changed.expr), type);
    entry.columns[column].type = {type, -1};
  }

  static bool is_plain(const Query& query, std::size_t column) {
    std::size_t seen = 0;
    for (std::size_t i = 0; i < query.targets.size(); ++i) {
      if (query.targets[i].is_junk || seen++ != column) continue;
      return is_plain_target(query, static_cast<int>(i));
    }
    return false;
  }

  // SELECT * FROM (the query): a place to convert columns that the query sorts or groups by.
  void wrap(RangeEntry& entry) {
    Statement& statement = scope_.statement;
    Scope outer(statement, &scope_);
    auto query = std::make_unique<Query>();
    outer.query = query.get();
    const std::function<void(Query&, int)> deepen = [&](Query& inner, int depth) {
      for (RangeEntry& range : inner.range_table) {
        if (range.kind == RangeKind::cte && range.cte_levels_up >= depth) ++range.cte_levels_up;
      }
      visit_query(
          inner, [&](ExprPtr& expr) { shift_levels(*expr, 1, depth); },
          [&](Query& below) { deepen(below, depth + 1); });
    };
    deepen(*entry.subquery, 1);
    const int index =
        add_subquery_entry(outer, std::move(entry.subquery), entry.alias, nullptr, false);
    query->from.push_back(leaf(index));
    query->targets = expand_entry(outer, index, 0, -1);
    entry.subquery = std::move(query);
  }

  // The columns of WITH RECURSIVE are those of the first side.
  void open_recursion(SetOperation& left) {
    Scope& owner = *scope_.parent;
    Cte& cte = owner.query->ctes[static_cast<std::size_t>(scope_.recursive_cte)];
    const Query& first = leftmost(left);
    std::vector<RangeColumn> columns;
    std::size_t i = 0;
    for (const TargetEntry& entry : first.targets) {
      if (entry.is_junk) continue;
      if (left.column_types[i].oid == oids::unknown) convert(left, i, oids::text);
      columns.push_back({entry.name, left.column_types[i]});
      ++i;
    }
    for (std::size_t k = 0; k < cte.columns.size() && k < columns.size(); ++k) {
      columns[k].name = cte.columns[k].name;
    }
    if (cte.columns.size() > columns.size()) {
      throw error_at(scope_, sqlstate::invalid_column_reference,
                     fmt::format("WITH query \"{}\" has {} columns available but {} columns "
                                 "specified",
                                 cte.name, columns.size(), cte.columns.size()),
                     -1);
    }
    cte.columns = std::move(columns);
    owner.visible_ctes.push_back(scope_.recursive_cte);
  }

  Scope& scope_;
};

void order_set_operation(Scope& scope, const PgQuery__SelectStmt& select, int entry) {
  if (select.n_sort_clause == 0) return;
  Query& query = *scope.query;
  const std::size_t before = query.targets.size();
  scope.names.push_back({entry, false, true});
  query.order_by = analyze_order_by(scope, raw::list(select.n_sort_clause, select.sort_clause));
  scope.names.clear();
  if (query.targets.size() == before) return;
  throw error_at(scope, sqlstate::feature_not_supported,
                 "invalid UNION/INTERSECT/EXCEPT ORDER BY clause",
                 location_of(*query.targets[before].expr))
      .detail("Only result column names can be used, not expressions or functions.")
      .hint("Add the expression/function to every SELECT, or move the UNION into a FROM clause.");
}

}  // namespace

void analyze_set_operation(Scope& scope, const PgQuery__SelectStmt& select) {
  Query& query = *scope.query;
  analyze_with(scope, select.with_clause);
  SetBuilder builder(scope);
  query.set_operation = builder.build(select, true);

  const SetOperation* first = query.set_operation.get();
  while (first->entry < 0) first = first->left.get();
  const int entry = first->entry;
  const std::vector<TypeRef> types = query.set_operation->column_types;
  for (std::size_t i = 0; i < types.size(); ++i) {
    RangeColumn& column = query.range_table[static_cast<std::size_t>(entry)].columns[i];
    column.type = types[i];
    TargetEntry target;
    target.name = column.name;
    target.expr = column_of_entry(scope, entry, static_cast<int>(i) + 1, 0, -1);
    query.targets.push_back(std::move(target));
  }
  order_set_operation(scope, select, entry);
  analyze_limit(scope, select);
  analyze_locking(scope, raw::list(select.n_locking_clause, select.locking_clause));
}

}  // namespace dvecdb::server::query
