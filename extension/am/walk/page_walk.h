#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "extension/am/walk/node_reader.h"
#include "extension/am/walk/walk_memory.h"

namespace dvecdb::extension {

/// When a walk ends before all in its pool are expanded: after `pops` expansions in a row that
/// brought nothing among the nearest `rank`.
struct Patience {
  std::size_t rank = SIZE_MAX;
  std::size_t pops = SIZE_MAX;
};

/// A walk over the pages of an index. It goes from node to node on the estimates that a node's row
/// gives of its neighbors, and knows each that it expands by its own code (after SymphonyQG,
/// SIGMOD 2025). A walk reads two pages for each node that it expands, and one for each neighbor
/// whose code is not in the row.
///
/// Owns memory: belongs to a memory context (make_owned). Borrows the reader.
class PageWalk {
 public:
  explicit PageWalk(NodeReader& reader) : reader_(reader) {}

  /// The query of the walks to come; to be prepared by its NodeCodes.
  NodeQuery& query() { return memory_->query; }
  NodeReader& reader() { return reader_; }

  /// Greedily from the entry down to and on `level`; the nearest node found. kNoNode and FLT_MAX
  /// when the entry is not there.
  core::Candidate descend(NodeId entry, std::uint32_t entry_level, std::uint32_t level);

  /// Sets up for a walk with a pool of `ef` from `start`. With `keep_rejected` what the pool does
  /// not take is kept for go_on().
  void begin(std::size_t ef, core::Candidate start, bool keep_rejected);

  /// Keeps a copy of the code of each node met: met_code(). Not for sparse vectors.
  void keep_codes() { keeps_codes_ = true; }

  /// Expands the nearest of the pool until all that it holds are expanded, or patience ends.
  void run(std::uint32_t level, Patience patience = {});

  /// Takes those of the pool that are not expanded as met.
  void meet_unexpanded();

  /// Takes the nearest `count` of those rejected as met, too, after a run: their own codes tell
  /// better than their neighbors' estimates which are near. They remain among those rejected.
  void look_closer(std::size_t count);

  /// Fills the pool anew with the nearest of those rejected; false when there are none.
  bool go_on(std::size_t ef);

  /// Begins anew at a node, among those that were not seen yet; false if it was.
  bool go_on_from(NodeId node, std::size_t ef);

  /// Takes the nearest of those rejected as met, without going on from them: at most `count`. False
  /// when there are none.
  bool take_rejected(std::size_t count);

  /// Bytes of what is kept of nodes met and rejected.
  std::size_t kept_bytes() const { return memory_->kept_bytes(); }

  /// In the order in which they were expanded. The caller may sort and clear it, if codes are not
  /// kept.
  std::vector<Met>& met() { return memory_->met; }
  const std::uint8_t* met_code(std::size_t i) const {
    return &memory_->codes[i * reader_.index().codes().code_bytes()];
  }

 private:
  std::size_t sort_rejected(std::size_t count);
  bool meet(NodeId node);
  bool is_met(NodeId node) const;
  void expand(NodeId node, std::uint32_t level);
  void prefetch_next();
  void look_around(NodeId node);
  void look_around_above(NodeId node, std::uint32_t level);
  void offer(NodeId node, float distance);
  void reject(core::Candidate candidate);

  NodeReader& reader_;
  BorrowedMemory memory_;
  bool keeps_codes_ = false;
  bool keeps_rejected_ = false;
  NodeId prefetched_ = kNoNode;  ///< last
  NodeView view_;
  std::array<NodeId, kMaxLinks> near_;
  std::array<std::uint8_t, kMaxLinks> places_;
  std::array<float, kMaxLinks> distances_;
};

}  // namespace dvecdb::extension
