#include "extension/am/scan/row_values.h"

#include "extension/failure_point.h"

extern "C" {
#include <catalog/index.h>
#include <executor/executor.h>
#include <utils/rel.h>
#include <utils/snapmgr.h>
}

namespace dvecdb::extension {

void RowValues::open(IndexScanDesc scan, ElementKind element) {
  scan_ = scan;
  element_ = element;
  column_ = scan->indexRelation->rd_index->indkey.values[0];
  fetch_ = table_index_fetch_begin(scan->heapRelation);
  slot_ = table_slot_create(scan->heapRelation, nullptr);
  row_memory_ = AllocSetContextCreate(CurrentMemoryContext, "hnsw row", ALLOCSET_DEFAULT_SIZES);
  info_ = nullptr;
  executor_ = nullptr;
  if (column_ != 0) return;
  info_ = BuildIndexInfo(scan->indexRelation);
  executor_ = CreateExecutorState();
  GetPerTupleExprContext(executor_)->ecxt_scantuple = slot_;
}

void RowValues::close() {
  if (executor_ != nullptr) FreeExecutorState(executor_);
  ExecDropSingleTupleTableSlot(slot_);
  table_index_fetch_end(fetch_);
  MemoryContextDelete(row_memory_);
}

bool RowValues::is_visible(ItemPointerData tid) {
  failure_point("scan row");
  bool call_again = false;
  bool all_dead = false;
  return table_index_fetch_tuple(fetch_, &tid, scan_->xs_snapshot, slot_, &call_again, &all_dead);
}

bool RowValues::read(ItemPointerData tid, Value* out) {
  MemoryContextReset(row_memory_);
  if (!is_visible(tid)) return false;
  const MemoryContext before = MemoryContextSwitchTo(row_memory_);
  Datum datum;
  const bool is_there = read_datum(&datum);
  if (is_there) *out = value_of(element_, PointerGetDatum(PG_DETOAST_DATUM(datum)));
  MemoryContextSwitchTo(before);
  return is_there;
}

bool RowValues::read_datum(Datum* out) {
  bool is_null;
  if (column_ != 0) {
    *out = slot_getattr(slot_, column_, &is_null);
    return !is_null;
  }
  ResetPerTupleExprContext(executor_);
  Datum values[INDEX_MAX_KEYS];
  bool nulls[INDEX_MAX_KEYS];
  FormIndexDatum(info_, slot_, executor_, values, nulls);
  *out = values[0];
  return !nulls[0];
}

}  // namespace dvecdb::extension
