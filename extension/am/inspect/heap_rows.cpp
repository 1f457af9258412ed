#include "extension/am/inspect/heap_rows.h"

#include <algorithm>

#include "extension/am/codes/query_value.h"
#include "extension/am/inspect/inspected.h"

extern "C" {
#include <catalog/index.h>
#include <executor/tuptable.h>
#include <storage/bufmgr.h>
#include <utils/rel.h>
#include <utils/snapmgr.h>
}

namespace dvecdb::extension {
namespace {

/// What check_heap() takes along through PostgreSQL's scan of the table.
struct HeapCheck {
  const IndexShape* shape;
  const IndexSurvey* survey;
};

bool is_indexed(const IndexShape& shape, Datum value) {
  const Datum whole = PointerGetDatum(PG_DETOAST_DATUM(value));
  const bool answer = has_direction(shape, value_of(shape.element, whole));
  if (DatumGetPointer(whole) != DatumGetPointer(value)) {
    pfree(DatumGetPointer(whole));
  }
  return answer;
}

void check_heap_row(Relation index, ItemPointer tid, Datum* values, bool* is_null, bool,
                    void* state) {
  const auto* check = static_cast<const HeapCheck*>(state);
  if (is_null[0]) {
    return;
  }
  const RowOfNode row{number_of(*tid), kNoNode};
  const std::vector<RowOfNode>& rows = check->survey->rows;
  if (!std::binary_search(rows.begin(), rows.end(), row) && is_indexed(*check->shape, values[0])) {
    raise_damaged(index, "Row (%u,%u) is missing.", block_of(row.tid), offset_of(row.tid));
  }
}

}  // namespace

VisibleRows::VisibleRows(Relation table)
    : snapshot_(RegisterSnapshot(GetLatestSnapshot())),
      fetch_(table_index_fetch_begin(table)),
      slot_(table_slot_create(table, nullptr)) {}

void VisibleRows::close() {
  ExecDropSingleTupleTableSlot(slot_);
  table_index_fetch_end(fetch_);
  UnregisterSnapshot(snapshot_);
}

bool VisibleRows::contains(std::uint64_t tid) {
  ItemPointerData place = tid_of(tid);
  bool call_again = false;
  bool all_dead = false;
  const bool answer =
      table_index_fetch_tuple(fetch_, &place, snapshot_, slot_, &call_again, &all_dead);
  ExecClearTuple(slot_);
  return answer;
}

void check_rows(Relation table, Relation index, IndexSurvey& survey) {
  std::vector<RowOfNode>& rows = survey.rows;
  std::sort(rows.begin(), rows.end());
  const auto twice = std::adjacent_find(
      rows.begin(), rows.end(), [](const auto& a, const auto& b) { return a.tid == b.tid; });
  if (twice != rows.end()) {
    raise_damaged(index, "Row (%u,%u) is there twice, at node %u and node %u.",
                  block_of(twice->tid), offset_of(twice->tid), twice->node, (twice + 1)->node);
  }
  const BlockNumber end = RelationGetNumberOfBlocks(table);
  if (!rows.empty() && block_of(rows.back().tid) >= end) {
    raise_damaged(index, "Node %u is of row (%u,%u), but the table has %u blocks.",
                  rows.back().node, block_of(rows.back().tid), offset_of(rows.back().tid), end);
  }
}

void check_heap(Relation table, Relation index, const IndexShape& shape,
                const IndexSurvey& survey) {
  const Snapshot snapshot = RegisterSnapshot(GetLatestSnapshot());
  IndexInfo* info = BuildIndexInfo(index);
  // As CREATE INDEX CONCURRENTLY scans: the rows that a snapshot sees, no others.
  info->ii_Concurrent = true;
  const TableScanDesc scan = table_beginscan_strat(table, snapshot, 0, nullptr, true, true);
  HeapCheck check{&shape, &survey};
  table_index_build_scan(table, index, info, true, false, check_heap_row, &check, scan);
  UnregisterSnapshot(snapshot);
}

}  // namespace dvecdb::extension
