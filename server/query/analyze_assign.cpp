// Values for columns: assignment casts, defaults, SET lists, RETURNING.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "server/query/analyze_internal.h"

namespace dvecdb::server::query {

ExprPtr coerce_to_column(Scope& scope, ExprPtr expr, const RelationDesc& /*relation*/,
                         const ColumnDesc& column, int location) {
  const Oid source = expr->type.oid;
  CoercionRequest request;
  request.target = column.type;
  request.context = CoercionContext::assignment;
  ExprPtr result = coerce_to_target(scope, expr, request);
  if (result == nullptr) {
    throw error_at(scope, sqlstate::datatype_mismatch,
                   fmt::format("column \"{}\" is of type {} but expression is of type {}",
                               column.name, type_text(scope.statement, column.type.oid),
                               type_text(scope.statement, source)),
                   location)
        .hint("You will need to rewrite or cast the expression.");
  }
  return result;
}

const ColumnDesc& find_assigned_column(const Scope& scope, const RelationDesc& relation,
                                       std::string_view name, int location) {
  for (const ColumnDesc& column : relation.columns) {
    if (!column.is_dropped && column.name == name) return column;
  }
  throw error_at(
      scope, sqlstate::undefined_column,
      fmt::format("column \"{}\" of relation \"{}\" does not exist", name, relation.name),
      location);
}

ExprPtr column_default(Scope& scope, const RelationDesc& relation, const ColumnDesc& column) {
  if (!column.default_text.empty() && column.generated == '\0') {
    const AnalyzeContext context{scope.statement.context.catalog, scope.statement.context.io,
                                 scope.statement.context.search_path,
                                 scope.statement.context.current_user, column.default_text};
    return analyze_expression(context, column.default_text, nullptr, column.type);
  }
  if (column.identity != '\0') {
    return std::make_unique<NextValueExpr>(column.identity_sequence, column.type);
  }
  // The NULL goes through a domain's checks.
  return coerce_to_column(scope, make_null({oids::unknown, -1}), relation, column, -1);
}

const RelationDesc& open_target(Scope& scope, const PgQuery__RangeVar& name,
                                std::string_view verb) {
  const RelationDesc& relation = open_relation(scope, name);
  switch (relation.kind) {
    case 'r':
      break;
    case 'v':
      throw not_supported(scope, fmt::format("{} of a view", verb), name.location);
    case 'i':
      throw error_at(scope, sqlstate::wrong_object_type,
                     fmt::format("cannot open relation \"{}\"", relation.name), name.location)
          .detail("This operation is not supported for indexes.");
    case 'S':
      throw error_at(scope, sqlstate::wrong_object_type,
                     fmt::format("cannot change sequence \"{}\"", relation.name), -1);
    default:
      throw error_at(scope, sqlstate::wrong_object_type,
                     fmt::format("cannot change relation \"{}\"", relation.name), -1);
  }
  if (relation.schema == "pg_catalog") {
    throw error_at(scope, sqlstate::insufficient_privilege,
                   fmt::format("permission denied: \"{}\" is a system catalog", relation.name), -1);
  }
  return relation;
}

namespace {

// jsonb['a'][1] = value, as jsonb_set(coalesce(old, '{}'), '{a,1}', value).
ExprPtr assign_json(Scope& scope, ExprPtr old_value, raw::NodeList steps, ExprPtr value,
                    int location) {
  const TypeRef jsonb{oids::jsonb, -1};
  auto path = std::make_unique<ArrayExpr>(TypeRef{oids::text_array, -1}, oids::text);
  for (const raw::Node* step : steps) {
    if (!raw::is(step, PG_QUERY__NODE__NODE_A_INDICES) || step->a_indices->is_slice) {
      throw error_at(scope, sqlstate::datatype_mismatch, "jsonb subscript does not support slices",
                     location);
    }
    ExprPtr key = analyze_expr(scope, step->a_indices->uidx);
    CoercionRequest request;
    request.target = {oids::text, -1};
    request.context = CoercionContext::assignment;
    key = coerce_to_target(scope, key, request);
    if (key == nullptr) {
      throw not_supported(scope, "a jsonb subscript of this type", location);
    }
    path->elements.push_back(std::move(key));
  }
  CoercionRequest request;
  request.target = jsonb;
  request.context = CoercionContext::assignment;
  const Oid source = value->type.oid;
  value = coerce_to_target(scope, value, request);
  if (value == nullptr) {
    throw error_at(scope, sqlstate::datatype_mismatch,
                   fmt::format("subscripted assignment to \"jsonb\" requires type jsonb but "
                               "expression is of type {}",
                               type_text(scope.statement, source)),
                   location)
        .hint("You will need to rewrite or cast the expression.");
  }
  auto start = std::make_unique<CoalesceExpr>(jsonb);
  start->arguments.push_back(std::move(old_value));
  start->arguments.push_back(
      make_constant(jsonb, types::input_text(scope.statement.context.io, jsonb, "{}")));
  ExprList arguments;
  arguments.push_back(std::move(start));
  arguments.push_back(std::move(path));
  arguments.push_back(std::move(value));
  return call_builtin(scope, "jsonb_set", std::move(arguments), location);
}

// The array with the value as its element or slice.
ExprPtr assign_element(Scope& scope, ExprPtr old_value, const ColumnDesc& column,
                       raw::NodeList steps, ExprPtr value, int location) {
  ExprPtr place = apply_indirection(scope, std::move(old_value), steps, location);
  if (place->kind != ExprKind::subscript) {
    throw not_supported(scope, "assignment to a field of an array's element", location);
  }
  const Oid source = value->type.oid;
  CoercionRequest request;
  request.target = place->type;
  request.context = CoercionContext::assignment;
  request.location = location;
  ExprPtr assigned = coerce_to_target(scope, value, request);
  if (assigned == nullptr) {
    throw error_at(scope, sqlstate::datatype_mismatch,
                   fmt::format("subscripted assignment to \"{}\" requires type {} but expression "
                               "is of type {}",
                               column.name, type_text(scope.statement, place->type.oid),
                               type_text(scope.statement, source)),
                   location)
        .hint("You will need to rewrite or cast the expression.");
  }
  static_cast<SubscriptExpr&>(*place).assigned = std::move(assigned);
  place->type = column.type;
  return place;
}

}  // namespace

ExprPtr assign_indirection(Scope& scope, ExprPtr old_value, const ColumnDesc& column,
                           raw::NodeList steps, ExprPtr value, int location) {
  const Oid type = base_type(scope.statement, column.type.oid);
  if (type == oids::jsonb) {
    return assign_json(scope, std::move(old_value), steps, std::move(value), location);
  }
  const Oid element = array_element(scope.statement, type);
  if (element == types::invalid_oid) {
    throw not_supported(scope, "assignment to a field of a composite column", location);
  }
  if (raw::is(steps[0], PG_QUERY__NODE__NODE_A_INDICES)) {
    return assign_element(scope, std::move(old_value), column, steps, std::move(value), location);
  }
  throw not_supported(scope, "assignment to a field of an array", location);
}

// ---------------------------------------------------------------- UPDATE SET

namespace {

class SetList {
 public:
  SetList(Scope& scope, const RelationDesc& relation, std::vector<TargetEntry>& out)
      : scope_(scope), relation_(relation), out_(out) {}

  void add(const PgQuery__ResTarget& item) {
    const ColumnDesc& column = find_assigned_column(scope_, relation_, item.name, item.location);
    const auto steps = raw::list(item.n_indirection, item.indirection);
    ExprPtr value = source(item);
    const bool is_default = value->kind == ExprKind::set_default;
    refuse_generated(column, is_default);
    if (is_default) {
      if (!steps.empty()) {
        throw error_at(scope_, sqlstate::feature_not_supported,
                       steps[0]->node_case == PG_QUERY__NODE__NODE_A_INDICES
                           ? "cannot set an array element to DEFAULT"
                           : "cannot set a subfield to DEFAULT",
                       value->location);
      }
      if (column.generated != '\0') return;
      value = column_default(scope_, relation_, column);
    }
    const int location = location_of(*value);
    if (steps.empty()) {
      put(column, coerce_to_column(scope_, std::move(value), relation_, column, location), false);
      return;
    }
    put(column,
        assign_indirection(scope_, old_value(column), column, steps, std::move(value),
                           item.location),
        true);
  }

 private:
  ExprPtr source(const PgQuery__ResTarget& item) {
    if (raw::is(item.val, PG_QUERY__NODE__NODE_MULTI_ASSIGN_REF)) {
      return multi_source(*item.val->multi_assign_ref);
    }
    scope_.allows_default = raw::is(item.val, PG_QUERY__NODE__NODE_SET_TO_DEFAULT);
    ExprPtr value = analyze_expr(scope_, item.val, Clause::update_source);
    scope_.allows_default = false;
    return value;
  }

  // (a, b) = (x, y) or (a, b) = (SELECT x, y): the part for one column.
  ExprPtr multi_source(const PgQuery__MultiAssignRef& ref) {
    const auto column = static_cast<std::size_t>(ref.colno - 1);
    const auto count = static_cast<std::size_t>(ref.ncolumns);
    if (raw::is(ref.source, PG_QUERY__NODE__NODE_ROW_EXPR)) {
      const PgQuery__RowExpr& row = *ref.source->row_expr;
      if (row.n_args != count) fail_count(raw::location_of(ref.source));
      scope_.allows_default = raw::is(row.args[column], PG_QUERY__NODE__NODE_SET_TO_DEFAULT);
      ExprPtr value = analyze_expr(scope_, row.args[column], Clause::update_source);
      scope_.allows_default = false;
      return value;
    }
    if (!raw::is(ref.source, PG_QUERY__NODE__NODE_SUB_LINK) ||
        ref.source->sub_link->sub_link_type != PG_QUERY__SUB_LINK_TYPE__EXPR_SUBLINK) {
      throw error_at(scope_, sqlstate::feature_not_supported,
                     "source for a multiple-column UPDATE item must be a sub-SELECT or ROW() "
                     "expression",
                     raw::location_of(ref.source));
    }
    return column_of_query(*ref.source->sub_link, column, count);
  }

  ExprPtr column_of_query(const PgQuery__SubLink& link, std::size_t column, std::size_t count) {
    const ClauseGuard guard(scope_, Clause::update_source);
    scope_.query->has_sublinks = true;
    QueryPtr query = analyze_query_node(scope_.statement, &scope_, link.subselect);
    std::vector<std::size_t> visible;
    for (std::size_t i = 0; i < query->targets.size(); ++i) {
      if (!query->targets[i].is_junk) visible.push_back(i);
    }
    if (visible.size() != count) fail_count(link.location);
    if (query->set_operation != nullptr || query->is_distinct) {
      throw not_supported(scope_, "a multiple-column assignment from such a subquery",
                          link.location);
    }
    for (std::size_t i = 0; i < visible.size(); ++i) {
      if (i != column) query->targets[visible[i]].is_junk = true;
    }
    auto value = std::make_unique<SublinkExpr>(SublinkKind::scalar,
                                               query->targets[visible[column]].expr->type);
    value->query = std::move(query);
    value->location = link.location;
    return value;
  }

  [[noreturn]] void fail_count(int location) const {
    throw error_at(scope_, sqlstate::syntax_error,
                   "number of columns does not match number of values", location);
  }

  void refuse_generated(const ColumnDesc& column, bool is_default) const {
    if (is_default || (column.generated == '\0' && column.identity != 'a')) return;
    throw error_at(scope_, sqlstate::generated_always,
                   fmt::format("column \"{}\" can only be updated to DEFAULT", column.name), -1)
        .detail(column.generated != '\0'
                    ? fmt::format("Column \"{}\" is a generated column.", column.name)
                    : fmt::format("Column \"{}\" is an identity column defined as GENERATED "
                                  "ALWAYS.",
                                  column.name));
  }

  TargetEntry* assigned(const ColumnDesc& column) {
    for (TargetEntry& target : out_) {
      if (target.target_column == column.number) return &target;
    }
    return nullptr;
  }

  // What a partial assignment changes: the column, or what was assigned to it before.
  ExprPtr old_value(const ColumnDesc& column) {
    if (const TargetEntry* target = assigned(column)) return clone(*target->expr);
    return column_of_entry(scope_, scope_.query->result_entry, column.number, 0, -1);
  }

  void put(const ColumnDesc& column, ExprPtr value, bool is_partial) {
    TargetEntry* known = assigned(column);
    if (known != nullptr && !is_partial) {
      throw error_at(scope_, sqlstate::syntax_error,
                     fmt::format("multiple assignments to same column \"{}\"", column.name), -1);
    }
    if (known != nullptr) {
      known->expr = std::move(value);
      return;
    }
    TargetEntry target;
    target.expr = std::move(value);
    target.name = column.name;
    target.target_column = column.number;
    out_.push_back(std::move(target));
  }

  Scope& scope_;
  const RelationDesc& relation_;
  std::vector<TargetEntry>& out_;
};

}  // namespace

void analyze_set_list(Scope& scope, raw::NodeList items, const RelationDesc& relation,
                      std::vector<TargetEntry>& out) {
  SetList list(scope, relation, out);
  for (const raw::Node* node : items) list.add(*node->res_target);
}

void analyze_returning(Scope& scope, raw::NodeList items) {
  if (items.empty()) return;
  scope.query->returning = analyze_targets(scope, items, Clause::returning);
  if (scope.query->returning.empty()) {
    throw error_at(scope, sqlstate::syntax_error, "RETURNING must have at least one column",
                   raw::location_of(items[0]));
  }
  resolve_unknown_targets(scope, scope.query->returning);
}

}  // namespace dvecdb::server::query
