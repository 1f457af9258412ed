#pragma once

#include <cstddef>
#include <cstdint>

#include "extension/am/pages/format.h"
#include "extension/am/pages/layout.h"

/// Chains of items in ITEM pages: for what has no fixed place and length. No WAL record is larger
/// than a few pages, so a chain is written from its end: who reads it meets it whole or not at all.
namespace dvecdb::extension {

struct Bytes {
  const void* data;
  std::size_t size;
};

/// Writes a chain; returns its first item. The caller holds no lock on any page of the index.
/// `owner`: the node that it is of, or kNoNode.
ItemPointerData write_items(Relation relation, const Layout& layout, NodeId owner, ItemKind kind,
                            Bytes bytes);

/// Writes one item, of at most kItemBytes; returns where. The caller holds no
/// lock on any page of the index.
ItemPointerData write_item(Relation relation, const Layout& layout, const ItemHeader& header,
                           Bytes bytes);

/// Reads a chain into memory of the current context; `size` is how much. Raises
/// ERRCODE_INDEX_CORRUPTED when an item is missing, of another kind or another's.
std::uint8_t* read_items(Relation relation, ItemPointerData first, NodeId owner, ItemKind kind,
                         std::size_t* size);

/// The same, but null when the chain is no longer there: a node may have been given up since its
/// header was read.
std::uint8_t* read_items_if_there(Relation relation, ItemPointerData first, NodeId owner,
                                  ItemKind kind, std::size_t* size);

/// The bytes of one item of a locked page; null if it is not there.
const std::uint8_t* item_bytes(Page page, OffsetNumber at, NodeId owner, ItemKind kind,
                               std::size_t* size);

/// Bytes of an item's data from `offset` on, as they should be and as they shall be.
struct Exchange {
  std::size_t offset;
  const void* expected;
  const void* bytes;
  std::size_t size;
};

/// Overwrites them if nobody else has. False if they are no longer as expected, or not there.
bool exchange_in_item(Relation relation, ItemPointerData item, NodeId owner,
                      const Exchange& exchange);

/// Frees one item for others; `next` is the one after it. False if it is not there.
bool free_item(Relation relation, ItemPointerData item, NodeId owner, ItemPointerData* next);

/// Frees a chain's items for others. Nothing happens to what is not there.
void free_items(Relation relation, ItemPointerData first, NodeId owner);

}  // namespace dvecdb::extension
