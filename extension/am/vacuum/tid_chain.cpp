#include "extension/am/vacuum/tid_chain.h"

#include <algorithm>

#include "extension/am/pages/index.h"
#include "extension/am/pages/items.h"
#include "extension/am/pages/page_change.h"

extern "C" {
#include <storage/bufmgr.h>
#include <storage/freespace.h>
#include <utils/rel.h>
}

namespace dvecdb::extension {
namespace {

/// More than the rows of any table need: a damaged chain may go in circles, and under a lock
/// nothing is interrupted.
constexpr std::size_t kMostItems = 10'000'000;

/// An item with rows in a page that is locked.
struct TidItem {
  ItemHeader* header;
  ItemPointerData* tids;
  std::size_t count;
};

bool find(Page page, OffsetNumber at, NodeId owner, TidItem* out) {
  std::size_t size;
  const std::uint8_t* bytes = item_bytes(page, at, owner, ItemKind::tids, &size);
  if (bytes == nullptr) return false;
  auto* tids = const_cast<std::uint8_t*>(bytes);
  *out = {reinterpret_cast<ItemHeader*>(tids) - 1, reinterpret_cast<ItemPointerData*>(tids),
          size / sizeof(ItemPointerData)};
  return true;
}

std::size_t count_rows(const TidItem& item) {
  return static_cast<std::size_t>(
      std::count_if(item.tids, item.tids + item.count,
                    [](const ItemPointerData& tid) { return ItemPointerIsValid(&tid); }));
}

Buffer lock_item_block(Relation relation, ItemPointerData at, int mode) {
  const Buffer buffer = read_block(relation, ItemPointerGetBlockNumber(&at));
  LockBuffer(buffer, mode);
  return buffer;
}

/// Removes rows from one item; returns the next. Nothing happens to what is not there.
ItemPointerData remove_from_item(Relation relation, ItemPointerData at, NodeId owner,
                                 const GoneRows& gone, ChainRest* rest) {
  ItemPointerData next;
  ItemPointerSetInvalid(&next);
  const Buffer buffer = lock_item_block(relation, at, BUFFER_LOCK_EXCLUSIVE);
  PageChange change(relation);
  TidItem item;
  if (find(change.page(buffer), ItemPointerGetOffsetNumber(&at), owner, &item)) {
    next = item.header->next;
    std::size_t left = 0;
    std::size_t removed = 0;
    for (std::size_t i = 0; i < item.count; ++i) {
      if (!ItemPointerIsValid(&item.tids[i])) continue;
      if (!gone.has(item.tids[i])) {
        ++left;
        continue;
      }
      ItemPointerSetInvalid(&item.tids[i]);
      ++removed;
    }
    rest->left += left;
    rest->removed += removed;
    rest->has_empty_items |= left == 0;
    if (removed > 0) {
      change.finish();
    } else {
      change.abort();
    }
  } else {
    change.abort();
  }
  UnlockReleaseBuffer(buffer);
  return next;
}

/// Where the pointer to an item lies: in a node's header, or in the item before.
struct Link {
  Buffer buffer;
  NodeId owner;
  std::uint32_t place;     ///< of the node in its page
  ItemPointerData before;  ///< invalid: in the node's header
};

ItemPointerData* pointer_in(Page page, const Layout& layout, const Link& link) {
  if (!ItemPointerIsValid(&link.before)) return &layout.header(page, link.place)->more;
  TidItem item;
  if (!find(page, ItemPointerGetOffsetNumber(&link.before), link.owner, &item)) {
    elog(ERROR, "item (%u,%u) is not there", ItemPointerGetBlockNumberNoCheck(&link.before),
         ItemPointerGetOffsetNumberNoCheck(&link.before));
  }
  return &item.header->next;
}

/// Deletes an item and has what led to it lead to the next one; a node that has no row left by that
/// is dead with the same record. Both pages are locked.
void unlink(Relation relation, const Layout& layout, const Link& link, Buffer buffer,
            OffsetNumber at, ItemPointerData next) {
  PageChange change(relation);
  const Page page = change.page(buffer);
  const Page before = link.buffer == buffer ? page : change.page(link.buffer);
  *pointer_in(before, layout, link) = next;
  if (!ItemPointerIsValid(&link.before) && !ItemPointerIsValid(&next)) {
    NodeHeader* header = layout.header(before, link.place);
    const bool is_bare = header->state == NodeState::live && !ItemPointerIsValid(&header->tid);
    if (is_bare) header->state = NodeState::dead;
  }
  PageIndexTupleDeleteNoCompact(page, at);
  const Size room = PageGetExactFreeSpace(page);
  change.finish();
  RecordPageWithFreeSpace(relation, BufferGetBlockNumber(buffer), room);
}

/// One step along a chain whose node is locked: an empty item is unlinked. Moves `link` on.
/// Returns the next item.
ItemPointerData step(Relation relation, const Layout& layout, Link* link, ItemPointerData at,
                     NodeId owner) {
  ItemPointerData next;
  ItemPointerSetInvalid(&next);
  const bool is_same_page = ItemPointerIsValid(&link->before) &&
                            ItemPointerGetBlockNumber(&at) == BufferGetBlockNumber(link->buffer);
  const Buffer buffer =
      is_same_page ? link->buffer : lock_item_block(relation, at, BUFFER_LOCK_EXCLUSIVE);
  TidItem item;
  const bool is_there = find(BufferGetPage(buffer), ItemPointerGetOffsetNumber(&at), owner, &item);
  if (is_there) next = item.header->next;
  if (is_there && count_rows(item) == 0) {
    unlink(relation, layout, *link, buffer, ItemPointerGetOffsetNumber(&at), next);
    if (!is_same_page) UnlockReleaseBuffer(buffer);
    return next;
  }
  if (!is_same_page) {
    if (ItemPointerIsValid(&link->before)) UnlockReleaseBuffer(link->buffer);
    link->buffer = buffer;
  }
  link->before = at;
  return next;
}

}  // namespace

ChainRest remove_from_chain(Relation relation, ItemPointerData first, NodeId owner,
                            const GoneRows& gone) {
  ChainRest rest;
  for (ItemPointerData at = first; ItemPointerIsValid(&at);) {
    CHECK_FOR_INTERRUPTS();
    at = remove_from_item(relation, at, owner, gone, &rest);
  }
  return rest;
}

std::size_t count_chain(Relation relation, ItemPointerData first, NodeId owner) {
  std::size_t count = 0;
  for (ItemPointerData at = first; ItemPointerIsValid(&at);) {
    CHECK_FOR_INTERRUPTS();
    const Buffer buffer = lock_item_block(relation, at, BUFFER_LOCK_SHARE);
    TidItem item;
    const bool is_there =
        find(BufferGetPage(buffer), ItemPointerGetOffsetNumber(&at), owner, &item);
    ItemPointerSetInvalid(&at);
    if (is_there) at = item.header->next;
    count += is_there ? count_rows(item) : 0;
    UnlockReleaseBuffer(buffer);
  }
  return count;
}

void drop_empty_items(Relation relation, const Layout& layout, NodeId node) {
  const Buffer buffer = ReadBuffer(relation, layout.node_block(node));
  LockBuffer(buffer, BUFFER_LOCK_EXCLUSIVE);
  const std::uint32_t place = layout.place_of(node);
  const NodeHeader* header = layout.header(BufferGetPage(buffer), place);
  Link link{buffer, node, place, {}};
  ItemPointerSetInvalid(&link.before);
  ItemPointerData at = header->more;
  for (std::size_t i = 0; i < kMostItems && ItemPointerIsValid(&at); ++i) {
    at = step(relation, layout, &link, at, node);
  }
  if (ItemPointerIsValid(&link.before)) UnlockReleaseBuffer(link.buffer);
  UnlockReleaseBuffer(buffer);
}

}  // namespace dvecdb::extension
