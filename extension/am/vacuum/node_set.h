#pragma once

#include <cstdint>

#include "extension/am/pages/format.h"

namespace dvecdb::extension {

/// A set of numbers below a count (of nodes, or of groups of them), a bit each. Its memory is of
/// the context in which it was made; copies share it.
class NodeSet {
 public:
  NodeSet() = default;
  explicit NodeSet(std::uint32_t count)
      : words_(static_cast<std::uint64_t*>(
            MemoryContextAllocExtended(CurrentMemoryContext, (count / kBits + 1) * sizeof(Word),
                                       MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO))),
        count_(count) {}

  std::uint32_t count() const { return count_; }
  /// Numbers beyond the count are in no set.
  bool has(std::uint32_t i) const { return i < count_ && (words_[i / kBits] & bit(i)) != 0; }
  void add(std::uint32_t i) {
    if (i < count_) words_[i / kBits] |= bit(i);
  }
  void remove(std::uint32_t i) {
    if (i < count_) words_[i / kBits] &= ~bit(i);
  }

 private:
  using Word = std::uint64_t;
  static constexpr std::uint32_t kBits = 64;
  static Word bit(std::uint32_t i) { return Word{1} << (i % kBits); }

  Word* words_ = nullptr;
  std::uint32_t count_ = 0;
};

}  // namespace dvecdb::extension
