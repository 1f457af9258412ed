#include "extension/am/pages/page_patch.h"

#include <algorithm>
#include <cstring>

#include "extension/am/pages/page_change.h"
#include "extension/failure_point.h"

extern "C" {
#include <access/rmgr.h>
#include <access/xlog.h>
#include <access/xloginsert.h>
#include <utils/rel.h>
}

namespace dvecdb::extension {
namespace {

/// Before the bytes of each piece; as in PostgreSQL's generic records.
struct Piece {
  std::uint16_t offset;
  std::uint16_t length;
};

}  // namespace

void PagePatch::begin(Relation relation) {
  relation_ = relation;
  count_ = 0;
}

void PagePatch::add_page(Buffer buffer) {
  if (is_full()) elog(ERROR, "a change of more than %zu pages", kMaxPages);
  deltas_[count_].buffer = buffer;
  deltas_[count_].size = 0;
  ++count_;
}

void PagePatch::write(const void* at, const void* bytes, std::size_t size) {
  Delta& delta = deltas_[count_ - 1];
  const auto offset = static_cast<const char*>(at) - BufferGetPage(delta.buffer);
  const Piece piece{static_cast<std::uint16_t>(offset), static_cast<std::uint16_t>(size)};
  if (delta.size + sizeof piece + size > kMaxBytes) elog(ERROR, "a change larger than a page");
  std::memcpy(&delta.bytes[delta.size], &piece, sizeof piece);
  std::memcpy(&delta.bytes[delta.size + sizeof piece], bytes, size);
  delta.size += sizeof piece + size;
}

void PagePatch::cover(const void* end) {
  const Page page = BufferGetPage(deltas_[count_ - 1].buffer);
  const auto* header = reinterpret_cast<const PageHeaderData*>(page);
  const auto lower = static_cast<LocationIndex>(static_cast<const char*>(end) - page);
  if (header->pd_lower < lower) write(&header->pd_lower, lower);
}

void PagePatch::apply(const Delta& delta) {
  const Page page = BufferGetPage(delta.buffer);
  for (const char* at = delta.bytes.data(); at < delta.bytes.data() + delta.size;) {
    Piece piece;
    std::memcpy(&piece, at, sizeof piece);
    std::memcpy(page + piece.offset, at + sizeof piece, piece.length);
    at += sizeof piece + piece.length;
  }
  MarkBufferDirty(delta.buffer);
}

void PagePatch::finish() {
  const auto end = std::remove_if(deltas_.begin(), deltas_.begin() + count_,
                                  [](const Delta& delta) { return delta.size == 0; });
  count_ = static_cast<std::size_t>(end - deltas_.begin());
  if (count_ == 0) return;
  failure_point("page patch");
  START_CRIT_SECTION();
  for (std::size_t i = 0; i < count_; ++i) apply(deltas_[i]);
  if (RelationNeedsWAL(relation_) && !is_built_unlogged(relation_)) log();
  END_CRIT_SECTION();
}

void PagePatch::log() {
  XLogBeginInsert();
  for (std::size_t i = 0; i < count_; ++i) {
    const auto block = static_cast<std::uint8_t>(i);
    XLogRegisterBuffer(block, deltas_[i].buffer, REGBUF_STANDARD);
    XLogRegisterBufData(block, deltas_[i].bytes.data(), DVECDB_WAL_LENGTH(deltas_[i].size));
  }
  const XLogRecPtr end = XLogInsert(RM_GENERIC_ID, 0);
  for (std::size_t i = 0; i < count_; ++i) PageSetLSN(BufferGetPage(deltas_[i].buffer), end);
}

}  // namespace dvecdb::extension
