#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/hnsw/arena.h"

namespace dvecdb::core {

/// Memory for the links of levels 1 and up: of each node that is there one list a level, in a row.
/// One thread at a time may allocate and release; reading needs no lock.
class UpperLinks {
 public:
  explicit UpperLinks(std::size_t m) : lists_(m * sizeof(std::uint32_t)) {}

  /// The first of `levels` lists in a row. Their content is left from before.
  std::uint32_t allocate(std::uint32_t levels) {
    if (free_.size() <= levels) free_.resize(levels + 1);
    std::vector<std::uint32_t>& rows = free_[levels];
    if (!rows.empty()) {
      const std::uint32_t first = rows.back();
      rows.pop_back();
      return first;
    }
    const std::uint32_t first = count_;
    lists_.grow(first + levels);
    count_ = first + levels;
    return first;
  }

  void release(std::uint32_t first, std::uint32_t levels) { free_[levels].push_back(first); }

  std::atomic<std::uint32_t>* at(std::uint32_t first, std::uint32_t place) const {
    return reinterpret_cast<std::atomic<std::uint32_t>*>(lists_.at(first + place));
  }

  std::size_t memory_bytes() const { return count_ * lists_.stride(); }

 private:
  Arena lists_;
  std::atomic<std::uint32_t> count_{0};
  std::vector<std::vector<std::uint32_t>> free_;  // by how many lists lie in a row
};

}  // namespace dvecdb::core
