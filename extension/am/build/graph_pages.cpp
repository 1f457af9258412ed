#include "extension/am/build/graph_pages.h"

#include <algorithm>
#include <cstring>

#include "dvecdb/half.h"
#include "extension/failure_point.h"

namespace dvecdb::extension {

GraphPages::GraphPages(const GraphBuilder& builder, const Index& index, const BlankPages& blank)
    : builder_(builder),
      index_(index),
      layout_(index.layout()),
      blank_(blank),
      graph_(builder.index()),
      order_(graph_, layout_.nodes_per_group()),
      items_(blank) {
  ItemPointerSetInvalid(&learned_);
}

bool GraphPages::prepare() {
  failure_point_in_core("build order");
  if (order_.add_some()) return true;
  links_.emplace(graph_, order_);
  lay_out_items();
  return false;
}

void GraphPages::lay_out_items() {
  if (nodes() == 0) return;
  node_groups_ = layout_.group_of(nodes() - 1) + 1;
  items_.begin_at(layout_.first_block(node_groups_));
  const core::CodeSpace& space = graph_.codes();
  if (space.kind() != core::CodeKind::single) {
    const std::vector<float> learned = space.learned();
    learned_ =
        items_.add(kNoNode, ItemKind::learned, {learned.data(), learned.size() * sizeof(float)});
  }
  for (NodeId node = 0; node < nodes(); ++node) add_items(node);
}

std::uint32_t GraphPages::entry_level() const {
  return nodes() > 0 ? graph_.level(order_.slot(0)) : 0;
}

/// Links above the lowest level, further rows with an equal value, and a sparse vector.
void GraphPages::add_items(NodeId node) {
  const std::uint32_t slot = order_.slot(node);
  const std::uint32_t levels = graph_.level(slot);
  const auto tids = builder_.other_tids(static_cast<std::uint32_t>(graph_.label(slot)));
  if (levels == 0 && tids.empty() && !is_sparse()) return;
  const std::size_t m = graph_.capacity(1);
  std::vector<NodeId> links(levels * m, kNoNode);
  for (std::uint32_t level = 1; level <= levels; ++level) {
    NodeId* list = &links[(level - 1) * m];
    const std::size_t count = graph_.links(slot, level, list);
    for (std::size_t i = 0; i < count; ++i) list[i] = order_.node(list[i]);
    std::fill(list + count, list + m, kNoNode);
  }
  Attached added{node, {}, {}, {}};
  added.upper = items_.add(node, ItemKind::links, {links.data(), links.size() * sizeof(NodeId)});
  added.more = items_.add(node, ItemKind::tids, {tids.data(), tids.size_bytes()});
  ItemPointerSetInvalid(&added.sparse);
  if (is_sparse()) {
    const auto bytes = builder_.values()->stored(graph_.code(slot));
    added.sparse = items_.add(node, ItemKind::sparse, {bytes.data(), bytes.size()});
  }
  attached_.push_back(added);
}

GraphPages::Attached GraphPages::attached(NodeId node) const {
  const auto found =
      std::lower_bound(attached_.begin(), attached_.end(), node,
                       [](const Attached& one, NodeId wanted) { return one.node < wanted; });
  if (found != attached_.end() && found->node == node) return *found;
  Attached nothing{node, {}, {}, {}};
  ItemPointerSetInvalid(&nothing.upper);
  ItemPointerSetInvalid(&nothing.more);
  ItemPointerSetInvalid(&nothing.sparse);
  return nothing;
}

void GraphPages::fill_group(std::uint32_t group, PGAlignedBlock* pages,
                            GroupScratch& scratch) const {
  failure_point_in_core("build group");
  std::memset(static_cast<void*>(pages), 0, layout_.group_pages() * sizeof *pages);
  scratch.links.resize(graph_.capacity(0));
  const NodeId end = std::min(layout_.node_of(group + 1, 0), nodes());
  for (NodeId node = layout_.node_of(group, 0); node < end; ++node) {
    fill_node(node, pages, scratch);
  }
}

/// The image of a block of the node's group, made a page of the kind when it is first asked for.
Page GraphPages::page_of(PGAlignedBlock* pages, NodeId node, BlockNumber block,
                         PageKind kind) const {
  Page page = pages[block - layout_.node_block(node)].data;
  if (PageIsNew(page)) {
    const PGAlignedBlock& blank = kind == PageKind::node  ? blank_.node
                                  : kind == PageKind::row ? blank_.row
                                                          : blank_.vector;
    std::memcpy(page, blank.data, BLCKSZ);
  }
  return page;
}

void GraphPages::fill_node(NodeId node, PGAlignedBlock* pages, GroupScratch& scratch) const {
  const std::uint32_t slot = order_.slot(node);
  const Page page = page_of(pages, node, layout_.node_block(node), PageKind::node);
  NodeHeader* header = layout_.header(page, layout_.place_of(node));
  const Attached items = attached(node);
  header->state = NodeState::live;
  header->level = static_cast<std::uint8_t>(graph_.level(slot));
  header->tid = builder_.tid(static_cast<std::uint32_t>(graph_.label(slot)));
  header->more = items.more;
  header->upper = items.upper;
  scratch.links.resize(graph_.capacity(0));
  scratch.links.resize(links_->links(slot, scratch.links.data()));
  header->link_count = static_cast<std::uint16_t>(scratch.links.size());
  for (std::size_t i = 0; i < scratch.links.size(); ++i) {
    layout_.links(header)[i] = order_.node(scratch.links[i]);
    if (layout_.has_rows()) {
      layout_.fused(header)[i / 8] |= static_cast<std::uint8_t>(1u << (i % 8));
    }
  }
  if (is_sparse()) {
    std::memcpy(layout_.code(header), &items.sparse, sizeof items.sparse);
  } else if (layout_.code_in_node()) {
    std::memcpy(layout_.code(header), graph_.code(slot), layout_.code_bytes());
  }
  cover(page, reinterpret_cast<char*>(header) + layout_.node_stride());
  if (layout_.has_rows()) fill_row(node, pages, scratch);
  if (layout_.has_vectors()) fill_vector(node, pages, scratch);
}

void GraphPages::prefetch_code(const std::uint8_t* code) const {
  constexpr std::size_t kLine = 64;
  for (std::size_t i = 0; i < layout_.code_bytes(); i += kLine) __builtin_prefetch(code + i);
}

/// The codes of the neighbors in scratch.links, about the node.
void GraphPages::fill_row(NodeId node, PGAlignedBlock* pages, GroupScratch& scratch) const {
  const core::CodeSpace& space = graph_.codes();
  scratch.node.resize(space.rotated_dims());
  scratch.neighbor.resize(space.rotated_dims());
  space.decode_rotated(graph_.code(order_.slot(node)), scratch.node.data());
  const std::size_t bytes = layout_.neighbor_code_bytes();
  for (const std::uint32_t neighbor : scratch.links) prefetch_code(graph_.code(neighbor));
  for (std::size_t i = 0; i < scratch.links.size(); ++i) {
    const auto nth = static_cast<BlockNumber>(i / layout_.codes_per_page());
    const Page page = page_of(pages, node, layout_.row_block(node) + nth, PageKind::row);
    std::uint8_t* code = layout_.row(page, node) + i % layout_.codes_per_page() * bytes;
    space.decode_rotated(graph_.code(scratch.links[i]), scratch.neighbor.data());
    index_.neighbor_codes()->encode(scratch.neighbor.data(), scratch.node.data(), code,
                                    scratch.codes);
    cover(page, code + bytes);
  }
}

/// The vector, or a code that has no room beside the links, over as many pages as it takes.
void GraphPages::fill_vector(NodeId node, PGAlignedBlock* pages, GroupScratch& scratch) const {
  const std::uint32_t slot = order_.slot(node);
  const std::size_t dims = index_.shape().dims;
  const void* from = graph_.vector(slot);
  std::size_t bytes = dims * sizeof(float);
  if (!layout_.code_in_node()) {
    from = graph_.code(slot);
    bytes = layout_.code_bytes();
  } else if (index_.shape().element == ElementKind::half) {
    scratch.halves.resize(dims);
    core::to_half(graph_.vector(slot), scratch.halves.data(), dims);
    from = scratch.halves.data();
    bytes = dims * sizeof(core::Half);
  }
  for (std::size_t done = 0; done < bytes; done += kPageBytes) {
    const auto nth = static_cast<BlockNumber>(done / kPageBytes);
    const Page page = page_of(pages, node, layout_.vector_block(node) + nth, PageKind::vector);
    const std::size_t part = std::min(kPageBytes, bytes - done);
    std::uint8_t* to = layout_.vector(page, node);
    std::memcpy(to, static_cast<const char*>(from) + done, part);
    cover(page, to + part);
  }
}

}  // namespace dvecdb::extension
