#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/hnsw/engine.h"
#include "core/hnsw/filtered_walk.h"
#include "core/hnsw/rerank.h"
#include "core/hnsw/slot_filter.h"

namespace dvecdb::core {

/// One search for the `k` nearest that pass a filter with a label set.
///
/// Where few match all are compared exactly. Else it looks around the query first: where fewer
/// match than elsewhere, what matches may lie anywhere beyond, and no walk is sure to come there.
/// Then all matching codes are scanned, as they are where that costs less than a walk among the
/// matching nodes would. The nearest by their codes are compared exactly. As long as the set's bits
/// are not there, a walk among all nodes that tests what it takes alone stands in for the other.
///
/// Needs the index's gate held shared. Borrows everything.
class FilteredSearch {
 public:
  struct Wanted {
    const float* query;
    std::size_t k;
    std::size_t ef;
  };

  FilteredSearch(HnswEngine& index, const Wanted& wanted, SlotFilter& filter, Scratch& scratch);

  std::vector<Neighbor> run();

 private:
  bool has_few() const;
  std::vector<Neighbor> compare_all();
  bool walk();
  void find_starts(FilteredWalker& walker, Candidate nearest);
  void compare_walked(FilteredWalker& walker);
  bool is_beyond_others(const FilteredWalker& walker) const;
  void scan();
  void take_batch(const std::uint32_t* slots, std::size_t count);
  void compare_nearest();
  void add_unranked();
  double walk_cost(double share) const;
  double scan_cost() const;

  HnswEngine& index_;
  Wanted wanted_;
  SlotFilter& filter_;
  Scratch& scratch_;
  Reranker reranker_;
  double share_;         // of labels that match
  bool is_near_ = true;  // the query to some of them
};

}  // namespace dvecdb::core
