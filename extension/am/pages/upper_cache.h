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
  struct Entry {
    const std::uint8_t* code;
    std::uint32_t level;
    const NodeId* links;  ///< m for each level from 1 on
  };

  UpperCache(std::size_t code_bytes, std::size_t m) : code_bytes_(code_bytes), m_(m) {}

  /// To be called once for each search from `entry`: forgets all now and then, and when the entry
  /// is another.
  void begin(NodeId entry);

  /// Forgets all.
  void clear();

  /// Null code if it is not kept. Borrowed until the next put() or begin().
  Entry find(NodeId node) const;

  /// Keeps a node, if there is room. `links`: m for each level, ended by kNoNode.
  void put(NodeId node, const std::uint8_t* code, std::uint32_t level, const NodeId* links);

 private:
  struct Place {
    std::size_t code;
    std::size_t links;
    std::uint32_t level;
  };

  std::size_t code_bytes_;
  std::size_t m_;
  NodeId entry_ = kNoNode;
  std::uint32_t searches_ = 0;
  std::unordered_map<NodeId, Place> places_;
  std::vector<std::uint8_t> codes_;
  std::vector<NodeId> links_;
};

}  // namespace dvecdb::extension
