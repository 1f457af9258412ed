#include "extension/likely_buffers.h"

extern "C" {
#include <pgstat.h>
#include <storage/buf_internals.h>
}

#include <cstddef>

namespace dvecdb::extension {
namespace {

// 1 MB, for 2 GB of tables; the system gives memory for what is written of it.
constexpr std::size_t most_known = std::size_t{1} << 18;
Buffer known[most_known];

// Blocks of one table lie beside each other: a scan asks for them in order.
Buffer& entry_of(Relation table, BlockNumber block) {
  return known[(block + std::size_t{DVECDB_LOCATOR_NUMBER(table)} * 7919) % most_known];
}

}  // namespace

Buffer likely_buffer(Relation table, BlockNumber block) {
  return entry_of(table, block);
}

void remember_buffer(Relation table, BlockNumber block, Buffer buffer) {
  entry_of(table, block) = buffer;
}

void prefetch_descriptor(Buffer buffer) {
  __builtin_prefetch(GetBufferDescriptor(static_cast<uint32>(buffer - 1)), 1);
}

bool pin_likely(Relation table, BlockNumber block, Buffer buffer) {
  if (!ReadRecentBuffer(DVECDB_LOCATOR(table), MAIN_FORKNUM, block, buffer)) return false;
  pgstat_count_buffer_read(table);
  pgstat_count_buffer_hit(table);
  return true;
}

}  // namespace dvecdb::extension
