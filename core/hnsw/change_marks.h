#pragma once

#include <atomic>
#include <cstdint>

#include "core/hnsw/arena.h"

namespace dvecdb::core {

/// What of each slot has changed since the index was saved: a byte a slot. One thread at a time may
/// grow; marking and taking are safe from any number of threads.
class ChangeMarks {
 public:
  enum : std::uint8_t {
    kNode = 1,
    kLowestLinks = 2,
    kRecord = 4,  ///< all of it, the links of the lowest level included
    kVector = 8,
    kUpperLinks = 16,
    kAll = kNode | kRecord | kVector | kUpperLinks,
  };

  ChangeMarks() : marks_(1) {}

  void grow(std::uint32_t count) { marks_.grow(count); }

  void mark(std::uint32_t slot, std::uint8_t what) const {
    std::atomic<std::uint8_t>& marks = at(slot);
    if ((marks.load(std::memory_order_relaxed) & what) != what) {
      marks.fetch_or(what, std::memory_order_relaxed);
    }
  }

  std::uint8_t of(std::uint32_t slot) const { return at(slot).load(std::memory_order_relaxed); }
  void clear(std::uint32_t slot) const { at(slot).store(0, std::memory_order_relaxed); }

 private:
  std::atomic<std::uint8_t>& at(std::uint32_t slot) const {
    return *reinterpret_cast<std::atomic<std::uint8_t>*>(marks_.at(slot));
  }

  Arena marks_;
};

}  // namespace dvecdb::core
