#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "dvecdb/distance.h"
#include "dvecdb/neighbor.h"

namespace dvecdb::core {

/// Vectors of `dims` floats, one after another.
struct RowBlock {
  const float* rows;
  std::size_t count;
  std::size_t dims;
};

/// A scan of rows that somebody else keeps: out[i] becomes what the SQL operator of `metric`
/// reports for the query and row i. At the speed of memory, and safe from any number of threads.
void operator_distances(Metric metric, const float* query, const RowBlock& block, double* out);

/// An exact index: a set of (label, vector) that every search scans whole, or where a filter has
/// few labels, those alone. For small sets, and for answers that must be exact.
///
/// Safe for concurrent use from any number of threads without a lock outside: searches run
/// side by side, a change waits for them and holds them up for the time of one copy.
///
/// A scan of one query is as fast as memory can be read. `threads` (at least one) is how many
/// threads a search may use, the caller's included: one core does not read all that the memory of
/// most machines can give. They are started for the search, as many as have something to do.
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
  /// Throws std::length_error beyond 2^32 - 1 vectors, std::bad_alloc; nothing has changed then.
  void upsert(std::uint64_t label, const float* vector);

  /// False when the label is absent.
  bool remove(std::uint64_t label);
  void clear();
  bool contains(std::uint64_t label) const;
  std::size_t size() const;
  std::size_t memory_bytes() const;

  /// The `k` nearest that pass the filter, nearest first; all of them when there are fewer.
  std::vector<Neighbor> search(const float* query, std::size_t k, const Filter& filter = {},
                               std::size_t threads = 1) const;

  /// The same for `count` queries, `dims()` floats each, one after another: answer i is what search
  /// gives for query i. Many queries share the reading of a row, and are limited by arithmetic.
  std::vector<std::vector<Neighbor>> search_batch(const float* queries, std::size_t count,
                                                  std::size_t k, const Filter& filter = {},
                                                  std::size_t threads = 1) const;

  /// All that pass the filter with a reported distance of at most `radius`, nearest first.
  std::vector<Neighbor> search_within(const float* query, double radius, const Filter& filter = {},
                                      std::size_t threads = 1) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace dvecdb::core
