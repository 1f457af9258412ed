#include "extension/am/insert/lowest_links.h"

#include <algorithm>
#include <array>
#include <cfloat>
#include <cstring>

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

}  // namespace

bool LowestLinks::lead_to(NodeId node) {
  guarded([&] { scratch_.taken_over.assign(1, node); });
  scratch_.planned.clear();
  is_linked_ = true;
  take_over();
  return scratch_.taken_over[0] != kNoNode;
}

void LowestLinks::forget_gone() {
  std::vector<NodeId>& own_links = scratch_.own_links;
  std::array<NodeId, kMaxLinks> kept;
  std::uint16_t count = 0;
  for (const NodeId link : own_links) {
    NodeHeader header;
    const bool is_there = scratch_.reader.header(link, &header);
    if (is_there && header.state == NodeState::live) kept[count++] = link;
  }
  if (count == own_links.size()) return;
  const NodeId own = scratch_.row.node;
  const Buffer buffer = scratch_.index.pin(scratch_.relation, layout_.node_block(own));
  LockBuffer(buffer, BUFFER_LOCK_EXCLUSIVE);
  NodeHeader* header = layout_.header(BufferGetPage(buffer), layout_.place_of(own));
  const NodeId* links = layout_.links(header);
  if (std::equal(links, links + header->link_count, own_links.begin(), own_links.end())) {
    static constexpr std::array<std::uint8_t, (kMaxLinks + 7) / 8> kNotFused{};
    scratch_.patch.begin(scratch_.relation);
    scratch_.patch.add_page(buffer);
    scratch_.patch.write(links, kept.data(), count * sizeof(NodeId));
    scratch_.patch.write(layout_.fused(header), kNotFused.data(), layout_.fused_bytes());
    scratch_.patch.write(&header->link_count, count);
    scratch_.patch.finish();
    guarded([&] { own_links.assign(kept.begin(), kept.begin() + count); });
  }
  UnlockReleaseBuffer(buffer);
}

void LowestLinks::plan_ahead(const std::vector<NewLink>& links) {
  set_links(links.data(), links.size());
  plan_all();
  std::vector<LinkCandidate>& chosen = scratch_.levels[0].chosen;
  for (const NodeId taken : scratch_.taken_over) {
    const auto is_it = [taken](const LinkCandidate& one) { return one.node == taken; };
    if (std::any_of(chosen.begin(), chosen.end(), is_it)) continue;
    const std::uint8_t* code = scratch_.codes.code_of(taken);
    guarded([&] { chosen.push_back({FLT_MAX, taken, code}); });
  }
  scratch_.taken_over.clear();
}

bool LowestLinks::write_planned() {
  std::erase_if(scratch_.planned, [&](PlannedLink& one) { return !name_node(one); });
  apply_all();
  return write_rest(1);
}

bool LowestLinks::write(const NewLink* links, std::size_t count) {
  set_links(links, count);
  return write_rest(0);
}

/// In the order of their blocks.
void LowestLinks::set_links(const NewLink* links, std::size_t count) {
  std::vector<PlannedLink>& planned = scratch_.planned;
  guarded([&] { planned.resize(count); });
  for (std::size_t i = 0; i < count; ++i) planned[i].link = links[i];
  const auto by_block = [](const PlannedLink& a, const PlannedLink& b) {
    return a.link.to.node < b.link.to.node;
  };
  std::sort(planned.begin(), planned.end(), by_block);
}

/// What was not applied yet, after so many attempts.
bool LowestLinks::write_rest(int attempts) {
  std::vector<PlannedLink>& planned = scratch_.planned;
  for (int attempt = attempts; (attempt < kAttempts || !is_linked_) && !planned.empty();
       ++attempt) {
    CHECK_FOR_INTERRUPTS();
    if (attempt > 0) scratch_.codes.clear();  // what was not there may be by now
    plan_all();
    if (!scratch_.taken_over.empty()) take_over();
    apply_all();
  }
  return is_linked_;
}

void LowestLinks::plan_all() {
  scratch_.taken_over.clear();
  std::erase_if(scratch_.planned, [&](PlannedLink& one) { return !plan(one); });
}

/// False if there is nothing to be done, or the node is no longer the one that was chosen.
bool LowestLinks::plan(PlannedLink& one) {
  NodeView& view = scratch_.view;
  const LinkCandidate& to = one.link.to;
  if (to.node == scratch_.row.node) return false;
  if (!scratch_.reader.read(to.node, scratch_.walk.query(), view)) return false;
  if (view.distance != to.distance) return false;
  one.is_done = false;
  one.seen_tid = view.header.tid;
  one.seen_count = view.header.link_count;
  std::copy_n(view.links.data(), one.seen_count, one.seen.data());
  const SeenList list{one.seen.data(), one.seen_count, layout_.max_links(), view.fused.data()};
  return plan_link(scratch_, list, one.link, &one.change);
}

/// Puts the number of the new node into what was planned before it had one. A list that leads to
/// that number already, which was another node's, is looked at again. False as of plan().
bool LowestLinks::name_node(PlannedLink& one) {
  const NodeId node = scratch_.row.node;
  if (one.link.to.node == node) return false;
  one.link.link.node = node;
  const auto end = one.seen.begin() + one.seen_count;
  if (std::find(one.seen.begin(), end, node) != end) return plan(one);
  ListChange& change = one.change;
  for (std::size_t i = 0; i < change.edit_count; ++i) {
    if (change.edits[i].node == kNoNode) change.edits[i].node = node;
  }
  for (std::size_t i = 0; i < change.reason_count; ++i) {
    if (change.reasons[i].node == kNoNode) change.reasons[i].node = node;
  }
  return true;
}

/// Adds what others give up to the new node's list. While nobody leads to the node yet, and
/// nobody was at its list, its own links are needed by none. Changes for which there is no place
/// are not made.
void LowestLinks::take_over() {
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

/// Those that are left then are to be planned again.
void LowestLinks::apply_all() {
  failure_point("insert apply");
  std::vector<PlannedLink>& planned = scratch_.planned;
  for (std::size_t done = 0; done < planned.size();) {
    CHECK_FOR_INTERRUPTS();
    done = apply_some(done);
  }
  std::erase_if(planned, [](const PlannedLink& one) { return one.is_done; });
}

/// Locks the pages of the links from `first` on, as many as go into one record, and those of the
/// nodes for which links are given up; returns which is the next.
std::size_t LowestLinks::apply_some(std::size_t first) {
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

std::size_t LowestLinks::add_pages(std::size_t first) {
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

bool LowestLinks::has_reasons(const ListChange& change) {
  return std::all_of(change.reasons.begin(), change.reasons.begin() + change.reason_count,
                     [&](const LinkReason& reason) { return pages_.holds(layout_, reason); });
}

bool LowestLinks::is_as_seen(const PlannedLink& link, NodeHeader* header) const {
  return header->link_count == link.seen_count &&
         std::memcmp(layout_.links(header), link.seen.data(), link.seen_count * sizeof(NodeId)) ==
             0;
}

void LowestLinks::apply(PlannedLink& one, Page page) {
  if (!is_of_kind(page, PageKind::node)) return;
  NodeHeader* header = layout_.header(page, layout_.place_of(one.link.to.node));
  const bool is_same_node = header->state != NodeState::free &&
                            std::memcmp(&header->tid, &one.seen_tid, sizeof one.seen_tid) == 0;
  if (!is_same_node || !is_as_seen(one, header) || !has_reasons(one.change)) return;
  write(one.change, header);
  one.is_done = true;
  is_linked_ = is_linked_ || header->state == NodeState::live;  // or VACUUM may be about to free it
}

/// Into the patch, whose last page has the header.
void LowestLinks::write(const ListChange& change, NodeHeader* header) {
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

}  // namespace dvecdb::extension
