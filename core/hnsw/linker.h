#pragma once

#include <cstdint>
#include <vector>

#include "core/hnsw/walk.h"

namespace dvecdb::core {

/// Chooses who is whose neighbor. Borrows the graph; callers hold the locks named.
class Linker {
 public:
  Linker(Graph& graph, const CodeSpace& codes)
      : graph_(graph), codes_(codes), walker_(graph, codes) {}

  /// Adds to scratch.slots (those chosen already) neighbors out of scratch.candidates (sorted,
  /// the distances seen from the node in question) until there are `capacity`. First those in
  /// directions of their own: a candidate is left aside when one chosen before is nearer to it
  /// than the node. What room remains is filled, first with those that are only just left aside,
  /// then with the nearest: a full list costs little more to read and finds more.
  void select(Scratch& scratch, std::size_t capacity) const;

  /// Makes `slot` a neighbor of `node` on `level`, if need be in the place of the farthest one
  /// that a nearer neighbor covers. Takes node's lock.
  void add_link(std::uint32_t node, std::uint32_t slot, std::uint32_t level,
                Scratch& scratch) const;

 private:
  bool covered(std::uint32_t candidate, float limit, std::size_t selected,
               const std::vector<PreparedQuery>& queries) const;
  std::size_t place_to_give_up(const std::vector<Candidate>& sorted, Scratch& scratch) const;

  Graph& graph_;
  const CodeSpace& codes_;
  Walker walker_;
};

}  // namespace dvecdb::core
