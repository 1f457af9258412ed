#include <algorithm>
#include <limits>

#include "extension/am/codes/query_value.h"
#include "extension/am/methods.h"
#include "extension/am/scan/heap_pages.h"
#include "extension/am/scan/row_order.h"
#include "extension/am/settings.h"
#include "extension/failure_point.h"
#include "extension/memory.h"

extern "C" {
#include <access/relscan.h>
#include <pgstat.h>
#include <utils/rel.h>
#include <utils/snapmgr.h>
}

namespace dvecdb::extension {
namespace {

/// The state of a scan: IndexScanDesc::opaque. Of a standard layout, its counters first
/// (scan_counters.h); its objects live in `memory`.
struct ScanState {
  ScanCounters counters;
  MemoryContext memory;   ///< as long as the scan
  MemoryContext waiting;  ///< until the next restart
  NodeReader* reader;
  PageWalk* walk;
  RowOrder* order;
  RowValues rows;
  bool has_begun;
  bool is_draining;      ///< an iterative scan that may not walk on
  double last_distance;  ///< that was returned
  std::uint64_t codes_compared_before;
  std::size_t visible_rows;  ///< that were given; counted when they were not enough
};

ScanState* state_of(IndexScanDesc scan) {
  return static_cast<ScanState*>(scan->opaque);
}

/// What is made once the first row is asked for: a restart alone costs little.
void open_objects(IndexScanDesc scan, Index& index) {
  ScanState* state = state_of(scan);
  const MemoryContext before = MemoryContextSwitchTo(state->memory);
  state->reader =
      make_owned<NodeReader>(state->memory, scan->indexRelation, index, state->counters);
  state->walk = make_owned<PageWalk>(state->memory, *state->reader);
  state->rows.open(scan, index.shape().element);
  state->order = make_owned<RowOrder>(state->memory, *state->walk, state->counters, state->rows);
  MemoryContextSwitchTo(before);
}

bool is_iterative() {
  return settings().iterative_scan != static_cast<int>(IterativeScan::off);
}

/// Where the walk begins. The entry that was read may be gone: then vacuum has chosen another.
core::Candidate descend(IndexScanDesc scan, const MetaData& first) {
  MetaData meta = first;
  for (;;) {
    const core::Candidate start = state_of(scan)->walk->descend(meta.entry, meta.entry_level, 1);
    if (start.slot != kNoNode || meta.entry == kNoNode) return start;
    const NodeId gone = meta.entry;
    meta = read_meta(scan->indexRelation);
    if (meta.entry == gone) return start;
  }
}

/// So many more of the nearest are compared by their own codes. Codes of neighbors are coarse: a
/// walk of few expansions leaves some out that only seem to be farther, and to read a node's code
/// costs less than half of what its expansion does. From some fifty expansions on hardly any is
/// found so.
std::size_t closer_looks(const Layout& layout, std::size_t ef) {
  constexpr std::size_t kEnough = 50;
  if (!layout.has_rows() || ef >= kEnough) return 0;
  return std::min(ef, kEnough - ef) / 2;
}

bool is_strict() {
  return settings().iterative_scan == static_cast<int>(IterativeScan::strict_order);
}

void begin_walk(IndexScanDesc scan) {
  ScanState* state = state_of(scan);
  if (scan->numberOfOrderBys != 1) elog(ERROR, "cannot scan hnsw index without order");
  if (!IsMVCCSnapshot(scan->xs_snapshot)) {
    elog(ERROR, "non-MVCC snapshots are not supported with hnsw");
  }
  failure_point("scan begin");
  pgstat_count_index_scan(scan->indexRelation);
  DVECDB_COUNT_SEARCH(scan);
  MetaData meta;
  Index& index = open_index(scan->indexRelation, &meta);
  if (state->reader == nullptr) open_objects(scan, index);
  const MemoryContext before = MemoryContextSwitchTo(state->waiting);
  const Value query = query_value(index.shape(), scan->orderByData);
  guarded([&] { index.codes().prepare(query, state->walk->query()); });
  state->order->begin(query, is_strict());
  const core::Candidate start = descend(scan, meta);
  failure_point("scan walk");
  const auto ef = static_cast<std::size_t>(settings().ef_search);
  state->walk->begin(ef, start, true);
  state->walk->run(0);
  state->walk->look_closer(closer_looks(index.layout(), ef));
  state->order->take_met();
  MemoryContextSwitchTo(before);
}

bool may_walk_on(const ScanState& state) {
  const auto seen = state.counters.codes_compared - state.codes_compared_before;
  const double room = settings().scan_mem_multiplier * work_mem * 1024.0;
  return seen < static_cast<std::uint64_t>(settings().max_scan_tuples) &&
         static_cast<double>(state.walk->kept_bytes()) < room;
}

/// Whether a scan that is not iterative has given as many rows as it looks for. Those that its
/// snapshot does not see do not count, else rows deleted since the last VACUUM would hide others.
bool is_satisfied(ScanState* state) {
  state->visible_rows += state->order->count_visible();
  return state->visible_rows >= static_cast<std::size_t>(settings().ef_search) ||
         !may_walk_on(*state);
}

/// The entry leads to all. Where the walk has begun may lead to few or none: VACUUM may have freed
/// that node meanwhile.
bool go_on_from_entry(IndexScanDesc scan, std::size_t ef) {
  const NodeId entry = read_meta(scan->indexRelation).entry;
  return entry != kNoNode && state_of(scan)->walk->go_on_from(entry, ef);
}

/// Looks for further rows; false when there are none.
bool go_on(IndexScanDesc scan) {
  ScanState* state = state_of(scan);
  if (!is_iterative() && is_satisfied(state)) return false;
  failure_point("scan goes on");
  state->is_draining = state->is_draining || !may_walk_on(*state);
  const auto ef = static_cast<std::size_t>(settings().ef_search);
  if (state->is_draining) {
    if (!state->walk->take_rejected(ef)) return false;
  } else {
    if (!state->walk->go_on(ef) && !go_on_from_entry(scan, ef)) return false;
    state->walk->run(0);
  }
  state->order->take_met();
  return true;
}

bool is_out_of_order(ScanState* state, double distance) {
  if (!is_strict()) return false;
  if (distance < state->last_distance) return true;
  state->last_distance = distance;
  return false;
}

}  // namespace

IndexScanDesc begin_scan(Relation index, int key_count, int order_by_count) {
  IndexScanDesc scan = RelationGetIndexScan(index, key_count, order_by_count);
  auto* state = static_cast<ScanState*>(palloc0(sizeof(ScanState)));
  state->memory = AllocSetContextCreate(CurrentMemoryContext, "hnsw scan", ALLOCSET_SMALL_SIZES);
  state->waiting =
      AllocSetContextCreate(state->memory, "hnsw scan, one start", ALLOCSET_SMALL_SIZES);
  scan->opaque = state;
  return scan;
}

void restart_scan(IndexScanDesc scan, ScanKey keys, int key_count, ScanKey order_bys,
                  int order_by_count) {
  ScanState* state = state_of(scan);
  if (keys != nullptr && key_count > 0 && scan->numberOfKeys > 0) {
    std::copy_n(keys, scan->numberOfKeys, scan->keyData);
  }
  if (order_bys != nullptr && order_by_count > 0 && scan->numberOfOrderBys > 0) {
    std::copy_n(order_bys, scan->numberOfOrderBys, scan->orderByData);
  }
  MemoryContextReset(state->waiting);
  state->has_begun = false;
  state->is_draining = false;
  state->visible_rows = 0;
  state->last_distance = -std::numeric_limits<double>::infinity();
  state->codes_compared_before = state->counters.codes_compared;
}

bool next_row(IndexScanDesc scan, ScanDirection) {
  ScanState* state = state_of(scan);
  if (!state->has_begun) {
    begin_walk(scan);
    state->has_begun = true;
  }
  const MemoryContext before = MemoryContextSwitchTo(state->waiting);
  ItemPointerData tid;
  double distance;
  bool is_there;
  do {
    is_there = state->order->next(&tid, &distance);
    while (!is_there && go_on(scan)) is_there = state->order->next(&tid, &distance);
  } while (is_there && is_out_of_order(state, distance));
  MemoryContextSwitchTo(before);
  if (!is_there) return false;
  bring_page(scan->xs_heapfetch, tid);
  scan->xs_heaptid = tid;
  scan->xs_recheck = false;
  scan->xs_recheckorderby = false;
  return true;
}

void end_scan(IndexScanDesc scan) {
  ScanState* state = state_of(scan);
  if (state->reader != nullptr) state->rows.close();
  MemoryContextDelete(state->memory);
  pfree(state);
  scan->opaque = nullptr;
}

}  // namespace dvecdb::extension
