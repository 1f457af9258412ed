#include "core/flat/row_store.h"

#include <algorithm>
#include <limits>
#include <stdexcept>

#include "dvecdb/distance.h"

namespace dvecdb::core {

RowStore::RowStore(std::size_t dims) : dims_(dims) {
  clear();
}

void RowStore::set(std::uint64_t label, const float* vector) {
  const auto known = positions_.find(label);
  if (known != positions_.end()) return put(known->second, vector);
  const std::size_t position = labels_.size();
  if (position == std::numeric_limits<std::uint32_t>::max()) {
    throw std::length_error("a flat index holds at most 4294967295 vectors");
  }
  if (position == reserved_) {
    const std::size_t more = rows_->items_per_chunk();
    rows_->grow(static_cast<std::uint32_t>(
        std::min<std::size_t>(reserved_ + more, std::numeric_limits<std::uint32_t>::max())));
    reserved_ += more;
  }
  // Room first: a failure to get memory must leave everything as it was.
  labels_.push_back(label);
  try {
    norms_.resize(position + 1);
    positions_.emplace(label, static_cast<std::uint32_t>(position));
  } catch (...) {
    norms_.resize(position);
    labels_.pop_back();
    throw;
  }
  put(position, vector);
}

void RowStore::put(std::size_t position, const float* vector) {
  std::copy_n(vector, dims_, const_cast<float*>(row(position)));
  norms_[position] = distance_kernels<float>().dot(vector, vector, dims_);
}

bool RowStore::remove(std::uint64_t label) {
  const auto found = positions_.find(label);
  if (found == positions_.end()) return false;
  const std::uint32_t hole = found->second;
  const std::size_t last = labels_.size() - 1;
  positions_.erase(found);
  if (hole != last) {
    std::copy_n(row(last), dims_, const_cast<float*>(row(hole)));
    labels_[hole] = labels_[last];
    norms_[hole] = norms_[last];
    positions_[labels_[hole]] = hole;
  }
  labels_.pop_back();
  norms_.pop_back();
  return true;
}

void RowStore::clear() {
  rows_ = std::make_unique<Arena>(dims_ * sizeof(float));
  reserved_ = 0;
  norms_ = {};
  labels_ = {};
  positions_ = {};
}

std::size_t RowStore::memory_bytes() const {
  constexpr std::size_t kEntryBytes = 40;  // of the map: key, position, link, bucket
  // A first chunk is touched as far as it is used; later ones ask for huge pages.
  const std::size_t rows = reserved_ > rows_->items_per_chunk() ? reserved_ : labels_.size();
  return rows * dims_ * sizeof(float) + norms_.capacity() * sizeof(float) +
         labels_.capacity() * sizeof(std::uint64_t) + positions_.size() * kEntryBytes;
}

std::optional<std::uint32_t> RowStore::find(std::uint64_t label) const {
  const auto found = positions_.find(label);
  if (found == positions_.end()) return std::nullopt;
  return found->second;
}

std::size_t RowStore::run_end(std::size_t position) const {
  const std::size_t chunk = rows_->items_per_chunk();
  return std::min(labels_.size(), position / chunk * chunk + chunk);
}

}  // namespace dvecdb::core
