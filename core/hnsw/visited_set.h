#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace dvecdb::core {

/// Which slots a walk has met. A byte a slot that holds the number of the walk: a new walk starts
/// by counting up, not by clearing.
class VisitedSet {
 public:
  /// For a new walk over slots below `count`. Slots beyond count as visited.
  void reset(std::size_t count) {
    if (marks_.size() < count) marks_.resize(count + count / 4, 0);
    count_ = count;
    if (++walk_ == 0) {
      marks_.assign(marks_.size(), 0);
      walk_ = 1;
    }
  }

  /// Marks the slot; true when it was not marked before.
  bool mark(std::uint32_t slot) {
    if (slot >= count_) return false;
    const bool is_new = marks_[slot] != walk_;
    marks_[slot] = walk_;
    return is_new;
  }

  std::size_t count() const { return count_; }

 private:
  std::vector<std::uint8_t> marks_;
  std::size_t count_ = 0;
  std::uint8_t walk_ = 0;
};

}  // namespace dvecdb::core
