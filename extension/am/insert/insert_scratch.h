#pragma once

#include <algorithm>
#include <array>
#include <vector>

#include "extension/am/codes/neighbor_choice.h"
#include "extension/am/insert/code_cache.h"
#include "extension/am/insert/list_change.h"
#include "extension/am/pages/page_patch.h"
#include "extension/am/walk/page_walk.h"

namespace dvecdb::extension {

/// The row that is being inserted.
struct NewRow {
  Value value;
  ItemPointerData tid;
  const std::uint8_t* code;
  std::size_t code_bytes;
  std::uint32_t level;
  NodeId node;  ///< kNoNode until it is written
};

/// The neighbors of the new node on one level.
struct LevelLinks {
  std::vector<LinkCandidate> chosen;
  std::size_t directions;  ///< so many of them, the first, are in directions of their own
};

/// A change that is planned of a list on the lowest level.
struct PlannedLink {
  NewLink link;
  bool is_done;
  ItemPointerData seen_tid;
  std::uint16_t seen_count;
  std::array<NodeId, kMaxLinks> seen;
  ListChange change;
};

/// What insertions work with: insert.h. Owned by a memory context, as it has destructors.
class InsertScratch {
 public:
  InsertScratch(Relation indexed, Index& its_index, MemoryContext memory)
      : relation(indexed),
        index(its_index),
        row_memory(memory),
        reader(indexed, its_index, counters),
        walk(reader),
        codes(reader),
        choice(its_index.codes()) {}

  Relation relation;
  Index& index;
  MemoryContext row_memory;  ///< reset after each row
  ScanCounters counters{};
  NodeReader reader;
  PageWalk walk;
  CodeCache codes;
  NeighborChoice choice;
  PagePatch patch;
  NodeView view;
  NodeView other_view;
  NewRow row;
  std::vector<NodeId>
      own_links;  ///< of the new node on the lowest level, as this insertion left them
  std::vector<LinkCandidate> candidates;
  std::vector<LevelLinks> levels;      ///< from the lowest; those that the graph has
  std::vector<LinkCandidate> weighed;  ///< of a full list
  std::vector<float> distances;        ///< of them
  std::vector<NewLink> new_links;
  std::vector<PlannedLink> planned;
  std::vector<NewLink> handovers;  ///< links that were given up, to be added to others' lists

  /// What lists of the lowest level are to give up for the new node, which is to lead there before.
  std::vector<NodeId> taken_over;

  /// Whether the new node, which is not written yet, is to lead to another on the lowest level.
  bool will_lead_to(NodeId node) const {
    const std::vector<LinkCandidate>& chosen = levels[0].chosen;
    const auto is_it = [node](const LinkCandidate& one) { return one.node == node; };
    return std::any_of(chosen.begin(), chosen.end(), is_it) ||
           std::find(taken_over.begin(), taken_over.end(), node) != taken_over.end();
  }

  /// Whether the new node's list has a place for one more of those. One is kept for the link by
  /// which the node itself is sure to be reached.
  bool may_take_over(bool must) const {
    const std::size_t taken = levels[0].chosen.size() + taken_over.size() + (must ? 0 : 1);
    return taken < index.layout().max_links();
  }
};

}  // namespace dvecdb::extension
