#pragma once

#include "extension/am/insert/insert_scratch.h"
#include "extension/am/insert/list_change.h"

namespace dvecdb::extension {

/// A list without room for a link that is to come in: which links are given up for it.
///
/// It is the farthest that a nearer neighbor covers (it is nearer to that one than to the node), if
/// the neighbor leads there itself. If none does, the new node takes the link over: what was
/// reached by it then is reached through the new node. So on the lowest level the entry leads to
/// every node after an insertion if it did before. Where the new node has no place for that, it is
/// left out.
///
/// On upper levels the link is handed over to the neighbor (scratch.handovers), or lost: nodes are
/// found without it.
class FullList {
 public:
  FullList(InsertScratch& scratch, const SeenList& list, const NewLink& link)
      : scratch_(scratch), list_(list), link_(link) {}

  /// The places to be given up, ascending; at least one, at most ListChange::kMaxEdits - 1. The
  /// place list.count is that of the new link. More than one, as to find some costs little more
  /// than to find one. `change` gets the reasons, and taken_over: a node that the new
  /// node must lead to before.
  std::size_t give_up(std::size_t* places, ListChange* change);

 private:
  struct Cover {
    std::size_t at;
    bool leads_there;
  };
  static constexpr std::size_t kNone = SIZE_MAX;

  std::size_t weigh(std::size_t* places, ListChange* change);
  Cover find_cover(std::size_t at);
  bool leads_to(NodeId from, NodeId to);
  std::size_t pick_farthest() const;
  std::size_t give_up_one(std::size_t covered, std::size_t* places, ListChange* change);
  std::size_t give_up_above(std::size_t unsure, std::size_t heir);
  void hand_over(std::size_t at, std::size_t heir);
  bool is_new(std::size_t at) const;
  std::size_t place_of(std::size_t at) const;

  InsertScratch& scratch_;
  const SeenList& list_;
  const NewLink& link_;
};

}  // namespace dvecdb::extension
