#pragma once

#include <cstddef>

#include "extension/am/pages/format.h"

extern "C" {
#include <access/genam.h>
#include <storage/buf.h>
}

/// Rows of a node beyond its first: ItemKind::tids. They are removed in their places, which others
/// may take. An item in which no row is left is then taken out of the chain, in one record with
/// what led to it.
namespace dvecdb::extension {

class Layout;

/// Which rows are gone.
struct GoneRows {
  IndexBulkDeleteCallback callback;
  void* state;

  bool has(ItemPointerData tid) const { return callback(&tid, state); }
};

struct ChainRest {
  std::size_t left = 0;
  std::size_t removed = 0;
  bool has_empty_items = false;
};

/// Asks for each row of a chain, once, whether it is gone, and removes those that are. The caller
/// holds no lock on any page of the index.
ChainRest remove_from_chain(Relation relation, ItemPointerData first, NodeId owner,
                            const GoneRows& gone);

/// How many rows a chain has.
std::size_t count_chain(Relation relation, ItemPointerData first, NodeId owner);

/// Takes the empty items out of the node's chain. If no row is left then, the node is dead. The
/// caller holds no lock on any page of the index.
void drop_empty_items(Relation relation, const Layout& layout, NodeId node);

}  // namespace dvecdb::extension
