#pragma once

#include <cstdint>
#include <vector>

#include "dvecdb/hnsw_graph.h"
#include "extension/am/pages/format.h"

namespace dvecdb::extension {

/// In which order a graph's nodes become an index's: neighbors together, page by page, so that
/// a walk finds much of what it needs on pages that it has read. Numbers are dense from 0; the
/// graph's entry is node 0.
class NodeOrder {
 public:
  /// `per_page`: nodes that share a page. Nodes that are not linked are left out.
  NodeOrder(const core::HnswGraph& graph, std::uint32_t per_page);

  /// Puts some more nodes in order; false when all are. Takes milliseconds.
  bool add_some();

  std::uint32_t size() const { return static_cast<std::uint32_t>(slots_.size()); }
  std::uint32_t slot(NodeId node) const { return slots_[node]; }
  /// kNoNode for a slot that was left out.
  NodeId node(std::uint32_t slot) const { return nodes_[slot]; }

  /// Slots to which no links lead from the entry, but from each other: of those that do not, one.
  const std::vector<std::uint32_t>& strays() const { return strays_; }

 private:
  void fill_page(std::uint32_t seed);
  void take(std::uint32_t slot);
  std::uint32_t next_seed();

  const core::HnswGraph& graph_;
  std::uint32_t per_page_;
  std::vector<std::uint32_t> slots_;  // by node
  std::vector<NodeId> nodes_;         // by slot
  std::vector<std::uint32_t> strays_;
  // While it is made:
  std::vector<std::uint16_t> links_from_page_;  // by slot: how many the page's nodes have to it
  std::vector<std::uint32_t> near_;             // slots to which they have some
  std::vector<std::uint32_t> links_;            // room for one list
  std::size_t next_left_ = 0;                   // nodes before it have all neighbors in the order
  std::uint32_t next_slot_ = 0;
  std::uint32_t seed_;
};

}  // namespace dvecdb::extension
