#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/hnsw/slot_filter.h"
#include "core/hnsw/walk.h"

namespace dvecdb::core {

/// Walks the part of the graph that a filter lets through, in the manner of ACORN (Patel et al.,
/// SIGMOD 2024): the pool holds matching nodes only, and where a node has too few matching
/// neighbors, those of its other neighbors are looked at. Distances are estimated for matching
/// nodes alone, so that a node that does not pass costs a test.
///
/// Borrows everything. For one search.
class FilteredWalker {
 public:
  FilteredWalker(const Graph& graph, const Walker& walker, const SlotFilter& filter,
                 Scratch& scratch)
      : graph_(graph), walker_(walker), filter_(filter), scratch_(scratch), room_(scratch.filter) {}

  /// How many matching neighbors a node is to have where so many nodes match.
  static std::size_t wanted_neighbors(double share);

  /// Where a walk with a pool of `ef` begins, in scratch.slots: the way to what matches may lead
  /// through what does not, from `nearest` on. There a walk among all nodes goes before, a short
  /// one by distances; by inner product, where the way leads through long vectors, not so short.
  void find_starts(Candidate nearest, std::size_t ef, double share);

  /// Begins at scratch.slots, with a pool of `ef`, and looks at what is around the first of them:
  /// returns what share of that matches. `share`: what is expected.
  double begin(std::size_t ef, double share);

  /// Begins again from all that the pool holds, and goes on by exact distances: scratch.query is no
  /// longer one for codes. For where codes cannot tell candidates apart.
  void begin_exactly(const float* query, std::size_t ef);

  /// Expands the nearest candidates of the pool until all that it holds are expanded. With
  /// `keep_rejected`, every match met and not in the pool afterwards is in scratch.rejected.
  void walk(bool keep_rejected);

  /// The nodes around the beginning that do not match.
  const std::vector<std::uint32_t>& failing() const { return scratch_.slots; }

 private:
  void expand(std::uint32_t slot);
  void look_at(std::uint32_t slot, bool bridges_too);
  void test_fresh();
  void estimate_matches(bool keep_rejected);

  const Graph& graph_;
  const Walker& walker_;
  const SlotFilter& filter_;
  Scratch& scratch_;
  FilterRoom& room_;
  std::size_t tested_ = 0;   // nodes
  std::size_t reached_ = 0;  // matching nodes around the one that is being expanded
  std::size_t wanted_ = 0;   // of those
};

}  // namespace dvecdb::core
