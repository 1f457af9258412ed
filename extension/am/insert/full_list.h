#pragma once

#include "extension/am/insert/insert_scratch.h"
#include "extension/am/insert/list_change.h"

namespace dvecdb::extension {

/// A list without room for a link that is to come in: which links are given up for it.
///
/// It is the farthest that a nearer neighbor covers (it is nearer to that one than to the node), if
/// the neighbor leads there itself: so nothing loses its last link. If none does, the link is
/// handed over to the neighbor: scratch.handovers.
class FullList {
 public:
  FullList(InsertScratch& scratch, const SeenList& list, const NewLink& link)
      : scratch_(scratch), list_(list), link_(link) {}

  /// The places to be given up, ascending; at least one, at most ListChange::kMaxEdits - 1. The
  /// place list.count is that of the new link. More than one, as to find some costs little more
  /// than to find one.
  std::size_t give_up(std::size_t* places);

 private:
  struct Cover {
    std::size_t at;
    bool leads_there;
  };
  static constexpr std::size_t kNone = SIZE_MAX;

  std::size_t weigh(std::size_t* places);
  Cover find_cover(std::size_t at);
  bool leads_to(NodeId from, NodeId to);
  std::size_t pick_farthest() const;
  void give_up_uncovered(std::size_t* places);
  void hand_over(std::size_t at, std::size_t heir);
  bool is_new(std::size_t at) const;
  std::size_t place_of(std::size_t at) const;

  InsertScratch& scratch_;
  const SeenList& list_;
  const NewLink& link_;
};

}  // namespace dvecdb::extension
