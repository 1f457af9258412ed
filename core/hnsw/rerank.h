#pragma once

#include <array>
#include <cstddef>
#include <vector>

#include "core/hnsw/engine.h"
#include "core/hnsw/slot_filter.h"
#include "core/top_k.h"

namespace dvecdb::core {

/// Compares the nearest of a pool that is sorted by estimates with the query exactly, until it is
/// unlikely that what remains belongs to the `k` nearest. How far estimates are off is seen from
/// those compared: the rest is left out when it is estimated to be farther than the k-th
/// by several times that. So fine codes take few comparisons more than k, coarse ones some more;
/// and where codes cannot tell candidates apart, as those of a cluster that is tight and far from
/// all else, the whole pool is compared.
class Reranker {
 public:
  Reranker(const HnswEngine& index, const float* query, const SlotFilter& filter, std::size_t k);

  /// With `chains` the duplicates behind each node of the pool are candidates, too.
  /// `sorted`: a CandidatePool or a span of candidates. False when it has left out some.
  template <class Candidates>
  bool compare(const Candidates& sorted, bool chains);

  /// Whether codes cannot tell those compared apart.
  bool is_blind() const;

  /// Forgets what was compared before.
  void restart();

  /// How many passed the filter and were compared.
  std::size_t compared() const { return compared_; }

  /// The answer: nearest first, with the distances that the operators report.
  std::vector<Neighbor> take() { return finish(nearest_.take(), index_.options.metric); }

 private:
  bool is_worth_comparing(float estimate);
  double usual_error() const;
  void add(std::uint32_t slot, const Node& node, float estimate);
  void flush();
  void offer(std::uint64_t label, double distance);

  const HnswEngine& index_;
  const SlotFilter& filter_;
  ExactScan exact_;
  TopK nearest_;
  std::size_t k_;
  std::size_t wanted_ = 0;  // to be compared before it is looked at what remains
  std::size_t compared_ = 0;
  double squared_errors_ = 0;
  std::array<float, ExactScan::kBatch> estimates_;  // of those that wait to be measured
  std::size_t added_ = 0;                           // to estimates_
  std::size_t offered_ = 0;                         // of estimates_
};

}  // namespace dvecdb::core
