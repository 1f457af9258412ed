#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "dvecdb/distance.h"
#include "dvecdb/neighbor.h"

namespace dvecdb::core {

/// An exact index: a set of (label, vector) that every search scans whole. For the rows that a
/// graph does not hold yet, and for small sets.
///
/// Safe for concurrent use from any number of threads without a lock outside: searches run
/// side by side, a change waits for them and holds them up for the time of one copy.
class FlatIndex {
 public:
  /// Throws std::invalid_argument when dims is zero.
  FlatIndex(std::size_t dims, Metric metric);
  ~FlatIndex();
  FlatIndex(FlatIndex&&) noexcept;
  FlatIndex& operator=(FlatIndex&&) noexcept;

  std::size_t dims() const;
  Metric metric() const;

  /// Sets the vector of `label`, new or not. Copies `dims()` floats.
  void upsert(std::uint64_t label, const float* vector);

  /// False when the label is absent.
  bool remove(std::uint64_t label);
  void clear();
  bool contains(std::uint64_t label) const;
  std::size_t size() const;
  std::size_t memory_bytes() const;

  /// The `k` nearest that pass the filter, nearest first; all of them when there are fewer.
  std::vector<Neighbor> search(const float* query, std::size_t k, const Filter& filter = {}) const;

  /// All that pass the filter with a reported distance of at most `radius`, nearest first.
  std::vector<Neighbor> search_within(const float* query, double radius,
                                      const Filter& filter = {}) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace dvecdb::core
