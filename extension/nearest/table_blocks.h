// The blocks of a table in the order in which a scan reads them, with what is known of those to
// come.
#pragma once

#include "extension/postgres.h"

extern "C" {
#include <access/tableam.h>
}

namespace dvecdb::extension {

// A block, and the buffer in which it probably is; InvalidBuffer when nothing is known of that.
struct TableBlock {
  BlockNumber number;
  Buffer likely;
};

// Gives blocks, and looks some of them ahead. Several processes may share them.
class TableBlocks {
 public:
  // `shared` is what PostgreSQL prepared for a scan of the table by several processes. What this
  // backend remembers of buffers counts if `is_remembered`.
  void begin(Relation table, ParallelTableScanDesc shared, bool is_remembered);

  // The next block; its number is InvalidBlockNumber after the last.
  TableBlock take();

  // The page of the block that take() will give next, for the processor to fetch: it may hold
  // another block by now. Null when it is not known.
  const char* next_page() const { return page_of(ahead_[next_]); }

 private:
  // How many blocks are looked ahead: the descriptors of their buffers are on the way meanwhile.
  static constexpr unsigned most_ahead = 2;
  // Of blocks that are not in memory, one in so many is looked for.
  static constexpr unsigned blocks_unasked = 32;

  static const char* page_of(const TableBlock& block) {
    return BufferIsValid(block.likely) ? static_cast<const char*>(BufferGetPage(block.likely))
                                       : nullptr;
  }
  TableBlock find_next();
  Buffer find_buffer(BlockNumber block);

  Relation table_;
  ParallelBlockTableScanDesc shared_;
  ParallelBlockTableScanWorkerData own_;
  TableBlock ahead_[most_ahead];  // a ring
  unsigned next_;                 // of them
  unsigned unasked_;              // so many blocks are not looked for
  bool is_remembered_;
};

}  // namespace dvecdb::extension
