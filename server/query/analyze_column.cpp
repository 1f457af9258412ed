// Column references, fields of rows and subscripts.
#include <fmt/format.h>

#include <algorithm>

#include "server/query/analyze_internal.h"

namespace dvecdb::server::query {

const ProcDesc* inlined_function(const Scope& scope) {
  for (const Scope* at = &scope; at != nullptr; at = at->parent) {
    if (at->function_arguments != nullptr) return at->function_arguments->proc;
  }
  return nullptr;
}

ExprPtr function_argument(Scope& scope, std::ptrdiff_t index) {
  int levels = 0;
  for (Scope* at = &scope; at != nullptr; at = at->parent, ++levels) {
    if (at->function_arguments == nullptr) continue;
    const ExprList& values = *at->function_arguments->values;
    if (index < 0 || index >= static_cast<std::ptrdiff_t>(values.size())) return nullptr;
    ExprPtr copy = clone(*values[static_cast<std::size_t>(index)]);
    if (levels > 0) shift_levels(*copy, levels);
    return copy;
  }
  return nullptr;
}

namespace {

// A parameter of an inlined SQL function by its name.
ExprPtr find_function_argument(Scope& scope, std::string_view name) {
  const ProcDesc* proc = inlined_function(scope);
  if (proc == nullptr || name.empty()) return nullptr;
  const auto& names = proc->argument_names;
  const auto at = std::find(names.begin(), names.end(), name);
  return at == names.end() ? nullptr : function_argument(scope, at - names.begin());
}

// rel.name where rel has no such column: name(rel) may be a function.
ExprPtr column_or_call(Scope& scope, int entry, int levels_up, std::string_view relation,
                       std::string_view column, int location) {
  if (ExprPtr found = find_column_in(scope, entry, levels_up, column, location)) return found;
  CallArguments arguments;
  arguments.values.push_back(whole_row(scope, entry, levels_up, location));
  if (is_composite(scope.statement, arguments.values[0]->type.oid)) {
    const CallChoice choice = choose_function(scope, "", column, arguments, false);
    if (choice.kind == CallKind::normal && choice.candidate.types.size() == 1 &&
        is_composite(scope.statement, choice.candidate.types[0])) {
      return call_builtin(scope, column, std::move(arguments.values), location);
    }
  }
  fail_missing_column(scope, relation, column, location);
}

ExprPtr unqualified(Scope& scope, std::string_view name, int location) {
  if (ExprPtr found = find_column(scope, name, location)) return found;
  const auto [entry, levels_up] = find_entry(scope, "", name, location);
  if (entry >= 0) return whole_row(scope, entry, levels_up, location);
  if (ExprPtr argument = find_function_argument(scope, name)) return argument;
  fail_missing_column(scope, "", name, location);
}

}  // namespace

ExprPtr analyze_column_ref(Scope& scope, const PgQuery__ColumnRef& ref) {
  const auto fields = raw::list(ref.n_fields, ref.fields);
  if (scope.clause == Clause::column_default && scope.query->range_table.empty() &&
      inlined_function(scope) == nullptr) {
    throw error_at(scope, sqlstate::feature_not_supported,
                   "cannot use column reference in DEFAULT expression", ref.location);
  }
  if (fields.size() == 1) {
    if (raw::is(fields[0], PG_QUERY__NODE__NODE_A_STAR)) {
      throw error_at(scope, sqlstate::syntax_error, "column reference \"*\" is not allowed here",
                     ref.location);
    }
    return unqualified(scope, raw::string_of(fields[0]), ref.location);
  }
  if (fields.size() > 4) {
    throw error_at(scope, sqlstate::syntax_error,
                   "improper qualified name (too many dotted names): " + name_list_text(fields),
                   ref.location);
  }
  const std::size_t last = fields.size() - 1;
  const std::string_view relation = raw::string_of(fields[last - 1]);
  const std::string_view schema = last >= 2 ? raw::string_of(fields[last - 2]) : "";
  const auto [entry, levels_up] = find_entry(scope, schema, relation, ref.location);
  if (entry < 0) fail_missing_entry(scope, schema, relation, ref.location);
  if (raw::is(fields[last], PG_QUERY__NODE__NODE_A_STAR)) {
    return whole_row(scope, entry, levels_up, ref.location);
  }
  return column_or_call(scope, entry, levels_up, relation, raw::string_of(fields[last]),
                        ref.location);
}

ExprPtr select_field(Scope& scope, ExprPtr& row, std::string_view name, int location) {
  if (row->kind == ExprKind::column && static_cast<ColumnExpr&>(*row).column == 0) {
    const auto& column = static_cast<ColumnExpr&>(*row);
    return find_column_in(scope, column.entry, column.levels_up, name, location);
  }
  if (!is_composite(scope.statement, row->type.oid)) return nullptr;
  const std::vector<RangeColumn> columns = row_columns(scope, *row);
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (columns[i].name != name || columns[i].name.empty()) continue;
    auto field = std::make_unique<FieldExpr>(columns[i].type, static_cast<int>(i) + 1);
    field->name = columns[i].name;
    field->argument = std::move(row);
    field->location = location;
    return field;
  }
  return nullptr;
}

void fail_unknown_field(Scope& scope, const Expr& row, std::string_view name, int location) {
  if (row.kind == ExprKind::column && static_cast<const ColumnExpr&>(row).column == 0) {
    const auto& column = static_cast<const ColumnExpr&>(row);
    const Query& query = query_up(scope, column.levels_up);
    fail_missing_column(scope, query.range_table[static_cast<std::size_t>(column.entry)].alias,
                        name, location);
  }
  if (row.type.oid == oids::record) {
    throw error_at(scope, sqlstate::undefined_column,
                   fmt::format("could not identify column \"{}\" in record data type", name),
                   location);
  }
  if (is_composite(scope.statement, row.type.oid)) {
    throw error_at(scope, sqlstate::undefined_column,
                   fmt::format("column \"{}\" not found in data type {}", name,
                               type_text(scope.statement, row.type.oid)),
                   location);
  }
  throw error_at(scope, sqlstate::wrong_object_type,
                 fmt::format("column notation .{} applied to type {}, which is not a composite "
                             "type",
                             name, type_text(scope.statement, row.type.oid)),
                 location);
}

namespace {

ExprPtr array_index(Scope& scope, const raw::Node* node) {
  ExprPtr index = analyze_expr(scope, node);
  const int location = location_of(*index);
  CoercionRequest request;
  request.target = {oids::int4, -1};
  request.context = CoercionContext::assignment;
  ExprPtr coerced = coerce_to_target(scope, index, request);
  if (coerced == nullptr) {
    throw error_at(scope, sqlstate::datatype_mismatch, "array subscript must have type integer",
                   location);
  }
  return coerced;
}

ExprPtr json_index(Scope& scope, const raw::Node* node) {
  ExprPtr index = analyze_expr(scope, node);
  const Oid source = index->type.oid;
  const int location = location_of(*index);
  if (source == oids::unknown) return coerce_implicitly(scope, std::move(index), oids::text);
  for (const Oid target : {static_cast<Oid>(oids::int4), static_cast<Oid>(oids::text)}) {
    if (can_coerce(scope.statement, source, target, CoercionContext::implicit)) {
      return coerce_implicitly(scope, std::move(index), target);
    }
  }
  throw error_at(
      scope, sqlstate::datatype_mismatch,
      fmt::format("subscript type {} is not supported", type_text(scope.statement, source)),
      location)
      .hint("jsonb subscript must be coercible to either integer or text.");
}

ExprPtr subscript_json(Scope& scope, ExprPtr container,
                       const std::vector<const raw::Node*>& steps) {
  auto expr = std::make_unique<SubscriptExpr>(TypeRef{oids::jsonb, -1});
  for (const raw::Node* step : steps) {
    const PgQuery__AIndices& indices = *step->a_indices;
    if (indices.is_slice) {
      const raw::Node* at = indices.uidx != nullptr ? indices.uidx : indices.lidx;
      throw error_at(scope, sqlstate::datatype_mismatch, "jsonb subscript does not support slices",
                     raw::location_of(at));
    }
    SubscriptExpr::Index index;
    index.upper = json_index(scope, indices.uidx);
    expr->indexes.push_back(std::move(index));
  }
  expr->container = std::move(container);
  return expr;
}

// With one slice among the subscripts, plain ones mean 1:n.
ExprPtr subscript_array(Scope& scope, ExprPtr container, Oid array_type, Oid element,
                        const std::vector<const raw::Node*>& steps) {
  bool is_slice = false;
  for (const raw::Node* step : steps) is_slice = is_slice || step->a_indices->is_slice;
  const TypeRef base = base_type(scope.statement, container->type);
  const std::int32_t typmod =
      container->type.oid == base.oid ? container->type.typmod : base.typmod;
  auto expr = std::make_unique<SubscriptExpr>(TypeRef{is_slice ? array_type : element, typmod});
  for (const raw::Node* step : steps) {
    const PgQuery__AIndices& indices = *step->a_indices;
    SubscriptExpr::Index index;
    index.is_slice = is_slice;
    if (indices.lidx != nullptr) {
      index.lower = array_index(scope, indices.lidx);
    } else if (is_slice && !indices.is_slice) {
      index.lower = make_constant({oids::int4, -1}, Value::integer(1));
    }
    if (indices.uidx != nullptr) index.upper = array_index(scope, indices.uidx);
    expr->indexes.push_back(std::move(index));
  }
  expr->container = std::move(container);
  return expr;
}

// A name reads as an array of its characters, counted from 0 (pg_dump asks so).
ExprPtr subscript_name(Scope& scope, ExprPtr container, const raw::Node& step, int location) {
  const TypeRef int4{oids::int4, -1};
  ExprList arguments;
  arguments.push_back(coerce_implicitly(scope, std::move(container), oids::text));
  arguments.push_back(make_operation(scope, "+", array_index(scope, step.a_indices->uidx),
                                     make_constant(int4, Value::integer(1)), location));
  arguments.push_back(make_constant(int4, Value::integer(1)));
  auto character =
      std::make_unique<CoercionExpr>(CoercionMethod::relabel, TypeRef{oids::internal_char, -1});
  character->argument = call_builtin(scope, "substr", std::move(arguments), location);
  return character;
}

ExprPtr apply_subscripts(Scope& scope, ExprPtr container,
                         const std::vector<const raw::Node*>& steps, int location) {
  const Oid type = base_type(scope.statement, container->type.oid);
  if (type == oids::jsonb) return subscript_json(scope, std::move(container), steps);
  const bool is_plain = steps.size() == 1 && !steps.front()->a_indices->is_slice;
  if (type == oids::name && is_plain) {
    return subscript_name(scope, std::move(container), *steps.front(), location);
  }
  const Oid element = array_element(scope.statement, type);
  if (element == types::invalid_oid) {
    throw error_at(scope, sqlstate::datatype_mismatch,
                   fmt::format("cannot subscript type {} because it does not support subscripting",
                               type_text(scope.statement, container->type.oid)),
                   location);
  }
  constexpr std::size_t max_dimensions = 6;
  if (steps.size() > max_dimensions) {
    throw error_at(scope, sqlstate::program_limit_exceeded,
                   fmt::format("number of array dimensions ({}) exceeds the maximum allowed ({})",
                               steps.size(), max_dimensions),
                   -1);
  }
  const Oid array_type = type == oids::int2vector  ? static_cast<Oid>(oids::int2_array)
                         : type == oids::oidvector ? static_cast<Oid>(oids::oid_array)
                                                   : type;
  return subscript_array(scope, std::move(container), array_type, element, steps);
}

}  // namespace

ExprPtr apply_indirection(Scope& scope, ExprPtr expr, raw::NodeList steps, int location) {
  std::vector<const raw::Node*> subscripts;
  const auto flush = [&] {
    if (subscripts.empty()) return;
    const int at = location_of(*expr);
    expr = apply_subscripts(scope, std::move(expr), subscripts, at);
    subscripts.clear();
  };
  for (const raw::Node* step : steps) {
    if (raw::is(step, PG_QUERY__NODE__NODE_A_INDICES)) {
      subscripts.push_back(step);
      continue;
    }
    if (raw::is(step, PG_QUERY__NODE__NODE_A_STAR)) {
      throw error_at(scope, sqlstate::feature_not_supported,
                     "row expansion via \"*\" is not supported here", location);
    }
    flush();
    const std::string_view name = raw::string_of(step);
    const int at = location_of(*expr);
    ExprPtr field = select_field(scope, expr, name, at);
    if (field == nullptr) {
      // x.name may also be the call name(x).
      CallArguments arguments;
      arguments.values.push_back(std::move(expr));
      const CallChoice choice = choose_function(scope, "", name, arguments, false);
      if (choice.kind != CallKind::normal) {
        fail_unknown_field(scope, *arguments.values[0], name, at);
      }
      field = call_builtin(scope, name, std::move(arguments.values), at);
    }
    expr = std::move(field);
  }
  flush();
  return expr;
}

ExprPtr analyze_indirection(Scope& scope, const PgQuery__AIndirection& node) {
  ExprPtr expr = analyze_expr(scope, node.arg);
  const int location = location_of(*expr);
  return apply_indirection(scope, std::move(expr), raw::list(node.n_indirection, node.indirection),
                           location);
}

}  // namespace dvecdb::server::query
