#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/hnsw/walk.h"

namespace dvecdb::core {

/// A neighbor that is so much farther than most (of squared distances) leads to another region: the
/// link to it must not be lost.
constexpr float kElsewhere = 4.0f;

/// Links nodes back to a new one, by codes; where scratch.query is exact, by vectors. Borrows the
/// graph and takes the locks of its nodes.
class Linker {
 public:
  Linker(Graph& graph, const CodeSpace& codes)
      : graph_(graph), codes_(codes), walker_(graph, codes) {}

  /// Makes `slot` a neighbor of `node` on `level`. If the list is full, the farthest that nearer
  /// neighbors cover are given up. If the way from such a neighbor to one given up comes to a dead
  /// end, the node there takes over the link: or else the last link between two regions would be
  /// lost with the first node that comes to lie between them. Takes one node's lock at a time. Uses
  /// scratch.slots, but not scratch.chosen.
  ///
  /// By inner product no step leads towards a node of small norm, and long vectors cover all
  /// directions: there neither ways nor directions are looked after.
  void add_link(std::uint32_t node, std::uint32_t slot, std::uint32_t level,
                Scratch& scratch) const;

 private:
  void exchange(std::uint32_t node, std::uint32_t slot, std::uint32_t level,
                Scratch& scratch) const;
  bool try_exchange(std::uint32_t node, std::uint32_t slot, std::uint32_t level, bool holds_on,
                    Scratch& scratch) const;
  void weigh_neighbors(std::uint32_t node, std::span<const std::uint32_t> neighbors,
                       std::uint32_t one_more, Scratch& scratch) const;
  Candidate nearest_before(std::size_t at, Scratch& scratch) const;
  void give_up(std::size_t wanted, Scratch& scratch) const;
  Candidate step_nearer(const Candidate& from, std::uint32_t level, std::uint32_t avoided,
                        const Scratch& scratch) const;
  std::uint32_t dead_end(std::uint32_t node, const GivenUp& given_up, std::uint32_t level,
                         Scratch& scratch) const;

  Graph& graph_;
  const CodeSpace& codes_;
  Walker walker_;
};

}  // namespace dvecdb::core
