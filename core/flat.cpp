#include "dvecdb/flat.h"

#include <algorithm>
#include <mutex>
#include <shared_mutex>
#include <stdexcept>
#include <unordered_map>

#include "core/top_k.h"
#include "dvecdb/label_set.h"

namespace dvecdb::core {

struct FlatIndex::Impl {
  std::size_t dims;
  Metric metric;
  mutable std::shared_mutex mutex;
  std::vector<float> rows;
  std::vector<float> norms;  // squared; only cosine asks for them
  std::vector<std::uint64_t> labels;
  std::unordered_map<std::uint64_t, std::size_t> positions;

  const float* row(std::size_t position) const { return rows.data() + position * dims; }

  /// Calls `visit(label, distance)` for the rows that pass, measured in batches.
  template <class Visit>
  void scan(const float* query, const Filter& filter, Visit visit) const {
    ExactScan exact(metric, query, dims);
    const auto take = [&](std::size_t position) {
      if (filter.predicate && !filter.predicate(labels[position])) return;
      exact.add(labels[position], row(position), norms[position], visit);
    };
    if (filter.labels != nullptr && filter.labels->size() < labels.size()) {
      filter.labels->for_each([&](std::uint64_t label) {
        const auto found = positions.find(label);
        if (found != positions.end()) take(found->second);
        return true;
      });
    } else {
      for (std::size_t i = 0; i < labels.size(); ++i) {
        if (filter.labels == nullptr || filter.labels->contains(labels[i])) take(i);
      }
    }
    exact.flush(visit);
  }
};

FlatIndex::FlatIndex(std::size_t dims, Metric metric) : impl_(std::make_unique<Impl>()) {
  if (dims == 0) throw std::invalid_argument("a flat index needs at least one dimension");
  impl_->dims = dims;
  impl_->metric = metric;
}

FlatIndex::~FlatIndex() = default;
FlatIndex::FlatIndex(FlatIndex&&) noexcept = default;
FlatIndex& FlatIndex::operator=(FlatIndex&&) noexcept = default;

std::size_t FlatIndex::dims() const {
  return impl_->dims;
}
Metric FlatIndex::metric() const {
  return impl_->metric;
}

void FlatIndex::upsert(std::uint64_t label, const float* vector) {
  Impl& self = *impl_;
  std::unique_lock lock(self.mutex);
  const auto [entry, is_new] = self.positions.try_emplace(label, self.labels.size());
  const float norm = distance_kernels<float>().dot(vector, vector, self.dims);
  if (is_new) {
    self.labels.push_back(label);
    self.norms.push_back(norm);
    self.rows.insert(self.rows.end(), vector, vector + self.dims);
  } else {
    self.norms[entry->second] = norm;
    std::copy_n(vector, self.dims, self.rows.data() + entry->second * self.dims);
  }
}

bool FlatIndex::remove(std::uint64_t label) {
  Impl& self = *impl_;
  std::unique_lock lock(self.mutex);
  const auto found = self.positions.find(label);
  if (found == self.positions.end()) return false;
  const std::size_t hole = found->second;
  const std::size_t last = self.labels.size() - 1;
  self.positions.erase(found);
  if (hole != last) {  // the last row moves into the hole
    std::copy_n(self.row(last), self.dims, self.rows.data() + hole * self.dims);
    self.labels[hole] = self.labels[last];
    self.norms[hole] = self.norms[last];
    self.positions[self.labels[hole]] = hole;
  }
  self.labels.pop_back();
  self.norms.pop_back();
  self.rows.resize(last * self.dims);
  return true;
}

void FlatIndex::clear() {
  std::unique_lock lock(impl_->mutex);
  impl_->labels.clear();
  impl_->rows.clear();
  impl_->norms.clear();
  impl_->positions.clear();
}

bool FlatIndex::contains(std::uint64_t label) const {
  std::shared_lock lock(impl_->mutex);
  return impl_->positions.count(label) != 0;
}

std::size_t FlatIndex::size() const {
  std::shared_lock lock(impl_->mutex);
  return impl_->labels.size();
}

std::size_t FlatIndex::memory_bytes() const {
  std::shared_lock lock(impl_->mutex);
  constexpr std::size_t kEntryBytes = 40;  // of the map: key, position, link, bucket
  return impl_->rows.capacity() * sizeof(float) +
         impl_->labels.capacity() * (sizeof(std::uint64_t) + sizeof(float) + kEntryBytes);
}

std::vector<Neighbor> FlatIndex::search(const float* query, std::size_t k,
                                        const Filter& filter) const {
  std::shared_lock lock(impl_->mutex);
  TopK nearest(k);
  impl_->scan(query, filter, [&](std::uint64_t label, double d) { nearest.offer({label, d}); });
  return finish(nearest.take(), impl_->metric);
}

std::vector<Neighbor> FlatIndex::search_within(const float* query, double radius,
                                               const Filter& filter) const {
  std::shared_lock lock(impl_->mutex);
  std::vector<Neighbor> found;
  impl_->scan(query, filter, [&](std::uint64_t label, double d) { found.push_back({label, d}); });
  std::sort(found.begin(), found.end(), nearer);
  found = finish(std::move(found), impl_->metric);
  const auto beyond = std::find_if(found.begin(), found.end(),
                                   [&](const Neighbor& n) { return !(n.distance <= radius); });
  found.erase(beyond, found.end());
  return found;
}

}  // namespace dvecdb::core
