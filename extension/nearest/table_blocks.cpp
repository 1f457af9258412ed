#include "extension/nearest/table_blocks.h"

#include "extension/likely_buffers.h"

namespace dvecdb::extension {

void TableBlocks::begin(Relation table, ParallelTableScanDesc shared, bool is_remembered) {
  table_ = table;
  shared_ = reinterpret_cast<ParallelBlockTableScanDesc>(shared);
  is_remembered_ = is_remembered;
  unasked_ = 0;
  own_ = {};
  table_block_parallelscan_startblock_init(table, &own_, shared_);
  next_ = 0;
  for (TableBlock& block : ahead_) block = find_next();
}

TableBlock TableBlocks::take() {
  const TableBlock block = ahead_[next_];
  if (block.number == InvalidBlockNumber) return block;
  ahead_[next_] = find_next();
  next_ = (next_ + 1) % most_ahead;
  return block;
}

TableBlock TableBlocks::find_next() {
  const BlockNumber block = table_block_parallelscan_nextpage(table_, &own_, shared_);
  const bool is_elsewhere = block == InvalidBlockNumber || RelationUsesLocalBuffers(table_);
  const Buffer likely = is_elsewhere ? InvalidBuffer : find_buffer(block);
  if (BufferIsValid(likely)) {
    prefetch_descriptor(likely);
    __builtin_prefetch(BufferGetPage(likely));
  }
  return {block, likely};
}

// Where nothing is remembered, PostgreSQL's table of buffers is asked, which would be asked in any
// case. A block that is not there is then asked of the system, in vain if it comes in order.
Buffer TableBlocks::find_buffer(BlockNumber block) {
  const Buffer likely = is_remembered_ ? likely_buffer(table_, block) : InvalidBuffer;
  if (BufferIsValid(likely)) return likely;
  if (unasked_ > 0) {
    --unasked_;
    return InvalidBuffer;
  }
  const Buffer found = PrefetchBuffer(table_, MAIN_FORKNUM, block).recent_buffer;
  if (!BufferIsValid(found)) unasked_ = blocks_unasked;
  return found;
}

}  // namespace dvecdb::extension
