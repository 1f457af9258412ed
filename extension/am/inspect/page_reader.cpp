#include "extension/am/inspect/page_reader.h"

#include <cstring>

extern "C" {
#include <utils/rel.h>
}

namespace dvecdb::extension {

PageReader::PageReader(Relation index)
    : index_(index),
      blocks_(RelationGetNumberOfBlocks(index)),
      strategy_(GetAccessStrategy(BAS_BULKREAD)),
      copy_(static_cast<char*>(palloc(BLCKSZ))) {}

Page PageReader::read(BlockNumber block) {
  CHECK_FOR_INTERRUPTS();
  if (block >= blocks_) {
    std::memset(copy_, 0, BLCKSZ);
    return copy_;
  }
  const Buffer buffer = ReadBufferExtended(index_, MAIN_FORKNUM, block, RBM_NORMAL, strategy_);
  LockBuffer(buffer, BUFFER_LOCK_SHARE);
  std::memcpy(copy_, BufferGetPage(buffer), BLCKSZ);
  UnlockReleaseBuffer(buffer);
  return copy_;
}

}  // namespace dvecdb::extension
