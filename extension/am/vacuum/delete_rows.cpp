#include "extension/am/methods.h"
#include "extension/am/pages/page_patch.h"
#include "extension/am/vacuum/node_pages.h"
#include "extension/am/vacuum/tid_chain.h"
#include "extension/memory.h"

namespace dvecdb::extension {
namespace {

/// Nodes of one page that have further rows.
struct Chains {
  NodeId nodes[kMaxNodesOfPage];
  ItemPointerData first[kMaxNodesOfPage];
  bool has_row[kMaxNodesOfPage];  ///< beside those in the chain
  std::size_t count;
};

/// A pass over an index that takes out the rows that are gone.
struct Removal {
  Relation relation;
  const Layout& layout;
  GoneRows gone;
  IndexBulkDeleteResult* stats;
  PagePatch* patch;
};

/// Takes gone rows out of the node headers of a locked page.
void remove_from_headers(const Removal& removal, NodePages& pages, Chains* chains) {
  const Layout& layout = removal.layout;
  std::uint32_t places[kMaxNodesOfPage];
  std::size_t count = 0;
  chains->count = 0;
  for (std::uint32_t place = 0; place < layout.nodes_per_group(); ++place) {
    const NodeHeader* header = layout.header(pages.page(), place);
    // A dead one that has a row is an insertion's, that is under way or was cut short.
    if (header->state == NodeState::free) continue;
    const bool has_row = ItemPointerIsValid(&header->tid);
    const bool is_gone = has_row && removal.gone.has(header->tid);
    if (is_gone) places[count++] = place;
    if (header->state == NodeState::dead) continue;
    if (has_row && !is_gone) ++removal.stats->num_index_tuples;
    if (!ItemPointerIsValid(&header->more)) continue;
    chains->nodes[chains->count] = layout.node_of(pages.group(), place);
    chains->first[chains->count] = header->more;
    chains->has_row[chains->count++] = has_row && !is_gone;
  }
  if (count == 0) return;
  removal.patch->begin(removal.relation);
  removal.patch->add_page(pages.buffer());
  ItemPointerData none;
  ItemPointerSetInvalid(&none);
  for (std::size_t i = 0; i < count; ++i) {
    const NodeHeader* header = layout.header(pages.page(), places[i]);
    removal.patch->write(&header->tid, none);
    if (!ItemPointerIsValid(&header->more)) removal.patch->write(&header->state, NodeState::dead);
  }
  removal.patch->finish();
  removal.stats->tuples_removed += static_cast<double>(count);
}

void remove_from_chains(const Removal& removal, const Chains& chains) {
  for (std::size_t i = 0; i < chains.count; ++i) {
    const ChainRest rest =
        remove_from_chain(removal.relation, chains.first[i], chains.nodes[i], removal.gone);
    removal.stats->num_index_tuples += static_cast<double>(rest.left);
    removal.stats->tuples_removed += static_cast<double>(rest.removed);
    const bool is_bare = rest.left == 0 && !chains.has_row[i];
    if (rest.has_empty_items || is_bare) {
      drop_empty_items(removal.relation, removal.layout, chains.nodes[i]);
    }
  }
}

}  // namespace

/// ambulkdelete. One pass over the NODE pages asks for each row whether it is gone, under the lock
/// of the page that it is in, and removes those that are; nodes that have no row left are dead.
/// Repairing what leads to them is left to clean_up(), which does it once for several such passes.
///
/// A scan that has taken a row from the index before it was removed here may look for it in the
/// table after another row has taken its place. That one was inserted after the scan's snapshot was
/// taken, as rows are removed only once no snapshot sees them; so it does not see that one either.
/// That is why non-MVCC snapshots are refused, and no page has to stay pinned. A standby's
/// snapshots are protected from the removal of rows by the records of the table's own vacuum.
IndexBulkDeleteResult* delete_rows(IndexVacuumInfo* info, IndexBulkDeleteResult* stats,
                                   IndexBulkDeleteCallback callback, void* callback_state) {
  if (stats == nullptr) {
    stats = static_cast<IndexBulkDeleteResult*>(palloc0(sizeof(IndexBulkDeleteResult)));
  }
  MetaData meta;
  const Index& index = open_index(info->index, &meta);
  const Layout layout = index.layout();
  const Removal removal{
      info->index, layout, {callback, callback_state}, stats, allocate<PagePatch>(1)};
  auto* chains = allocate<Chains>(1);
  stats->num_index_tuples = 0;
  stats->estimated_count = false;
  NodePages pages(info, layout);
  while (pages.next(BUFFER_LOCK_EXCLUSIVE)) {
    remove_from_headers(removal, pages, chains);
    pages.unlock();
    remove_from_chains(removal, *chains);
  }
  pfree(chains);
  pfree(removal.patch);
  stats->num_pages = RelationGetNumberOfBlocks(info->index);
  return stats;
}

}  // namespace dvecdb::extension
