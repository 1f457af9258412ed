#pragma once

#include "extension/postgres.h"

extern "C" {
#include <access/amapi.h>
#include <nodes/execnodes.h>
}

/// The callbacks of the index method (PostgreSQL's documentation, "Index Access Method Interface
/// Definition"), each in a room of its own below this one.
namespace dvecdb::extension {

// build
IndexBuildResult* build_index(Relation heap, Relation index, IndexInfo* info);
void build_empty_index(Relation index);
char* build_phase_name(int64 phase);

// insert
bool insert_row(Relation index, Datum* values, bool* is_null, ItemPointer tid, Relation heap,
                IndexUniqueCheck check, bool index_unchanged, IndexInfo* info);

// vacuum
IndexBulkDeleteResult* delete_rows(IndexVacuumInfo* info, IndexBulkDeleteResult* stats,
                                   IndexBulkDeleteCallback callback, void* callback_state);
IndexBulkDeleteResult* clean_up(IndexVacuumInfo* info, IndexBulkDeleteResult* stats);
/// What of VACUUM a build needs, too: has the entry lead to every node.
void link_all_nodes(Relation index);

// cost.cpp
void estimate_cost(PlannerInfo* root, IndexPath* path, double loop_count, Cost* startup_cost,
                   Cost* total_cost, Selectivity* selectivity, double* correlation, double* pages);

// scan
IndexScanDesc begin_scan(Relation index, int key_count, int order_by_count);
void restart_scan(IndexScanDesc scan, ScanKey keys, int key_count, ScanKey order_bys,
                  int order_by_count);
bool next_row(IndexScanDesc scan, ScanDirection direction);
void end_scan(IndexScanDesc scan);

}  // namespace dvecdb::extension
