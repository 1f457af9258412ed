// Where blocks of tables were found in shared memory.
//
// PostgreSQL finds a block's buffer by a table of all buffers, where a look-up waits for memory two
// or three times. A block mostly stays in its buffer: who remembers that one pins it at once, as
// PostgreSQL tells whether it still holds the block.
#pragma once

#include "extension/postgres.h"

namespace dvecdb::extension {

// The buffer that a block was in when this backend last told so; InvalidBuffer when it never did.
// Any other buffer is possible, too: blocks share what there is for the memory of them.
Buffer likely_buffer(Relation table, BlockNumber block);

void remember_buffer(Relation table, BlockNumber block, Buffer buffer);

// Has the processor fetch what pinning the buffer changes.
void prefetch_descriptor(Buffer buffer);

// Pins the buffer if it holds the block, and counts a hit for the table.
bool pin_likely(Relation table, BlockNumber block, Buffer buffer);

}  // namespace dvecdb::extension
