// EXPLAIN's answer: the row store's own plan told with the statement's names, in PostgreSQL's
// words.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "server/query/plan.h"

namespace dvecdb::server::query {

// A row of the row store's EXPLAIN QUERY PLAN.
struct StorePlanRow {
  int id = 0;
  int parent = 0;
  std::string detail;
};

struct ExplainNode {
  std::string type;      // "Index Scan", "Sort", "Update"
  std::string index;     // the index that is scanned, or ""
  std::string relation;  // what is scanned or changed, or ""
  std::string alias;     // its alias where the statement gives one
  std::vector<std::pair<std::string, std::string>> properties;  // "Filter": "(price > 20)"
  std::vector<ExplainNode> children;
};

// The SQL whose EXPLAIN QUERY PLAN explain_plan() wants.
std::string_view explained_sql(const Plan& plan);
ExplainNode explain_plan(const Plan& plan, std::span<const StorePlanRow> rows);
// The plan in PostgreSQL's layout: the root bare, each level below with an arrow.
std::vector<std::string> explain_lines(const ExplainNode& root);

}  // namespace dvecdb::server::query
