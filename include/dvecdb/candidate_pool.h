#pragma once

#include <cfloat>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

namespace dvecdb::core {

constexpr std::uint32_t kNoSlot = 0xffffffffu;

struct Candidate {
  float distance;
  std::uint32_t slot;

  friend bool operator<(const Candidate& a, const Candidate& b) {
    return a.distance < b.distance || (a.distance == b.distance && a.slot < b.slot);
  }
};

/// The nearest candidates found so far, at most `capacity`, sorted, each expanded or not.
/// Distances and slots lie in arrays of their own: the search for a place touches distances only,
/// and both shift as one move.
/// For one thread.
class CandidatePool {
 public:
  void reset(std::size_t capacity) {
    if (distances_.size() < capacity + 1) {
      slots_.resize(capacity + 1);  // first, as the other one's size is what is asked for
      distances_.resize(capacity + 1);
    }
    capacity_ = capacity;
    size_ = 0;
    next_ = 0;
    threshold_ = kOpen;
  }

  /// Candidates at or beyond it are not taken.
  float threshold() const { return threshold_; }

  /// Takes a candidate nearer than the threshold; returns the one that it pushed out, if any.
  Candidate insert(float distance, std::uint32_t slot) {
    const std::size_t place = place_of(distance);
    Candidate pushed_out{0, kNoSlot};
    std::size_t moved = size_ - place;
    if (size_ == capacity_) {
      pushed_out = (*this)[size_ - 1];
      --moved;
    } else {
      ++size_;
    }
    move(place, place + 1, moved);
    distances_[place] = distance;
    slots_[place] = slot;
    if (place < next_) next_ = place;
    if (place < best_place_) best_place_ = place;
    if (size_ == capacity_) threshold_ = distances_[capacity_ - 1];
    return pushed_out;
  }

  /// Marks the nearest unexpanded candidate and returns it; kNoSlot when all are.
  std::uint32_t pop() {
    best_place_ = SIZE_MAX;
    if (next_ >= size_) return kNoSlot;
    const std::uint32_t slot = slots_[next_];
    popped_ = next_;
    slots_[next_] |= kExpanded;
    do {
      ++next_;
    } while (next_ < size_ && (slots_[next_] & kExpanded) != 0);
    return slot;
  }

  /// Gives the candidate that pop() has just returned another distance: one that was estimated and
  /// is now known better. If it is farther than it seemed it leaves its place to others, so that
  /// the pool holds as many near ones as its size says.
  void settle_popped(float distance) {
    const std::uint32_t slot = slots_[popped_];
    std::size_t place = place_of(distance);
    if (place > popped_) {  // those between move up, and among them all that next_ may stand for
      --place;
      move(popped_ + 1, popped_, place - popped_);
      if (next_ <= place) --next_;
    } else {
      move(place, place + 1, popped_ - place);
    }
    distances_[place] = distance;
    slots_[place] = slot;
    if (size_ == capacity_) threshold_ = distances_[capacity_ - 1];
  }

  /// What pop() would return, without marking.
  Candidate peek() const {
    return next_ < size_ ? Candidate{distances_[next_], slots_[next_]} : Candidate{kOpen, kNoSlot};
  }

  /// Calls visit(slot) for the nearest `count` unexpanded candidates, or as many as there are.
  template <class Visit>
  void for_next(std::size_t count, Visit visit) const {
    for (std::size_t i = next_; i < size_ && count > 0; ++i) {
      if ((slots_[i] & kExpanded) != 0) continue;
      visit(slots_[i]);
      --count;
    }
  }

  /// The nearest place that a candidate took since the last pop(); SIZE_MAX if none did.
  std::size_t best_place() const { return best_place_; }

  /// Whether the farthest, which the next may push out, was expanded. Not for an empty pool.
  bool farthest_is_expanded() const { return (slots_[size_ - 1] & kExpanded) != 0; }

  std::size_t size() const { return size_; }
  Candidate operator[](std::size_t i) const { return {distances_[i], slots_[i] & kSlotBits}; }

 private:
  static constexpr std::uint32_t kExpanded = 0x80000000u;
  static constexpr std::uint32_t kSlotBits = 0x7fffffffu;

  void move(std::size_t from, std::size_t to, std::size_t count) {
    std::memmove(&distances_[to], &distances_[from], count * sizeof(float));
    std::memmove(&slots_[to], &slots_[from], count * sizeof(std::uint32_t));
  }

  /// How many are not farther. Halves what is to be looked through while it is long; a short rest
  /// is counted through, which has no step that waits for the one before.
  std::size_t place_of(float distance) const {
    constexpr std::size_t kShort = 64;
    const float* at = distances_.data();
    std::size_t length = size_;
    while (length > kShort) {
      const std::size_t half = (length + 1) / 2;
      at += at[half - 1] <= distance ? half : 0;
      length -= half;
    }
    std::uint32_t count = 0;
    for (std::size_t i = 0; i < length; ++i) count += at[i] <= distance;
    return static_cast<std::size_t>(at - distances_.data()) + count;
  }

  static constexpr float kOpen = __builtin_inff();

  std::vector<float> distances_;
  std::vector<std::uint32_t> slots_;
  std::size_t capacity_ = 0;
  std::size_t size_ = 0;
  std::size_t next_ = 0;
  std::size_t popped_ = 0;
  std::size_t best_place_ = SIZE_MAX;
  float threshold_ = kOpen;
};

}  // namespace dvecdb::core
