#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace dvecdb::core {

/// Which slots a walk has met: a bit each, in words that also hold the number of the walk they are
/// of. A new walk starts by counting up, not by clearing, and the set of a million slots
/// stays in the processor's second cache.
/// For one thread.
class VisitedSet {
 public:
  /// For a new walk over slots below `count`. Slots beyond count as visited.
  void reset(std::size_t count) {
    const std::size_t words = count / kSlots + 1;
    if (words_.size() < words) words_.resize(words + words / 4, 0);
    count_ = count;
    walk_ += kOneWalk;
    if (walk_ == 0) {
      words_.assign(words_.size(), 0);
      walk_ = kOneWalk;
    }
  }

  /// Marks the slot; true when it was not marked before.
  bool mark(std::uint32_t slot) {
    if (slot >= count_) return false;
    std::uint64_t& word = words_[slot / kSlots];
    const std::uint64_t bit = std::uint64_t{1} << (slot % kSlots);
    const std::uint64_t before = (word & ~kMarks) == walk_ ? word : walk_;
    word = before | bit;
    return (before & bit) == 0;
  }

  std::size_t count() const { return count_; }

  /// Of memory.
  std::size_t bytes() const { return words_.capacity() * sizeof(words_[0]); }

 private:
  static constexpr std::uint32_t kSlots = 48;  // of a word
  static constexpr std::uint64_t kOneWalk = std::uint64_t{1} << kSlots;
  static constexpr std::uint64_t kMarks = kOneWalk - 1;

  std::vector<std::uint64_t> words_;
  std::size_t count_ = 0;
  std::uint64_t walk_ = 0;
};

}  // namespace dvecdb::core
