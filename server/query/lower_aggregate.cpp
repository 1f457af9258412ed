// Aggregates and window functions.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "server/query/lower.h"
#include "server/query/lower_sql.h"
#include "server/query/lower_types.h"
#include "server/types/error.h"
#include "server/types/oids.h"

namespace dvecdb::server::query::lower {

namespace oids = types::oids;
using types::SqlError;
namespace sqlstate = types::sqlstate;

namespace {

constexpr std::array native_windows{
    std::string_view("row_number"),  std::string_view("rank"),
    std::string_view("dense_rank"),  std::string_view("percent_rank"),
    std::string_view("cume_dist"),   std::string_view("ntile"),
    std::string_view("lag"),         std::string_view("lead"),
    std::string_view("first_value"), std::string_view("last_value"),
    std::string_view("nth_value")};

// What an aggregate over no rows answers where that is not NULL.
struct EmptyAnswer {
  std::string_view name;
  std::string_view sql;
};
constexpr std::array empty_answers{
    EmptyAnswer{"count", "0"},          EmptyAnswer{"regr_count", "0"},
    EmptyAnswer{"rank", "1"},           EmptyAnswer{"dense_rank", "1"},
    EmptyAnswer{"percent_rank", "0.0"}, EmptyAnswer{"cume_dist", "1.0"}};

std::string with_empty_answer(std::string_view name, std::string sql) {
  for (const EmptyAnswer& answer : empty_answers) {
    if (answer.name == name) return fmt::format("coalesce({}, {})", sql, answer.sql);
  }
  return sql;
}

std::string_view direction(bool descending, bool nulls_first) {
  if (descending) return nulls_first ? " DESC NULLS FIRST" : " DESC NULLS LAST";
  return nulls_first ? " ASC NULLS FIRST" : " ASC NULLS LAST";
}

}  // namespace

std::string Lowering::aggregate(const AggregateExpr& e, const Context& context) {
  const std::string& name = e.proc->name;
  const std::string filter =
      e.filter == nullptr ? "" : fmt::format(" FILTER (WHERE {})", expr(*e.filter, context));
  if (e.is_star) return "count(*)" + filter;
  std::vector<TypeRef> argument_types = types_of(e.direct_arguments);
  for (const ExprPtr& argument : e.arguments) argument_types.push_back(argument->type);
  const bool is_count = name == "count";
  const bool is_extreme = name == "min" || name == "max";
  // DISTINCT means nothing to an extreme, ORDER BY nothing to it or a count.
  const bool sqlite_can =
      (is_extreme && is_plainly_ordered(e.arguments[0]->type)) ||
      (is_count && e.arguments.size() == 1 && (!e.is_distinct || is_native(e.arguments[0]->type)));
  if (sqlite_can) {
    return fmt::format("{}({}{}){}", name, e.is_distinct && is_count ? "DISTINCT " : "",
                       collated(e.arguments[0]->type, expr(*e.arguments[0], context)), filter);
  }
  if (functions::Registry::instance().find_aggregate(name) == nullptr) {
    throw SqlError(sqlstate::feature_not_supported,
                   fmt::format("aggregate {} is not supported", name));
  }
  const std::string types = types_literal(argument_types, e.type);
  std::string sql;
  if (e.is_distinct || !e.order_by.empty()) {
    sql = ordered_aggregate(e, types, context);
  } else {
    std::vector<std::string> arguments = exprs(e.direct_arguments, context);
    for (std::string& argument : exprs(e.arguments, context)) {
      arguments.push_back(std::move(argument));
    }
    arguments.insert(arguments.begin(), types);
    sql = call_sql("a_" + name, arguments);
  }
  return with_empty_answer(name, sql + filter);
}

// See store_functions_aggregate.cpp for the form of the order.
std::string Lowering::ordered_aggregate(const AggregateExpr& e, const std::string& types,
                                        const Context& context) {
  std::vector<std::string> values = exprs(e.direct_arguments, context);
  const std::size_t direct_count = values.size();
  for (std::string& argument : exprs(e.arguments, context)) values.push_back(std::move(argument));
  const bool is_within_group = e.proc->aggregate_kind != 'n';
  std::size_t argument_count = values.size();
  std::vector<bool> is_key(values.size(), false);
  std::string keys;
  const auto add_key = [&](std::size_t position, Oid type, bool descending, bool nulls_first) {
    keys += fmt::format(";{},{},{},{}", position, type, descending ? 'd' : 'a',
                        nulls_first ? 'f' : 'l');
  };
  for (const SortItem& item : e.order_by) {
    std::size_t position = values.size();
    for (std::size_t i = 0; i < e.arguments.size(); ++i) {
      if (equal(*e.arguments[i], *item.expr)) position = direct_count + i;
    }
    if (position == values.size()) {
      values.push_back(expr(*item.expr, context));
      // WITHIN GROUP: what is sorted by is what is aggregated.
      if (is_within_group && e.arguments.empty()) ++argument_count;
    } else {
      is_key[position] = true;
    }
    add_key(position, item.expr->type.oid, item.descending, item.nulls_first);
  }
  if (e.is_distinct) {
    for (std::size_t i = 0; i < e.arguments.size(); ++i) {
      if (!is_key[direct_count + i]) {
        add_key(direct_count + i, e.arguments[i]->type.oid, false, false);
      }
    }
  }
  values.insert(
      values.begin(),
      {text_literal(e.proc->name), types,
       text_literal(fmt::format("{}{}{}", e.is_distinct ? 'd' : '-', argument_count, keys))});
  return call_sql("ordered_aggregate", values);
}

std::string Lowering::window(const WindowExpr& e, const Context& context) {
  const std::string& name = e.proc->name;
  const Query& query = *context.scope->query;
  const std::string over =
      fmt::format(" OVER ({})",
                  window_definition(query.windows.at(static_cast<std::size_t>(e.window)), context));
  const std::string filter =
      e.filter == nullptr ? "" : fmt::format(" FILTER (WHERE {})", expr(*e.filter, context));
  if (e.is_star) return "count(*)" + filter + over;
  std::vector<std::string> arguments = exprs(e.arguments, context);
  const bool is_native_window =
      std::find(native_windows.begin(), native_windows.end(), name) != native_windows.end();
  if (e.proc->kind == 'w' && is_native_window) return call_sql(name, arguments) + filter + over;
  const bool is_count = name == "count";
  const bool is_extreme = name == "min" || name == "max";
  if (is_count || (is_extreme && is_plainly_ordered(e.arguments.front()->type))) {
    return fmt::format("{}({}){}{}", name, collated(e.arguments.front()->type, arguments.front()),
                       filter, over);
  }
  if (functions::Registry::instance().find_aggregate(name) == nullptr) {
    throw SqlError(sqlstate::feature_not_supported,
                   fmt::format("window function {} is not supported", name));
  }
  arguments.insert(arguments.begin(), types_literal(types_of(e.arguments), e.type));
  return with_empty_answer(name, call_sql("w_" + name, arguments) + filter + over);
}

std::string Lowering::window_definition(const WindowDefinition& w, const Context& context) {
  std::vector<std::string> parts;
  if (!w.partition_by.empty()) {
    std::vector<std::string> keys;
    for (const ExprPtr& item : w.partition_by)
      keys.push_back(key(item->type, expr(*item, context)));
    parts.push_back("PARTITION BY " + join(keys, ", "));
  }
  if (!w.order_by.empty()) {
    std::vector<std::string> keys;
    for (const SortItem& item : w.order_by) {
      keys.push_back(key(item.expr->type, expr(*item.expr, context)) +
                     std::string(direction(item.descending, item.nulls_first)));
    }
    parts.push_back("ORDER BY " + join(keys, ", "));
  }
  if (w.has_frame) parts.push_back(frame(w, context));
  return join(parts, " ");
}

std::string Lowering::frame(const WindowDefinition& w, const Context& context) {
  const auto offset = [&](const Expr* e) {
    if (w.mode == FrameMode::range && !w.order_by.empty()) {
      const int kind = comparison_class(w.order_by.front().expr->type.oid);
      const bool is_number =
          kind == comparison_class(oids::int4) || kind == comparison_class(oids::float8);
      if (!is_number) not_supported("RANGE with an offset for this column type");
    }
    const Expr& plain = without_widening(*e);
    const bool is_known = plain.kind == ExprKind::constant || plain.kind == ExprKind::param;
    if (!is_known) not_supported("a computed frame offset");
    return expr(plain, context);
  };
  const auto bound = [&](FrameBound kind, const Expr* e) -> std::string {
    switch (kind) {
      case FrameBound::unbounded_preceding:
        return "UNBOUNDED PRECEDING";
      case FrameBound::preceding:
        return offset(e) + " PRECEDING";
      case FrameBound::current_row:
        return "CURRENT ROW";
      case FrameBound::following:
        return offset(e) + " FOLLOWING";
      case FrameBound::unbounded_following:
        return "UNBOUNDED FOLLOWING";
    }
    return {};
  };
  constexpr std::string_view modes[] = {"RANGE", "ROWS", "GROUPS"};
  constexpr std::string_view exclusions[] = {"", " EXCLUDE CURRENT ROW", " EXCLUDE GROUP",
                                             " EXCLUDE TIES"};
  return fmt::format("{} BETWEEN {} AND {}{}", modes[static_cast<int>(w.mode)],
                     bound(w.start, w.start_offset.get()), bound(w.end, w.end_offset.get()),
                     exclusions[static_cast<int>(w.exclusion)]);
}

}  // namespace dvecdb::server::query::lower
