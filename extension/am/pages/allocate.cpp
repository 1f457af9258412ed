#include "extension/am/pages/allocate.h"

#include "extension/am/pages/index.h"
#include "extension/am/pages/page_change.h"
#include "extension/failure_point.h"

extern "C" {
#include <storage/bufmgr.h>
#include <storage/freespace.h>
#include <storage/lmgr.h>
#include <utils/rel.h>
}

namespace dvecdb::extension {
namespace {

Buffer lock_block(Relation relation, BlockNumber block) {
  const Buffer buffer = ReadBuffer(relation, block);
  LockBuffer(buffer, BUFFER_LOCK_EXCLUSIVE);
  return buffer;
}

/// Changes the meta data while nobody else does, and logs it.
template <class Change>
void change_meta(Relation relation, Change change) {
  const Buffer buffer = lock_block(relation, 0);
  PageChange logged(relation);
  if (change(meta_of(logged.page(buffer)))) {
    logged.finish();
  } else {
    logged.abort();
  }
  UnlockReleaseBuffer(buffer);
}

/// Makes sure that so many blocks exist. A crash may have left some of a group: they are zero, and
/// count as there.
void extend_to(Relation relation, BlockNumber wanted) {
  if (RelationGetNumberOfBlocks(relation) >= wanted) return;
  LockRelationForExtension(relation, ExclusiveLock);
  while (RelationGetNumberOfBlocks(relation) < wanted) {
    failure_point("extend");
    ReleaseBuffer(ReadBuffer(relation, P_NEW));
  }
  UnlockRelationForExtension(relation, ExclusiveLock);
}

/// Groups are filled one after another: one that lies farther out was never told of.
void require_next_group(Relation relation, const Layout& layout, std::uint32_t group) {
  if (group <= layout.groups_in(RelationGetNumberOfBlocks(relation))) return;
  ereport(ERROR, (errcode(ERRCODE_INDEX_CORRUPTED),
                  errmsg("index \"%s\" is damaged", RelationGetRelationName(relation)),
                  errdetail("New nodes should come into group %u, which does not exist.", group),
                  errhint("REINDEX the index.")));
}

bool has_room(Buffer buffer, std::size_t size) {
  const Page page = BufferGetPage(buffer);
  return is_of_kind(page, PageKind::item) && PageGetFreeSpace(page) >= MAXALIGN(size);
}

/// A page with room that was told of in the free space map, or invalid.
Buffer lock_offered_item_page(Relation relation, std::size_t size) {
  BlockNumber block = GetPageWithFreeSpace(relation, MAXALIGN(size));
  while (block != InvalidBlockNumber) {
    const Buffer buffer = lock_block(relation, block);
    if (has_room(buffer, size)) return buffer;
    const Page page = BufferGetPage(buffer);
    const Size room = is_of_kind(page, PageKind::item) ? PageGetFreeSpace(page) : 0;
    UnlockReleaseBuffer(buffer);
    block = RecordAndGetPageWithFreeSpace(relation, block, room, MAXALIGN(size));
  }
  return InvalidBuffer;
}

/// The page after the one that was filled last: in its group, or the first of a new one.
BlockNumber next_item_block(Relation relation, const Layout& layout, BlockNumber filled) {
  const bool is_in_group = filled != InvalidBlockNumber &&
                           layout.group_of_block(filled + 1) == layout.group_of_block(filled);
  if (is_in_group) return filled + 1;
  std::uint32_t group = layout.groups_in(RelationGetNumberOfBlocks(relation));
  extend_to(relation, layout.first_block(group + 1));
  return layout.first_block(group);
}

NodeId free_place(Page page, const Layout& layout, std::uint32_t group) {
  for (std::uint32_t place = 0; place < layout.nodes_per_group(); ++place) {
    if (layout.header(page, place)->state == NodeState::free) return layout.node_of(group, place);
  }
  return kNoNode;
}

}  // namespace

Buffer claim_page(Relation relation, BlockNumber block, PageKind kind) {
  // The last group of a copy may lack its end: replay makes the pages that were written.
  extend_to(relation, block + 1);
  const Buffer buffer = lock_block(relation, block);
  if (PageIsNew(BufferGetPage(buffer))) {
    PageChange change(relation);
    init_page(change.page(buffer, GENERIC_XLOG_FULL_IMAGE), kind);
    change.finish();
  }
  return buffer;
}

Buffer lock_item_page(Relation relation, const Layout& layout, std::size_t size) {
  const Buffer offered = lock_offered_item_page(relation, size);
  if (offered != InvalidBuffer) return offered;
  for (;;) {
    const BlockNumber filled = read_meta(relation).item_block;
    if (filled != InvalidBlockNumber) {
      const Buffer buffer = lock_block(relation, filled);
      if (has_room(buffer, size)) return buffer;
      UnlockReleaseBuffer(buffer);
    }
    change_meta(relation, [&](MetaData* meta) {
      if (meta->item_block != filled) return false;
      const BlockNumber next = next_item_block(relation, layout, filled);
      const Buffer buffer = claim_page(relation, next, PageKind::item);
      const bool is_ours = is_of_kind(BufferGetPage(buffer), PageKind::item);
      UnlockReleaseBuffer(buffer);
      if (is_ours) meta->item_block = next;  // else nodes have come first: the next group, then
      return is_ours;
    });
  }
}

Buffer lock_free_node(Relation relation, const Layout& layout, NodeId* node) {
  std::uint32_t group = read_meta(relation).insert_group;
  for (;; ++group) {
    CHECK_FOR_INTERRUPTS();
    if (layout.node_of(group + 1, 0) >= kNoNode) {
      ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
                      errmsg("index \"%s\" has its %u nodes, and cannot take more",
                             RelationGetRelationName(relation), kNoNode)));
    }
    require_next_group(relation, layout, group);
    extend_to(relation, layout.first_block(group + 1));
    const Buffer buffer = claim_page(relation, layout.first_block(group), PageKind::node);
    const Page page = BufferGetPage(buffer);
    *node = is_of_kind(page, PageKind::node) ? free_place(page, layout, group) : kNoNode;
    if (*node != kNoNode) return buffer;
    UnlockReleaseBuffer(buffer);
    change_meta(relation, [&](MetaData* meta) {
      if (meta->insert_group != group) return false;
      meta->insert_group = group + 1;
      return true;
    });
  }
}

void offer_groups_from(Relation relation, std::uint32_t group) {
  change_meta(relation, [&](MetaData* meta) {
    if (meta->insert_group <= group) return false;
    meta->insert_group = group;
    return true;
  });
}

bool set_entry(Relation relation, NodeId node, std::uint32_t level, NodeId instead_of) {
  bool is_set = false;
  change_meta(relation, [&](MetaData* meta) {
    is_set = meta->entry == instead_of;
    if (!is_set) return false;
    meta->entry = node;
    meta->entry_level = level;
    return true;
  });
  return is_set;
}

}  // namespace dvecdb::extension
