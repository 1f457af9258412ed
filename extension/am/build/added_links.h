#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

#include "extension/am/build/node_order.h"

namespace dvecdb::extension {

/// Links on the lowest level that a graph should have besides its own: to nodes that lost all that
/// led to them when their neighbors chose others.
///
/// Every node but the strays is led to by one before it in the order. So links that lead back in
/// the order are needed by none, and a stray may take the place of one.
class AddedLinks {
 public:
  /// A link to each stray from a node before it: if there is one that has room, or a link to give,
  /// from one of its neighbors or of theirs; else, as by inner products where all lead to the
  /// longest vectors, from the last before it in the order.
  AddedLinks(const core::HnswGraph& graph, const NodeOrder& order);

  /// Copies a slot's links, as changed, to `out`, with room for capacity(0); how many.
  std::size_t links(std::uint32_t slot, std::uint32_t* out) const;

 private:
  bool add(std::uint32_t from, std::uint32_t to);
  bool add_near(std::uint32_t stray);
  void add_before(std::uint32_t stray);

  const core::HnswGraph& graph_;
  const NodeOrder& order_;
  std::map<std::uint32_t, std::vector<std::uint32_t>> changed_;  // whole lists, by slot
  std::vector<std::uint32_t> room_;                              // for lists that are looked at
};

}  // namespace dvecdb::extension
