#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "core/hnsw/engine.h"
#include "core/hnsw/filtered_walk.h"
#include "core/hnsw/slot_filter.h"
#include "core/top_k.h"

namespace dvecdb::core {

/// A search in rounds. Each round walks on from the nearest nodes met and not yet expanded, among
/// matching nodes only where the filter's bits are known, and compares what it passes with the
/// query exactly. When the graph has no more to give, or walking on would cost more than looking at
/// all that could match, the rest is scanned: so a run finds every live label that passes the
/// filter, however few or far they are.
///
/// Every call needs the index's gate held shared. Borrows index, query and scratch.
class SearchRun {
 public:
  SearchRun(HnswEngine& index, const float* query, std::size_t ef, Filter filter, Scratch& scratch);

  /// Not to ask for the filter's bits: its owner has.
  void do_without_bits() { may_use_bits_ = false; }

  /// Goes on until at least `count` neighbors wait to be taken, or no more exist. False when it
  /// would have to walk more than about `limit` nodes for that.
  bool gather(std::size_t count, std::size_t limit = SIZE_MAX);

  /// Goes on until what comes next is beyond the radius, as ordering_distance measures, or `count`
  /// within it wait to be taken.
  void gather_within(double radius, std::size_t count);

  /// Takes those that wait within the radius, up to `count`, nearest first.
  std::vector<Neighbor> take_within(double radius, std::size_t count);

  /// Up to `count` of the nearest that wait, nearest first.
  std::vector<Neighbor> take(std::size_t count);

  bool is_complete() const { return complete_; }
  bool has_waiting() const { return !waiting_.empty(); }

 private:
  void prepare();
  void round();
  void begin(EntryPoint entry);
  void begin_exactly();
  void walk();
  bool begin_among_matches(Candidate nearest);
  bool refill_pool();
  void harvest();
  void scan_rest();
  std::size_t pool_within(double radius) const;
  std::size_t waiting_within(double radius) const;
  bool scan_is_cheaper(double walked) const;
  double matching() const;

  template <class Visit>
  void for_each_in_chain(std::uint32_t slot, Visit visit) const;

  HnswEngine& index_;
  const float* query_;
  SlotFilter filter_;  ///< labels that were inserted after opening do not pass
  Scratch& scratch_;
  std::size_t ef_;
  std::optional<FilteredWalker> among_matches_;  ///< if the filter's bits are known
  std::uint64_t trainings_ = 0;
  std::size_t walked_ = 0;
  bool may_use_bits_ = true;
  bool begun_ = false;
  bool complete_ = false;
  std::vector<std::uint32_t> harvested_;
  std::vector<Neighbor> waiting_;  ///< a heap, nearest on top
};

/// So many matches are gathered for `k` answers: those of a round come in the order of estimates,
/// and it takes about a pool of them for the recall that a search without a filter has.
constexpr std::size_t match_count(std::size_t k, std::size_t ef) {
  return std::max({2 * k, k + 20, 2 * ef / 3});
}

}  // namespace dvecdb::core
