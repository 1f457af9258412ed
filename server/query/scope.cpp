// Names of tables and columns that a query has in reach.
#include <fmt/format.h>

#include <algorithm>

#include "server/query/analyze_internal.h"

namespace dvecdb::server::query {

Query& query_up(Scope& scope, int levels_up) {
  Scope* found = &scope;
  for (int i = 0; i < levels_up; ++i) found = found->parent;
  return *found->query;
}

namespace {

struct SystemColumnName {
  std::string_view name;
  SystemColumn column;
  Oid type;
};
constexpr SystemColumnName system_columns[] = {
    {"ctid", ctid_column, oids::tid}, {"xmin", xmin_column, oids::xid},
    {"cmin", cmin_column, oids::cid}, {"xmax", xmax_column, oids::xid},
    {"cmax", cmax_column, oids::cid}, {"tableoid", tableoid_column, oids::oid},
};

// What kind of rows an entry has: its row type when it has a name, else record.
TypeRef row_type(const RangeEntry& entry) {
  if (entry.kind == RangeKind::relation && entry.relation->row_type != types::invalid_oid) {
    return {entry.relation->row_type, -1};
  }
  if (entry.view != nullptr && entry.view->row_type != types::invalid_oid) {
    return {entry.view->row_type, -1};
  }
  return {oids::record, -1};
}

bool is_single_scalar_function(const Scope& scope, const RangeEntry& entry) {
  return entry.kind == RangeKind::function && entry.functions.size() == 1 &&
         !entry.with_ordinality && entry.functions[0].columns.size() == 1 &&
         !is_composite(scope.statement, entry.functions[0].call->type.oid);
}

void check_lateral(Scope& scope, const NamespaceItem& item, const std::string& name, int location) {
  if (!item.lateral_only || item.lateral_ok) return;
  throw error_at(scope, sqlstate::invalid_column_reference,
                 fmt::format("invalid reference to FROM-clause entry for table \"{}\"", name),
                 location)
      .detail("The combining JOIN type must be INNER or LEFT for a LATERAL reference.");
}

}  // namespace

ExprPtr column_of_entry(Scope& scope, int entry, int column, int levels_up, int location) {
  const RangeEntry& range = query_up(scope, levels_up).range_table[static_cast<std::size_t>(entry)];
  if (range.kind == RangeKind::join && column > 0) {
    const ExprPtr& stands_for = range.join_columns[static_cast<std::size_t>(column - 1)];
    if (stands_for->kind == ExprKind::column) {
      ExprPtr copy = clone(*stands_for);
      static_cast<ColumnExpr&>(*copy).levels_up += levels_up;
      copy->location = location;
      return copy;
    }
  }
  TypeRef type;
  if (column > 0) {
    type = range.columns[static_cast<std::size_t>(column - 1)].type;
  } else {
    for (const SystemColumnName& system : system_columns) {
      if (system.column == column) type = {system.type, -1};
    }
  }
  auto expr = std::make_unique<ColumnExpr>(type, entry, column, levels_up);
  expr->location = location;
  return expr;
}

ExprPtr find_column_in(Scope& scope, int entry, int levels_up, std::string_view name,
                       int location) {
  const RangeEntry& range = query_up(scope, levels_up).range_table[static_cast<std::size_t>(entry)];
  int found = 0;
  for (std::size_t i = 0; i < range.columns.size(); ++i) {
    if (range.columns[i].name != name || range.columns[i].name.empty()) continue;
    if (found != 0) {
      throw error_at(scope, sqlstate::ambiguous_column,
                     fmt::format("column reference \"{}\" is ambiguous", name), location);
    }
    found = static_cast<int>(i) + 1;
  }
  if (found == 0 && range.kind == RangeKind::relation) {
    for (const SystemColumnName& system : system_columns) {
      if (system.name == name) found = system.column;
    }
  }
  if (found == 0) return nullptr;
  return column_of_entry(scope, entry, found, levels_up, location);
}

ExprPtr find_column(Scope& scope, std::string_view name, int location) {
  int levels_up = 0;
  for (Scope* at = &scope; at != nullptr; at = at->parent, ++levels_up) {
    ExprPtr found;
    for (const NamespaceItem& item : at->names) {
      if (!item.columns_visible) continue;
      if (item.lateral_only && !at->lateral_active) continue;
      ExprPtr candidate = find_column_in(scope, item.entry, levels_up, name, location);
      if (candidate == nullptr) continue;
      if (found != nullptr) {
        throw error_at(scope, sqlstate::ambiguous_column,
                       fmt::format("column reference \"{}\" is ambiguous", name), location);
      }
      check_lateral(scope, item, at->query->range_table[static_cast<std::size_t>(item.entry)].alias,
                    location);
      found = std::move(candidate);
    }
    if (found != nullptr) return found;
    if (at->locked_from_parent) break;
  }
  return nullptr;
}

std::pair<int, int> find_entry(Scope& scope, std::string_view schema, std::string_view name,
                               int location) {
  int levels_up = 0;
  for (Scope* at = &scope; at != nullptr; at = at->parent, ++levels_up) {
    int found = -1;
    for (const NamespaceItem& item : at->names) {
      if (!item.relation_visible) continue;
      if (item.lateral_only && !at->lateral_active) continue;
      const RangeEntry& range = at->query->range_table[static_cast<std::size_t>(item.entry)];
      if (range.alias != name || range.alias.empty()) continue;
      if (!schema.empty()) {
        const RelationDesc* relation = range.view != nullptr ? range.view : range.relation;
        if (relation == nullptr || relation->schema != schema || relation->name != name) continue;
      }
      if (found >= 0) {
        throw error_at(scope, sqlstate::ambiguous_alias,
                       fmt::format("table reference \"{}\" is ambiguous", name), location);
      }
      check_lateral(scope, item, range.alias, location);
      found = item.entry;
    }
    if (found >= 0) return {found, levels_up};
    if (at->locked_from_parent) break;
  }
  return {-1, 0};
}

ExprPtr whole_row(Scope& scope, int entry, int levels_up, int location) {
  const RangeEntry& range = query_up(scope, levels_up).range_table[static_cast<std::size_t>(entry)];
  if (range.kind == RangeKind::join) {
    auto row = std::make_unique<RowExpr>(TypeRef{oids::record, -1});
    for (std::size_t i = 0; i < range.columns.size(); ++i) {
      row->fields.push_back(
          column_of_entry(scope, entry, static_cast<int>(i) + 1, levels_up, location));
      row->names.push_back(range.columns[i].name);
    }
    row->location = location;
    return row;
  }
  // A function that gives a scalar: the name of its table is the value itself.
  if (is_single_scalar_function(scope, range)) {
    return column_of_entry(scope, entry, 1, levels_up, location);
  }
  TypeRef type = row_type(range);
  if (range.kind == RangeKind::function && range.functions.size() == 1 && !range.with_ordinality) {
    type = {range.functions[0].call->type.oid, -1};
  }
  auto expr = std::make_unique<ColumnExpr>(type, entry, 0, levels_up);
  expr->location = location;
  return expr;
}

std::vector<TargetEntry> expand_entry(Scope& scope, int entry, int levels_up, int location) {
  std::vector<TargetEntry> targets;
  const std::size_t count =
      query_up(scope, levels_up).range_table[static_cast<std::size_t>(entry)].columns.size();
  for (std::size_t i = 0; i < count; ++i) {
    const RangeEntry& range =
        query_up(scope, levels_up).range_table[static_cast<std::size_t>(entry)];
    if (range.columns[i].name.empty()) continue;  // dropped
    const std::string name = range.columns[i].name;
    targets.push_back(make_target(
        scope, column_of_entry(scope, entry, static_cast<int>(i) + 1, levels_up, location), name));
  }
  return targets;
}

// ---------------------------------------------------------------- errors with hints

namespace {

// The closest names, as PostgreSQL looks for them: at most two, nothing too far.
struct Suggestions {
  int best = 4;  // a distance above 3 is no typing error
  std::vector<std::string> names;

  void offer(std::string_view relation, std::string_view wanted_relation, std::string_view column,
             std::string_view wanted) {
    if (column.empty()) return;
    int distance = 0;
    if (!wanted_relation.empty()) distance = edit_distance(wanted_relation, relation, 3);
    if (distance > best || distance > 3) return;
    distance += edit_distance(column, wanted, 3);
    // Half the name may be wrong at most.
    if (distance > best || distance > 3 || distance > static_cast<int>(wanted.size()) / 2) return;
    std::string name = fmt::format("{}.{}", relation, column);
    if (distance < best) {
      best = distance;
      names.clear();
    }
    names.push_back(std::move(name));
  }
};

Suggestions suggest(Scope& scope, std::string_view relation, std::string_view column,
                    std::string& unreachable) {
  Suggestions suggestions;
  for (Scope* at = &scope; at != nullptr; at = at->parent) {
    for (std::size_t i = 0; i < at->query->range_table.size(); ++i) {
      const RangeEntry& range = at->query->range_table[i];
      if (range.kind == RangeKind::join) continue;
      const bool is_visible =
          std::any_of(at->names.begin(), at->names.end(),
                      [&](const NamespaceItem& item) { return item.entry == static_cast<int>(i); });
      for (const RangeColumn& known : range.columns) {
        if (known.name == column && !known.name.empty() && !is_visible && relation.empty()) {
          unreachable = range.alias;
        }
        suggestions.offer(range.alias, relation, known.name, column);
      }
    }
    if (at->locked_from_parent) break;
  }
  return suggestions;
}

}  // namespace

void fail_missing_column(Scope& scope, std::string_view relation, std::string_view column,
                         int location) {
  SqlError error =
      error_at(scope, sqlstate::undefined_column,
               relation.empty() ? fmt::format("column \"{}\" does not exist", column)
                                : fmt::format("column {}.{} does not exist", relation, column),
               location);
  std::string unreachable;
  const Suggestions suggestions = suggest(scope, relation, column, unreachable);
  if (!unreachable.empty()) {
    error.hint(
        fmt::format("There is a column named \"{}\" in table \"{}\", but it cannot be "
                    "referenced from this part of the query.",
                    column, unreachable));
  } else if (suggestions.names.size() == 1) {
    error.hint(
        fmt::format("Perhaps you meant to reference the column \"{}\".", suggestions.names[0]));
  } else if (suggestions.names.size() == 2) {
    error.hint(
        fmt::format("Perhaps you meant to reference the column \"{}\" or the column "
                    "\"{}\".",
                    suggestions.names[0], suggestions.names[1]));
  }
  throw error;
}

void fail_missing_entry(Scope& scope, std::string_view schema, std::string_view name,
                        int location) {
  const std::string shown = schema.empty() ? std::string(name) : fmt::format("{}.{}", schema, name);
  // The table may be there under an alias, or out of reach here.
  int levels = 0;
  for (Scope* at = &scope; at != nullptr; at = at->parent, ++levels) {
    for (std::size_t i = 0; i < at->query->range_table.size(); ++i) {
      const RangeEntry& range = at->query->range_table[i];
      const RelationDesc* relation = range.view != nullptr ? range.view : range.relation;
      const bool is_renamed = relation != nullptr && relation->name == name &&
                              range.alias != name && (schema.empty() || relation->schema == schema);
      const bool is_there = range.alias == name && !range.alias.empty();
      if (!is_renamed && !is_there) continue;
      SqlError error = error_at(
          scope, sqlstate::undefined_table,
          fmt::format("invalid reference to FROM-clause entry for table \"{}\"", name), location);
      if (is_renamed) {
        const bool in_reach = std::any_of(
            at->names.begin(), at->names.end(),
            [&](const NamespaceItem& item) { return item.entry == static_cast<int>(i); });
        if (in_reach) {
          error.hint(
              fmt::format("Perhaps you meant to reference the table alias \"{}\".", range.alias));
        }
      } else {
        error.hint(
            fmt::format("There is an entry for table \"{}\", but it cannot be referenced "
                        "from this part of the query.",
                        range.alias));
      }
      throw error;
    }
    if (at->locked_from_parent) break;
  }
  throw error_at(scope, sqlstate::undefined_table,
                 fmt::format("missing FROM-clause entry for table \"{}\"", shown), location);
}

}  // namespace dvecdb::server::query
