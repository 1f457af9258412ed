#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "dvecdb/visited_set.h"
#include "extension/am/codes/neighbor_choice.h"
#include "extension/am/vacuum/survey.h"
#include "extension/am/walk/page_walk.h"

namespace dvecdb::extension {

/// The links of a node on one level.
struct LinkList {
  std::array<NodeId, kMaxLinks> links;
  std::size_t count;
};

/// Finds new links for nodes whose lists lead to dead ones: among the links of the dead, by codes,
/// as insertions choose them. So nothing is searched anew but
/// for nodes that have lost all. A link that stays keeps its place; a new one takes the place of
/// one that leads nowhere.
///
/// Owns memory: belongs to a memory context (make_owned). Borrows what it is made of.
class ListRepair {
 public:
  ListRepair(PageWalk& walk, Survey& survey)
      : walk_(walk), survey_(survey), choice_(walk.reader().index().codes()) {}

  /// Whether a link leads to a node that is dead or free.
  bool is_gone(NodeId link);
  bool has_gone(const LinkList& list);

  /// The node whose lists are to come; its code must remain.
  void begin(NodeId node, const std::uint8_t* code);

  /// Replaces the links that are gone; the list does not get longer. A list that leads nowhere
  /// gets links as a new node would.
  void repair(std::uint32_t level, LinkList& list);

  /// From now on a list of the lowest level keeps one of its links that are gone, or none does.
  /// With it what is reached through the dead alone is still reached.
  void keep_ways(bool keeps) { keeps_ways_ = keeps; }

  /// Live nodes near to the node, as a search from the entry finds them, in no order.
  void search_near(std::vector<core::Candidate>& out);

 private:
  NodeReader& reader() { return walk_.reader(); }
  const NodeCodes& codes() { return reader().index().codes(); }
  void find_open(const LinkList& list, bool keeps_way);
  void fill_open(LinkList& list, const LinkCandidate* picked, std::size_t count);
  void gather(std::uint32_t level, std::size_t wanted);
  void take_links_of(NodeId dead);
  void take_upper_links_of(NodeId dead, std::uint32_t level);
  void add_dead(NodeId dead);
  void take(NodeId node, float distance);
  void search(std::uint32_t level);
  void load_kept();
  void weigh(std::size_t count);

  PageWalk& walk_;
  Survey& survey_;
  NeighborChoice choice_;
  bool keeps_ways_ = false;
  NodeId node_ = kNoNode;
  const std::uint8_t* own_code_ = nullptr;
  NodeQuery about_;  // the node
  core::VisitedSet visited_;
  std::vector<std::size_t> open_;  // places in the list
  std::vector<NodeId> kept_;
  std::vector<NodeId> dead_;  // whose links are candidates
  std::vector<core::Candidate> found_;
  std::vector<LinkCandidate> weighed_;
  std::vector<LinkCandidate> chosen_;  // those kept, then those picked
  NodeView view_;
  std::array<NodeId, kMaxLinks> links_;
  std::array<std::uint8_t, kMaxLinks> places_;
  std::array<float, kMaxLinks> distances_;
};

}  // namespace dvecdb::extension
