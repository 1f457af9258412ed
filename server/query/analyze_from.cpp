// The FROM clause: tables, subqueries, CTEs and views as range-table entries.
#include <fmt/format.h>

#include <algorithm>

#include "server/query/analyze_internal.h"

namespace dvecdb::server::query {

FromPtr leaf(int entry) {
  auto item = std::make_unique<FromItem>();
  item->entry = entry;
  return item;
}

int add_entry(Scope& scope, RangeEntry entry) {
  scope.query->range_table.push_back(std::move(entry));
  return static_cast<int>(scope.query->range_table.size()) - 1;
}

void apply_alias(const Scope& scope, RangeEntry& entry, const PgQuery__Alias* alias) {
  if (alias == nullptr) return;
  if (!raw::view(alias->aliasname).empty()) entry.alias = alias->aliasname;
  const auto names = raw::list(alias->n_colnames, alias->colnames);
  std::size_t next = 0;
  for (RangeColumn& column : entry.columns) {
    if (next == names.size()) return;
    if (column.name.empty()) continue;  // dropped
    column.name = raw::string_of(names[next++]);
  }
  if (next < names.size()) {
    const auto available =
        std::count_if(entry.columns.begin(), entry.columns.end(),
                      [](const RangeColumn& column) { return !column.name.empty(); });
    throw error_at(scope, sqlstate::invalid_column_reference,
                   fmt::format("table \"{}\" has {} columns available but {} columns specified",
                               entry.alias, available, names.size()),
                   -1);
  }
}

namespace {

std::vector<RangeColumn> columns_of(const RelationDesc& relation) {
  std::vector<RangeColumn> columns;
  for (const ColumnDesc& column : relation.columns) {
    columns.push_back({column.is_dropped ? "" : column.name, column.type});
  }
  return columns;
}

std::vector<RangeColumn> columns_of(const Query& query) {
  std::vector<RangeColumn> columns;
  for (const TargetEntry& target : result_targets(query)) {
    if (!target.is_junk) columns.push_back({target.name, target.expr->type});
  }
  return columns;
}

}  // namespace

int add_relation_entry(Scope& scope, const RelationDesc& relation, const PgQuery__Alias* alias) {
  RangeEntry entry;
  entry.alias = relation.name;
  entry.columns = columns_of(relation);
  if (relation.kind == 'v') {
    entry.kind = RangeKind::subquery;
    entry.view = &relation;
    entry.subquery = expand_view(scope, relation);
  } else {
    entry.relation = &relation;
  }
  apply_alias(scope, entry, alias);
  return add_entry(scope, std::move(entry));
}

int add_subquery_entry(Scope& scope, QueryPtr query, std::string_view name,
                       const PgQuery__Alias* alias, bool is_lateral) {
  RangeEntry entry;
  entry.kind = RangeKind::subquery;
  entry.alias = name;
  entry.columns = columns_of(*query);
  entry.is_lateral = is_lateral;
  entry.subquery = std::move(query);
  apply_alias(scope, entry, alias);
  return add_entry(scope, std::move(entry));
}

QueryPtr expand_view(Scope& scope, const RelationDesc& view) {
  constexpr int max_views = 100;
  if (scope.statement.view_depth > max_views) {
    throw SqlError(
        sqlstate::invalid_object_definition,
        fmt::format("infinite recursion detected in rules for relation \"{}\"", view.name));
  }
  const AnalyzeContext context{scope.statement.context.catalog,
                               scope.statement.context.io,
                               {"pg_catalog"},
                               scope.statement.context.current_user,
                               view.view_text};
  const std::vector<RawStatement> raw = parse(view.view_text);
  Statement inner{context, nullptr, scope.statement.depth, scope.statement.view_depth + 1};
  return analyze_query_node(inner, nullptr, static_cast<const raw::Node*>(raw.at(0).node));
}

namespace {

// The CTE that a bare name means: how many scopes up, and its index; -1 for none.
std::pair<int, int> find_cte(const Scope& scope, std::string_view name) {
  int levels_up = 0;
  for (const Scope* at = &scope; at != nullptr; at = at->parent, ++levels_up) {
    for (const int index : at->visible_ctes) {
      if (at->query->ctes[static_cast<std::size_t>(index)].name == name) return {levels_up, index};
    }
  }
  return {-1, -1};
}

void refuse_kind(const Scope& scope, const RelationDesc& relation, int location) {
  std::string_view what;
  if (relation.kind == 'i') what = "indexes";
  if (relation.kind == 'c') what = "composite types";
  if (what.empty()) return;
  throw error_at(scope, sqlstate::wrong_object_type,
                 fmt::format("cannot open relation \"{}\"", relation.name), location)
      .detail(fmt::format("This operation is not supported for {}.", what));
}

int add_cte_entry(Scope& scope, int levels_up, int index, const PgQuery__RangeVar& name) {
  const Cte& cte = query_up(scope, levels_up).ctes[static_cast<std::size_t>(index)];
  if (cte.query && cte.query->command != CommandKind::select && cte.query->returning.empty()) {
    throw error_at(scope, sqlstate::feature_not_supported,
                   fmt::format("WITH query \"{}\" does not have a RETURNING clause", cte.name),
                   name.location);
  }
  RangeEntry entry;
  entry.kind = RangeKind::cte;
  entry.alias = cte.name;
  entry.columns = cte.columns;
  entry.cte_index = index;
  entry.cte_levels_up = levels_up;
  apply_alias(scope, entry, name.alias);
  return add_entry(scope, std::move(entry));
}

FromPtr analyze_range_var(Scope& scope, const PgQuery__RangeVar& name,
                          std::vector<NamespaceItem>& names) {
  int entry = -1;
  if (raw::view(name.schemaname).empty()) {
    const auto [levels_up, index] = find_cte(scope, name.relname);
    if (index >= 0) entry = add_cte_entry(scope, levels_up, index, name);
  }
  if (entry < 0) {
    const RelationDesc& relation = open_relation(scope, name);
    refuse_kind(scope, relation, name.location);
    entry = add_relation_entry(scope, relation, name.alias);
  }
  names.push_back({entry});
  return leaf(entry);
}

FromPtr analyze_subselect(Scope& scope, const PgQuery__RangeSubselect& node,
                          std::vector<NamespaceItem>& names) {
  const ClauseGuard guard(scope, Clause::from_subselect);
  const bool saved = scope.lateral_active;
  scope.lateral_active = node.lateral;
  QueryPtr query = analyze_query_node(scope.statement, &scope, node.subquery);
  scope.lateral_active = saved;
  const int entry =
      add_subquery_entry(scope, std::move(query), "unnamed_subquery", node.alias, node.lateral);
  names.push_back({entry, node.alias != nullptr});
  return leaf(entry);
}

}  // namespace

FromPtr analyze_from_item(Scope& scope, const raw::Node* node, std::vector<NamespaceItem>& names) {
  const DepthGuard depth(scope.statement);
  switch (node->node_case) {
    case PG_QUERY__NODE__NODE_RANGE_VAR:
      return analyze_range_var(scope, *node->range_var, names);
    case PG_QUERY__NODE__NODE_RANGE_SUBSELECT:
      return analyze_subselect(scope, *node->range_subselect, names);
    case PG_QUERY__NODE__NODE_RANGE_FUNCTION:
      return analyze_range_function(scope, *node->range_function, names);
    case PG_QUERY__NODE__NODE_JOIN_EXPR:
      return analyze_join(scope, *node->join_expr, names);
    case PG_QUERY__NODE__NODE_RANGE_TABLE_SAMPLE:
      throw not_supported(scope, "TABLESAMPLE", node->range_table_sample->location);
    case PG_QUERY__NODE__NODE_RANGE_TABLE_FUNC:
      throw not_supported(scope, "XMLTABLE", node->range_table_func->location);
    default:
      throw not_supported(scope, "this kind of FROM item", -1);
  }
}

void check_alias_conflicts(Scope& scope, const std::vector<NamespaceItem>& left,
                           const std::vector<NamespaceItem>& right) {
  const auto& table = scope.query->range_table;
  for (const NamespaceItem& a : left) {
    if (!a.relation_visible) continue;
    const RangeEntry& x = table[static_cast<std::size_t>(a.entry)];
    for (const NamespaceItem& b : right) {
      if (!b.relation_visible) continue;
      const RangeEntry& y = table[static_cast<std::size_t>(b.entry)];
      if (x.alias != y.alias || x.alias.empty()) continue;
      // The same name from two schemas, without aliases, is allowed.
      const RelationDesc* x_relation = x.view != nullptr ? x.view : x.relation;
      const RelationDesc* y_relation = y.view != nullptr ? y.view : y.relation;
      if (x_relation != nullptr && y_relation != nullptr && x_relation != y_relation &&
          x_relation->name == x.alias && y_relation->name == y.alias) {
        continue;
      }
      throw error_at(scope, sqlstate::duplicate_alias,
                     fmt::format("table name \"{}\" specified more than once", x.alias), -1);
    }
  }
}

void analyze_from(Scope& scope, raw::NodeList items) {
  for (const raw::Node* node : items) {
    std::vector<NamespaceItem> names;
    FromPtr item = analyze_from_item(scope, node, names);
    check_alias_conflicts(scope, scope.names, names);
    for (NamespaceItem name : names) {
      // Until FROM is complete, other items see this one by LATERAL alone.
      name.lateral_only = true;
      name.lateral_ok = true;
      scope.names.push_back(name);
    }
    scope.query->from.push_back(std::move(item));
  }
  for (NamespaceItem& name : scope.names) {
    name.lateral_only = false;
    name.lateral_ok = true;
  }
}

}  // namespace dvecdb::server::query
