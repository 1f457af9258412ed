// One pass over all visible rows of a table.
#pragma once

#include "extension/compat_block_stream.h"
#include "extension/likely_buffers.h"
#include "extension/nearest/table_blocks.h"
#include "extension/nearest/visible_rows.h"
#include "extension/postgres.h"

extern "C" {
#include <access/heapam.h>
#include <access/xact.h>
#include <pgstat.h>
}

#include <algorithm>

namespace dvecdb::extension {

// Whether a TablePass can read the table: not if it is no heap, or if PostgreSQL must know which
// rows a serializable transaction reads.
inline bool can_pass_over(Relation table) {
  return table->rd_tableam == GetHeapamTableAmRoutine() && !IsolationIsSerializable();
}

// Calls visit(HeapTupleData& row, Buffer buffer) for the rows that a snapshot sees in a heap, in no
// particular order.
//
// PostgreSQL's scan looks each page up in its table of buffers and hands over row by row. This one
// pins pages where they were found before, and reads those that are not there as PostgreSQL does.
// While the rows of a page are visited, the next is brought into the processor's cache: a row with
// a vector is tens of cache lines, and a pass that waits for each of them mostly waits.
template <class Visit>
class TablePass {
 public:
  TablePass(Relation table, Snapshot snapshot, const Visit& visit)
      : table_(table), snapshot_(snapshot), visit_(visit) {}

  // `shared` says which part of the table is this process's.
  void run(ParallelTableScanDesc shared) {
    // As PostgreSQL's scans do, so that a large table does not drive everything else out of memory.
    const bool is_large = !RelationUsesLocalBuffers(table_) &&
                          RelationGetNumberOfBlocks(table_) > static_cast<unsigned>(NBuffers) / 4;
    BufferAccessStrategy strategy = is_large ? GetAccessStrategy(BAS_BULKREAD) : nullptr;
    is_remembered_ = !is_large && !RelationUsesLocalBuffers(table_);
    pgstat_count_heap_scan(table_);
    blocks_.begin(table_, shared, is_remembered_);
    const auto next = [](void* pass) { return static_cast<TablePass*>(pass)->next_missing(); };
    missing_.begin(table_, strategy, next, this);
    for (Buffer buffer; BufferIsValid(buffer = missing_.next());) {
      if (is_remembered_) remember_buffer(table_, BufferGetBlockNumber(buffer), buffer);
      visit_page(buffer);
    }
    missing_.end();
    if (strategy != nullptr) FreeAccessStrategy(strategy);
  }

 private:
  static constexpr unsigned cache_line = 64;

  // The next block that must be read; those that are at hand before are visited.
  BlockNumber next_missing() {
    for (;;) {
      const TableBlock block = blocks_.take();
      const bool is_at_hand = is_remembered_ && BufferIsValid(block.likely) &&
                              pin_likely(table_, block.number, block.likely);
      if (!is_at_hand) return block.number;
      remember_buffer(table_, block.number, block.likely);
      visit_page(block.likely);
    }
  }

  void visit_page(Buffer buffer) {
    CHECK_FOR_INTERRUPTS();
    rows_.find(table_, snapshot_, buffer);
    const char* next_page = blocks_.next_page();
    for (int i = 0; i < rows_.count(); ++i) {
      HeapTupleData row = rows_.row(i);
      if (next_page != nullptr) prefetch_like(row, BufferGetPage(buffer), next_page);
      pgstat_count_heap_getnext(table_);
      visit_(row, buffer);
    }
    ReleaseBuffer(buffer);
  }

  // The bytes of the next page that lie where the row lies on its own: all rows of a table with
  // vectors are about as long.
  static void prefetch_like(const HeapTupleData& row, const char* page, const char* next_page) {
    const auto begin = static_cast<std::size_t>(reinterpret_cast<const char*>(row.t_data) - page);
    for (std::size_t at = begin; at < begin + row.t_len; at += cache_line) {
      // To the second level only, which takes more at a time than the first.
      __builtin_prefetch(next_page + at, 0, 2);
    }
  }

  Relation table_;
  Snapshot snapshot_;
  const Visit& visit_;
  bool is_remembered_;
  TableBlocks blocks_;
  VisibleRows rows_;
  BlockStream missing_;
};

}  // namespace dvecdb::extension
