#pragma once

#include <algorithm>
#include <array>

#include "extension/am/codes/neighbor_choice.h"
#include "extension/am/pages/locked_pages.h"

namespace dvecdb::extension {

class InsertScratch;

/// How a node's list of links changes when one comes in. Links that stay keep their
/// places, and with them their codes in the row, but for the last ones, which fill places that were
/// given up: those have no codes there.
struct ListChange {
  struct Edit {
    std::uint16_t place;
    NodeId node;
  };
  static constexpr std::size_t kMaxEdits = 24;

  std::size_t new_count;
  NodeId taken_over = kNoNode;  ///< what the list no longer leads to, but the new row's node must
  std::size_t reason_count = 0;
  std::array<LinkReason, kMaxEdits> reasons;
  std::size_t edit_count = 0;
  std::array<Edit, kMaxEdits> edits;

  void give_up_for(NodeId node, NodeId link) { reasons[reason_count++] = {node, link}; }

  void set(std::size_t place, NodeId node) {
    edits[edit_count++] = {static_cast<std::uint16_t>(place), node};
  }
};

/// A link that is to be added to a list.
struct NewLink {
  LinkCandidate to;    ///< whose list
  LinkCandidate link;  ///< who comes in
  std::uint32_t level;
  bool must_stay;  ///< or else it is left out when nearer neighbors cover it
};

/// A list as it was read.
struct SeenList {
  const NodeId* links;
  std::size_t count;
  std::size_t capacity;
  const std::uint8_t* fused;  ///< a bit a link; null: none

  bool is_fused(std::size_t place) const {
    return fused != nullptr && (fused[place / 8] >> (place % 8) & 1) != 0;
  }
  /// `count` if it is not there.
  std::size_t place_of(NodeId node) const {
    return static_cast<std::size_t>(std::find(links, links + count, node) - links);
  }
};

/// What to do to a list; false if it stays as it is: it has the link already, or leaves it out.
bool plan_link(InsertScratch& scratch, const SeenList& list, const NewLink& link, ListChange* out);

}  // namespace dvecdb::extension
