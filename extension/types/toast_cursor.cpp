#include "extension/types/toast_cursor.h"

extern "C" {
#include <access/heapam.h>
#include <access/heaptoast.h>
#include <access/stratnum.h>
#include <access/table.h>
#include <access/tableam.h>
#include <access/toast_internals.h>
#include <access/xact.h>
#include <storage/proc.h>
#include <utils/fmgroids.h>
#include <utils/snapshot.h>
}

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace dvecdb::extension {
namespace {

constexpr int most_misses = 16;

// How the row of a TOAST table begins; the chunk's data, a bytea, follows.
struct ChunkHead {
  Oid value;
  std::int32_t number;
};

std::size_t stored_size(const varatt_external& pointer) {
  return VARATT_EXTERNAL_GET_EXTSIZE(pointer);
}

// What a chunk must be to be taken.
struct WantedChunk {
  Oid value;
  std::int32_t number;
  std::size_t size;
};

// The chunk's bytes, or null when the row is not that chunk.
const char* chunk_bytes(HeapTuple tuple, const WantedChunk& wanted) {
  const HeapTupleHeader row = tuple->t_data;
  if ((row->t_infomask & HEAP_HASNULL) != 0 || HeapTupleHeaderGetNatts(row) != 3) return nullptr;
  const char* begin = reinterpret_cast<const char*>(row) + row->t_hoff;
  const auto* head = reinterpret_cast<const ChunkHead*>(begin);
  if (head->value != wanted.value || head->number != wanted.number) return nullptr;
  const char* data = begin + sizeof(ChunkHead);
  if (VARATT_IS_EXTENDED(data) && !VARATT_IS_SHORT(data)) return nullptr;
  if (VARSIZE_ANY_EXHDR(data) != wanted.size) return nullptr;
  return VARDATA_ANY(data);
}

// The value that is read next probably lies in the next page, which is probably the next buffer.
// To prefetch what is not there costs nothing but the time.
void prefetch_like(const char* bytes, std::size_t size) {
  for (std::size_t at = 0; at < size; at += PG_CACHE_LINE_SIZE / 2) {
    __builtin_prefetch(bytes + BLCKSZ + at);
  }
}

bool is_visible(HeapTuple tuple, Buffer buffer) {
  SnapshotData snapshot{};
  snapshot.snapshot_type = SNAPSHOT_TOAST;
  return HeapTupleSatisfiesVisibility(tuple, &snapshot, buffer);
}

}  // namespace

bool ToastCursor::is_worth_trying() const {
  return misses_ < most_misses;
}

// Locked once a subtransaction; the lock goes with the transaction.
Relation ToastCursor::open(Oid toast_table) {
  const LocalTransactionId transaction = DVECDB_LOCAL_TRANSACTION;
  const SubTransactionId subtransaction = GetCurrentSubTransactionId();
  if (table_ == toast_table && transaction_ == transaction && subtransaction_ == subtransaction) {
    return table_open(toast_table, NoLock);
  }
  const Relation table = table_open(toast_table, AccessShareLock);
  table_ = toast_table;
  transaction_ = transaction;
  subtransaction_ = subtransaction;
  blocks_ = 0;
  has_place_ = false;
  return table;
}

bool ToastCursor::fetch(const varatt_external& pointer, char* out) {
  if (!is_worth_trying()) return false;
  const Relation table = open(pointer.va_toastrelid);
  bool is_read = false;
  if (table->rd_tableam == GetHeapamTableAmRoutine()) {
    is_read = has_place_ && read(table, pointer, out);
    misses_ = is_read ? std::max(misses_ - 1, 0) : misses_ + 1;
    is_read = is_read || (find(table, pointer.va_valueid) && read(table, pointer, out));
  }
  table_close(table, NoLock);
  return is_read;
}

// Goes to the first chunk of a value by the index.
bool ToastCursor::find(Relation table, Oid value) {
  constexpr LOCKMODE lock = AccessShareLock;
  ScanKeyData keys[2];
  ScanKeyInit(&keys[0], 1, BTEqualStrategyNumber, F_OIDEQ, ObjectIdGetDatum(value));
  ScanKeyInit(&keys[1], 2, BTEqualStrategyNumber, F_INT4EQ, Int32GetDatum(0));
  SnapshotData snapshot{};
  snapshot.snapshot_type = SNAPSHOT_TOAST;

  Relation* indexes = nullptr;
  int count = 0;
  const int valid = toast_open_indexes(table, lock, &indexes, &count);
  const SysScanDesc scan = systable_beginscan_ordered(table, indexes[valid], &snapshot, 2, keys);
  const HeapTuple tuple = systable_getnext_ordered(scan, ForwardScanDirection);
  has_place_ = tuple != nullptr;
  if (has_place_) {
    next_ = {ItemPointerGetBlockNumber(&tuple->t_self), ItemPointerGetOffsetNumber(&tuple->t_self)};
  }
  systable_endscan_ordered(scan);
  toast_close_indexes(indexes, count, lock);
  return has_place_;
}

bool ToastCursor::read(Relation table, const varatt_external& pointer, char* out) {
  Buffer buffer = InvalidBuffer;
  const bool is_read = read_chunks(table, pointer, out, buffer);
  if (BufferIsValid(buffer)) UnlockReleaseBuffer(buffer);
  return is_read;
}

// Pins and locks `block` in the place of `buffer`, if the table has it. Blocks that were read in
// order lie in buffers in order: the buffer after that of the block before is tried before the
// table of all buffers is asked.
bool ToastCursor::pin(Relation table, BlockNumber block, Buffer& buffer) {
  if (BufferIsValid(buffer)) UnlockReleaseBuffer(buffer);
  buffer = InvalidBuffer;
  if (block >= blocks_) blocks_ = RelationGetNumberOfBlocks(table);
  if (block >= blocks_) return false;
  const Buffer likely = recent_.block + 1 == block ? recent_.buffer + 1 : recent_.buffer;
  const bool is_there = likely > 0 && likely <= NBuffers &&
                        ReadRecentBuffer(DVECDB_LOCATOR(table), MAIN_FORKNUM, block, likely);
  buffer = is_there ? likely : ReadBuffer(table, block);
  recent_ = {block, buffer};
  LockBuffer(buffer, BUFFER_LOCK_SHARE);
  return true;
}

bool ToastCursor::read_chunks(Relation table, const varatt_external& pointer, char* out,
                              Buffer& buffer) {
  const std::size_t size = stored_size(pointer);
  SET_VARSIZE(out, size + VARHDRSZ);
  Place place = next_;
  std::size_t done = 0;
  for (std::int32_t number = 0; done < size; ++number) {
    const bool is_first = number == 0;
    if (is_first && !pin(table, place.block, buffer)) return false;
    if (place.offset > PageGetMaxOffsetNumber(BufferGetPage(buffer))) {
      place = {place.block + 1, FirstOffsetNumber};
      if (!pin(table, place.block, buffer)) return false;
    }
    const Page page = BufferGetPage(buffer);
    if (place.offset > PageGetMaxOffsetNumber(page)) return false;
    const ItemId item = PageGetItemId(page, place.offset);
    if (!ItemIdIsNormal(item)) return false;

    HeapTupleData tuple;
    tuple.t_data = reinterpret_cast<HeapTupleHeader>(PageGetItem(page, item));
    tuple.t_len = ItemIdGetLength(item);
    tuple.t_tableOid = RelationGetRelid(table);
    tuple.t_self = {{static_cast<uint16>(place.block >> 16), static_cast<uint16>(place.block)},
                    place.offset};
    const std::size_t wanted = std::min<std::size_t>(size - done, TOAST_MAX_CHUNK_SIZE);
    const char* bytes = chunk_bytes(&tuple, {pointer.va_valueid, number, wanted});
    if (bytes == nullptr || !is_visible(&tuple, buffer)) return false;
    prefetch_like(bytes, wanted);
    std::memcpy(out + VARHDRSZ + done, bytes, wanted);
    done += wanted;
    ++place.offset;
  }
  next_ = place;
  return true;
}

}  // namespace dvecdb::extension
