#include "extension/am/unread_distance.h"

#include "extension/am/options.h"

extern "C" {
#include <nodes/makefuncs.h>
#include <nodes/nodeFuncs.h>
#include <nodes/plannodes.h>
#include <optimizer/planner.h>
#include <utils/rel.h>
}

namespace dvecdb::extension {
namespace {

planner_hook_type next_planner;

bool is_ours(Oid index) {
  const Relation relation = RelationIdGetRelation(index);  // which the planner has locked
  if (!RelationIsValid(relation)) return false;
  const bool is_ours = is_hnsw(relation);
  RelationClose(relation);
  return is_ours;
}

/// The scan that gives the rows of the whole plan; null if anything may look at them on the way.
IndexScan* scan_of_all(const PlannedStmt* statement) {
  if (statement->commandType != CMD_SELECT) return nullptr;
  Plan* plan = statement->planTree;
  if (IsA(plan, Limit)) {
    // WITH TIES compares what the rows are ordered by.
    if (reinterpret_cast<Limit*>(plan)->limitOption != LIMIT_OPTION_COUNT) return nullptr;
    plan = plan->lefttree;
  }
  if (!IsA(plan, IndexScan)) return nullptr;
  auto* scan = reinterpret_cast<IndexScan*>(plan);
  return scan->indexorderbyorig != NIL && is_ours(scan->indexid) ? scan : nullptr;
}

void leave_out_distances(IndexScan* scan) {
  const List* targets = scan->scan.plan.targetlist;
  for (int i = 0; i < list_length(targets); ++i) {
    auto* target = static_cast<TargetEntry*>(list_nth(targets, i));
    if (!target->resjunk || !list_member(scan->indexorderbyorig, target->expr)) continue;
    const auto* node = reinterpret_cast<Node*>(target->expr);
    target->expr = reinterpret_cast<Expr*>(
        makeNullConst(exprType(node), exprTypmod(node), exprCollation(node)));
  }
}

PlannedStmt* plan_query(Query* query, const char* text, int cursor_options,
                        ParamListInfo parameters) {
  PlannedStmt* statement = next_planner != nullptr
                               ? next_planner(query, text, cursor_options, parameters)
                               : standard_planner(query, text, cursor_options, parameters);
  IndexScan* scan = scan_of_all(statement);
  if (scan != nullptr) leave_out_distances(scan);
  return statement;
}

}  // namespace

void register_unread_distances() {
  next_planner = planner_hook;
  planner_hook = plan_query;
}

}  // namespace dvecdb::extension
