#include "extension/am/insert/back_links.h"

#include <algorithm>
#include <cstring>

#include "extension/am/insert/list_change.h"
#include "extension/am/pages/items.h"
#include "extension/failure_point.h"
#include "extension/guard.h"

extern "C" {
#include <storage/bufmgr.h>
#include <utils/rel.h>
}

namespace dvecdb::extension {
namespace {

/// A list that others keep changing is left to them after so many attempts.
constexpr int kAttempts = 4;

/// After so many links that moved on, for one row, they are let go: where codes are equal or not
/// exact it could go on and on.
constexpr std::size_t kMaxHandovers = 9;

/// Links on the lowest level. Lists are read, changes planned, then pages are locked
/// a few at a time, in the order of their blocks, and the lists changed that are still as they were
/// read; the others are read again. What others give up the new node leads to before.
class LowestLinks {
 public:
  explicit LowestLinks(InsertScratch& scratch)
      : scratch_(scratch), layout_(scratch.index.layout()) {}

  /// Adds scratch.taken_over to the new node's list; false if not all have a place there.
  bool lead_to_taken() {
    is_linked_ = true;
    take_over();
    const std::vector<NodeId>& taken = scratch_.taken_over;
    return std::find(taken.begin(), taken.end(), kNoNode) == taken.end();
  }

  /// Writes scratch.planned, all of which have their links set. Whether a live node leads to the
  /// new one by that.
  bool write() {
    std::vector<PlannedLink>& planned = scratch_.planned;
    const auto by_block = [](const PlannedLink& a, const PlannedLink& b) {
      return a.link.to.node < b.link.to.node;
    };
    std::sort(planned.begin(), planned.end(), by_block);
    is_linked_ = false;
    for (int attempt = 0; (attempt < kAttempts || !is_linked_) && !planned.empty(); ++attempt) {
      CHECK_FOR_INTERRUPTS();
      if (attempt > 0) scratch_.codes.clear();  // what was not there may be by now
      scratch_.taken_over.clear();
      std::erase_if(planned, [&](PlannedLink& one) { return !plan(one); });
      if (!scratch_.taken_over.empty()) take_over();
      failure_point("insert apply");
      apply_all();
      std::erase_if(planned, [](const PlannedLink& one) { return one.is_done; });
    }
    return is_linked_;
  }

 private:
  /// False if there is nothing to be done, or the node is no longer the one that was chosen.
  bool plan(PlannedLink& one) {
    NodeView& view = scratch_.view;
    const LinkCandidate& to = one.link.to;
    if (!scratch_.reader.read(to.node, scratch_.walk.query(), view)) return false;
    if (one.is_chosen && view.distance != to.distance) return false;
    one.is_done = false;
    one.seen_tid = view.header.tid;
    one.seen_count = view.header.link_count;
    std::copy_n(view.links.data(), one.seen_count, one.seen.data());
    const SeenList list{one.seen.data(), one.seen_count, layout_.max_links(), view.fused.data()};
    return plan_link(scratch_, list, one.link, &one.change);
  }

  /// Adds what others give up to the new node's list. While nobody leads to the node yet, and
  /// nobody was at its list, its own links are needed by none. Changes for which there is no place
  /// are not made.
  void take_over() {
    const NodeId own = scratch_.row.node;
    const Buffer buffer = scratch_.index.pin(scratch_.relation, layout_.node_block(own));
    LockBuffer(buffer, BUFFER_LOCK_EXCLUSIVE);
    NodeHeader* header = layout_.header(BufferGetPage(buffer), layout_.place_of(own));
    const NodeId* links = layout_.links(header);
    const std::size_t before = header->link_count;
    ListChange change;
    change.new_count = before;
    std::vector<NodeId>& taken = scratch_.taken_over;
    std::vector<NodeId>& own_links = scratch_.own_links;
    const bool is_untouched = std::equal(links, links + before, own_links.begin(), own_links.end());
    // The first place of such a link.
    std::size_t needless = !is_linked_ && is_untouched ? 0 : before;
    for (std::size_t i = 0; i < taken.size(); ++i) {
      const auto seen = taken.begin() + static_cast<std::ptrdiff_t>(i);
      const bool is_there = std::find(links, links + before, taken[i]) != links + before ||
                            std::find(taken.begin(), seen, taken[i]) != seen;
      if (is_there) continue;
      if (change.new_count < layout_.max_links()) {
        change.set(change.new_count++, taken[i]);
      } else if (needless < before) {
        change.set(needless++, taken[i]);
      } else {
        taken[i] = kNoNode;
      }
    }
    scratch_.patch.begin(scratch_.relation);
    scratch_.patch.add_page(buffer);
    write(change, header);
    scratch_.patch.finish();
    guarded([&] { own_links.assign(links, links + header->link_count); });
    UnlockReleaseBuffer(buffer);
    std::erase_if(scratch_.planned, [&](const PlannedLink& one) {
      const NodeId node = one.change.taken_over;
      return node != kNoNode && std::find(taken.begin(), taken.end(), node) == taken.end();
    });
  }

  void apply_all() {
    std::vector<PlannedLink>& planned = scratch_.planned;
    for (std::size_t done = 0; done < planned.size();) {
      CHECK_FOR_INTERRUPTS();
      done = apply_some(done);
    }
  }

  /// Locks the pages of the links from `first` on, as many as go into one record, and those of the
  /// nodes for which links are given up; returns which is the next.
  std::size_t apply_some(std::size_t first) {
    std::vector<PlannedLink>& planned = scratch_.planned;
    const std::size_t end = add_pages(first);
    pages_.lock(scratch_.relation, scratch_.index);
    scratch_.patch.begin(scratch_.relation);
    Buffer last = InvalidBuffer;
    for (std::size_t at = first; at < end; ++at) {
      const Buffer buffer = pages_.buffer(layout_.node_block(planned[at].link.to.node));
      if (buffer != last) scratch_.patch.add_page(buffer);
      last = buffer;
      apply(planned[at], BufferGetPage(buffer));
    }
    scratch_.patch.finish();
    pages_.unlock();
    return end;
  }

  std::size_t add_pages(std::size_t first) {
    const std::vector<PlannedLink>& planned = scratch_.planned;
    pages_.clear();
    std::size_t changed = 0;
    BlockNumber last = InvalidBlockNumber;
    for (std::size_t at = first; at < planned.size(); ++at) {
      const ListChange& change = planned[at].change;
      const BlockNumber block = layout_.node_block(planned[at].link.to.node);
      const bool is_full = block != last && changed == PagePatch::kMaxPages;
      if (is_full || pages_.room() < 1 + change.reason_count) return at;
      changed += block != last;
      last = block;
      pages_.add(block, true);
      for (std::size_t i = 0; i < change.reason_count; ++i) {
        pages_.add(layout_.node_block(change.reasons[i].node), false);
      }
    }
    return planned.size();
  }

  bool has_reasons(const ListChange& change) {
    return std::all_of(change.reasons.begin(), change.reasons.begin() + change.reason_count,
                       [&](const LinkReason& reason) { return pages_.holds(layout_, reason); });
  }

  bool is_as_seen(const PlannedLink& link, NodeHeader* header) const {
    return header->link_count == link.seen_count &&
           std::memcmp(layout_.links(header), link.seen.data(), link.seen_count * sizeof(NodeId)) ==
               0;
  }

  void apply(PlannedLink& one, Page page) {
    if (!is_of_kind(page, PageKind::node)) return;
    NodeHeader* header = layout_.header(page, layout_.place_of(one.link.to.node));
    const bool is_same_node = header->state != NodeState::free &&
                              std::memcmp(&header->tid, &one.seen_tid, sizeof one.seen_tid) == 0;
    if (!is_same_node || !is_as_seen(one, header) || !has_reasons(one.change)) return;
    write(one.change, header);
    one.is_done = true;
    is_linked_ =
        is_linked_ || header->state == NodeState::live;  // or VACUUM may be about to free it
  }

  /// Into the patch, whose last page has the header.
  void write(const ListChange& change, NodeHeader* header) {
    std::array<std::uint8_t, (kMaxLinks + 7) / 8> fused;
    std::memcpy(fused.data(), layout_.fused(header), layout_.fused_bytes());
    for (std::size_t i = 0; i < change.edit_count; ++i) {
      const ListChange::Edit& edit = change.edits[i];
      scratch_.patch.write(layout_.links(header) + edit.place, edit.node);
      fused[edit.place / 8] &= static_cast<std::uint8_t>(~(1u << edit.place % 8));
    }
    for (std::size_t i = 0; i < layout_.fused_bytes(); ++i) {
      if (fused[i] != layout_.fused(header)[i]) {
        scratch_.patch.write(layout_.fused(header) + i, fused[i]);
      }
    }
    const auto count = static_cast<std::uint16_t>(change.new_count);
    if (count != header->link_count) scratch_.patch.write(&header->link_count, count);
  }

  InsertScratch& scratch_;
  const Layout& layout_;
  LockedPages pages_;
  bool is_linked_ = false;  ///< somebody leads to the new node
};

/// A link on an upper level.
class UpperLink {
 public:
  /// `is_chosen`: as in PlannedLink.
  UpperLink(InsertScratch& scratch, const NewLink& link, bool is_chosen)
      : scratch_(scratch), link_(link), is_chosen_(is_chosen) {}

  void write() {
    for (int attempt = 0; attempt < kAttempts; ++attempt) {
      CHECK_FOR_INTERRUPTS();
      ListChange change;
      if (!plan(&change) || apply(change)) return;
    }
  }

 private:
  bool plan(ListChange* change) {
    NodeView& view = scratch_.view;
    const LinkCandidate& to = link_.to;
    if (!scratch_.reader.read(to.node, scratch_.walk.query(), view)) return false;
    const bool is_another = is_chosen_ && view.distance != to.distance;
    if (is_another || view.header.level < link_.level) return false;
    item_ = view.header.upper;
    const std::size_t m = scratch_.index.shape().m;
    count_ = scratch_.reader.upper_links(to.node, view.header, link_.level, links_.data());
    std::fill(links_.begin() + static_cast<std::ptrdiff_t>(count_),
              links_.begin() + static_cast<std::ptrdiff_t>(m), kNoNode);
    const SeenList list{links_.data(), count_, m, nullptr};
    return plan_link(scratch_, list, link_, change);
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
                                          link_.to.node, ItemKind::links, &bytes);
    const std::size_t from = (link_.level - 1) * m * sizeof(NodeId);
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
  const NewLink& link_;
  bool is_chosen_;
  ItemPointerData item_;
  std::size_t count_ = 0;
  std::array<NodeId, kMaxLinks> links_;
};

/// Adds the links to the lists on one level. Whether, on the lowest, the new node is reached then.
bool add_links(InsertScratch& scratch, const NewLink* links, std::size_t count, bool are_chosen) {
  if (links->level > 0) {
    for (std::size_t i = 0; i < count; ++i) UpperLink(scratch, links[i], are_chosen).write();
    return true;
  }
  guarded([&] { scratch.planned.resize(count); });
  for (std::size_t i = 0; i < count; ++i) {
    scratch.planned[i].link = links[i];
    scratch.planned[i].is_chosen = are_chosen;
  }
  return LowestLinks(scratch).write();
}

/// The nearest has died meanwhile: then any other of scratch.new_links.
bool link_to_any(InsertScratch& scratch) {
  for (NewLink& link : scratch.new_links) link.must_stay = true;
  return std::any_of(scratch.new_links.begin(), scratch.new_links.end(),
                     [&](const NewLink& link) { return add_links(scratch, &link, 1, true); });
}

}  // namespace

bool lead_to(InsertScratch& scratch, NodeId node) {
  guarded([&] { scratch.taken_over.assign(1, node); });
  scratch.planned.clear();
  return LowestLinks(scratch).lead_to_taken();
}

bool link_back(InsertScratch& scratch) {
  const std::size_t m = scratch.index.shape().m;
  const NewRow& row = scratch.row;
  bool is_linked = false;
  scratch.handovers.clear();
  for (std::size_t at = 0; at < scratch.levels.size(); ++at) {
    const LevelLinks& level = scratch.levels[at];
    const std::size_t count = std::min(level.chosen.size(), std::max(m / 2, level.directions));
    if (count == 0) continue;
    guarded([&] { scratch.new_links.resize(count); });
    for (std::size_t i = 0; i < count; ++i) {
      const LinkCandidate back{level.chosen[i].distance, row.node, row.code};
      scratch.new_links[i] = {level.chosen[i], back, static_cast<std::uint32_t>(at), i == 0};
    }
    const bool is_reached = add_links(scratch, scratch.new_links.data(), count, true);
    if (at == 0) is_linked = is_reached || link_to_any(scratch);
  }
  for (std::size_t i = 0; i < std::min(scratch.handovers.size(), kMaxHandovers); ++i) {
    const NewLink link = scratch.handovers[i];
    add_links(scratch, &link, 1, false);
  }
  return is_linked;
}

}  // namespace dvecdb::extension
