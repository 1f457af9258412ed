#include "extension/am/vacuum/release.h"

#include <cstring>

#include "extension/am/pages/items.h"
#include "extension/am/pages/page_patch.h"
#include "extension/failure_point.h"
#include "extension/memory.h"

namespace dvecdb::extension {
namespace {

/// The dead nodes of one page, and the items that they own.
struct DeadNodes {
  NodeId nodes[kMaxNodesOfPage];
  ItemPointerData items[kMaxNodesOfPage][3];
  std::size_t count;
  bool has_free;
  bool is_empty;  ///< once the dead are free
  NodeSet live;   ///< of all pages so far
};

void find_dead(const NodePages& pages, const Layout& layout, const Survey& survey, bool has_sparse,
               DeadNodes* out) {
  out->count = 0;
  out->has_free = false;
  out->is_empty = true;
  for (std::uint32_t place = 0; place < layout.nodes_per_group(); ++place) {
    NodeHeader* header = layout.header(pages.page(), place);
    const NodeId node = layout.node_of(pages.group(), place);
    const bool is_dead = header->state == NodeState::dead && survey.dead.has(node);
    out->has_free |= is_dead || header->state == NodeState::free;
    out->is_empty &= is_dead || header->state == NodeState::free;
    if (header->state == NodeState::live) out->live.add(node);
    if (!is_dead) continue;
    ItemPointerData* items = out->items[out->count];
    items[0] = header->upper;
    items[1] = header->more;
    ItemPointerSetInvalid(&items[2]);
    if (has_sparse) std::memcpy(&items[2], layout.code(header), sizeof items[2]);
    out->nodes[out->count++] = node;
  }
}

/// Items first: after a crash in between the node is still known to be dead.
void free_items_of(Relation relation, const DeadNodes& dead) {
  for (std::size_t i = 0; i < dead.count; ++i) {
    for (const ItemPointerData& first : dead.items[i]) free_items(relation, first, dead.nodes[i]);
  }
}

void free_slots(NodePages& pages, Relation relation, const Layout& layout, const DeadNodes& dead,
                PagePatch* patch) {
  if (!pages.lock_group(pages.group(), BUFFER_LOCK_EXCLUSIVE)) return;
  patch->begin(relation);
  patch->add_page(pages.buffer());
  NodeHeader free{};
  ItemPointerSetInvalid(&free.tid);
  ItemPointerSetInvalid(&free.more);
  ItemPointerSetInvalid(&free.upper);
  for (std::size_t i = 0; i < dead.count; ++i) {
    const NodeHeader* header = layout.header(pages.page(), layout.place_of(dead.nodes[i]));
    patch->write(header, free);
  }
  patch->finish();
  pages.unlock();
}

}  // namespace

Released release_dead(const IndexVacuumInfo* info, const Index& index, Survey& survey) {
  const Layout& layout = index.layout();
  const bool has_sparse = index.shape().element == ElementKind::sparse;
  Released released{survey.groups, 0, {}};
  auto* dead = allocate<DeadNodes>(1);
  auto* patch = allocate<PagePatch>(1);
  NodePages pages(info, layout);
  dead->live = NodeSet(layout.node_of(pages.groups(), 0));
  while (pages.next(BUFFER_LOCK_SHARE)) {
    find_dead(pages, layout, survey, has_sparse, dead);
    pages.unlock();
    if (dead->has_free && pages.group() < released.first_group) {
      released.first_group = pages.group();
    }
    released.empty_groups += dead->is_empty ? 1 : 0;
    if (dead->count == 0) continue;
    free_items_of(info->index, *dead);
    failure_point("vacuum slots");
    free_slots(pages, info->index, layout, *dead, patch);
    for (std::size_t i = 0; i < dead->count; ++i) {
      survey.dead.remove(dead->nodes[i]);
      survey.free.add(dead->nodes[i]);
    }
  }
  released.live = dead->live;
  pfree(patch);
  pfree(dead);
  return released;
}

}  // namespace dvecdb::extension
