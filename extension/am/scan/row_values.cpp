#include "extension/am/scan/row_values.h"

#include "extension/am/scan/heap_pages.h"
#include "extension/failure_point.h"
#include "extension/types/toast_places.h"

extern "C" {
#include <access/detoast.h>
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
  far_values_ = {};
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
  bring_page(fetch_, tid);
  bool call_again = false;
  bool all_dead = false;
  return table_index_fetch_tuple(fetch_, &tid, scan_->xs_snapshot, slot_, &call_again, &all_dead);
}

void RowValues::prefetch_page(const ItemPointerData& tid) const {
  extension::prefetch_page(scan_->heapRelation, tid);
}

void RowValues::prefetch_row(const ItemPointerData& tid) const {
  extension::prefetch_row(scan_->heapRelation, tid);
}

bool RowValues::read(ItemPointerData tid, Value* out) {
  MemoryContextReset(row_memory_);
  if (!is_visible(tid)) return false;
  const MemoryContext before = MemoryContextSwitchTo(row_memory_);
  Datum datum;
  const bool is_there = read_datum(&datum);
  if (is_there) *out = value_of(element_, unpack(datum));
  MemoryContextSwitchTo(before);
  return is_there;
}

/// In row_memory_, if it is not as it lies.
Datum RowValues::unpack(Datum datum) {
  const void* stored = DatumGetPointer(datum);
  if (VARATT_IS_EXTERNAL_ONDISK(stored)) {
    varatt_external pointer;
    VARATT_EXTERNAL_GET_POINTER(pointer, stored);
    if (!VARATT_EXTERNAL_IS_COMPRESSED(pointer)) {
      auto* out = static_cast<char*>(palloc(static_cast<Size>(pointer.va_rawsize)));
      if (fetch_remembered(far_values_, pointer, out)) return PointerGetDatum(out);
    }
  }
  return PointerGetDatum(PG_DETOAST_DATUM(datum));
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
