#pragma once

#include "extension/am/pages/index.h"

extern "C" {
#include <storage/bufmgr.h>
}

namespace dvecdb::extension {

/// Copies pages of an index out of the buffers, a shared lock each, so that whoever looks at them
/// takes his time. The pages pass through few buffers and leave the cache as it was.
class PageReader {
 public:
  /// Allocates in the current context.
  explicit PageReader(Relation index);

  Relation index() const { return index_; }
  /// As of the construction.
  BlockNumber blocks() const { return blocks_; }

  /// Valid until the next call. What lies beyond the end of the file is zero.
  Page read(BlockNumber block);

 private:
  Relation index_;
  BlockNumber blocks_;
  BufferAccessStrategy strategy_;
  char* copy_;
};

/// Calls visit(node, header) for each slot of a NODE page that was copied.
template <class Visit>
void for_each_slot(Page page, const Layout& layout, std::uint32_t group, Visit visit) {
  for (std::uint32_t place = 0; place < layout.nodes_per_group(); ++place) {
    visit(layout.node_of(group, place), layout.header(page, place));
  }
}

}  // namespace dvecdb::extension
