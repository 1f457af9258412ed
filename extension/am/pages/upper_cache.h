#pragma once

#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "extension/am/pages/format.h"

namespace dvecdb::extension {

/// Copies of nodes of the upper levels, which every search passes: there no row tells of neighbors,
/// each would be a page to read. What is kept may be of a while ago: it only decides from where
/// the walk on the lowest level begins.
///
/// For the codes of one index, which have `code_bytes` each. For one thread. May throw
/// std::bad_alloc.
class UpperCache {
 public:
  using Place = std::uint32_t;  ///< of a node that is kept
  static constexpr Place kNowhere = UINT32_MAX;

  struct Link {
    NodeId node;
    Place place;  ///< kNowhere: not known yet, or not kept
  };

  UpperCache(std::size_t code_bytes, std::size_t m) : code_bytes_(code_bytes), m_(m) {}

  /// To be called once for each search from `entry`: forgets all now and then, and when the entry
  /// is another.
  void begin(NodeId entry);

  /// Forgets all; places are no longer valid.
  void clear();

  bool has_room() const;

  /// kNowhere if it is not kept.
  Place find(NodeId node) const;

  /// Keeps a node that is not kept yet. `links`: m for each level, ended by kNoNode.
  Place put(NodeId node, const std::uint8_t* code, std::uint32_t level, const NodeId* links);

  /// Borrowed until the next put().
  const std::uint8_t* code(Place place) const { return &codes_[nodes_[place].code]; }

  /// From 0 on.
  std::uint32_t level(Place place) const { return nodes_[place].level; }

  /// On a level from 1 to the node's: m, or fewer and one of kNoNode. Borrowed until the next
  /// put().
  Link* links(Place place, std::uint32_t level) {
    return links_.data() + nodes_[place].links + (level - 1) * m_;
  }

  /// True for the first time in a search.
  bool mark(Place place) {
    const bool is_first = nodes_[place].marked_by != searches_;
    nodes_[place].marked_by = searches_;
    return is_first;
  }

 private:
  struct Node {
    std::size_t code;
    std::size_t links;
    std::uint32_t level;
    std::uint32_t marked_by;
  };

  std::size_t code_bytes_;
  std::size_t m_;
  NodeId entry_ = kNoNode;
  std::uint32_t searches_ = 1;
  std::unordered_map<NodeId, Place> places_;
  std::vector<Node> nodes_;
  std::vector<std::uint8_t> codes_;
  std::vector<Link> links_;
};

}  // namespace dvecdb::extension
