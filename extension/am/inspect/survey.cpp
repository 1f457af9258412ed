#include "extension/am/inspect/survey.h"

#include "extension/am/codes/value.h"
#include "extension/am/inspect/inspected.h"
#include "extension/am/pages/items.h"
#include "extension/guard.h"

extern "C" {
#include <storage/itemptr.h>
#include <utils/rel.h>
}

namespace dvecdb::extension {
namespace {

/// Where the items of a page end.
constexpr int kItemsEnd = BLCKSZ - static_cast<int>(MAXALIGN(sizeof(PageTail)));

const char* name_of(PageKind kind) {
  switch (kind) {
    case PageKind::meta:
      return "META";
    case PageKind::node:
      return "NODE";
    case PageKind::row:
      return "ROW";
    case PageKind::vector:
      return "VECTOR";
    case PageKind::item:
      return "ITEM";
  }
  return "unknown";
}

/// One pass over an index. Borrows all.
class Surveyor {
 public:
  Surveyor(PageReader& reader, const Layout& layout, Others others, IndexSurvey& out)
      : reader_(reader), layout_(layout), others_(others), out_(out) {}

  void take() {
    out_.groups = layout_.groups_in(reader_.blocks());
    const std::size_t nodes = std::size_t{out_.groups} * layout_.nodes_per_group();
    guarded([&] {
      out_.states.assign(nodes, IndexSurvey::kNotANode);
      out_.levels.assign(nodes, 0);
    });
    out_.pages[static_cast<std::size_t>(PageKind::meta)] = 1;
    for (std::uint32_t group = 0; group < out_.groups; ++group) {
      take_group(group);
    }
  }

 private:
  void take_group(std::uint32_t group) {
    const BlockNumber first = layout_.first_block(group);
    const Page page = reader_.read(first);
    const bool has_nodes = is_of_kind(page, PageKind::node);
    if (PageIsNew(page)) {
      for (BlockNumber i = 0; i < layout_.group_pages(); ++i) {
        require_unused(first + i);
      }
      return;
    }
    if (has_nodes) {
      take_nodes(page, group);
    } else {
      count_page(page, first, PageKind::item);
      check_items(page, first);
    }
    for (BlockNumber i = 1; i < layout_.group_pages(); ++i) {
      const PageKind kind = has_nodes ? layout_.kind_of_page(i) : PageKind::item;
      const bool is_used = take_further_page(first + i, kind);
      if (kind == PageKind::vector && !is_used) {
        require_no_vectors(group, first + i);
      }
    }
  }

  /// Of nodes whose vector would begin in a page that holds nothing.
  void require_no_vectors(std::uint32_t group, BlockNumber unused) {
    for (std::uint32_t place = 0; place < layout_.nodes_per_group(); ++place) {
      const NodeId node = layout_.node_of(group, place);
      if (out_.state(node) != NodeState::free && layout_.vector_block(node) == unused) {
        raise_damaged(reader_.index(), "Node %u lacks its vector, in block %u.", node, unused);
      }
    }
  }

  void require_unused(BlockNumber block) {
    if (!PageIsNew(reader_.read(block))) {
      raise_damaged(reader_.index(), "Block %u belongs to no group of pages, but is in use.",
                    block);
    }
    ++out_.pages[0];
  }

  /// False if it holds nothing.
  bool take_further_page(BlockNumber block, PageKind kind) {
    const Page page = reader_.read(block);
    if (PageIsNew(page)) {
      ++out_.pages[0];
      return false;
    }
    count_page(page, block, kind);
    if (kind == PageKind::item) {
      check_items(page, block);
    }
    return true;
  }

  void count_page(Page page, BlockNumber block, PageKind kind) {
    if (!is_of_kind(page, kind)) {
      raise_damaged(reader_.index(), "Block %u should be %s page.", block,
                    psprintf(kind == PageKind::item ? "an %s" : "a %s", name_of(kind)));
    }
    ++out_.pages[static_cast<std::size_t>(kind)];
  }

  void check_items(Page page, BlockNumber block) {
    const auto last = static_cast<OffsetNumber>(PageGetMaxOffsetNumber(page));
    for (OffsetNumber place = FirstOffsetNumber; place <= last; ++place) {
      const ItemId id = PageGetItemId(page, place);
      if (!ItemIdIsUsed(id)) {
        continue;
      }
      const bool fits = ItemIdGetLength(id) >= sizeof(ItemHeader) &&
                        static_cast<int>(ItemIdGetOffset(id) + ItemIdGetLength(id)) <= kItemsEnd;
      const auto kind = fits ? reinterpret_cast<const ItemHeader*>(PageGetItem(page, id))->kind : 0;
      if (kind < static_cast<int>(ItemKind::links) || kind > static_cast<int>(ItemKind::sparse)) {
        raise_damaged(reader_.index(), "Item (%u,%u) is none that is known.", block, place);
      }
    }
  }

  void take_nodes(Page page, std::uint32_t group) {
    count_page(page, layout_.first_block(group), PageKind::node);
    for_each_slot(page, layout_, group, [&](NodeId node, NodeHeader* header) {
      check_slot(page, node, *header);
      take_node(node, header);
    });
  }

  void check_slot(Page page, NodeId node, const NodeHeader& header) {
    const Relation index = reader_.index();
    if (header.state > NodeState::dead) {
      raise_damaged(index, "Node %u is in state %u, which is none.", node,
                    static_cast<unsigned>(header.state));
    }
    if (header.state == NodeState::free) {
      return;
    }
    const auto* end = reinterpret_cast<const char*>(&header + 1);
    if (end > page + reinterpret_cast<const PageHeaderData*>(page)->pd_lower) {
      raise_damaged(index, "Node %u lies beyond what its page says to hold.", node);
    }
    if (header.level >= kMaxLevels) {
      raise_damaged(index, "Node %u is on level %u.", node, header.level);
    }
    if ((header.level > 0) != ItemPointerIsValid(&header.upper)) {
      raise_damaged(index, "Node %u is on level %u, but %s links above the lowest.", node,
                    header.level, header.level > 0 ? "has no" : "has");
    }
    if (header.link_count > layout_.max_links()) {
      raise_damaged(index, "Node %u has %u links, more than %u.", node, header.link_count,
                    layout_.max_links());
    }
    const bool has_rows = ItemPointerIsValid(&header.tid) || ItemPointerIsValid(&header.more);
    if (header.state == NodeState::live && !has_rows) {
      raise_damaged(index, "Node %u is of no row.", node);
    }
  }

  void take_node(NodeId node, NodeHeader* header) {
    out_.states[node] = static_cast<std::uint8_t>(header->state);
    out_.levels[node] = header->level;
    if (header->state == NodeState::free) {
      ++out_.free;
      return;
    }
    if (header->state == NodeState::dead) {
      ++out_.dead;
      return;
    }
    ++out_.live;
    ++out_.live_by_level[header->level];
    out_.links += header->link_count;
    const std::uint8_t* fused = layout_.fused(header);
    for (std::uint32_t i = 0; i < header->link_count; ++i) {
      out_.fused += fused[i / 8] >> (i % 8) & 1u;
    }
    take_rows(node, *header);
  }

  void take_rows(NodeId node, const NodeHeader& header) {
    if (ItemPointerIsValid(&header.tid)) {
      add_row(node, header.tid);
    }
    if (!ItemPointerIsValid(&header.more)) {
      return;
    }
    std::size_t size;
    const auto read = others_ == Others::only_read ? read_items : read_items_if_there;
    std::uint8_t* bytes = read(reader_.index(), header.more, node, ItemKind::tids, &size);
    if (bytes == nullptr) {
      return;  // the node has been changed since
    }
    if (size % sizeof(ItemPointerData) != 0) {
      raise_damaged(reader_.index(), "The further rows of node %u take %zu bytes.", node, size);
    }
    const auto* tids = reinterpret_cast<const ItemPointerData*>(bytes);
    for (std::size_t i = 0; i < size / sizeof(ItemPointerData); ++i) {
      if (ItemPointerIsValid(&tids[i])) {
        add_row(node, tids[i]);
      }
    }
    pfree(bytes);
  }

  void add_row(NodeId node, const ItemPointerData& tid) {
    guarded([&] { out_.rows.push_back({number_of(tid), node}); });
  }

  PageReader& reader_;
  const Layout& layout_;
  Others others_;
  IndexSurvey& out_;
};

void check_shape(Relation index, const IndexShape& shape) {
  const bool is_known =
      shape.element <= ElementKind::bit && shape.distance <= DistanceKind::jaccard;
  const bool has_bits = shape.distance >= DistanceKind::hamming;
  if (!is_known || has_bits != (shape.element == ElementKind::bit)) {
    raise_damaged(index, "Its meta page tells of elements of kind %u and a distance of kind %u.",
                  static_cast<unsigned>(shape.element), static_cast<unsigned>(shape.distance));
  }
  const bool has_code = is_dense(shape);
  if (shape.m < 2 || shape.m > 100 || shape.dims == 0 || shape.neighbor_bits > 8 ||
      has_code != (shape.code != 0) ||
      shape.code > static_cast<std::uint8_t>(core::CodeKind::int7)) {
    raise_damaged(index, "Its meta page has m %u, %u dimensions, code %u and %u bits a neighbor.",
                  shape.m, shape.dims, shape.code, shape.neighbor_bits);
  }
}

}  // namespace

std::uint64_t number_of(const ItemPointerData& tid) {
  return std::uint64_t{ItemPointerGetBlockNumberNoCheck(&tid)} << 16 |
         ItemPointerGetOffsetNumberNoCheck(&tid);
}

ItemPointerData tid_of(std::uint64_t number) {
  return {{static_cast<std::uint16_t>(number >> 32), static_cast<std::uint16_t>(number >> 16)},
          static_cast<OffsetNumber>(number)};
}

BlockNumber block_of(std::uint64_t tid) {
  return static_cast<BlockNumber>(tid >> 16);
}

OffsetNumber offset_of(std::uint64_t tid) {
  return static_cast<OffsetNumber>(tid & 0xffff);
}

void take_survey(PageReader& reader, const Layout& layout, Others others, IndexSurvey& out) {
  Surveyor(reader, layout, others, out).take();
}

void check_meta(Relation index, const MetaData& meta) {
  check_shape(index, meta.shape);
  if (meta.entry != kNoNode && meta.entry_level >= kMaxLevels) {
    raise_damaged(index, "Its meta page says that the entry is on level %u.", meta.entry_level);
  }
}

}  // namespace dvecdb::extension
