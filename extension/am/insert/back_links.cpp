#include "extension/am/insert/back_links.h"

#include <algorithm>
#include <cstring>

#include "extension/am/insert/list_change.h"
#include "extension/am/pages/items.h"
#include "extension/guard.h"

extern "C" {
#include <storage/bufmgr.h>
#include <utils/rel.h>
}

namespace dvecdb::extension {
namespace {

/// A list that others keep changing is left to them after so many attempts.
constexpr int kAttempts = 4;

/// Links that lead back on the lowest level. Lists are read, changes planned, then pages are locked
/// a few at a time, in the order of their blocks, and the lists changed that are still as they were
/// read; the others are read again.
class LowestLinks {
 public:
  LowestLinks(InsertScratch& scratch, NodeId new_node)
      : scratch_(scratch), layout_(scratch.index.layout()), new_node_(new_node) {}

  void write(std::size_t count) {
    const std::vector<LinkCandidate>& chosen = scratch_.levels[0].chosen;
    std::vector<PlannedLink>& planned = scratch_.planned;
    guarded([&] { planned.resize(count); });
    for (std::size_t i = 0; i < count; ++i) planned[i].to = chosen[i];
    const auto by_block = [](const PlannedLink& a, const PlannedLink& b) {
      return a.to.node < b.to.node;
    };
    std::sort(planned.begin(), planned.end(), by_block);
    for (int attempt = 0; attempt < kAttempts && !planned.empty(); ++attempt) {
      std::erase_if(planned, [&](PlannedLink& link) { return !plan(link); });
      apply_all();
      std::erase_if(planned, [](const PlannedLink& link) { return link.is_done; });
    }
  }

 private:
  /// False if there is nothing to be done, or the node is no longer the one that was chosen.
  bool plan(PlannedLink& link) {
    NodeView& view = scratch_.view;
    if (!scratch_.reader.read(link.to.node, scratch_.walk.query(), view)) return false;
    if (view.distance != link.to.distance) return false;
    link.is_done = false;
    link.seen_tid = view.header.tid;
    link.seen_count = view.header.link_count;
    std::copy_n(view.links.data(), link.seen_count, link.seen.data());
    const SeenList list{link.to.node,    link.to.code,        link.seen.data(),
                        link.seen_count, layout_.max_links(), view.fused.data()};
    return plan_link(scratch_, list, new_node_, &link.change);
  }

  void apply_all() {
    std::vector<PlannedLink>& planned = scratch_.planned;
    for (std::size_t done = 0; done < planned.size();) {
      CHECK_FOR_INTERRUPTS();
      done = apply_some(done);
    }
  }

  /// Locks the pages of the links from `first` on, as many as go into one record; returns which is
  /// the next.
  std::size_t apply_some(std::size_t first) {
    std::vector<PlannedLink>& planned = scratch_.planned;
    std::array<Buffer, PagePatch::kMaxPages> locked;
    std::size_t pages = 0;
    BlockNumber block = InvalidBlockNumber;
    scratch_.patch.begin(scratch_.relation);
    std::size_t at = first;
    for (; at < planned.size(); ++at) {
      const BlockNumber next = layout_.node_block(planned[at].to.node);
      if (next != block) {
        if (pages == locked.size()) break;
        block = next;
        locked[pages] = scratch_.index.pin(scratch_.relation, block);
        LockBuffer(locked[pages], BUFFER_LOCK_EXCLUSIVE);
        scratch_.patch.add_page(locked[pages++]);
      }
      apply(planned[at], BufferGetPage(locked[pages - 1]));
    }
    scratch_.patch.finish();
    while (pages > 0) UnlockReleaseBuffer(locked[--pages]);
    return at;
  }

  bool is_as_seen(const PlannedLink& link, NodeHeader* header) const {
    return header->link_count == link.seen_count &&
           std::memcmp(layout_.links(header), link.seen.data(), link.seen_count * sizeof(NodeId)) ==
               0;
  }

  void apply(PlannedLink& link, Page page) {
    if (!is_of_kind(page, PageKind::node)) return;
    NodeHeader* header = layout_.header(page, layout_.place_of(link.to.node));
    const bool is_same_node = header->state != NodeState::free &&
                              std::memcmp(&header->tid, &link.seen_tid, sizeof link.seen_tid) == 0;
    if (!is_same_node || !is_as_seen(link, header)) return;
    std::array<std::uint8_t, (kMaxLinks + 7) / 8> fused;
    std::memcpy(fused.data(), layout_.fused(header), layout_.fused_bytes());
    for (std::size_t i = 0; i < link.change.edit_count; ++i) {
      const ListChange::Edit& edit = link.change.edits[i];
      scratch_.patch.write(layout_.links(header) + edit.place, edit.node);
      fused[edit.place / 8] &= static_cast<std::uint8_t>(~(1u << edit.place % 8));
    }
    for (std::size_t i = 0; i < layout_.fused_bytes(); ++i) {
      if (fused[i] != layout_.fused(header)[i]) {
        scratch_.patch.write(layout_.fused(header) + i, fused[i]);
      }
    }
    const auto count = static_cast<std::uint16_t>(link.change.new_count);
    if (count != header->link_count) scratch_.patch.write(&header->link_count, count);
    link.is_done = true;
  }

  InsertScratch& scratch_;
  const Layout& layout_;
  NodeId new_node_;
};

/// A link that leads back on an upper level.
class UpperLink {
 public:
  UpperLink(InsertScratch& scratch, const LinkCandidate& to, std::uint32_t level)
      : scratch_(scratch), to_(to), level_(level) {}

  void write(NodeId new_node) {
    for (int attempt = 0; attempt < kAttempts; ++attempt) {
      CHECK_FOR_INTERRUPTS();
      ListChange change;
      if (!plan(new_node, &change) || apply(change)) return;
    }
  }

 private:
  bool plan(NodeId new_node, ListChange* change) {
    NodeView& view = scratch_.view;
    if (!scratch_.reader.read(to_.node, scratch_.walk.query(), view)) return false;
    if (view.distance != to_.distance || view.header.level < level_) return false;
    item_ = view.header.upper;
    const std::size_t m = scratch_.index.shape().m;
    count_ = scratch_.reader.upper_links(to_.node, view.header, level_, links_.data());
    std::fill(links_.begin() + static_cast<std::ptrdiff_t>(count_),
              links_.begin() + static_cast<std::ptrdiff_t>(m), kNoNode);
    const SeenList list{to_.node, to_.code, links_.data(), count_, m, nullptr};
    return plan_link(scratch_, list, new_node, change);
  }

  /// False if the list is another by now.
  bool apply(const ListChange& change) {
    if (!ItemPointerIsValid(&item_)) return true;
    const std::size_t m = scratch_.index.shape().m;
    std::array<NodeId, kMaxLinks> links = links_;
    for (std::size_t i = 0; i < change.edit_count; ++i) {
      links[change.edits[i].place] = change.edits[i].node;
    }
    for (std::size_t i = change.new_count; i < m; ++i) links[i] = kNoNode;

    const Buffer buffer = scratch_.index.pin(scratch_.relation, ItemPointerGetBlockNumber(&item_));
    LockBuffer(buffer, BUFFER_LOCK_EXCLUSIVE);
    std::size_t bytes;
    const std::uint8_t* item = item_bytes(BufferGetPage(buffer), ItemPointerGetOffsetNumber(&item_),
                                          to_.node, ItemKind::links, &bytes);
    const std::size_t from = (level_ - 1) * m * sizeof(NodeId);
    const bool is_there = item != nullptr && from + m * sizeof(NodeId) <= bytes;
    const bool is_as_seen =
        is_there && std::memcmp(item + from, links_.data(), m * sizeof(NodeId)) == 0;
    if (is_as_seen) {
      scratch_.patch.begin(scratch_.relation);
      scratch_.patch.add_page(buffer);
      for (std::size_t i = 0; i < m; ++i) {
        if (links[i] == links_[i]) continue;
        scratch_.patch.write(item + from + i * sizeof(NodeId), &links[i], sizeof(NodeId));
      }
      scratch_.patch.finish();
    }
    UnlockReleaseBuffer(buffer);
    return is_as_seen;
  }

  InsertScratch& scratch_;
  const LinkCandidate& to_;
  std::uint32_t level_;
  ItemPointerData item_;
  std::size_t count_ = 0;
  std::array<NodeId, kMaxLinks> links_;
};

}  // namespace

void link_back(InsertScratch& scratch, NodeId new_node) {
  const std::size_t m = scratch.index.shape().m;
  for (std::size_t level = 1; level < scratch.levels.size(); ++level) {
    for (const LinkCandidate& to : scratch.levels[level].chosen) {
      UpperLink(scratch, to, static_cast<std::uint32_t>(level)).write(new_node);
    }
  }
  const LevelLinks& lowest = scratch.levels[0];
  const std::size_t count = std::min(lowest.chosen.size(), std::max(m, lowest.directions));
  LowestLinks(scratch, new_node).write(count);
}

}  // namespace dvecdb::extension
