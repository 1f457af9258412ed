// The rows of a page that a snapshot sees.
#pragma once

#include "extension/postgres.h"

extern "C" {
#include <access/htup_details.h>
#include <storage/off.h>
#include <utils/snapshot.h>
}

namespace dvecdb::extension {

// A page of a heap, pinned by whoever uses this.
class VisibleRows {
 public:
  // Locks the page for as long as its rows are looked at, which may remove dead ones before.
  void find(Relation table, Snapshot snapshot, Buffer buffer);

  int count() const { return count_; }

  // The i-th of them, where it lies.
  HeapTupleData row(int i) const { return row_at(offsets_[i]); }

 private:
  HeapTupleData row_at(OffsetNumber offset) const;

  Page page_;
  BlockNumber block_;
  Oid table_;
  int count_;
  OffsetNumber offsets_[MaxHeapTuplesPerPage];
};

}  // namespace dvecdb::extension
