#pragma once

namespace dvecdb::extension {

/// Lets EXPLAIN (ANALYZE) tell what index scans did (ScanCounters); once a process, from _PG_init.
///
/// From PostgreSQL 18 on, at each index scan in the plan, by explain_per_node_hook: EXPLAIN EXECUTE
/// and auto_explain show it too. Before that there is no such hook: the scans are listed after the
/// plan, by ExplainOneQuery_hook (which knows where EXPLAIN writes) and ExecutorEnd_hook (which is
/// called while EXPLAIN still writes). EXPLAIN EXECUTE, and an EXPLAIN whose planning has loaded
/// the library, do not pass the former: the client is sent the same lines as INFO. auto_explain
/// passes neither.
///
/// Scans that ran inside parallel workers are counted there, and not shown.
void register_explain();

}  // namespace dvecdb::extension
