// Function calls: plain functions, and the way to aggregates and window functions.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "server/query/analyze_internal.h"
#include "server/query/parse.h"

namespace dvecdb::server::query {

namespace {

CallArguments analyze_arguments(Scope& scope, const PgQuery__FuncCall& call) {
  CallArguments arguments;
  std::set<std::string> seen;
  for (const raw::Node* node : raw::list(call.n_args, call.args)) {
    if (raw::is(node, PG_QUERY__NODE__NODE_NAMED_ARG_EXPR)) {
      const PgQuery__NamedArgExpr& named = *node->named_arg_expr;
      if (!seen.insert(named.name).second) {
        throw error_at(scope, sqlstate::syntax_error,
                       fmt::format("argument name \"{}\" used more than once", named.name),
                       named.location);
      }
      arguments.names.emplace_back(named.name);
      arguments.values.push_back(analyze_expr(scope, named.arg));
      continue;
    }
    if (!arguments.names.empty()) {
      throw error_at(scope, sqlstate::syntax_error,
                     "positional argument cannot follow named argument", raw::location_of(node));
    }
    arguments.values.push_back(analyze_expr(scope, node));
  }
  return arguments;
}

std::string signature(const Scope& scope, std::string_view name, const CallArguments& arguments) {
  std::string text(name);
  text += "(";
  const std::size_t positional = arguments.values.size() - arguments.names.size();
  for (std::size_t i = 0; i < arguments.values.size(); ++i) {
    if (i > 0) text += ", ";
    if (i >= positional) text += arguments.names[i - positional] + " => ";
    text += type_text(scope.statement, arguments.values[i]->type.oid);
  }
  return text + ")";
}

[[noreturn]] void fail_call(Scope& scope, const PgQuery__FuncCall& call, std::string_view name,
                            const CallArguments& arguments, CallKind kind) {
  const std::string text = signature(scope, name, arguments);
  if (kind == CallKind::multiple) {
    throw error_at(scope, sqlstate::ambiguous_function,
                   fmt::format("function {} is not unique", text), call.location)
        .hint(
            "Could not choose a best candidate function. You might need to add explicit type "
            "casts.");
  }
  SqlError error = error_at(scope, sqlstate::undefined_function,
                            fmt::format("function {} does not exist", text), call.location);
  if (call.n_agg_order > 1 && !call.agg_within_group) {
    error.hint(
        "No aggregate function matches the given name and argument types. Perhaps you misplaced "
        "ORDER BY; ORDER BY must appear after all regular arguments of the aggregate.");
  } else {
    error.hint(
        "No function matches the given name and argument types. You might need to add explicit "
        "type casts.");
  }
  throw error;
}

// What only aggregates may have.
void refuse_decorations(const Scope& scope, const PgQuery__FuncCall& call, std::string_view name) {
  const auto refuse = [&](bool is_there, std::string_view what) {
    if (!is_there) return;
    throw error_at(scope, sqlstate::wrong_object_type,
                   fmt::format("{} specified, but {} is not an aggregate function", what, name),
                   call.location);
  };
  if (call.agg_star) {
    throw error_at(scope, sqlstate::wrong_object_type,
                   fmt::format("{}(*) specified, but {} is not an aggregate function", name, name),
                   call.location);
  }
  refuse(call.agg_distinct, "DISTINCT");
  refuse(call.agg_within_group, "WITHIN GROUP");
  refuse(call.n_agg_order > 0, "ORDER BY");
  refuse(call.agg_filter != nullptr, "FILTER");
  if (call.over != nullptr) {
    throw error_at(scope, sqlstate::wrong_object_type,
                   fmt::format("OVER specified, but {} is not a window function nor an aggregate "
                               "function",
                               name),
                   call.location);
  }
}

ExprPtr parse_default(Scope& scope, const ProcDesc& proc, std::size_t parameter) {
  const std::size_t first = proc.arguments.size() - proc.default_texts.size();
  AnalyzeContext context{scope.statement.context.catalog,
                         scope.statement.context.io,
                         {"pg_catalog"},
                         scope.statement.context.current_user,
                         proc.default_texts[parameter - first]};
  return analyze_expression(context, context.statement_text, nullptr,
                            {proc.arguments[parameter], -1});
}

// Arguments in the order of the parameters, defaults filled in.
ExprList complete_arguments(Scope& scope, const Candidate& candidate, ExprList given) {
  const std::size_t count = given.size();
  if (candidate.default_count == 0 && candidate.positions.empty()) return given;
  const std::size_t parameters = candidate.proc->arguments.size();
  ExprList complete(parameters);
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t position =
        candidate.positions.empty() ? i : static_cast<std::size_t>(candidate.positions[i]);
    complete[position] = std::move(given[i]);
  }
  for (std::size_t i = 0; i < parameters; ++i) {
    if (complete[i] == nullptr) complete[i] = parse_default(scope, *candidate.proc, i);
  }
  return complete;
}

// The last arguments as one array for a VARIADIC parameter (not for VARIADIC "any").
void gather_variadic(Scope& scope, const Candidate& candidate, ExprList& arguments, int location) {
  if (candidate.variadic_count == 0 || candidate.proc->variadic == oids::any) return;
  const std::size_t first = arguments.size() - static_cast<std::size_t>(candidate.variadic_count);
  const Oid element = arguments[first]->type.oid;
  const Oid array_type = array_of(scope.statement, element);
  if (array_type == types::invalid_oid) {
    throw error_at(scope, sqlstate::undefined_object,
                   fmt::format("could not find array type for data type {}",
                               type_text(scope.statement, element)),
                   location_of(*arguments[first]));
  }
  auto array = std::make_unique<ArrayExpr>(TypeRef{array_type, -1}, element);
  array->location = location_of(*arguments[first]);
  for (std::size_t i = first; i < arguments.size(); ++i) {
    array->elements.push_back(std::move(arguments[i]));
  }
  arguments.resize(first);
  arguments.push_back(std::move(array));
  (void)location;
}

struct ResolvedCall {
  const ProcDesc* proc = nullptr;
  ExprList arguments;
  TypeRef result;
  bool is_variadic = false;
};

// Coerces the arguments to what the chosen function takes.
ResolvedCall resolve_call(Scope& scope, const Candidate& candidate, ExprList given, int location,
                          bool is_variadic) {
  ResolvedCall resolved;
  if (is_variadic && candidate.proc->variadic == oids::any && !given.empty() &&
      array_element(scope.statement, given.back()->type.oid) == types::invalid_oid) {
    throw error_at(scope, sqlstate::datatype_mismatch, "VARIADIC argument must be an array",
                   location_of(*given.back()));
  }
  resolved.proc = candidate.proc;
  resolved.is_variadic = is_variadic || (candidate.variadic_count > 0);
  std::vector<Oid> declared = candidate.types;
  resolved.result = {
      resolve_polymorphic(scope.statement, types_of(given), declared, candidate.proc->result), -1};
  for (std::size_t i = 0; i < given.size(); ++i) {
    given[i] = coerce_implicitly(scope, std::move(given[i]), declared[i]);
  }
  // Unknown arguments of polymorphic functions ("any") are read as text by callers.
  resolved.arguments = complete_arguments(scope, candidate, std::move(given));
  gather_variadic(scope, candidate, resolved.arguments, location);
  return resolved;
}

ExprPtr finish_function(Scope& scope, ResolvedCall call, int location, CoercionForm form) {
  if (ExprPtr inlined =
          inline_sql_function(scope, *call.proc, call.arguments, call.result.oid, location)) {
    return inlined;
  }
  auto expr = std::make_unique<FunctionExpr>(call.proc, call.result);
  expr->arguments = std::move(call.arguments);
  expr->returns_set = call.proc->returns_set;
  expr->is_variadic = call.is_variadic;
  expr->form = form;
  expr->location = location;
  return expr;
}

ExprPtr plain_call(Scope& scope, const PgQuery__FuncCall& call, const Candidate& candidate,
                   CallArguments arguments, int sets_before) {
  if (candidate.proc->returns_set) {
    check_set_function(scope, call.location, sets_before);
    ++scope.set_calls;
    scope.set_location = call.location;
  }
  ResolvedCall resolved = resolve_call(scope, candidate, std::move(arguments.values), call.location,
                                       call.func_variadic != 0);
  const bool is_syntax = call.funcformat == PG_QUERY__COERCION_FORM__COERCE_SQL_SYNTAX;
  return finish_function(scope, std::move(resolved), call.location,
                         is_syntax ? CoercionForm::sql_syntax : CoercionForm::call);
}

void check_aggregate_form(const Scope& scope, const PgQuery__FuncCall& call, const ProcDesc& proc,
                          std::string_view name) {
  const auto fail = [&](std::string_view state, std::string message) {
    throw error_at(scope, state, std::move(message), call.location);
  };
  if (proc.aggregate_kind == 'n') {
    if (call.agg_within_group) {
      fail(sqlstate::wrong_object_type,
           fmt::format("{} is not an ordered-set aggregate, so it cannot have WITHIN GROUP", name));
    }
  } else {
    if (!call.agg_within_group) {
      fail(sqlstate::wrong_object_type,
           fmt::format("WITHIN GROUP is required for ordered-set aggregate {}", name));
    }
    if (call.over != nullptr) {
      fail(sqlstate::feature_not_supported,
           fmt::format("OVER is not supported for ordered-set aggregate {}", name));
    }
  }
  if (call.n_args == 0 && !call.agg_star && !call.agg_within_group) {
    fail(sqlstate::wrong_object_type,
         fmt::format("{}(*) must be used to call a parameterless aggregate function", name));
  }
}

ExprPtr aggregate_call(Scope& scope, const PgQuery__FuncCall& call, const Candidate& candidate,
                       CallArguments arguments, std::string_view name) {
  check_aggregate_form(scope, call, *candidate.proc, name);
  if (!arguments.names.empty()) {
    throw error_at(scope, sqlstate::feature_not_supported, "aggregates cannot use named arguments",
                   call.location);
  }
  ResolvedCall resolved = resolve_call(scope, candidate, std::move(arguments.values), call.location,
                                       call.func_variadic != 0);
  if (call.over != nullptr) {
    auto window = std::make_unique<WindowExpr>(resolved.proc, resolved.result);
    window->arguments = std::move(resolved.arguments);
    window->is_star = call.agg_star;
    window->location = call.location;
    return make_window(scope, call, std::move(window));
  }
  auto aggregate = std::make_unique<AggregateExpr>(resolved.proc, resolved.result);
  aggregate->arguments = std::move(resolved.arguments);
  aggregate->is_star = call.agg_star;
  aggregate->is_distinct = call.agg_distinct;
  aggregate->location = call.location;
  return make_aggregate(scope, call, std::move(aggregate));
}

ExprPtr window_call(Scope& scope, const PgQuery__FuncCall& call, const Candidate& candidate,
                    CallArguments arguments, std::string_view name) {
  const auto fail = [&](std::string message) {
    throw error_at(scope, sqlstate::wrong_object_type, std::move(message), call.location);
  };
  if (call.over == nullptr) {
    fail(fmt::format("window function {} requires an OVER clause", name));
  }
  if (call.agg_within_group) {
    fail(fmt::format("window function {} cannot have WITHIN GROUP", name));
  }
  ResolvedCall resolved = resolve_call(scope, candidate, std::move(arguments.values), call.location,
                                       call.func_variadic != 0);
  auto window = std::make_unique<WindowExpr>(resolved.proc, resolved.result);
  window->arguments = std::move(resolved.arguments);
  window->is_star = call.agg_star;
  window->location = call.location;
  return make_window(scope, call, std::move(window));
}

// Ordered-set aggregates take the WITHIN GROUP expressions as their last arguments.
void add_within_group(Scope& scope, const PgQuery__FuncCall& call, CallArguments& arguments) {
  if (!call.agg_within_group) return;
  for (const raw::Node* item : raw::list(call.n_agg_order, call.agg_order)) {
    arguments.values.push_back(analyze_expr(scope, item->sort_by->node, Clause::order_by));
  }
}

ExprPtr cast_by_call(Scope& scope, ExprPtr argument, Oid target, int location) {
  CoercionRequest request;
  request.target = {target, -1};
  request.context = CoercionContext::explicit_cast;
  request.form = CoercionForm::explicit_cast;
  request.location = location;
  return coerce_type(scope, std::move(argument), request);
}

}  // namespace

ExprPtr analyze_call(Scope& scope, const PgQuery__FuncCall& call) {
  const auto names = raw::list(call.n_funcname, call.funcname);
  const auto [schema, function] = qualified_name(scope.statement, names, call.location);
  const std::string name = name_list_text(names);
  if (!schema.empty() && scope.statement.catalog().find_schema(schema) == nullptr) {
    throw error_at(scope, sqlstate::invalid_schema_name,
                   fmt::format("schema \"{}\" does not exist", schema), call.location);
  }
  const int sets_before = scope.set_calls;
  CallArguments arguments = analyze_arguments(scope, call);
  add_within_group(scope, call, arguments);

  const CallChoice choice =
      choose_function(scope, schema, function, arguments, !call.func_variadic);
  switch (choice.kind) {
    case CallKind::coercion:
      refuse_decorations(scope, call, name);
      return cast_by_call(scope, std::move(arguments.values[0]), choice.candidate.types[0],
                          call.location);
    case CallKind::normal:
      refuse_decorations(scope, call, name);
      return plain_call(scope, call, choice.candidate, std::move(arguments), sets_before);
    case CallKind::aggregate:
      return aggregate_call(scope, call, choice.candidate, std::move(arguments), name);
    case CallKind::window:
      return window_call(scope, call, choice.candidate, std::move(arguments), name);
    case CallKind::procedure:
      throw error_at(scope, sqlstate::wrong_object_type,
                     fmt::format("{} is a procedure", signature(scope, name, arguments)),
                     call.location)
          .hint("To call a procedure, use CALL.");
    default:
      break;
  }
  // f(row) may mean row.f
  if (choice.kind == CallKind::not_found && arguments.values.size() == 1 && schema.empty() &&
      arguments.names.empty() && !call.agg_star && call.over == nullptr) {
    if (ExprPtr field = select_field(scope, arguments.values[0], function, call.location)) {
      return field;
    }
  }
  fail_call(scope, call, name, arguments, choice.kind);
}

ExprPtr call_builtin(Scope& scope, std::string_view name, ExprList arguments, int location) {
  CallArguments given;
  given.values = std::move(arguments);
  const CallChoice choice = choose_function(scope, "", name, given, true);
  if (choice.kind != CallKind::normal) {
    PgQuery__FuncCall call;
    pg_query__func_call__init(&call);
    call.location = location;
    fail_call(scope, call, name, given, choice.kind);
  }
  return finish_function(
      scope, resolve_call(scope, choice.candidate, std::move(given.values), location, false),
      location, CoercionForm::call);
}

void check_set_function(Scope& scope, int location, int set_calls_before) {
  std::string_view where;
  switch (scope.clause) {
    case Clause::none:
    case Clause::select_target:
    case Clause::insert_target:
    case Clause::group_by:
    case Clause::order_by:
    case Clause::distinct_on:
    case Clause::window_partition:
    case Clause::window_order:
    case Clause::values_single:
      scope.query->has_target_sets = true;
      return;
    case Clause::from_function:
      if (scope.set_calls != set_calls_before) {
        throw error_at(scope, sqlstate::feature_not_supported,
                       "set-returning functions must appear at top level of FROM",
                       scope.set_location);
      }
      return;
    case Clause::join_on:
      where = "JOIN conditions";
      break;
    case Clause::where:
      where = "WHERE";
      break;
    case Clause::having:
      where = "HAVING";
      break;
    case Clause::filter:
      where = "FILTER";
      break;
    case Clause::window_range:
    case Clause::window_rows:
    case Clause::window_groups:
      where = "window definitions";
      break;
    case Clause::update_source:
      where = "UPDATE";
      break;
    case Clause::limit:
      where = "LIMIT";
      break;
    case Clause::offset:
      where = "OFFSET";
      break;
    case Clause::returning:
      where = "RETURNING";
      break;
    case Clause::values:
      where = "VALUES";
      break;
    case Clause::check:
      where = "check constraints";
      break;
    case Clause::column_default:
      where = "DEFAULT expressions";
      break;
    case Clause::index_expression:
      where = "index expressions";
      break;
    case Clause::index_predicate:
      where = "index predicates";
      break;
    case Clause::generated_column:
      where = "column generation expressions";
      break;
    case Clause::from_subselect:
      where = "FROM";
      break;
  }
  throw error_at(scope, sqlstate::feature_not_supported,
                 fmt::format("set-returning functions are not allowed in {}", where), location);
}

namespace {

bool is_simple_body(const PgQuery__SelectStmt& select) {
  return select.op == PG_QUERY__SET_OPERATION__SETOP_NONE && select.n_target_list == 1 &&
         select.n_from_clause == 0 && select.where_clause == nullptr &&
         select.n_group_clause == 0 && select.having_clause == nullptr &&
         select.n_sort_clause == 0 && select.limit_count == nullptr &&
         select.limit_offset == nullptr && select.with_clause == nullptr &&
         select.n_distinct_clause == 0 && select.n_values_lists == 0;
}

}  // namespace

ExprPtr inline_sql_function(Scope& scope, const ProcDesc& proc, const ExprList& arguments,
                            Oid result, int location) {
  if (proc.language != "sql") return nullptr;
  const auto refuse = [&]() -> SqlError {
    return error_at(scope, sqlstate::feature_not_supported,
                    fmt::format("function {} of language sql is not supported", proc.name),
                    location);
  };
  if (proc.returns_set || proc.symbol.empty()) return nullptr;
  const DepthGuard depth(scope.statement);
  const std::vector<RawStatement> body = parse(proc.symbol);
  if (body.size() != 1) throw refuse();
  const auto* node = static_cast<const raw::Node*>(body[0].node);
  const raw::Node* value = nullptr;
  if (raw::is(node, PG_QUERY__NODE__NODE_RETURN_STMT)) {
    value = node->return_stmt->returnval;
  } else if (raw::is(node, PG_QUERY__NODE__NODE_SELECT_STMT)) {
    if (!is_simple_body(*node->select_stmt)) throw refuse();
    value = node->select_stmt->target_list[0]->res_target->val;
  } else {
    throw refuse();
  }
  AnalyzeContext context{scope.statement.context.catalog,
                         scope.statement.context.io,
                         {"pg_catalog", proc.schema},
                         scope.statement.context.current_user,
                         proc.symbol};
  Statement inner{context, nullptr, scope.statement.depth};
  Scope body_scope(inner, nullptr);
  Query no_query;
  body_scope.query = &no_query;
  const SqlFunctionArguments values{&proc, &arguments};
  body_scope.function_arguments = &values;
  ExprPtr expr = analyze_expr(body_scope, value, Clause::select_target);
  scope.query->has_sublinks = scope.query->has_sublinks || no_query.has_sublinks;
  CoercionRequest request;
  request.target = {result, -1};
  request.context = CoercionContext::assignment;
  ExprPtr coerced = coerce_to_target(body_scope, expr, request);
  if (coerced == nullptr) throw refuse();
  return coerced;
}

}  // namespace dvecdb::server::query
