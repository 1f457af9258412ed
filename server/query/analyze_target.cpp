// Select lists: stars, names of unnamed columns, where a column came from.
#include <fmt/format.h>

#include "server/query/analyze_internal.h"

namespace dvecdb::server::query {

namespace {

constexpr std::string_view no_name = "?column?";

// How good a name is: a column's or function's own, a type's, or none.
enum class NameStrength { none, weak, strong };

NameStrength name_of(const raw::Node* node, std::string& name);

NameStrength name_of_indirection(raw::NodeList steps, std::string& name) {
  std::string_view last;
  for (const raw::Node* step : steps) {
    if (raw::is(step, PG_QUERY__NODE__NODE_STRING)) last = raw::string_of(step);
  }
  if (last.empty()) return NameStrength::none;
  name = last;
  return NameStrength::strong;
}

NameStrength name_of_cast(const PgQuery__TypeCast& cast, std::string& name) {
  const NameStrength inner = name_of(cast.arg, name);
  if (inner == NameStrength::strong || cast.type_name == nullptr) return inner;
  name = raw::string_of(cast.type_name->names[cast.type_name->n_names - 1]);
  return NameStrength::weak;
}

NameStrength name_of_sublink(const PgQuery__SubLink& link, std::string& name) {
  switch (link.sub_link_type) {
    case PG_QUERY__SUB_LINK_TYPE__EXISTS_SUBLINK:
      name = "exists";
      return NameStrength::strong;
    case PG_QUERY__SUB_LINK_TYPE__ARRAY_SUBLINK:
      name = "array";
      return NameStrength::strong;
    case PG_QUERY__SUB_LINK_TYPE__EXPR_SUBLINK: {
      const PgQuery__SelectStmt* select = link.subselect->select_stmt;
      // The name of the query's column; VALUES has none.
      while (select != nullptr && select->larg != nullptr) select = select->larg;
      if (select == nullptr || select->n_target_list == 0) {
        if (select != nullptr && select->n_values_lists > 0) {
          name = "column1";
          return NameStrength::strong;
        }
        return NameStrength::none;
      }
      const PgQuery__ResTarget& target = *select->target_list[0]->res_target;
      if (!raw::view(target.name).empty()) {
        name = target.name;
        return NameStrength::strong;
      }
      return name_of(target.val, name);
    }
    default:
      return NameStrength::none;
  }
}

struct SqlValueName {
  PgQuery__SQLValueFunctionOp op;
  std::string_view name;
};
constexpr SqlValueName sql_value_names[] = {
    {PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_DATE, "current_date"},
    {PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_TIME, "current_time"},
    {PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_TIME_N, "current_time"},
    {PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_TIMESTAMP, "current_timestamp"},
    {PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_TIMESTAMP_N, "current_timestamp"},
    {PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_LOCALTIME, "localtime"},
    {PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_LOCALTIME_N, "localtime"},
    {PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_LOCALTIMESTAMP, "localtimestamp"},
    {PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_LOCALTIMESTAMP_N, "localtimestamp"},
    {PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_ROLE, "current_role"},
    {PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_USER, "current_user"},
    {PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_USER, "user"},
    {PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_SESSION_USER, "session_user"},
    {PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_CATALOG, "current_catalog"},
    {PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_SCHEMA, "current_schema"},
};

NameStrength strong(std::string& name, std::string_view word) {
  name = word;
  return NameStrength::strong;
}

NameStrength name_of(const raw::Node* node, std::string& name) {
  if (node == nullptr) return NameStrength::none;
  switch (node->node_case) {
    case PG_QUERY__NODE__NODE_COLUMN_REF:
      return name_of_indirection(raw::list(node->column_ref->n_fields, node->column_ref->fields),
                                 name);
    case PG_QUERY__NODE__NODE_A_INDIRECTION: {
      const auto& indirection = *node->a_indirection;
      const NameStrength own =
          name_of_indirection(raw::list(indirection.n_indirection, indirection.indirection), name);
      return own != NameStrength::none ? own : name_of(indirection.arg, name);
    }
    case PG_QUERY__NODE__NODE_FUNC_CALL:
      return strong(name,
                    raw::string_of(node->func_call->funcname[node->func_call->n_funcname - 1]));
    case PG_QUERY__NODE__NODE_A_EXPR:
      if (node->a_expr->kind == PG_QUERY__A__EXPR__KIND__AEXPR_NULLIF) {
        return strong(name, "nullif");
      }
      return NameStrength::none;
    case PG_QUERY__NODE__NODE_TYPE_CAST:
      return name_of_cast(*node->type_cast, name);
    case PG_QUERY__NODE__NODE_COLLATE_CLAUSE:
      return name_of(node->collate_clause->arg, name);
    case PG_QUERY__NODE__NODE_GROUPING_FUNC:
      return strong(name, "grouping");
    case PG_QUERY__NODE__NODE_SUB_LINK:
      return name_of_sublink(*node->sub_link, name);
    case PG_QUERY__NODE__NODE_CASE_EXPR: {
      const NameStrength inner = name_of(node->case_expr->defresult, name);
      if (inner == NameStrength::strong) return inner;
      name = "case";
      return NameStrength::weak;
    }
    case PG_QUERY__NODE__NODE_A_ARRAY_EXPR:
      return strong(name, "array");
    case PG_QUERY__NODE__NODE_ROW_EXPR:
      return strong(name, "row");
    case PG_QUERY__NODE__NODE_COALESCE_EXPR:
      return strong(name, "coalesce");
    case PG_QUERY__NODE__NODE_MIN_MAX_EXPR:
      return strong(
          name, node->min_max_expr->op == PG_QUERY__MIN_MAX_OP__IS_GREATEST ? "greatest" : "least");
    case PG_QUERY__NODE__NODE_SQLVALUE_FUNCTION:
      for (const SqlValueName& known : sql_value_names) {
        if (known.op == node->sqlvalue_function->op) return strong(name, known.name);
      }
      return NameStrength::none;
    default:
      return NameStrength::none;
  }
}

bool ends_with_star(raw::NodeList fields) {
  return !fields.empty() && raw::is(fields.back(), PG_QUERY__NODE__NODE_A_STAR);
}

// "*": every column that is visible at this level.
std::vector<TargetEntry> expand_star(Scope& scope, int location) {
  std::vector<TargetEntry> all;
  bool found = false;
  for (std::size_t i = 0; i < scope.names.size(); ++i) {
    const NamespaceItem item = scope.names[i];
    if (!item.columns_visible || item.lateral_only) continue;
    found = true;
    for (TargetEntry& target : expand_entry(scope, item.entry, 0, location)) {
      all.push_back(std::move(target));
    }
  }
  if (!found) {
    throw error_at(scope, sqlstate::syntax_error, "SELECT * with no tables specified is not valid",
                   location);
  }
  return all;
}

std::vector<TargetEntry> expand_row(Scope& scope, ExprPtr row) {
  if (row->kind == ExprKind::column && static_cast<ColumnExpr&>(*row).column == 0) {
    const auto& column = static_cast<ColumnExpr&>(*row);
    return expand_entry(scope, column.entry, column.levels_up, row->location);
  }
  if (!is_composite(scope.statement, row->type.oid)) {
    throw error_at(
        scope, sqlstate::wrong_object_type,
        fmt::format("type {} is not composite", type_text(scope.statement, row->type.oid)), -1);
  }
  const std::vector<RangeColumn> columns = row_columns(scope, *row);
  if (columns.empty()) {
    throw error_at(scope, sqlstate::feature_not_supported, "record type has not been registered",
                   location_of(*row));
  }
  std::vector<TargetEntry> all;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (columns[i].name.empty()) continue;
    auto field = std::make_unique<FieldExpr>(columns[i].type, static_cast<int>(i) + 1);
    field->name = columns[i].name;
    field->argument = clone(*row);
    field->location = row->location;
    all.push_back(make_target(scope, std::move(field), columns[i].name));
  }
  return all;
}

// [schema.]table.*
std::vector<TargetEntry> expand_qualified_star(Scope& scope, const PgQuery__ColumnRef& ref) {
  const auto fields = raw::list(ref.n_fields, ref.fields);
  const std::size_t relation_at = fields.size() - 2;
  const std::string_view relation = raw::string_of(fields[relation_at]);
  const std::string_view schema = relation_at >= 1 ? raw::string_of(fields[relation_at - 1]) : "";
  const auto [entry, levels_up] = find_entry(scope, schema, relation, ref.location);
  if (entry < 0) fail_missing_entry(scope, schema, relation, ref.location);
  return expand_entry(scope, entry, levels_up, ref.location);
}

std::optional<std::vector<TargetEntry>> expand(Scope& scope, const raw::Node* node) {
  if (raw::is(node, PG_QUERY__NODE__NODE_COLUMN_REF)) {
    const PgQuery__ColumnRef& ref = *node->column_ref;
    const auto fields = raw::list(ref.n_fields, ref.fields);
    if (!ends_with_star(fields)) return std::nullopt;
    if (fields.size() == 1) return expand_star(scope, ref.location);
    return expand_qualified_star(scope, ref);
  }
  if (raw::is(node, PG_QUERY__NODE__NODE_A_INDIRECTION)) {
    const PgQuery__AIndirection& indirection = *node->a_indirection;
    const auto steps = raw::list(indirection.n_indirection, indirection.indirection);
    if (!ends_with_star(steps)) return std::nullopt;
    ExprPtr row = analyze_expr(scope, indirection.arg);
    const int location = location_of(*row);
    row = apply_indirection(scope, std::move(row), steps.first(steps.size() - 1), location);
    return expand_row(scope, std::move(row));
  }
  return std::nullopt;
}

}  // namespace

std::string column_name_of(const raw::Node* node) {
  std::string name;
  if (name_of(node, name) == NameStrength::none) return std::string(no_name);
  return name;
}

void mark_origin(Scope& scope, TargetEntry& target) {
  const Expr* expr = target.expr.get();
  if (expr->kind != ExprKind::column) return;
  const auto& column = static_cast<const ColumnExpr&>(*expr);
  if (column.levels_up != 0 || column.column == 0) return;
  const RangeEntry& range = scope.query->range_table[static_cast<std::size_t>(column.entry)];
  if (range.kind == RangeKind::relation) {
    target.origin_table = range.relation->oid;
    target.origin_column = static_cast<std::int16_t>(column.column);
  } else if (range.view != nullptr) {
    target.origin_table = range.view->oid;
    target.origin_column = static_cast<std::int16_t>(column.column);
  } else if (range.kind == RangeKind::subquery && column.column > 0) {
    int position = 0;
    for (const TargetEntry& inner : range.subquery->targets) {
      if (inner.is_junk || ++position != column.column) continue;
      target.origin_table = inner.origin_table;
      target.origin_column = inner.origin_column;
    }
  }
}

TargetEntry make_target(Scope& scope, ExprPtr expr, std::string name) {
  TargetEntry target;
  target.expr = std::move(expr);
  target.name = std::move(name);
  mark_origin(scope, target);
  return target;
}

std::vector<TargetEntry> analyze_targets(Scope& scope, raw::NodeList targets, Clause clause) {
  const ClauseGuard guard(scope, clause);
  std::vector<TargetEntry> all;
  for (const raw::Node* node : targets) {
    const PgQuery__ResTarget& target = *node->res_target;
    if (auto many = expand(scope, target.val)) {
      for (TargetEntry& one : *many) all.push_back(std::move(one));
      continue;
    }
    scope.set_calls = 0;
    ExprPtr expr = analyze_expr(scope, target.val);
    std::string name(raw::view(target.name));
    if (name.empty()) name = column_name_of(target.val);
    all.push_back(make_target(scope, std::move(expr), std::move(name)));
  }
  constexpr std::size_t max_targets = 1664;
  if (all.size() > max_targets) {
    throw error_at(scope, sqlstate::too_many_columns,
                   fmt::format("target lists can have at most {} entries", max_targets), -1);
  }
  return all;
}

void resolve_unknown_targets(Scope& scope, std::vector<TargetEntry>& targets) {
  if (!scope.resolve_unknowns) return;
  for (TargetEntry& target : targets) {
    if (target.expr->type.oid == oids::unknown) {
      target.expr = coerce_implicitly(scope, std::move(target.expr), oids::text);
    }
  }
}

}  // namespace dvecdb::server::query
