#pragma once

#include <array>
#include <atomic>
#include <cfloat>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "core/hnsw/filter_marks.h"
#include "core/top_k.h"
#include "dvecdb/candidate_pool.h"
#include "dvecdb/code_space.h"
#include "dvecdb/visited_set.h"

namespace dvecdb::core {

/// Slots on their way: as long as they are not sorted by something that is hard to predict, they
/// are written without a branch and counted or not.
class SlotList {
 public:
  void reserve(std::size_t capacity) {
    if (slots_.size() < capacity) slots_.resize(capacity);
  }
  void clear() { size_ = 0; }
  void resize(std::size_t size) { size_ = size; }
  void push_if(std::uint32_t slot, bool taken) {
    slots_[size_] = slot;
    size_ += taken;
  }
  std::size_t size() const { return size_; }
  std::uint32_t operator[](std::size_t i) const { return slots_[i]; }
  const std::uint32_t* data() const { return slots_.data(); }

 private:
  std::vector<std::uint32_t> slots_;
  std::size_t size_ = 0;
};

/// What a filtered walk needs besides.
struct FilterRoom {
  FilterMarks marks;
  SlotList fresh;    // not tested yet
  SlotList bridges;  // do not match
  SlotList matches;  // to be estimated
  std::vector<float> distances;
};

/// When a walk ends early: after expanding `pops` nodes in a row that brought nothing among the
/// `rank` nearest. As it is by default, never.
struct Patience {
  std::size_t rank = SIZE_MAX;
  std::size_t pops = SIZE_MAX;
};

/// How far a candidate has been compared with the neighbors chosen: how far from it the last one
/// compared is. Only the last may be nearer to it than the node.
struct Cover {
  float distance = FLT_MAX;
  std::size_t compared = 0;
};

/// A neighbor of a node whose list is full.
struct Weighed {
  float distance;  ///< from the node
  std::uint32_t slot;
  bool
      is_settled;  ///< was compared with all others that are: it is not nearer to any than the node

  friend bool operator<(const Weighed& a, const Weighed& b) {
    return a.distance < b.distance || (a.distance == b.distance && a.slot < b.slot);
  }
};

/// A link that a node has given up, and which of its neighbors is nearer to it than the node.
struct GivenUp {
  std::uint32_t slot;
  std::uint32_t cover;
};

/// A link to `slot` that `to` is to take.
struct Handover {
  std::uint32_t slot;
  std::uint32_t to;
};

/// A query of a walk: by its code, or exact.
struct WalkQuery : PreparedQuery {
  std::optional<QueryMetric> exact;  // if set, vectors are compared with it in place of codes
};

/// The working memory of one search or insertion; kept between calls, so that they do not
/// allocate.
struct Scratch {
  VisitedSet visited;
  FilterRoom filter;
  CandidatePool pool;
  Patience patience;  // of the walk
  WalkQuery query;
  WalkQuery other;                  // a second one, for links seen from another node
  std::vector<WalkQuery> selected;  // of neighbors chosen so far
  std::vector<Candidate> candidates;
  std::vector<Cover> covers;        // of each candidate
  std::vector<Candidate> rejected;  // met, but not taken by the pool; only if asked for
  std::vector<std::uint32_t> slots;
  std::vector<std::uint32_t> chosen;  // a new node's neighbors
  std::vector<Weighed> weighed;
  std::vector<GivenUp> given_up;
  std::vector<Handover> handovers;
};

/// Lends Scratch objects. Safe for concurrent use, without a lock: each place holds one that is
/// idle.
class ScratchPool {
 public:
  ~ScratchPool() {
    for (Place& place : places_) delete place.idle.load();
  }

  std::unique_ptr<Scratch> borrow() {
    for (Place& place : places_) {
      if (place.idle.load(std::memory_order_relaxed) == nullptr) continue;
      Scratch* found = place.idle.exchange(nullptr, std::memory_order_acq_rel);
      if (found != nullptr) return std::unique_ptr<Scratch>(found);
    }
    return std::make_unique<Scratch>();
  }

  void give_back(std::unique_ptr<Scratch> scratch) {
    for (Place& place : places_) {
      Scratch* none = nullptr;
      if (place.idle.load(std::memory_order_relaxed) == nullptr &&
          place.idle.compare_exchange_strong(none, scratch.get(), std::memory_order_acq_rel)) {
        scratch.release();
        return;
      }
    }
  }

 private:
  struct alignas(64) Place {
    std::atomic<Scratch*> idle{nullptr};
  };
  std::array<Place, 32> places_;
};

/// A Scratch for the time of a scope.
class BorrowedScratch {
 public:
  explicit BorrowedScratch(ScratchPool& pool) : pool_(pool), scratch_(pool.borrow()) {}
  ~BorrowedScratch() { pool_.give_back(std::move(scratch_)); }
  BorrowedScratch(const BorrowedScratch&) = delete;
  BorrowedScratch& operator=(const BorrowedScratch&) = delete;
  Scratch& operator*() { return *scratch_; }

 private:
  ScratchPool& pool_;
  std::unique_ptr<Scratch> scratch_;
};

}  // namespace dvecdb::core
