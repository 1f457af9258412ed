#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "core/hnsw/engine.h"
#include "core/hnsw/recall_curve.h"
#include "core/top_k.h"

namespace dvecdb::core {

/// Measures on an index which recall which ef_search gives.
///
/// The queries are stored vectors: no others come from the same distribution for sure. Their own
/// nodes would make them easy, as the graph links each with its neighbors; so a walk for one passes
/// its node by, as if it were not there, and the truth is without it. What no other
/// node leads to may be found by a query from outside, or not: missed, it counts half.
///
/// Takes the index's gate for a moment at a time.
class Calibration {
 public:
  /// `stop`, if not null, ends it soon once true.
  Calibration(HnswEngine& index, unsigned threads, const std::atomic<bool>* stop);

  /// An empty curve when the index holds too little to ask for. Nothing when it was stopped.
  std::optional<RecallCurve> measure();

 private:
  struct Query {
    std::uint32_t slot;
    std::vector<float> vector;
    std::vector<Neighbor> truth;        // its nearest
    std::vector<std::uint64_t> hidden;  // labels of those that no other node leads to
  };

  void choose_queries();
  void find_truth();
  void find_hidden();
  std::vector<std::uint8_t> count_links() const;
  void scan(std::uint32_t first, std::uint32_t end, std::vector<TopK>& nearest) const;
  double lower_recall(std::size_t k, std::size_t ef) const;
  double recall_of(const Query& query, std::size_t k, std::size_t ef) const;

  bool is_stopped() const { return stop_ != nullptr && stop_->load(std::memory_order_relaxed); }

  HnswEngine& index_;
  std::size_t threads_;
  const std::atomic<bool>* stop_;
  std::size_t rows_;
  std::vector<Query> queries_;
};

}  // namespace dvecdb::core
