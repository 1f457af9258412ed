#pragma once

#include <cstddef>
#include <vector>

#include "core/hnsw/engine.h"
#include "core/hnsw/slot_filter.h"
#include "core/top_k.h"

namespace dvecdb::core {

/// How many of the pool's nearest are compared exactly at least, for `k` answers.
std::size_t rerank_count(CodeKind kind, std::size_t k);

/// Compares the nearest of a pool that is sorted by estimates with the query exactly: at least
/// rerank_count(k), and on as long as that changes the answer. Where codes cannot tell candidates
/// apart, as those of a cluster that is tight and far from all else, that is the whole pool.
class Reranker {
 public:
  Reranker(const HnswEngine& index, const float* query, const SlotFilter& filter, std::size_t k)
      : index_(index),
        filter_(filter),
        exact_(index.options.metric, query, index.options.dims),
        nearest_(k),
        k_(k) {
    restart();
  }

  /// `chains`: the duplicates behind each node of the pool are candidates, too. It ends `patience`
  /// candidates after the last that changed the answer, or after `factor` times its place.
  struct Effort {
    bool chains = true;
    std::size_t patience = 8;
    std::size_t factor = 1;
  };
  /// `sorted`: a CandidatePool or a span of candidates.
  template <class Candidates>
  void compare(const Candidates& sorted, const Effort& effort);

  /// Forgets what was compared before.
  void restart();

  /// Whether there is reason to compare more.
  bool goes_on(const Effort& effort);

  /// How many passed the filter and were compared.
  std::size_t compared() const { return compared_; }

  /// The answer: nearest first, with the distances that the operators report.
  std::vector<Neighbor> take() { return finish(nearest_.take(), index_.options.metric); }

 private:
  void add(std::uint32_t slot, const Node& node);
  void flush();
  void offer(std::uint64_t label, double distance);

  const HnswEngine& index_;
  const SlotFilter& filter_;
  ExactScan exact_;
  TopK nearest_;
  std::size_t k_;
  std::size_t wanted_ = 0;
  std::size_t compared_ = 0;
  std::size_t measured_ = 0;
  std::size_t last_gain_ = 0;  // of how many measured the last was that changed the answer
};

}  // namespace dvecdb::core
