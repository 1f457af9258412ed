#pragma once

#include <cstddef>

#include "extension/am/pages/layout.h"

namespace dvecdb::extension {

class Index;

/// A page, locked exclusively and pinned, after it was made one of `kind` if it was not in use. It
/// may be in use as another: is_of_kind().
Buffer claim_page(Relation relation, BlockNumber block, PageKind kind);

/// An ITEM page, locked exclusively and pinned, with room for an item of `size` bytes (its header
/// included). The caller holds no lock on any page of the index.
Buffer lock_item_page(Relation relation, const Layout& layout, std::size_t size);

/// A NODE page, locked exclusively and pinned, with a free slot; `node` is its number. The
/// caller holds no lock on any page of the index, and writes the slot before it gives up the lock.
/// Raises ERRCODE_PROGRAM_LIMIT_EXCEEDED when numbers have run out.
Buffer lock_free_node(Relation relation, const Layout& layout, NodeId* node);

/// Says that node groups from `group` on have free slots again.
void offer_groups_from(Relation relation, std::uint32_t group);

/// Changes the entry point; false if it is not `instead_of` (kNoNode: none) any more.
bool set_entry(Relation relation, NodeId node, std::uint32_t level, NodeId instead_of);

}  // namespace dvecdb::extension
