#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "core/hnsw/arena.h"

namespace dvecdb::core {

/// Rows with labels, numbered from 0 without gaps: what is removed is replaced by the last row.
/// Vectors lie one after another in chunks that never move, so that growth copies none.
///
/// Const methods are safe from any number of threads; a change needs the store for itself.
class RowStore {
 public:
  explicit RowStore(std::size_t dims);

  void set(std::uint64_t label, const float* vector);
  bool remove(std::uint64_t label);
  void clear();

  std::size_t dims() const { return dims_; }
  std::size_t size() const { return labels_.size(); }
  std::size_t memory_bytes() const;
  std::optional<std::uint32_t> find(std::uint64_t label) const;

  const float* row(std::size_t position) const {
    return reinterpret_cast<const float*>(rows_->at(static_cast<std::uint32_t>(position)));
  }
  std::uint64_t label(std::size_t position) const { return labels_[position]; }
  /// Squared.
  float norm(std::size_t position) const { return norms_[position]; }
  /// The end of the rows that follow this one without a gap.
  std::size_t run_end(std::size_t position) const;

 private:
  void put(std::size_t position, const float* vector);

  std::size_t dims_;
  std::unique_ptr<Arena> rows_;
  std::size_t reserved_ = 0;
  std::vector<float> norms_;
  std::vector<std::uint64_t> labels_;
  std::unordered_map<std::uint64_t, std::uint32_t> positions_;
};

}  // namespace dvecdb::core
