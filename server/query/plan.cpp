#include "server/query/plan.h"

#include <utility>

#include "server/query/lower.h"
#include "server/query/lower_sql.h"
#include "server/query/plan_parts.h"

namespace dvecdb::server::query {

namespace {

Plan make_simple_plan(const AnalyzeContext& context, const Query& query, const ParamTypes& params,
                      const PlanSettings& settings) {
  Plan plan;
  plan.command = query.command;
  plan.parameter_types = params.types;
  lower::Lowering lowering(context, settings, plan);
  lowering.statement(query);
  plan.columns = result_columns(result_targets(query));
  return plan;
}

}  // namespace

std::vector<ResultColumn> result_columns(const std::vector<TargetEntry>& targets) {
  std::vector<ResultColumn> columns;
  for (const TargetEntry& target : targets) {
    if (target.is_junk) continue;
    columns.push_back({target.name, target.expr->type, target.origin_table, target.origin_column});
  }
  return columns;
}

Plan make_plan(const AnalyzeContext& context, QueryPtr query, const ParamTypes& params,
               const PlanSettings& settings) {
  std::vector<RelationRead> reads = collect_reads(*query);  // the tree changes below
  Plan plan = modifies_in_with(*query) ? make_plan_of_parts(context, *query, params, settings)
                                       : make_simple_plan(context, *query, params, settings);
  if (plan.has_parts()) plan.writes = true;
  plan.reads = std::move(reads);
  return plan;
}

std::string lower_expression(const AnalyzeContext& context, const Expr& expr,
                             const RelationDesc* relation, std::string_view qualifier) {
  Plan plan;
  const PlanSettings settings;
  lower::Lowering lowering(context, settings, plan);
  Query query;
  lower::Scope scope(&query, nullptr, &lowering.root_text());
  if (relation != nullptr) {
    query.range_table.emplace_back();
    query.range_table.back().relation = relation;
    lower::EntrySql sql;
    for (const ColumnDesc& column : relation->columns) {
      const std::string name = lower::store_identifier(column.store_name);
      sql.overrides[column.number] =
          qualifier.empty() ? name : lower::store_identifier(qualifier) + "." + name;
    }
    scope.entries.push_back(std::move(sql));
  }
  return lowering.expr(expr, lower::Context{.scope = &scope});
}

}  // namespace dvecdb::server::query
