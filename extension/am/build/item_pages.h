#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "extension/am/build/blank_pages.h"
#include "extension/am/pages/items.h"

namespace dvecdb::extension {

/// Chains of items as pages/items.h has them, but laid out in memory, for a whole index at once.
/// May throw std::bad_alloc; does not call PostgreSQL.
class ItemPages {
 public:
  explicit ItemPages(const BlankPages& blank) : blank_(blank) {}

  /// The pages will lie from this block on. Before the first is added.
  void begin_at(BlockNumber first) { first_ = first; }

  /// Returns the chain's first item.
  ItemPointerData add(NodeId owner, ItemKind kind, Bytes bytes);

  std::size_t size() const { return pages_.size(); }
  const PGAlignedBlock& operator[](std::size_t i) const { return pages_[i]; }

 private:
  ItemPointerData add_one(const ItemHeader& header, Bytes bytes);

  const BlankPages& blank_;
  BlockNumber first_ = 0;
  std::vector<PGAlignedBlock> pages_;
};

}  // namespace dvecdb::extension
