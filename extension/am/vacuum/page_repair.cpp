#include "extension/am/vacuum/page_repair.h"

#include <algorithm>
#include <cstring>

#include "extension/am/pages/allocate.h"
#include "extension/am/pages/items.h"
#include "extension/guard.h"

extern "C" {
#include <storage/bufmgr.h>
#include <utils/rel.h>
}

namespace dvecdb::extension {
namespace {

/// A page whose lists others change again and again is left for the next vacuum.
constexpr int kMostTurns = 3;

LinkList list_of(const Layout& layout, NodeHeader* header) {
  LinkList list;
  list.count = std::min<std::size_t>(header->link_count, layout.max_links());
  std::copy_n(layout.links(header), list.count, list.links.begin());
  return list;
}

bool are_equal(const LinkList& a, const LinkList& b) {
  return a.count == b.count &&
         std::equal(a.links.begin(), a.links.begin() + a.count, b.links.begin());
}

bool has_bit(const std::uint8_t* bits, std::size_t i) {
  return (bits[i / 8] >> (i % 8) & 1) != 0;
}

void set_bit(std::uint8_t* bits, std::size_t i) {
  bits[i / 8] = static_cast<std::uint8_t>(bits[i / 8] | 1u << (i % 8));
}

}  // namespace

void PageRepair::repair(Buffer locked, std::uint32_t group) {
  const BlockNumber block = BufferGetBlockNumber(locked);
  Buffer buffer = locked;
  for (int turn = 0;; ++turn) {
    std::memcpy(copy_.data(), BufferGetPage(buffer), BLCKSZ);
    UnlockReleaseBuffer(buffer);
    if (repair_copied(group) || turn == kMostTurns) return;
    buffer = ReadBuffer(reader_.relation(), block);
    LockBuffer(buffer, BUFFER_LOCK_SHARE);
  }
}

/// False if somebody else has changed the page, so that it is to be done again.
bool PageRepair::repair_copied(std::uint32_t group) {
  changes_.clear();
  tasks_.clear();
  codes_.clear();
  for (std::uint32_t place = 0; place < layout().nodes_per_group(); ++place) {
    NodeHeader* header = layout().header(copy_.data(), place);
    if (header->state == NodeState::live) look_at(layout().node_of(group, place), header);
  }
  bool is_done = true;
  for (std::size_t first = 0; first < tasks_.size() || has_unwritten();) {
    const std::size_t end = end_of_record(first);
    is_done = write_record(group, first, end) && is_done;
    first = end;
  }
  return is_done;
}

void PageRepair::look_at(NodeId node, NodeHeader* header) {
  const LinkList before = list_of(layout(), header);
  const bool has_gone = lists_.has_gone(before);
  const bool is_above = header->level > 0 && survey_.dead_nodes > 0;
  if (!has_gone && !is_above && is_fused(header)) return;
  survey_.codes.forget();
  const std::uint8_t* code = survey_.codes.code(reader_, node);
  if (code == nullptr) return;
  LinkList after = before;
  if (has_gone || is_above) lists_.begin(node, code);
  if (has_gone) lists_.repair(0, after);
  if (is_above) repair_upper(node, *header);
  if (!has_gone && is_fused(header)) return;
  const std::size_t change = add_change(node, header, before, after);
  if (layout().has_rows()) encode(change, code);
}

/// Whether the row has the codes of all links.
bool PageRepair::is_fused(NodeHeader* header) const {
  if (!layout().has_rows()) return true;
  const std::uint8_t* fused = layout().fused(header);
  const auto count = std::min<std::uint32_t>(header->link_count, layout().max_links());
  for (std::uint32_t i = 0; i < count; ++i) {
    if (!has_bit(fused, i)) return false;
  }
  return true;
}

void PageRepair::repair_upper(NodeId node, const NodeHeader& header) {
  const std::size_t m = reader_.index().shape().m;
  for (std::uint32_t level = 1; level <= header.level; ++level) {
    LinkList before;
    before.count = reader_.upper_links(node, header, level, before.links.data());
    LinkList after = before;
    if (!lists_.has_gone(before)) continue;
    lists_.repair(level, after);
    after.count = std::min(after.count, m);
    std::fill(before.links.begin() + before.count, before.links.end(), kNoNode);
    std::fill(after.links.begin() + after.count, after.links.end(), kNoNode);
    const std::size_t size = m * sizeof(NodeId);
    exchange_in_item(reader_.relation(), header.upper, node,
                     {(level - 1) * size, before.links.data(), after.links.data(), size});
  }
}

std::size_t PageRepair::add_change(NodeId node, NodeHeader* header, const LinkList& before,
                                   const LinkList& after) {
  Change change{node, before, after, {}, false, false};
  const std::uint8_t* fused = layout().fused(header);
  for (std::size_t i = 0; i < after.count; ++i) {
    const bool is_same = i < before.count && after.links[i] == before.links[i];
    if (is_same && has_bit(fused, i)) set_bit(change.fused.data(), i);
  }
  guarded([&] { changes_.push_back(change); });
  return changes_.size() - 1;
}

/// The codes that the row lacks.
void PageRepair::encode(std::size_t at, const std::uint8_t* own_code) {
  const core::CodeSpace& space = *reader_.index().codes().space();
  const core::NeighborCodes& neighbor_codes = *reader_.index().neighbor_codes();
  guarded([&] {
    own_.resize(space.rotated_dims());
    neighbor_.resize(space.rotated_dims());
    space.decode_rotated(own_code, own_.data());
  });
  const Change& change = changes_[at];
  for (std::uint32_t i = 0; i < change.after.count; ++i) {
    if (has_bit(change.fused.data(), i)) continue;
    const std::uint8_t* code = survey_.codes.code(reader_, change.after.links[i]);
    if (code == nullptr) continue;
    const BlockNumber block = layout().row_block(change.node) + i / layout().codes_per_page();
    guarded([&] {
      const std::size_t place = codes_.size();
      codes_.resize(place + neighbor_codes.code_bytes());
      space.decode_rotated(code, neighbor_.data());
      neighbor_codes.encode(neighbor_.data(), own_.data(), &codes_[place], scratch_);
      tasks_.push_back({at, i, block, place});
    });
  }
}

bool PageRepair::has_unwritten() const {
  return std::any_of(changes_.begin(), changes_.end(),
                     [](const Change& one) { return !one.is_written && !one.is_lost; });
}

/// Codes from `first` on that one record has room for: those of all pages but one.
std::size_t PageRepair::end_of_record(std::size_t first) const {
  std::size_t pages = 0;
  std::size_t end = first;
  for (; end < tasks_.size(); ++end) {
    const bool is_next = end == first || tasks_[end].block != tasks_[end - 1].block;
    if (is_next && ++pages == PagePatch::kMaxPages) break;
  }
  return end;
}

/// Writes all lists, if they are not written yet, and some codes with their bits. False if a list
/// was changed by somebody else.
bool PageRepair::write_record(std::uint32_t group, std::size_t first, std::size_t end) {
  const Relation relation = reader_.relation();
  const Buffer buffer = ReadBuffer(relation, layout().first_block(group));
  LockBuffer(buffer, BUFFER_LOCK_EXCLUSIVE);
  patch_.begin(relation);
  patch_.add_page(buffer);
  for (Change& change : changes_) compare(BufferGetPage(buffer), change);
  for (std::size_t i = first; i < end; ++i) {
    Change& change = changes_[tasks_[i].change];
    set_bit(change.fused.data(), tasks_[i].link);
  }
  for (Change& change : changes_) write_list(BufferGetPage(buffer), change);
  std::array<Buffer, PagePatch::kMaxPages> rows;
  std::size_t count = 0;
  for (std::size_t i = first; i < end; ++i) {
    const bool is_next = i == first || tasks_[i].block != tasks_[i - 1].block;
    if (is_next) rows[count++] = begin_row_page(tasks_[i].block);
    if (!changes_[tasks_[i].change].is_lost) write_code(rows[count - 1], tasks_[i]);
  }
  patch_.finish();
  while (count > 0) UnlockReleaseBuffer(rows[--count]);
  UnlockReleaseBuffer(buffer);
  return std::none_of(changes_.begin(), changes_.end(),
                      [](const Change& one) { return one.is_lost; });
}

/// Whether the node is still as it was, or as an earlier record has left it.
void PageRepair::compare(Page page, Change& change) {
  NodeHeader* header = layout().header(page, layout().place_of(change.node));
  const LinkList& expected = change.is_written ? change.after : change.before;
  const bool is_same =
      header->state == NodeState::live && are_equal(list_of(layout(), header), expected);
  change.is_lost = change.is_lost || !is_same;
}

void PageRepair::write_list(Page page, Change& change) {
  if (change.is_lost) return;
  NodeHeader* header = layout().header(page, layout().place_of(change.node));
  if (!change.is_written && !are_equal(change.before, change.after)) {
    const auto count = static_cast<std::uint16_t>(change.after.count);
    if (header->link_count != count) patch_.write(&header->link_count, count);
    NodeId* links = layout().links(header);
    for (std::size_t i = 0; i < count; ++i) {
      if (links[i] != change.after.links[i]) patch_.write(&links[i], change.after.links[i]);
    }
  }
  change.is_written = true;
  const std::uint8_t* fused = layout().fused(header);
  if (std::memcmp(fused, change.fused.data(), layout().fused_bytes()) != 0) {
    patch_.write(fused, change.fused.data(), layout().fused_bytes());
  }
}

Buffer PageRepair::begin_row_page(BlockNumber block) {
  const Buffer buffer = claim_page(reader_.relation(), block, PageKind::row);
  kind_of(reader_.relation(), buffer);
  patch_.add_page(buffer);
  // Replay clears what is above: the whole page may hold codes.
  const Page page = BufferGetPage(buffer);
  patch_.cover(page + reinterpret_cast<PageHeader>(page)->pd_upper);
  return buffer;
}

void PageRepair::write_code(Buffer buffer, const Code& code) {
  const std::size_t bytes = layout().neighbor_code_bytes();
  const NodeId node = changes_[code.change].node;
  std::uint8_t* row = layout().row(BufferGetPage(buffer), node);
  std::uint8_t* at = row + code.link % layout().codes_per_page() * bytes;
  patch_.write(at, &codes_[code.at], bytes);
}

}  // namespace dvecdb::extension
