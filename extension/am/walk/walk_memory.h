#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "dvecdb/candidate_pool.h"
#include "dvecdb/visited_set.h"
#include "extension/am/codes/node_codes.h"
#include "extension/am/pages/format.h"

namespace dvecdb::extension {

/// A node that a walk has expanded.
struct Met {
  float distance;  ///< by its own code
  float error;     ///< of it, usually
  NodeId node;
  NodeState state;
  std::uint8_t level;
  ItemPointerData tid;  ///< may be invalid, as `more` may
  ItemPointerData more;

  friend bool operator<(const Met& a, const Met& b) {
    return a.distance < b.distance || (a.distance == b.distance && a.node < b.node);
  }
};

/// The working memory of a walk.
struct WalkMemory {
  NodeQuery query;
  core::VisitedSet visited;
  core::CandidatePool pool;
  std::vector<Met> met;
  std::vector<std::uint8_t> codes;  // of those met, if wanted
  std::vector<core::Candidate> rejected;
  std::vector<NodeId> met_early;  // of those rejected

  std::size_t kept_bytes() const;
};

/// A WalkMemory for the life of this object: one that an earlier walk of this backend has left, so
/// that a search does not begin by clearing a set as large as the index.
class BorrowedMemory {
 public:
  BorrowedMemory();
  ~BorrowedMemory();
  BorrowedMemory(const BorrowedMemory&) = delete;
  BorrowedMemory& operator=(const BorrowedMemory&) = delete;
  WalkMemory& operator*() const { return *memory_; }
  WalkMemory* operator->() const { return memory_.get(); }

 private:
  std::unique_ptr<WalkMemory> memory_;
};

}  // namespace dvecdb::extension
