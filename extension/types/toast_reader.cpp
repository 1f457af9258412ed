#include "extension/types/toast_reader.h"

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

// How the row of a TOAST table begins; the chunk's data, a bytea, follows.
struct ChunkHead {
  Oid value;
  std::int32_t number;
};

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

bool is_heap(Relation table) {
  return table->rd_tableam == GetHeapamTableAmRoutine();
}

}  // namespace

// Locked once a subtransaction; the lock goes with the transaction.
Relation ToastReader::open(Oid toast_table) {
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
  return table;
}

bool ToastReader::find(const varatt_external& pointer, ToastPlace* out) {
  constexpr LOCKMODE lock = AccessShareLock;
  ScanKeyData keys[2];
  ScanKeyInit(&keys[0], 1, BTEqualStrategyNumber, F_OIDEQ, ObjectIdGetDatum(pointer.va_valueid));
  ScanKeyInit(&keys[1], 2, BTEqualStrategyNumber, F_INT4EQ, Int32GetDatum(0));
  SnapshotData snapshot{};
  snapshot.snapshot_type = SNAPSHOT_TOAST;

  const Relation table = open(pointer.va_toastrelid);
  Relation* indexes = nullptr;
  int count = 0;
  const int valid = toast_open_indexes(table, lock, &indexes, &count);
  const SysScanDesc scan = systable_beginscan_ordered(table, indexes[valid], &snapshot, 2, keys);
  const HeapTuple tuple = systable_getnext_ordered(scan, ForwardScanDirection);
  const bool is_there = tuple != nullptr && is_heap(table);
  if (is_there) {
    *out = {ItemPointerGetBlockNumber(&tuple->t_self), InvalidBuffer,
            ItemPointerGetOffsetNumber(&tuple->t_self)};
  }
  systable_endscan_ordered(scan);
  toast_close_indexes(indexes, count, lock);
  table_close(table, NoLock);
  return is_there;
}

bool ToastReader::read(const varatt_external& pointer, ToastPlace& begin, char* out,
                       ToastPlace& end) {
  const Relation table = open(pointer.va_toastrelid);
  pinned_ = InvalidBuffer;
  const bool is_read = is_heap(table) && read_chunks(table, pointer, begin, out, end);
  unpin();
  table_close(table, NoLock);
  return is_read;
}

void ToastReader::unpin() {
  if (BufferIsValid(pinned_)) UnlockReleaseBuffer(pinned_);
  pinned_ = InvalidBuffer;
}

// Pins and locks a block in place of that before, if the table has it. The buffer where it probably
// is comes before the table of all buffers.
bool ToastReader::pin(Relation table, const ToastPlace& place) {
  unpin();
  const Buffer likely = place.buffer;
  if (likely > 0 && likely <= NBuffers &&
      ReadRecentBuffer(DVECDB_LOCATOR(table), MAIN_FORKNUM, place.block, likely)) {
    pinned_ = likely;
  } else {
    if (place.block >= blocks_) blocks_ = RelationGetNumberOfBlocks(table);
    if (place.block >= blocks_) return false;
    pinned_ = ReadBuffer(table, place.block);
  }
  LockBuffer(pinned_, BUFFER_LOCK_SHARE);
  return true;
}

bool ToastReader::read_chunks(Relation table, const varatt_external& pointer, ToastPlace& begin,
                              char* out, ToastPlace& end) {
  const std::size_t size = VARATT_EXTERNAL_GET_EXTSIZE(pointer);
  SET_VARSIZE(out, size + VARHDRSZ);
  if (!pin(table, begin)) return false;
  begin.buffer = pinned_;
  ToastPlace place = begin;
  std::size_t done = 0;
  for (std::int32_t number = 0; done < size; ++number) {
    if (place.offset > PageGetMaxOffsetNumber(BufferGetPage(pinned_))) {
      // Blocks that were read in order lie in buffers in order.
      place = {place.block + 1, pinned_ + 1, FirstOffsetNumber};
      if (!pin(table, place)) return false;
      place.buffer = pinned_;
    }
    const Page page = BufferGetPage(pinned_);
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
    if (bytes == nullptr || !is_visible(&tuple, pinned_)) return false;
    if (is_in_order_) prefetch_like(bytes, wanted);
    std::memcpy(out + VARHDRSZ + done, bytes, wanted);
    done += wanted;
    ++place.offset;
  }
  end = place;
  return true;
}

}  // namespace dvecdb::extension
