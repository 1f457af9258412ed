#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "dvecdb/hnsw_graph.h"

namespace dvecdb::extension {

/// Links on the lowest level that a graph should have besides its own: to nodes that lost all that
/// led to them when their neighbors chose others.
class AddedLinks {
 public:
  /// Links to each of `strays` from the first of its neighbors, or of theirs, whose list has room.
  AddedLinks(const core::HnswGraph& graph, const std::vector<std::uint32_t>& strays);

  /// Copies a slot's links with those added to `out`, with room for capacity(0); how many.
  std::size_t links(std::uint32_t slot, std::uint32_t* out) const;

 private:
  struct Link {
    std::uint32_t from;
    std::uint32_t to;
    friend auto operator<=>(const Link&, const Link&) = default;
  };

  bool add(std::uint32_t from, std::uint32_t to);
  void add_to(std::uint32_t stray);

  const core::HnswGraph& graph_;
  std::vector<Link> links_;          // sorted
  std::vector<std::uint32_t> room_;  // for lists that are looked at
};

}  // namespace dvecdb::extension
