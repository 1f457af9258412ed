#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <memory>
#include <vector>

#include "core/hnsw/candidate_pool.h"
#include "core/hnsw/visited_set.h"
#include "core/quantizer/code_space.h"

namespace dvecdb::core {

/// The working memory of one search or insertion; kept between calls, so that they do not
/// allocate.
struct Scratch {
  VisitedSet visited;
  CandidatePool pool;
  PreparedQuery query;
  PreparedQuery other;                  // a second one, for links seen from another node
  std::vector<PreparedQuery> selected;  // of neighbors chosen so far
  std::vector<Candidate> candidates;
  std::vector<Candidate> rejected;  // met, but not taken by the pool; only if asked for
  std::vector<std::uint32_t> slots;
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
