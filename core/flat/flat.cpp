#include "dvecdb/flat.h"

#include <algorithm>
#include <cmath>
#include <mutex>
#include <shared_mutex>
#include <stdexcept>
#include <utility>

#include "core/flat/batch_scan.h"
#include "core/flat/scan.h"
#include "core/hnsw/shared_gate.h"

namespace dvecdb::core {
namespace {

/// The k nearest, as one thread meets them. A cache line of its own: threads have one each.
class alignas(64) NearestVisitor {
 public:
  NearestVisitor(const RowStore& store, const QueryMetric& measure, std::size_t k)
      : store_(&store), measure_(&measure), nearest_(k), limit_(nearest_.limit()) {}

  void visit(std::size_t position, float sum) {
    const float norm = measure_->metric() == Metric::cosine ? store_->norm(position) : 0;
    if (measure_->is_beyond(limit_, sum, norm)) return;
    nearest_.offer({store_->label(position), measure_->distance(sum, norm)});
    limit_ = nearest_.limit();
  }
  std::vector<Neighbor> take() { return nearest_.take(); }

 private:
  const RowStore* store_;
  const QueryMetric* measure_;
  TopK nearest_;
  double limit_;
};

/// All with a reported distance up to a radius, as one thread meets them.
class alignas(64) WithinVisitor {
 public:
  WithinVisitor(const RowStore& store, const QueryMetric& measure, double radius)
      : store_(&store), measure_(&measure), radius_(radius), limit_(ordering_limit()) {}

  void visit(std::size_t position, float sum) {
    const float norm = measure_->metric() == Metric::cosine ? store_->norm(position) : 0;
    if (measure_->is_beyond(limit_, sum, norm)) return;
    double distance = measure_->distance(sum, norm);
    if (is_squared()) distance = std::sqrt(distance);
    if (distance <= radius_) found_.push_back({store_->label(position), distance});
  }
  std::vector<Neighbor> take() { return std::move(found_); }

 private:
  bool is_squared() const { return measure_->metric() == Metric::l2_squared; }
  double ordering_limit() const {
    constexpr double kSlack = 1 + 1e-9;
    return is_squared() ? radius_ * radius_ * kSlack : radius_;
  }

  const RowStore* store_;
  const QueryMetric* measure_;
  double radius_;
  double limit_;
  std::vector<Neighbor> found_;
};

template <class Visitor>
std::vector<Neighbor> gather(std::vector<Visitor> visitors) {
  std::vector<Neighbor> all = visitors[0].take();
  for (std::size_t i = 1; i < visitors.size(); ++i) {
    const std::vector<Neighbor> more = visitors[i].take();
    all.insert(all.end(), more.begin(), more.end());
  }
  std::sort(all.begin(), all.end(), nearer);
  return all;
}

}  // namespace

void operator_distances(Metric metric, const float* query, const RowBlock& block, double* out) {
  const QueryMetric measure(metric, query, block.dims);
  const auto& dot = distance_kernels<float>().dot;
  const float* row = block.rows;
  for (std::size_t i = 0; i < block.count; ++i, row += block.dims) {
    const float norm = metric == Metric::cosine ? dot(row, row, block.dims) : 0;
    const double distance = measure.distance(measure.sum(row), norm);
    out[i] = metric == Metric::l2_squared ? std::sqrt(distance) : distance;
  }
}

struct FlatIndex::Impl {
  Impl(std::size_t dims, Metric wanted) : metric(wanted), store(dims) {}

  Metric metric;
  SharedGate gate;  // changes get through however many searches there are
  RowStore store;
};

FlatIndex::FlatIndex(std::size_t dims, Metric metric) {
  if (dims == 0) throw std::invalid_argument("a flat index needs at least one dimension");
  impl_ = std::make_unique<Impl>(dims, metric);
}

FlatIndex::~FlatIndex() = default;
FlatIndex::FlatIndex(FlatIndex&&) noexcept = default;
FlatIndex& FlatIndex::operator=(FlatIndex&&) noexcept = default;

std::size_t FlatIndex::dims() const {
  return impl_->store.dims();
}
Metric FlatIndex::metric() const {
  return impl_->metric;
}

void FlatIndex::upsert(std::uint64_t label, const float* vector) {
  std::unique_lock lock(impl_->gate);
  impl_->store.set(label, vector);
}

bool FlatIndex::remove(std::uint64_t label) {
  std::unique_lock lock(impl_->gate);
  return impl_->store.remove(label);
}

void FlatIndex::clear() {
  std::unique_lock lock(impl_->gate);
  impl_->store.clear();
}

bool FlatIndex::contains(std::uint64_t label) const {
  std::shared_lock lock(impl_->gate);
  return impl_->store.find(label).has_value();
}

std::size_t FlatIndex::size() const {
  std::shared_lock lock(impl_->gate);
  return impl_->store.size();
}

std::size_t FlatIndex::memory_bytes() const {
  std::shared_lock lock(impl_->gate);
  return impl_->store.memory_bytes();
}

std::vector<Neighbor> FlatIndex::search(const float* query, std::size_t k, const Filter& filter,
                                        std::size_t threads) const {
  if (k == 0) return {};
  std::shared_lock lock(impl_->gate);
  const RowStore& store = impl_->store;
  const QueryMetric measure(impl_->metric, query, store.dims());
  std::vector<Neighbor> found = gather(scan(Selection(store, filter), measure, threads,
                                            [&] { return NearestVisitor(store, measure, k); }));
  if (found.size() > k) found.resize(k);
  return finish(std::move(found), impl_->metric);
}

std::vector<std::vector<Neighbor>> FlatIndex::search_batch(const float* queries, std::size_t count,
                                                           std::size_t k, const Filter& filter,
                                                           std::size_t threads) const {
  if (k == 0) return std::vector<std::vector<Neighbor>>(count);
  std::shared_lock lock(impl_->gate);
  const Selection rows(impl_->store, filter);
  std::vector<std::vector<Neighbor>> found =
      scan_batch(rows, impl_->metric, {queries, count}, k, threads);
  for (std::vector<Neighbor>& one : found) one = finish(std::move(one), impl_->metric);
  return found;
}

std::vector<Neighbor> FlatIndex::search_within(const float* query, double radius,
                                               const Filter& filter, std::size_t threads) const {
  std::shared_lock lock(impl_->gate);
  const RowStore& store = impl_->store;
  const QueryMetric measure(impl_->metric, query, store.dims());
  return gather(scan(Selection(store, filter), measure, threads,
                     [&] { return WithinVisitor(store, measure, radius); }));
}

}  // namespace dvecdb::core
