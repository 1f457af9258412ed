#include "core/flat/batch_scan.h"

#include <algorithm>
#include <atomic>
#include <limits>
#include <memory>

#include "core/flat/batch_limits.h"
#include "core/flat/workers.h"
#include "core/top_k.h"

namespace dvecdb::core {
namespace {

// Rows of a block stay in the second level of cache, with a tile of queries.
constexpr std::size_t kBlockBytes = std::size_t{128} << 10;
constexpr std::size_t kMostRows = 96;
// Queries of a group, packed, stay in the last level.
constexpr std::size_t kGroupBytes = std::size_t{4} << 20;
constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// A limit that several threads lower.
class SharedLimit {
 public:
  double get() const { return value_.load(std::memory_order_relaxed); }
  void lower(double limit) {
    double known = get();
    while (limit < known && !value_.compare_exchange_weak(known, limit)) continue;
  }

 private:
  std::atomic<double> value_{kInfinity};
};

/// Queries that are answered together, in tiles: what all threads share.
struct Group {
  Group(Metric metric, const QueryBlock& queries, std::size_t dims);

  std::size_t tiles() const { return (measures.size() + kernels.width - 1) / kernels.width; }
  const float* tile(std::size_t t, std::size_t dims) const {
    return packed.get() + t * kernels.width * dims;
  }

  const TileKernels& kernels;
  BatchLimits limits;
  Metric metric;
  std::vector<QueryMetric> measures;
  std::vector<float> norms;  // squared
  std::unique_ptr<float[]> packed;
  std::unique_ptr<SharedLimit[]> farthest;
};

Group::Group(Metric wanted, const QueryBlock& queries, std::size_t dims)
    : kernels(active_kernels().tiles),
      limits(wanted, dims),
      metric(wanted),
      farthest(new SharedLimit[queries.count]) {
  const std::size_t width = kernels.width;
  const std::size_t lanes = (queries.count + width - 1) / width * width;
  packed.reset(new float[lanes * dims]());
  for (std::size_t j = 0; j < queries.count; ++j) {
    const float* query = queries.vectors + j * dims;
    measures.emplace_back(metric, query, dims);
    norms.push_back(distance_kernels<float>().dot(query, query, dims));
    float* lane = packed.get() + j / width * width * dims + j % width;
    for (std::size_t d = 0; d < dims; ++d) lane[d * width] = query[d];
  }
}

/// What one thread does for a group.
class BatchWorker {
 public:
  BatchWorker(const Selection& rows, Group& group, std::size_t k)
      : rows_(rows), group_(group), width_(group.kernels.width) {
    nearest_.assign(group.measures.size(), TopK(k));
    limits_.resize(width_);
    slopes_.resize(width_);
    sums_.resize(kMostRows * width_);
  }

  void scan(std::size_t first, std::size_t end) {
    load(first, end);
    for (std::size_t t = 0; t < group_.tiles(); ++t) {
      begin_ = t * width_;
      used_ = std::min(width_, group_.measures.size() - begin_);
      if (used_ <= width_ / 4) {
        measure_singly();
      } else {
        measure_tile(group_.tile(t, rows_.store().dims()));
      }
    }
  }

  std::vector<TopK>& nearest() { return nearest_; }

 private:
  void load(std::size_t first, std::size_t end);
  void set_terms(TileSum sum);
  TileSum choose_sum() const;
  void measure_singly();
  void measure_tile(const float* tile);
  void offer(std::size_t query, std::size_t row);
  void set_limit(std::size_t lane) {
    const std::size_t query = begin_ + lane;
    limits_[lane] = group_.limits.limit(sum_, group_.norms[query], group_.farthest[query].get());
  }

  const Selection& rows_;
  Group& group_;
  std::size_t width_;
  std::vector<TopK> nearest_;  // of each query

  // The block of rows
  std::vector<const float*> vectors_;
  std::vector<std::size_t> positions_;
  std::vector<TileTerms> terms_;
  TileSum sum_ = TileSum::dot;  // that the terms are for

  // The tile of queries
  std::size_t begin_ = 0;
  std::size_t used_ = 0;
  std::vector<float> limits_;
  std::vector<float> slopes_;
  std::vector<float> sums_;
};

void BatchWorker::load(std::size_t first, std::size_t end) {
  vectors_.clear();
  positions_.clear();
  for (std::size_t i = first; i < end; ++i) {
    positions_.push_back(rows_.position(i));
    vectors_.push_back(rows_.store().row(positions_.back()));
  }
  set_terms(sum_);
}

void BatchWorker::set_terms(TileSum sum) {
  sum_ = sum;
  terms_.clear();
  for (const std::size_t position : positions_) {
    terms_.push_back(group_.limits.row(sum, rows_.store().norm(position)));
  }
}

TileSum BatchWorker::choose_sum() const {
  if (group_.metric == Metric::l1) return TileSum::l1;
  if (group_.metric != Metric::l2_squared) return TileSum::dot;
  std::size_t suited = 0;
  for (std::size_t query = begin_; query < begin_ + used_; ++query) {
    const double farthest = group_.farthest[query].get();
    suited += group_.limits.products_suffice(group_.norms[query], farthest);
  }
  return 2 * suited >= used_ ? TileSum::dot : TileSum::l2_squared;
}

/// For so few queries that most of a tile would be empty.
void BatchWorker::measure_singly() {
  for (std::size_t query = begin_; query < begin_ + used_; ++query) {
    for (std::size_t row = 0; row < vectors_.size(); ++row) offer(query, row);
  }
}

void BatchWorker::measure_tile(const float* tile) {
  const TileSum sum = choose_sum();
  if (sum != sum_) set_terms(sum);
  const TileKernels& kernels = group_.kernels;
  const TileFn measure = sum == TileSum::dot          ? kernels.dot
                         : sum == TileSum::l2_squared ? kernels.l2_squared
                                                      : kernels.l1;
  const std::size_t count = vectors_.size();
  measure(tile, vectors_.data(), count, rows_.store().dims(), sums_.data());
  std::fill(limits_.begin(), limits_.end(), -std::numeric_limits<float>::infinity());
  std::fill(slopes_.begin(), slopes_.end(), 0.0f);
  for (std::size_t lane = 0; lane < used_; ++lane) {
    set_limit(lane);
    slopes_[lane] = group_.limits.slope(group_.norms[begin_ + lane]);
  }
  const TileTest test{sums_.data(), terms_.data(), limits_.data(), slopes_.data()};
  for (std::size_t row = kernels.next(test, 0, count); row < count;
       row = kernels.next(test, row + 1, count)) {
    const TileTerms& terms = terms_[row];
    for (std::size_t lane = 0; lane < used_; ++lane) {
      const float value = terms.base + terms.factor * sums_[row * width_ + lane];
      if (value > limits_[lane] + terms.slack * slopes_[lane]) continue;
      offer(begin_ + lane, row);
      set_limit(lane);
    }
  }
}

/// Measures as a single search does.
void BatchWorker::offer(std::size_t query, std::size_t row) {
  const QueryMetric& measure = group_.measures[query];
  const std::size_t position = positions_[row];
  const float sum = measure.sum(vectors_[row]);
  const float norm = rows_.store().norm(position);
  if (measure.is_beyond(group_.farthest[query].get(), sum, norm)) return;
  nearest_[query].offer({rows_.store().label(position), measure.distance(sum, norm)});
  group_.farthest[query].lower(nearest_[query].limit());
}

std::size_t rows_per_block(const TileKernels& kernels, std::size_t dims) {
  const std::size_t rows = std::min(kMostRows, kBlockBytes / (dims * sizeof(float)));
  return std::max<std::size_t>(rows / kernels.height, 2) * kernels.height;
}

void scan_group(const Selection& rows, Group& group, std::size_t k, std::size_t threads,
                std::vector<std::vector<Neighbor>>& out) {
  const std::size_t per_block = rows_per_block(group.kernels, rows.store().dims());
  const std::size_t blocks = (rows.size() + per_block - 1) / per_block;
  constexpr std::size_t kBlocksPerThread = 4;
  const std::size_t useful = std::min(threads, blocks / kBlocksPerThread);
  std::vector<BatchWorker> workers(std::max<std::size_t>(useful, 1), BatchWorker(rows, group, k));
  WorkList list(blocks);
  work_on_threads(workers.size(), [&](std::size_t thread) {
    for (std::size_t block; list.take(block);) {
      const std::size_t first = block * per_block;
      workers[thread].scan(first, std::min(rows.size(), first + per_block));
    }
  });
  for (std::size_t query = 0; query < group.measures.size(); ++query) {
    TopK& all = workers[0].nearest()[query];
    for (std::size_t w = 1; w < workers.size(); ++w) {
      for (const Neighbor& n : workers[w].nearest()[query].take()) all.offer(n);
    }
    out.push_back(all.take());
  }
}

}  // namespace

std::vector<std::vector<Neighbor>> scan_batch(const Selection& rows, Metric metric,
                                              const QueryBlock& queries, std::size_t k,
                                              std::size_t threads) {
  const std::size_t dims = rows.store().dims();
  const std::size_t width = active_kernels().tiles.width;
  const std::size_t per_group =
      std::max<std::size_t>(kGroupBytes / (dims * sizeof(float)) / width, 1) * width;
  std::vector<std::vector<Neighbor>> out;
  for (std::size_t first = 0; first < queries.count; first += per_group) {
    const std::size_t count = std::min(per_group, queries.count - first);
    Group group(metric, {queries.vectors + first * dims, count}, dims);
    scan_group(rows, group, k, threads, out);
  }
  return out;
}

}  // namespace dvecdb::core
