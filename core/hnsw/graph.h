#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "core/hnsw/arena.h"
#include "core/hnsw/change_marks.h"
#include "core/hnsw/spin_lock.h"
#include "core/hnsw/upper_links.h"
#include "dvecdb/candidate_pool.h"
#include "dvecdb/code_space.h"
#include "dvecdb/hnsw.h"

namespace dvecdb::core {

/// The highest level that a node can have.
constexpr std::uint32_t kMaxLevel = 15;

enum class NodeState : std::uint8_t {
  free = 0,     ///< the slot waits for a label
  live = 1,     ///< answers searches
  deleted = 2,  ///< a tombstone: leads the way, answers nothing, may still be linked to
  victim = 3,   ///< a tombstone that the sweep is unlinking: nobody links to it any more
};

/// How a node can be reached.
enum class NodeRole : std::uint8_t {
  linked = 0,     ///< through the graph
  duplicate = 1,  ///< through the chain of a linked node with an equal vector
  unranked = 2,   ///< by a scan of all only: a zero vector has no cosine
};

/// What a walk does not touch of a node.
struct Node {
  std::uint64_t label = 0;
  std::uint64_t sequence = 0;                          ///< of its insertion
  std::uint32_t upper = kNoSlot;                       ///< first of its lists of upper links
  std::atomic<std::uint32_t> next_duplicate{kNoSlot};  ///< chain of equal vectors
  float norm_squared = 0;                              ///< for cosine
  SpinLock lock;                                       ///< held to change links or chain
  std::atomic<NodeState> state{NodeState::free};
  std::atomic<NodeRole> role{NodeRole::linked};
  std::uint8_t level = 0;

  NodeState load_state() const { return state.load(std::memory_order_acquire); }
};
static_assert(sizeof(Node) == 32);

/// One node's neighbors on one level: packed, ended by kNoSlot or by the capacity. A reader
/// may see a list in the middle of a change: every entry is still a neighbor of before or after.
///
/// Links may come unread from a file: a number that is no slot's ends the list, too.
class Links {
 public:
  /// Whose list it is, for when it changes.
  struct Owner {
    const ChangeMarks& marks;
    std::uint32_t slot;
    std::uint8_t mark;
  };

  Links(std::atomic<std::uint32_t>* slots, std::size_t capacity,
        const std::atomic<std::uint32_t>& slot_count, Owner owner)
      : slots_(slots), capacity_(capacity), slot_count_(&slot_count), owner_(owner) {}

  std::size_t capacity() const { return capacity_; }
  std::uint32_t operator[](std::size_t i) const {
    // The count is read after the link: whoever sees a link to a new slot sees that it exists.
    const std::uint32_t slot = slots_[i].load(std::memory_order_acquire);
    return slot < slot_count_->load(std::memory_order_relaxed) ? slot : kNoSlot;
  }
  /// What is there, be it a slot's number or not.
  std::uint32_t stored(std::size_t i) const { return slots_[i].load(std::memory_order_acquire); }
  void set(std::size_t i, std::uint32_t slot) {
    slots_[i].store(slot, std::memory_order_release);
    owner_.marks.mark(owner_.slot, owner_.mark);
  }
  std::size_t size() const {
    std::size_t n = 0;
    while (n < capacity_ && (*this)[n] != kNoSlot) ++n;
    return n;
  }
  /// Copies them to `out`, with room for the capacity; how many. Who holds no lock must not rely on
  /// size(): the list may become shorter meanwhile.
  std::size_t read(std::uint32_t* out) const {
    std::size_t n = 0;
    while (n < capacity_ && (out[n] = (*this)[n]) != kNoSlot) ++n;
    return n;
  }
  bool contains(std::uint32_t slot) const {
    for (std::size_t i = 0; i < capacity_ && (*this)[i] != kNoSlot; ++i) {
      if ((*this)[i] == slot) return true;
    }
    return false;
  }
  void assign(const std::uint32_t* slots, std::size_t count) {
    for (std::size_t i = 0; i < capacity_; ++i) {
      slots_[i].store(i < count ? slots[i] : kNoSlot, std::memory_order_release);
    }
    owner_.marks.mark(owner_.slot, owner_.mark);
  }

 private:
  std::atomic<std::uint32_t>* slots_;
  std::size_t capacity_;
  const std::atomic<std::uint32_t>* slot_count_;
  Owner owner_;
};

/// Where a search enters: a node of the highest level.
struct EntryPoint {
  std::uint32_t slot = kNoSlot;
  std::uint32_t level = 0;
};

/// The memory of an index. A record is what a walk touches: the code, then the links of
/// the lowest level. Full vectors and the rest of a node lie apart.
///
/// Slots are handed out under a lock; everything else follows the rules of the caller.
class Graph {
 public:
  Graph(const HnswOptions& options, std::size_t code_bytes);

  /// A slot with empty links at every level up to `level`, taken from the free ones or new.
  std::uint32_t allocate(std::uint32_t level);
  /// Only while nobody else can hold the slot.
  void release(const std::vector<std::uint32_t>& slots);
  /// For loading: records and vectors of slots below `count` lie in a file from these offsets on.
  void map_slots(const File& file, std::uint64_t records_at, std::uint64_t vectors_at,
                 std::uint32_t count);
  /// For loading: slots below `count` exist, all free; then give_upper for each.
  void restore_slots(std::uint32_t count);
  void restore_free(std::vector<std::uint32_t> slots) { free_ = std::move(slots); }
  void give_upper(std::uint32_t slot, std::uint32_t level);
  void take_upper(std::uint32_t slot);

  std::uint32_t slots() const { return slots_.load(std::memory_order_acquire); }
  std::size_t free_slots() const;
  /// Of code, links of the lowest level and node.
  std::size_t bytes_per_slot() const {
    return records_.stride() + nodes_.stride() + 1;  // and its marks
  }
  /// Of codes, links and nodes.
  std::size_t graph_bytes() const;
  std::size_t vector_bytes() const { return slots() * dims_ * sizeof(float); }

  Node& node(std::uint32_t slot) const { return *reinterpret_cast<Node*>(nodes_.at(slot)); }
  std::uint8_t* code(std::uint32_t slot) const { return records_.at(slot); }
  const float* vector(std::uint32_t slot) const {
    return reinterpret_cast<const float*>(vectors_.at(slot));
  }
  /// The same for one of several that are read later: if it is on disk, reading it begins now.
  const float* vector_ahead(std::uint32_t slot) const {
    if (vectors_.is_on_disk()) vectors_.will_need(slot, 1);
    return vector(slot);
  }
  /// Throws FileError when it goes to a file that cannot take it.
  void set_vector(std::uint32_t slot, const float* vector) {
    if (dims_ > 0) vectors_.write(slot, vector);  // a value is its code alone
  }
  Links links(std::uint32_t slot, std::uint32_t level) const {
    if (level == 0) {
      return {lowest_links(slot), 2 * m_, slots_, {marks_, slot, ChangeMarks::kLowestLinks}};
    }
    std::atomic<std::uint32_t>* upper = upper_links_.at(node(slot).upper, level - 1);
    return {upper, m_, slots_, {marks_, slot, ChangeMarks::kUpperLinks}};
  }
  std::atomic<std::uint32_t>* lowest_links(std::uint32_t slot) const {
    return reinterpret_cast<std::atomic<std::uint32_t>*>(records_.at(slot) + links_offset_);
  }

  /// Counts up whenever a slot that was there before comes to lead to another label.
  std::uint64_t epoch() const { return epoch_.load(std::memory_order_acquire); }
  void next_epoch() { epoch_.fetch_add(1, std::memory_order_acq_rel); }

  /// How many labels were removed so far.
  std::uint64_t removals() const { return removals_.load(std::memory_order_relaxed); }
  void count_removal() { removals_.fetch_add(1, std::memory_order_relaxed); }

  EntryPoint entry() const;
  void set_entry(EntryPoint entry);

  std::size_t m() const { return m_; }
  std::size_t dims() const { return dims_; }
  std::size_t code_lines() const { return code_lines_; }
  /// Touched by the links of the lowest level.
  std::size_t link_lines() const { return link_lines_; }
  std::size_t links_offset() const { return links_offset_; }
  /// To be told of every change of a slot but those by Links, once the slot is allocated.
  const ChangeMarks& marks() const { return marks_; }

  const Arena& records() const { return records_; }
  const Arena& vectors() const { return vectors_; }
  Arena& records() { return records_; }
  Arena& vectors() { return vectors_; }

 private:
  std::size_t m_;
  std::size_t dims_;
  std::size_t links_offset_;
  std::size_t code_lines_;
  std::size_t link_lines_;
  Arena records_;
  Arena vectors_;
  Arena nodes_;
  UpperLinks upper_links_;
  ChangeMarks marks_;
  std::atomic<std::uint64_t> entry_;
  std::atomic<std::uint32_t> slots_{0};
  std::atomic<std::uint64_t> epoch_{0};
  std::atomic<std::uint64_t> removals_{0};
  mutable std::mutex mutex_;  // allocation
  std::vector<std::uint32_t> free_;
};

}  // namespace dvecdb::core
