#include "extension/am/explain.h"

#include "extension/am/explain_counters.h"

#if DVECDB_EXPLAIN_SHOWS_NODES

namespace dvecdb::extension {
namespace {

explain_per_node_hook_type next_per_node;

void show_node(PlanState* node, List* ancestors, const char* relationship, const char* plan_name,
               ExplainState* out) {
  if (next_per_node != nullptr) {
    next_per_node(node, ancestors, relationship, plan_name, out);
  }
  const ScanCounters* counters = out->analyze ? counters_of(node) : nullptr;
  if (counters != nullptr) {
    show_counters("Vector Index Scan", *counters, out);
  }
}

}  // namespace

void register_explain() {
  next_per_node = explain_per_node_hook;
  explain_per_node_hook = show_node;
}

}  // namespace dvecdb::extension

#else

extern "C" {
#include <executor/executor.h>
#include <tcop/pquery.h>
#include <utils/portal.h>
#include <utils/rel.h>
}

namespace dvecdb::extension {
namespace {

/// The EXPLAIN that is being run; a function that it calls may run another within it.
struct Explained {
  ExplainState* out;
  const char* query;
  const Explained* outer;
};

const Explained* explained;
ExplainOneQuery_hook_type next_explain;
ExecutorEnd_hook_type next_executor_end;

struct Listing {
  ExplainState* out;
  bool begun;
};

void list_scan(const char* index, const ScanCounters& counters, Listing& listing) {
  ExplainState* out = listing.out;
  if (out->format == EXPLAIN_FORMAT_TEXT) {
    show_counters(psprintf("Vector Index Scan using %s", index), counters, out);
    return;
  }
  if (!listing.begun) {
    ExplainOpenGroup("Vector Index Scans", "Vector Index Scans", false, out);
    listing.begun = true;
  }
  ExplainOpenGroup("Vector Index Scan", nullptr, true, out);
  ExplainPropertyText("Index Name", index, out);
  show_counters(nullptr, counters, out);
  ExplainCloseGroup("Vector Index Scan", nullptr, true, out);
}

bool list_scans(PlanState* node, void* listing) {
  if (const ScanCounters* counters = counters_of(node)) {
    const Relation index = reinterpret_cast<IndexScanState*>(node)->iss_RelationDesc;
    list_scan(RelationGetRelationName(index), *counters, *static_cast<Listing*>(listing));
  }
  return walk_plan_states(node, list_scans, listing);
}

bool is_explained(const QueryDesc* query) {
  // Queries of functions that the explained one calls have a text of their own.
  return explained != nullptr && explained->out->analyze && query->sourceText == explained->query &&
         query->planstate != nullptr;
}

/// Whether the client's statement is an EXPLAIN that has not come by explain_query(), as EXPLAIN
/// EXECUTE does not, nor one whose planning has loaded this library. Other queries that run
/// meanwhile count nothing.
bool is_explained_elsewhere(const QueryDesc* query) {
  if (explained != nullptr || query->instrument_options == 0 || query->planstate == nullptr ||
      ActivePortal == nullptr || ActivePortal->strategy != PORTAL_UTIL_SELECT) {
    return false;
  }
  const auto* statement = static_cast<const PlannedStmt*>(linitial(ActivePortal->stmts));
  return statement->utilityStmt != nullptr && IsA(statement->utilityStmt, ExplainStmt);
}

/// Where nothing tells where EXPLAIN writes, the lines go to the client as messages.
void tell_scans(const QueryDesc* query) {
  Listing listing{NewExplainState(), false};
  list_scans(query->planstate, &listing);
  StringInfo lines = listing.out->str;
  if (lines->len == 0) return;
  lines->data[lines->len - 1] = '\0';  // the end of the last one
  ereport(INFO, (errmsg_internal("%s", lines->data)));
}

void end_executor(QueryDesc* query) {
  if (is_explained(query)) {
    Listing listing{explained->out, false};
    list_scans(query->planstate, &listing);
    if (listing.begun) {
      ExplainCloseGroup("Vector Index Scans", "Vector Index Scans", false, listing.out);
    }
  } else if (is_explained_elsewhere(query)) {
    tell_scans(query);
  }
  if (next_executor_end != nullptr) {
    next_executor_end(query);
  } else {
    standard_ExecutorEnd(query);
  }
}

void explain_query(Query* query, int cursor_options, IntoClause* into, ExplainState* out,
                   const char* text, ParamListInfo parameters, QueryEnvironment* environment) {
  const Explained own{out, text, explained};
  explained = &own;
  PG_TRY();
  {
    if (next_explain != nullptr) {
      next_explain(query, cursor_options, into, out, text, parameters, environment);
    } else {
      explain_as_usual(query, cursor_options, into, out, text, parameters, environment);
    }
  }
  PG_FINALLY();
  { explained = own.outer; }
  PG_END_TRY();
}

}  // namespace

void register_explain() {
  next_explain = ExplainOneQuery_hook;
  ExplainOneQuery_hook = explain_query;
  next_executor_end = ExecutorEnd_hook;
  ExecutorEnd_hook = end_executor;
}

}  // namespace dvecdb::extension

#endif
