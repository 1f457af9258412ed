// EXPLAIN's text: the row store's own plan told with the statement's names, in PostgreSQL's words.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "server/query/plan.h"

namespace dvecdb::server::query {

// A row of the row store's EXPLAIN QUERY PLAN.
struct StorePlanRow {
  int id = 0;
  int parent = 0;
  std::string detail;
};

struct ExplainOptions {
  bool show_store_sql = false;  // VERBOSE: adds the lowered SQL
};

// The SQL whose EXPLAIN QUERY PLAN explain_plan() wants.
std::string_view explained_sql(const Plan& plan);
// One entry a line of the result column "QUERY PLAN".
std::vector<std::string> explain_plan(const Plan& plan, std::span<const StorePlanRow> rows,
                                      const ExplainOptions& options = {});

}  // namespace dvecdb::server::query
