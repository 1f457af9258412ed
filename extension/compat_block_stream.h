// Reading blocks in an order that is known ahead, which PostgreSQL does for itself since 17.
#pragma once

#include "extension/postgres.h"

extern "C" {
#if PG_VERSION_NUM >= 170000
#include <storage/read_stream.h>
#endif
}

namespace dvecdb::extension {

// Reads the blocks of a table that a function names, one after another. Since PostgreSQL 17 several
// may be asked for before the first of them is given, and are read at once.
class BlockStream {
 public:
  // Gives InvalidBlockNumber after the last.
  using NextBlock = BlockNumber (*)(void* source);

  void begin(Relation table, BufferAccessStrategy strategy, NextBlock next_block, void* source) {
    next_block_ = next_block;
    source_ = source;
#if PG_VERSION_NUM >= 170000
    stream_ = read_stream_begin_relation(READ_STREAM_SEQUENTIAL, strategy, table, MAIN_FORKNUM, ask,
                                         this, 0);
#else
    table_ = table;
    strategy_ = strategy;
#endif
  }

  // Pinned, and the caller's to release; InvalidBuffer after the last.
  Buffer next() {
#if PG_VERSION_NUM >= 170000
    return read_stream_next_buffer(stream_, nullptr);
#else
    const BlockNumber block = next_block_(source_);
    if (block == InvalidBlockNumber) return InvalidBuffer;
    return ReadBufferExtended(table_, MAIN_FORKNUM, block, RBM_NORMAL, strategy_);
#endif
  }

  void end() {
#if PG_VERSION_NUM >= 170000
    read_stream_end(stream_);
#endif
  }

 private:
  NextBlock next_block_;
  void* source_;
#if PG_VERSION_NUM >= 170000
  static BlockNumber ask(ReadStream*, void* asked, void*) {
    const auto* stream = static_cast<const BlockStream*>(asked);
    return stream->next_block_(stream->source_);
  }

  ReadStream* stream_;
#else
  Relation table_;
  BufferAccessStrategy strategy_;
#endif
};

}  // namespace dvecdb::extension
