// What differs between the versions of PostgreSQL in EXPLAIN, for the few files that need it.
#pragma once

#include "extension/postgres.h"

extern "C" {
#include <commands/explain.h>
#include <nodes/execnodes.h>
#include <nodes/nodeFuncs.h>
#include <tcop/tcopprot.h>
#if PG_VERSION_NUM >= 180000
#include <commands/explain_format.h>
#include <commands/explain_state.h>
#endif
}

/// Whether EXPLAIN lets extensions write at each node of a plan.
#define DVECDB_EXPLAIN_SHOWS_NODES (PG_VERSION_NUM >= 180000)

namespace dvecdb::extension {

/// What EXPLAIN does for a query when no extension takes part.
inline void explain_as_usual(Query* query, int cursor_options, IntoClause* into, ExplainState* out,
                             const char* text, ParamListInfo parameters,
                             QueryEnvironment* environment) {
#if PG_VERSION_NUM >= 170000
  standard_ExplainOneQuery(query, cursor_options, into, out, text, parameters, environment);
#else
  const BufferUsage before = pgBufferUsage;
  instr_time start;
  INSTR_TIME_SET_CURRENT(start);
  PlannedStmt* plan = pg_plan_query(query, text, cursor_options, parameters);
  instr_time planning;
  INSTR_TIME_SET_CURRENT(planning);
  INSTR_TIME_SUBTRACT(planning, start);
  BufferUsage buffers = {};
  BufferUsageAccumDiff(&buffers, &pgBufferUsage, &before);
  ExplainOnePlan(plan, into, out, text, parameters, environment, &planning,
                 out->buffers ? &buffers : nullptr);
#endif
}

/// Calls `visit` for the children of a node, as planstate_tree_walker does.
inline bool walk_plan_states(PlanState* node, bool (*visit)(PlanState*, void*), void* context) {
#if PG_VERSION_NUM >= 160000
  return planstate_tree_walker(node, visit, context);
#else
  return planstate_tree_walker(
      node, reinterpret_cast<bool (*)()>(reinterpret_cast<void (*)()>(visit)), context);
#endif
}

}  // namespace dvecdb::extension
