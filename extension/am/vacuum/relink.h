#pragma once

#include <vector>

#include "dvecdb/candidate_pool.h"
#include "extension/am/pages/locked_pages.h"
#include "extension/am/pages/page_patch.h"
#include "extension/am/vacuum/list_repair.h"
#include "extension/am/vacuum/reach.h"

namespace dvecdb::extension {

/// Has lists lead again to live nodes that the entry does not lead to: a node near to such a one,
/// and that is reached, takes a link to it. If no such node has room, one gives its farthest link
/// to the node that it takes: what was reached by that link is reached through that node. So each
/// node is linked at once, and none is lost by it.
///
/// Owns memory: belongs to a memory context (make_owned). Borrows what it is made of.
class Relink {
 public:
  Relink(NodeReader& reader, ListRepair& lists, Reach& reach, Survey& survey)
      : reader_(reader), lists_(lists), reach_(reach), survey_(survey) {}

  enum class Helpers { near, near_or_entry };  ///< the entry where a search meets none

  /// Adds the groups of nodes whose lists have changed. False if none has: somebody else was at
  /// them, or nobody is there to lead to the node.
  bool relink(NodeId node, Helpers helpers, NodeSet& changed);

 private:
  void find_near(NodeId node, Helpers helpers);
  bool read(NodeId node, NodeView& view);
  bool has_link(const NodeView& view, NodeId to) const;
  bool put(NodeId from, const NodeView& view, std::size_t place, NodeId to,
           const LinkReason* reason);
  bool add_link(NodeId from, NodeId to);
  enum class Way { free_place, between, between_at_any_cost };
  bool lead(NodeId from, NodeId node, Way way);
  bool insert_between(NodeId from, NodeId node, Way way);
  bool take_over(NodeId node, NodeId link, Way way);
  std::size_t place_to_give(LinkReason* reason, bool* is_needed);
  std::size_t place_to_lose() const;

  NodeReader& reader_;
  ListRepair& lists_;
  Reach& reach_;
  Survey& survey_;
  NodeId node_ = kNoNode;
  NodeQuery query_;  // the node that is to lead there
  NodeView view_;
  NodeView other_view_;
  PagePatch patch_;
  LockedPages pages_;
  std::vector<core::Candidate> near_;
};

}  // namespace dvecdb::extension
