#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "core/hnsw/graph.h"
#include "dvecdb/label_set.h"

namespace dvecdb::core {

/// A label set seen from the graph: a bit for each slot that leads to one of its labels. A walk
/// tests it without touching the node. What was free when it was made counts as a member, so
/// that an insertion under way is not missed: who finds a slot looks at its node in the end.
class SlotBits {
 public:
  SlotBits(std::uint32_t slots, std::uint64_t epoch, std::uint64_t removals)
      : slots_(slots), epoch_(epoch), removals_(removals), words_(slots / 64 + 1) {}

  /// Of the graph when they were made.
  std::uint64_t epoch() const { return epoch_; }
  std::uint64_t removals() const { return removals_; }

  /// How many slots it knows of.
  std::uint32_t slots() const { return slots_; }
  std::size_t members() const { return members_; }
  void add(std::uint32_t slot) {
    words_[slot / 64] |= std::uint64_t{1} << slot % 64;
    ++members_;
  }
  bool test(std::uint32_t slot) const { return (words_[slot / 64] >> slot % 64 & 1) != 0; }

  template <class Visit>
  void for_each(Visit visit) const {
    for (std::size_t i = 0; i < words_.size(); ++i) {
      for (std::uint64_t rest = words_[i]; rest != 0; rest &= rest - 1) {
        visit(static_cast<std::uint32_t>(64 * i) +
              static_cast<std::uint32_t>(__builtin_ctzll(rest)));
      }
    }
  }

 private:
  std::uint32_t slots_;
  std::uint64_t epoch_;
  std::uint64_t removals_;
  std::size_t members_ = 0;
  std::vector<std::uint64_t> words_;
};

/// Keeps the SlotBits of the sets that were used last, made once the searches with a set have
/// cost more without than it takes to make them. Safe for concurrent use.
class SlotBitsCache {
 public:
  explicit SlotBitsCache(const Graph& graph) : graph_(graph) {}

  /// The set's bits, or null as long as they do not pay. `cost`: of a search without, in
  /// nanoseconds. Needs the index's gate held shared.
  std::shared_ptr<const SlotBits> find(const LabelSet& labels, double cost);

 private:
  static constexpr std::size_t kEntries = 8;
  struct Entry {
    std::uint64_t content = 0;  // of the label set
    std::uint64_t used = 0;
    double paid = 0;
    std::shared_ptr<const SlotBits> bits;
  };

  Entry& entry_of(std::uint64_t content);
  bool is_current(const SlotBits& bits) const;
  std::shared_ptr<const SlotBits> make(const LabelSet& labels) const;

  const Graph& graph_;
  std::mutex mutex_;
  std::uint64_t uses_ = 0;
  std::array<Entry, kEntries> entries_;
};

}  // namespace dvecdb::core
