// Functions in FROM.
#include <fmt/format.h>

#include "server/query/analyze_internal.h"

namespace dvecdb::server::query {

namespace {

struct RawFunction {
  const raw::Node* call = nullptr;
  raw::NodeList definitions;  // its own column definition list
};

std::vector<RangeColumn> columns_from_definitions(const Scope& scope, raw::NodeList definitions) {
  std::vector<RangeColumn> columns;
  for (const raw::Node* node : definitions) {
    const PgQuery__ColumnDef& definition = *node->column_def;
    columns.push_back({definition.colname, resolve_type(scope.statement, *definition.type_name)});
  }
  return columns;
}

[[noreturn]] void fail_definitions(const Scope& scope, std::string_view message, int location) {
  throw error_at(scope, sqlstate::syntax_error, std::string(message), location);
}

std::vector<RangeColumn> columns_of_call(const Scope& scope, const Expr& call,
                                         raw::NodeList definitions, const std::string& name,
                                         int location) {
  const bool is_record = call.type.oid == oids::record;
  const bool has_out = call.kind == ExprKind::function &&
                       static_cast<const FunctionExpr&>(call).proc->out_columns.size() > 1;
  if (!definitions.empty()) {
    location = definitions[0]->column_def->location;
    if (has_out && is_record) {
      fail_definitions(scope,
                       "a column definition list is redundant for a function with OUT parameters",
                       location);
    }
    if (!is_record) {
      fail_definitions(scope,
                       is_composite(scope.statement, call.type.oid)
                           ? "a column definition list is redundant for a function returning a "
                             "named composite type"
                           : "a column definition list is only allowed for functions returning "
                             "\"record\"",
                       location);
    }
    return columns_from_definitions(scope, definitions);
  }
  if (is_record) {
    if (has_out) return out_columns(scope.statement, static_cast<const FunctionExpr&>(call));
    fail_definitions(
        scope, "a column definition list is required for functions returning \"record\"", location);
  }
  const TypeDesc& type = type_of(scope.statement, base_type(scope.statement, call.type.oid));
  if (type.kind == TypeKind::composite) {
    std::vector<RangeColumn> columns;
    for (const auto& column : type.columns) columns.push_back({column.name, column.type});
    return columns;
  }
  if (call.kind == ExprKind::function) {
    const auto& outs = static_cast<const FunctionExpr&>(call).proc->out_columns;
    if (outs.size() == 1 && !outs[0].name.empty()) return {{outs[0].name, call.type}};
  }
  return {{name, call.type}};
}

bool is_wide_unnest(const raw::Node* node) {
  if (!raw::is(node, PG_QUERY__NODE__NODE_FUNC_CALL)) return false;
  const PgQuery__FuncCall& call = *node->func_call;
  return call.n_funcname == 1 && raw::string_of(call.funcname[0]) == "unnest" && call.n_args > 1 &&
         call.n_agg_order == 0 && call.agg_filter == nullptr && call.over == nullptr &&
         !call.agg_star && !call.agg_distinct && !call.func_variadic;
}

class FunctionEntry {
 public:
  FunctionEntry(Scope& scope, const PgQuery__RangeFunction& node) : scope_(scope), node_(node) {
    entry_.kind = RangeKind::function;
    entry_.with_ordinality = node.ordinality;
    // Whether it refers to its neighbours or not, it may.
    entry_.is_lateral = true;
  }

  RangeEntry build() {
    const auto functions = raw::list(node_.n_functions, node_.functions);
    for (const raw::Node* pair : functions) {
      const auto items = raw::list(pair->list->n_items, pair->list->items);
      RawFunction function{items[0], {}};
      if (items.size() > 1 && raw::is(items[1], PG_QUERY__NODE__NODE_LIST)) {
        function.definitions = raw::list(items[1]->list->n_items, items[1]->list->items);
      }
      if (node_.n_coldeflist > 0) {
        if (functions.size() > 1) {
          fail_definitions(scope_,
                           "ROWS FROM() with multiple functions cannot have a column "
                           "definition list",
                           -1);
        }
        function.definitions = raw::list(node_.n_coldeflist, node_.coldeflist);
      }
      add(function);
    }
    name_columns();
    if (node_.ordinality) {
      if (node_.n_coldeflist > 0) {
        fail_definitions(scope_, "WITH ORDINALITY cannot be used with a column definition list",
                         -1);
      }
      entry_.columns.push_back({"ordinality", {oids::int8, -1}});
    }
    return std::move(entry_);
  }

 private:
  void add(const RawFunction& function) {
    if (!is_wide_unnest(function.call) || !function.definitions.empty()) {
      add_call(analyze_expr(scope_, function.call, Clause::from_function),
               column_name_of(function.call), function.definitions,
               raw::location_of(function.call));
      return;
    }
    // unnest(a, b) is ROWS FROM (unnest(a), unnest(b))
    const PgQuery__FuncCall& wide = *function.call->func_call;
    for (const raw::Node* argument : raw::list(wide.n_args, wide.args)) {
      PgQuery__FuncCall one = wide;
      raw::Node* arguments[] = {const_cast<raw::Node*>(argument)};
      one.n_args = 1;
      one.args = arguments;
      const ClauseGuard guard(scope_, Clause::from_function);
      add_call(analyze_call(scope_, one), "unnest", {}, wide.location);
    }
  }

  void add_call(ExprPtr call, std::string name, raw::NodeList definitions, int location) {
    if (call->type.oid == oids::unknown) {
      call = coerce_implicitly(scope_, std::move(call), oids::text);
    }
    RangeFunction function;
    function.columns = columns_of_call(scope_, *call, definitions, name, location);
    function.call = std::move(call);
    if (entry_.functions.empty()) entry_.alias = std::move(name);
    // One function's results stay together, the next one must not see them.
    scope_.set_calls = 0;
    entry_.functions.push_back(std::move(function));
  }

  void name_columns() {
    const PgQuery__Alias* alias = node_.alias;
    for (RangeFunction& function : entry_.functions) {
      const bool is_scalar =
          function.columns.size() == 1 && !is_composite(scope_.statement, function.call->type.oid);
      const bool has_out_name =
          function.call->kind == ExprKind::function &&
          static_cast<const FunctionExpr&>(*function.call).proc->out_columns.size() == 1;
      if (is_scalar && alias != nullptr && entry_.functions.size() == 1 && !has_out_name) {
        function.columns[0].name = alias->aliasname;
      }
      for (const RangeColumn& column : function.columns) entry_.columns.push_back(column);
    }
  }

  Scope& scope_;
  const PgQuery__RangeFunction& node_;
  RangeEntry entry_;
};

}  // namespace

FromPtr analyze_range_function(Scope& scope, const PgQuery__RangeFunction& node,
                               std::vector<NamespaceItem>& names) {
  const bool saved_lateral = scope.lateral_active;
  const int saved_sets = scope.set_calls;
  scope.lateral_active = true;
  scope.set_calls = 0;
  RangeEntry entry = FunctionEntry(scope, node).build();
  scope.lateral_active = saved_lateral;
  scope.set_calls = saved_sets;
  apply_alias(scope, entry, node.alias);
  const int index = add_entry(scope, std::move(entry));
  names.push_back({index});
  return leaf(index);
}

}  // namespace dvecdb::server::query
