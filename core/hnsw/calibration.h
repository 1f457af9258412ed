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
/// its node by, as if it were not there, and the truth is without it. But then
/// fewer nodes lead to what is nearest than to what is nearest to a query from outside, and what
/// few lead to is missed more often. So answers are counted by how many other nodes lead there, and
/// the recall is that of answers to which as many others lead as all lead to those.
///
/// Takes the index's gate for a moment at a time.
class Calibration {
 public:
  /// `stop`, if not null, ends it soon once true.
  Calibration(HnswEngine& index, unsigned threads, const std::atomic<bool>* stop);

  /// An empty curve when the index holds too little to ask for. Nothing when it was stopped.
  std::optional<RecallCurve> measure();

 private:
  /// How many nodes lead to an answer: the class of that number.
  struct Ways {
    std::uint8_t by_others;
    std::uint8_t in_all;
  };

  struct Query {
    std::uint32_t slot;
    std::vector<float> vector;
    std::vector<Neighbor> truth;  // its nearest
    std::vector<Ways> ways;       // to each of them
  };

  /// Answers by the ways to them.
  struct Counted {
    double asked = 0;   // to which so many others lead, and
    double found = 0;   // of those
    double wanted = 0;  // to which so many lead in all
  };

  void choose_queries();
  void find_truth();
  void find_ways();
  std::vector<std::uint8_t> count_links() const;
  void scan(std::uint32_t first, std::uint32_t end, std::vector<TopK>& nearest) const;
  static double mean_of(const std::vector<Counted>& counted);
  double lower_recall(std::size_t k, std::size_t ef) const;
  std::vector<bool> find(const Query& query, std::size_t k, std::size_t ef) const;

  bool is_stopped() const { return stop_ != nullptr && stop_->load(std::memory_order_relaxed); }

  HnswEngine& index_;
  std::size_t threads_;
  const std::atomic<bool>* stop_;
  std::size_t rows_;
  std::vector<Query> queries_;
};

}  // namespace dvecdb::core
