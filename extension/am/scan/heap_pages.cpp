#include "extension/am/scan/heap_pages.h"

#include "extension/likely_buffers.h"

extern "C" {
#include <access/heapam.h>
#include <executor/instrument.h>
#include <storage/bufmgr.h>
#include <storage/bufpage.h>
}

namespace dvecdb::extension {
namespace {

bool is_shared_heap(Relation table) {
  return table->rd_tableam == GetHeapamTableAmRoutine() && !RelationUsesLocalBuffers(table);
}

/// After a page that was not in shared memory so many that were tell that tables are there.
constexpr unsigned kEnoughAtHand = 256;

/// How many of them are still to come; in this process.
unsigned uncertain = 0;

Buffer pin(Relation heap, BlockNumber block) {
  uncertain -= uncertain > 0;
  const Buffer likely = likely_buffer(heap, block);
  if (BufferIsValid(likely) && pin_likely(heap, block, likely)) return likely;
  const auto reads = pgBufferUsage.shared_blks_read;
  const Buffer buffer = ReadBuffer(heap, block);
  if (pgBufferUsage.shared_blks_read != reads) uncertain = kEnoughAtHand;
  remember_buffer(heap, block, buffer);
  return buffer;
}

/// Has the system read the page if it is not in shared memory, and learns where it is there.
void ask_for(Relation heap, BlockNumber block) {
  const Buffer found = PrefetchBuffer(heap, MAIN_FORKNUM, block).recent_buffer;
  if (BufferIsValid(found)) remember_buffer(heap, block, found);
}

/// Of the page that probably holds the row; null when nothing is known.
char* likely_page(Relation heap, const ItemPointerData& tid) {
  const Buffer buffer = likely_buffer(heap, ItemPointerGetBlockNumber(&tid));
  return BufferIsValid(buffer) ? static_cast<char*>(BufferGetPage(buffer)) : nullptr;
}

}  // namespace

void bring_page(IndexFetchTableData* fetch, const ItemPointerData& tid) {
  const Relation heap = fetch->rel;
  if (!is_shared_heap(heap)) return;
  Buffer& current = reinterpret_cast<IndexFetchHeapData*>(fetch)->xs_cbuf;
  const BlockNumber block = ItemPointerGetBlockNumber(&tid);
  if (BufferIsValid(current) && BufferGetBlockNumber(current) == block) return;
  const Buffer buffer = pin(heap, block);
  if (BufferIsValid(current)) ReleaseBuffer(current);
  current = buffer;
  // As PostgreSQL does when it comes to a page.
  heap_page_prune_opt(heap, buffer);
}

void prefetch_page(Relation heap, const ItemPointerData& tid) {
  if (!is_shared_heap(heap)) return;
  if (uncertain > 0 && effective_io_concurrency > 0) ask_for(heap, ItemPointerGetBlockNumber(&tid));
  char* page = likely_page(heap, tid);
  if (page == nullptr) return;
  prefetch_descriptor(likely_buffer(heap, ItemPointerGetBlockNumber(&tid)));
  __builtin_prefetch(page);
  __builtin_prefetch(PageGetItemId(page, ItemPointerGetOffsetNumber(&tid)));
}

void prefetch_row(Relation heap, const ItemPointerData& tid) {
  if (!is_shared_heap(heap)) return;
  char* page = likely_page(heap, tid);
  if (page == nullptr) return;
  __builtin_prefetch(page + PageGetItemId(page, ItemPointerGetOffsetNumber(&tid))->lp_off);
}

}  // namespace dvecdb::extension
