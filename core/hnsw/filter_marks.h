#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace dvecdb::core {

/// What a filtered walk knows of a node.
enum class Met : std::uint8_t {
  never = 0,
  fails = 1,    ///< does not pass the filter
  passed = 2,   ///< neither, and the walk has looked at its neighbors all the same
  matches = 3,  ///< passes the filter: its distance is estimated
};

/// What a walk knows of each slot: a byte that counts up with each walk, so that a new one starts
/// without clearing.
class FilterMarks {
 public:
  /// For a new walk over slots below `count`. Slots beyond count as passed.
  void reset(std::size_t count) {
    if (marks_.size() < count) marks_.resize(count + count / 4, 0);
    count_ = count;
    if (base_ > kLastBase) {
      std::fill(marks_.begin(), marks_.end(), std::uint8_t{0});
      base_ = 0;
    } else {
      base_ = static_cast<std::uint8_t>(base_ + kStates);
    }
  }

  Met get(std::uint32_t slot) const {
    if (slot >= count_) return Met::passed;
    return marks_[slot] <= base_ ? Met::never : static_cast<Met>(marks_[slot] - base_);
  }

  /// Of a slot below the count; not to `never`.
  void set(std::uint32_t slot, Met met) {
    marks_[slot] = static_cast<std::uint8_t>(base_ + static_cast<std::uint8_t>(met));
  }

 private:
  static constexpr std::uint8_t kStates = 3;
  static constexpr std::uint8_t kLastBase = 255 - 2 * kStates;

  std::vector<std::uint8_t> marks_;
  std::size_t count_ = 0;
  std::uint8_t base_ = 0;
};

}  // namespace dvecdb::core
