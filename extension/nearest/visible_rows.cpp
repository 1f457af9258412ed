#include "extension/nearest/visible_rows.h"

extern "C" {
#include <access/heapam.h>
#include <storage/bufmgr.h>
}

namespace dvecdb::extension {

HeapTupleData VisibleRows::row_at(OffsetNumber offset) const {
  const ItemId item = PageGetItemId(page_, offset);
  HeapTupleData row;
  row.t_data = reinterpret_cast<HeapTupleHeader>(PageGetItem(page_, item));
  row.t_len = ItemIdGetLength(item);
  row.t_tableOid = table_;
  row.t_self = {{static_cast<uint16>(block_ >> 16), static_cast<uint16>(block_)}, offset};
  return row;
}

// As PostgreSQL's own scan of a table does it, a page at a time.
void VisibleRows::find(Relation table, Snapshot snapshot, Buffer buffer) {
  page_ = BufferGetPage(buffer);
  block_ = BufferGetBlockNumber(buffer);
  table_ = RelationGetRelid(table);
  count_ = 0;
  heap_page_prune_opt(table, buffer);
  LockBuffer(buffer, BUFFER_LOCK_SHARE);
  DVECDB_TEST_FOR_OLD_SNAPSHOT(snapshot, table, page_);
  // A standby's snapshot may be older than what made the page visible to all.
  const bool are_all_visible = PageIsAllVisible(page_) && !snapshot->takenDuringRecovery;
  const auto last = static_cast<OffsetNumber>(PageGetMaxOffsetNumber(page_));
  for (OffsetNumber offset = FirstOffsetNumber; offset <= last; ++offset) {
    if (!ItemIdIsNormal(PageGetItemId(page_, offset))) continue;
    HeapTupleData row = row_at(offset);
    if (are_all_visible || HeapTupleSatisfiesVisibility(&row, snapshot, buffer)) {
      offsets_[count_++] = offset;
    }
  }
  LockBuffer(buffer, BUFFER_LOCK_UNLOCK);
}

}  // namespace dvecdb::extension
