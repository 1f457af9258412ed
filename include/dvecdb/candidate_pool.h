#pragma once

#include <algorithm>
#include <array>
#include <bit>
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
///
/// Candidates come one by one, by insert(), or many at a time, by offer(), which is faster the
/// larger the pool: they wait, unsorted, until one of them is to be expanded or they are many, and
/// get their places in one go. Until then size(), operator[] and the like do not tell of them;
/// put_in_order() brings it about at once.
/// For one thread.
class CandidatePool {
 public:
  void reset(std::size_t capacity) {
    if (distances_.size() < capacity + kMostWaiting) {
      slots_.resize(capacity + kMostWaiting);  // first, as the other one's size is asked for
      distances_.resize(capacity + kMostWaiting);
    }
    capacity_ = capacity;
    size_ = 0;
    next_ = 0;
    waiting_ = 0;
    nearest_waiting_ = {kOpen, kNoSlot};
    nearest_come_ = kOpen;
    threshold_ = kOpen;
  }

  /// Candidates at or beyond it are not taken.
  float threshold() const { return threshold_; }

  /// Takes a candidate nearer than the threshold; returns the one that it pushed out, if any. Not
  /// while others wait.
  Candidate insert(float distance, std::uint32_t slot) {
    const std::size_t place = place_of(distance, size_);
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
    nearest_come_ = std::min(nearest_come_, distance);
    update_threshold();
    return pushed_out;
  }

  /// Takes those of `count` candidates that are nearer than the threshold.
  void offer(const float* distances, const std::uint32_t* slots, std::size_t count) {
    if (size_ <= kSmall && waiting_ == 0) {
      for (std::size_t i = 0; i < count; ++i) {
        if (distances[i] < threshold_) insert(distances[i], slots[i]);
      }
      return;
    }
    for (std::size_t i = 0; i < count; ++i) {
      const bool is_near = distances[i] < threshold_;
      waiting_distances_[waiting_] = distances[i];
      waiting_slots_[waiting_] = slots[i];
      waiting_ += is_near;
      nearest_come_ = std::min(nearest_come_, is_near ? distances[i] : kOpen);
      const bool is_nearest = is_near && distances[i] < nearest_waiting_.distance;
      nearest_waiting_.distance = is_nearest ? distances[i] : nearest_waiting_.distance;
      nearest_waiting_.slot = is_nearest ? slots[i] : nearest_waiting_.slot;
      if (waiting_ == kMostWaiting) put_in_order();
    }
  }

  /// Gives those that wait their places.
  void put_in_order() {
    if (waiting_ == 0) return;
    sort_waiting();
    std::size_t end = size_;
    for (std::size_t i = waiting_; i-- > 0;) {
      const Candidate one = sorted_[i];
      const std::size_t place = place_of(one.distance, end);
      move(place, place + i + 1, end - place);
      distances_[place + i] = one.distance;
      slots_[place + i] = one.slot;
      end = place;
    }
    next_ = std::min(next_, end);
    size_ = std::min(size_ + waiting_, capacity_);
    waiting_ = 0;
    nearest_waiting_ = {kOpen, kNoSlot};
    update_threshold();
  }

  /// Marks the nearest unexpanded candidate and returns it; kNoSlot when all are.
  std::uint32_t pop() {
    if (is_order_due()) put_in_order();
    nearest_come_ = kOpen;
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
    std::size_t place = place_of(distance, size_);
    if (place > popped_) {  // those between move up, and among them all that next_ may stand for
      --place;
      move(popped_ + 1, popped_, place - popped_);
      if (next_ <= place) --next_;
    } else {
      move(place, place + 1, popped_ - place);
    }
    distances_[place] = distance;
    slots_[place] = slot;
    update_threshold();
  }

  /// What pop() would return, without marking.
  Candidate peek() const {
    const bool is_placed = next_ < size_ && distances_[next_] <= nearest_waiting_.distance;
    return is_placed ? Candidate{distances_[next_], slots_[next_]} : nearest_waiting_;
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

  /// Whether one that was taken since the last pop() is among the `rank` nearest, those included
  /// that wait.
  bool came_within(std::size_t rank) const {
    if (nearest_come_ == kOpen || (rank < size_ && distances_[rank] <= nearest_come_)) return false;
    if (size_ + waiting_ <= rank) return true;
    if (rank > waiting_ && nearest_come_ < distances_[rank - waiting_ - 1]) return true;
    std::size_t not_farther = place_of(nearest_come_, size_);
    for (std::size_t i = 0; i < waiting_; ++i)
      not_farther += waiting_distances_[i] <= nearest_come_;
    return not_farther <= rank;
  }

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

  void update_threshold() {
    if (size_ == capacity_) threshold_ = distances_[capacity_ - 1];
  }

  /// Whether the next to be expanded may be one that waits, or one that those push out.
  bool is_order_due() const {
    if (waiting_ == 0) return false;
    return next_ + waiting_ >= std::min(size_ + waiting_, capacity_) ||
           nearest_waiting_.distance < distances_[next_];
  }

  /// By distance; equal ones in the order in which they came. Counts, for each, those that are
  /// nearer, which needs no branch.
  void sort_waiting() {
    constexpr std::size_t kAtOnce = 8;
    std::size_t end = waiting_;
    while (end % kAtOnce != 0) waiting_distances_[end++] = kOpen;
    std::uint64_t taken = 0;
    for (std::size_t i = 0; i < waiting_; ++i) {
      const float distance = waiting_distances_[i];
      std::uint32_t nearer = 0;
      for (std::size_t j = 0; j < end; j += kAtOnce) {
        for (std::size_t k = 0; k < kAtOnce; ++k) nearer += waiting_distances_[j + k] < distance;
      }
      nearer += static_cast<std::uint32_t>(std::countr_one(taken >> nearer));  // equal ones
      taken |= std::uint64_t{1} << nearer;
      sorted_[nearer] = {distance, waiting_slots_[i]};
    }
  }

  /// How many of the first `length` are not farther. Halves what is to be looked through while it
  /// is long; a short rest is counted through, which has no step that waits for the one before.
  std::size_t place_of(float distance, std::size_t length) const {
    constexpr std::size_t kShort = 64;
    const float* at = distances_.data();
    while (length > kShort) {
      const std::size_t half = (length + 1) / 2;
      at += static_cast<std::size_t>(at[half - 1] <= distance) * half;
      length -= half;
    }
    std::uint32_t count = 0;
    for (std::size_t i = 0; i < length; ++i) count += at[i] <= distance;
    return static_cast<std::size_t>(at - distances_.data()) + count;
  }

  static constexpr float kOpen = __builtin_inff();
  static constexpr std::size_t kSmall = 128;       // of so few, waiting does not pay
  static constexpr std::size_t kMostWaiting = 64;  // as many as there are bits in a word

  std::vector<float> distances_;
  std::vector<std::uint32_t> slots_;
  std::size_t capacity_ = 0;
  std::size_t size_ = 0;
  std::size_t next_ = 0;
  std::size_t popped_ = 0;
  std::size_t waiting_ = 0;
  Candidate nearest_waiting_{kOpen, kNoSlot};
  float nearest_come_ = kOpen;  // since the last pop()
  float threshold_ = kOpen;
  std::array<float, kMostWaiting> waiting_distances_;
  std::array<std::uint32_t, kMostWaiting> waiting_slots_;
  std::array<Candidate, kMostWaiting> sorted_;
};

}  // namespace dvecdb::core
