#include "server/query/plan.h"

#include <algorithm>

#include "server/query/lower.h"
#include "server/query/lower_sql.h"

namespace dvecdb::server::query {

namespace {

std::vector<ResultColumn> result_columns(const std::vector<TargetEntry>& targets) {
  std::vector<ResultColumn> columns;
  for (const TargetEntry& target : targets) {
    if (target.is_junk) continue;
    columns.push_back({target.name, target.expr->type, target.origin_table, target.origin_column});
  }
  return columns;
}

}  // namespace

Plan make_plan(const AnalyzeContext& context, QueryPtr query, const ParamTypes& params,
               const PlanSettings& settings) {
  Plan plan;
  plan.command = query->command;
  plan.parameter_types = params.types;
  plan.for_update = query->lock != LockStrength::none;
  lower::Lowering lowering(context, settings, plan);
  switch (query->command) {
    case CommandKind::select:
      plan.columns = result_columns(query->targets);
      plan.select.sql = lowering.query(*query, nullptr, &lowering.root_text());
      break;
    case CommandKind::insert:
      lowering.insert(*query);
      break;
    case CommandKind::update:
      lowering.update(*query);
      break;
    case CommandKind::delete_:
      lowering.delete_rows(*query);
      break;
  }
  if (query->command != CommandKind::select) {
    plan.writes = true;
    plan.columns = result_columns(query->returning);
  }
  std::sort(plan.relations.begin(), plan.relations.end());
  plan.relations.erase(std::unique(plan.relations.begin(), plan.relations.end()),
                       plan.relations.end());
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
