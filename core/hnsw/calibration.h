#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/hnsw/engine.h"
#include "core/hnsw/recall_curve.h"
#include "core/top_k.h"

namespace dvecdb::core {

/// Measures on an index which recall which ef_search gives.
///
/// The queries are stored vectors: no others come from the same distribution for sure. Their own
/// nodes would make them easy, as the graph links each with its neighbors; so a walk for one passes
/// its node by, as if it were not there, and the truth is without it.
///
/// Takes the index's gate for a moment at a time.
class Calibration {
 public:
  Calibration(HnswEngine& index, unsigned threads);

  /// An empty curve when the index holds too little to ask for.
  RecallCurve measure();

 private:
  struct Query {
    std::uint32_t slot;
    std::vector<float> vector;
    std::vector<double> truth;  // the distances of its nearest
  };

  void choose_queries();
  void find_truth();
  void scan(std::uint32_t first, std::uint32_t end, std::vector<TopK>& nearest) const;
  double lower_recall(std::size_t k, std::size_t ef) const;
  double recall_of(const Query& query, std::size_t k, std::size_t ef) const;

  HnswEngine& index_;
  std::size_t threads_;
  std::size_t rows_;
  std::vector<Query> queries_;
};

}  // namespace dvecdb::core
