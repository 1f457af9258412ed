#pragma once

#include <cstdint>

#include "core/hnsw/graph.h"
#include "core/hnsw/scratch.h"

namespace dvecdb::core {

/// Walks the graph on codes. Borrows both; stateless.
class Walker {
 public:
  Walker(const Graph& graph, const CodeSpace& codes) : graph_(graph), codes_(codes) {}

  float estimate(const PreparedQuery& query, std::uint32_t slot) const;
  void estimate(const PreparedQuery& query, const std::uint32_t* slots, std::size_t count,
                float* out) const;

  /// Goes greedily from the entry down to (and on) `level`, and gives the nearest node found.
  Candidate descend(const PreparedQuery& query, EntryPoint entry, std::uint32_t level) const;

  /// Goes greedily on one level, and gives the node at which no neighbor is nearer.
  Candidate nearest_from(const PreparedQuery& query, Candidate start, std::uint32_t level) const;

  /// Sets the scratch up for a walk with a pool of `ef`, beginning at `start`.
  void begin(Scratch& scratch, std::size_t ef, Candidate start) const;

  /// Expands the nearest candidates of the pool until all that it holds are expanded. With
  /// `keep_rejected`, every node met and not in the pool afterwards is in scratch.rejected.
  void walk(Scratch& scratch, std::uint32_t level, bool keep_rejected) const;

 private:
  const Graph& graph_;
  const CodeSpace& codes_;
};

}  // namespace dvecdb::core
