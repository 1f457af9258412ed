// A statement whose WITH modifies data, as parts that run one after the other.
#pragma once

#include "server/query/plan.h"

namespace dvecdb::server::query {

// The columns that a select list or RETURNING describes (plan.cpp).
std::vector<ResultColumn> result_columns(const std::vector<TargetEntry>& targets);

// Whether an item of the statement's own WITH is an INSERT, UPDATE or DELETE.
bool modifies_in_with(const Query& query);

// The plan of such a statement: its own, with the parts in Plan::before and Plan::after.
Plan make_plan_of_parts(const AnalyzeContext& context, Query& query, const ParamTypes& params,
                        const PlanSettings& settings);

}  // namespace dvecdb::server::query
