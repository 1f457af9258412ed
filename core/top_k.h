#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include "dvecdb/distance.h"
#include "dvecdb/neighbor.h"

namespace dvecdb::core {

/// Keeps the `k` nearest of those offered: a heap with the farthest on top.
class TopK {
 public:
  explicit TopK(std::size_t k) : k_(k) {}

  void offer(const Neighbor& candidate) {
    if (heap_.size() < k_) {
      heap_.push_back(candidate);
      std::push_heap(heap_.begin(), heap_.end(), nearer);
    } else if (k_ > 0 && nearer(candidate, heap_.front())) {
      std::pop_heap(heap_.begin(), heap_.end(), nearer);
      heap_.back() = candidate;
      std::push_heap(heap_.begin(), heap_.end(), nearer);
    }
  }

  /// What is farther than this is of no use: infinity as long as anything is.
  double limit() const {
    constexpr double kAll = std::numeric_limits<double>::infinity();
    if (heap_.size() < k_ || k_ == 0) return kAll;
    const double farthest = heap_.front().distance;
    return std::isnan(farthest) ? kAll : farthest;
  }

  /// Nearest first; the heap is empty afterwards.
  std::vector<Neighbor> take() {
    std::sort_heap(heap_.begin(), heap_.end(), nearer);
    return std::move(heap_);
  }

 private:
  std::size_t k_;
  std::vector<Neighbor> heap_;
};

/// How one query is measured: which kernel, and what its sums mean. Gives ordering_distance's
/// values. Borrows the query.
class QueryMetric {
 public:
  QueryMetric(Metric metric, const float* query, std::size_t dims)
      : metric_(metric), query_(query), dims_(dims), kernels_(&distance_kernels<float>()) {
    if (metric == Metric::cosine) norm_ = kernels_->dot(query, query, dims);
  }

  /// Always the same for the same elements.
  float sum(const float* row) const { return one()(query_, row, dims_); }

  /// Prefetches rows to come, and measures several together: the last bits may differ from sum().
  void sums(const float* const* rows, std::size_t count, float* out) const {
    many()(query_, rows, count, dims_, out);
  }

  /// `norm_squared` is that of the row; only cosine asks for it.
  double distance(float sum, float norm_squared) const {
    if (metric_ == Metric::inner_product) return -static_cast<double>(sum);
    if (metric_ == Metric::cosine) return cosine_distance({sum, norm_, norm_squared});
    return sum;
  }

  /// Whether the distance is surely greater than `limit`: what distance() would say, but for cosine
  /// cheaper, by squares, and only nearly. Never so for NaN.
  bool is_beyond(double limit, float sum, float norm_squared) const {
    if (metric_ != Metric::cosine) return distance(sum, norm_squared) > limit;
    if (limit >= 2) return false;
    constexpr double kSlack = 1e-9;
    const double least = (1 - limit) * std::fabs(1 - limit) - kSlack;
    return static_cast<double>(sum) * std::fabs(sum) <
           least * static_cast<double>(norm_) * static_cast<double>(norm_squared);
  }

  Metric metric() const { return metric_; }

 private:
  DistanceKernels<float>::One one() const {
    if (metric_ == Metric::l2_squared) return kernels_->l2_squared;
    return metric_ == Metric::l1 ? kernels_->l1 : kernels_->dot;
  }
  DistanceKernels<float>::Many many() const {
    if (metric_ == Metric::l2_squared) return kernels_->l2_squared_many;
    return metric_ == Metric::l1 ? kernels_->l1_many : kernels_->dot_many;
  }

  Metric metric_;
  const float* query_;
  std::size_t dims_;
  const DistanceKernels<float>* kernels_;
  float norm_ = 0;
};

/// Measures a query against rows that lie anywhere, a batch at a time, so that rows to come are
/// prefetched. Gives ordering_distance's values. Borrows the query.
class ExactScan {
 public:
  static constexpr std::size_t kBatch = 64;

  ExactScan(Metric metric, const float* query, std::size_t dims) : measure_(metric, query, dims) {}

  /// `norm_squared` is that of the row; only cosine asks for it.
  template <class Visit>
  void add(std::uint64_t label, const float* row, float norm_squared, Visit& visit) {
    labels_[count_] = label;
    norms_[count_] = norm_squared;
    rows_[count_++] = row;
    if (count_ == kBatch) flush(visit);
  }

  template <class Visit>
  void flush(Visit& visit) {
    std::array<float, kBatch> sums;
    measure_.sums(rows_.data(), count_, sums.data());
    for (std::size_t i = 0; i < count_; ++i) {
      visit(labels_[i], measure_.distance(sums[i], norms_[i]));
    }
    count_ = 0;
  }

 private:
  QueryMetric measure_;
  std::size_t count_ = 0;
  std::array<float, kBatch> norms_;
  std::array<std::uint64_t, kBatch> labels_;
  std::array<const float*, kBatch> rows_;
};

/// Ordering distances become the operator's.
inline std::vector<Neighbor> finish(std::vector<Neighbor> found, Metric metric) {
  if (metric == Metric::l2_squared) {
    for (Neighbor& n : found) n.distance = std::sqrt(n.distance);
  }
  return found;
}

}  // namespace dvecdb::core
