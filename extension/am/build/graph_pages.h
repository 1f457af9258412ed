#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "dvecdb/hnsw_graph.h"
#include "dvecdb/neighbor_codes.h"
#include "extension/am/build/added_links.h"
#include "extension/am/build/graph_builder.h"
#include "extension/am/build/item_pages.h"
#include "extension/am/build/node_order.h"
#include "extension/am/pages/index.h"

namespace dvecdb::extension {

/// What one thread needs to fill groups.
struct GroupScratch {
  std::vector<float> node;      // rotated
  std::vector<float> neighbor;  // rotated
  std::vector<std::uint32_t> links;
  std::vector<core::Half> halves;
  core::NeighborCodes::Scratch codes;
};

/// A finished graph as the pages of an index (pages/format.h): what lies in which, and their
/// contents, group by group. Const methods are safe from any number of threads. May throw
/// std::bad_alloc; does not call PostgreSQL. Borrows all.
class GraphPages {
 public:
  GraphPages(const GraphBuilder& builder, const Index& index, const BlankPages& blank);

  /// Puts nodes in order, and then lays out the items: a part with each call. False when done; what
  /// follows is to be asked for after that.
  bool prepare();

  std::uint32_t nodes() const { return order_.size(); }
  std::uint32_t node_groups() const { return node_groups_; }
  /// kNoNode of an index without nodes; and the entry's level.
  NodeId entry() const { return nodes() > 0 ? 0 : kNoNode; }
  std::uint32_t entry_level() const;

  /// The first group after those of nodes begins with these pages.
  const ItemPages& items() const { return items_; }
  /// Where the code space's floats are; invalid if it has none.
  ItemPointerData learned() const { return learned_; }

  /// Fills the pages of a node group, group_pages() of them; zero where nothing is.
  void fill_group(std::uint32_t group, PGAlignedBlock* pages, GroupScratch& scratch) const;

 private:
  /// What a node has in item pages.
  struct Attached {
    NodeId node;
    ItemPointerData upper;
    ItemPointerData more;
    ItemPointerData sparse;
  };

  bool is_sparse() const { return index_.shape().element == ElementKind::sparse; }
  void lay_out_items();
  void add_items(NodeId node);
  Attached attached(NodeId node) const;
  void fill_node(NodeId node, PGAlignedBlock* pages, GroupScratch& scratch) const;
  void prefetch_code(const std::uint8_t* code) const;
  void fill_row(NodeId node, PGAlignedBlock* pages, GroupScratch& scratch) const;
  void fill_vector(NodeId node, PGAlignedBlock* pages, GroupScratch& scratch) const;
  Page page_of(PGAlignedBlock* pages, NodeId node, BlockNumber block, PageKind kind) const;

  const GraphBuilder& builder_;
  const Index& index_;
  const Layout& layout_;
  const BlankPages& blank_;
  core::HnswGraph graph_;
  NodeOrder order_;
  std::optional<AddedLinks> links_;  // of the lowest level
  std::uint32_t node_groups_ = 0;
  ItemPages items_;
  std::vector<Attached> attached_;  // in the order of nodes
  ItemPointerData learned_;
};

}  // namespace dvecdb::extension
