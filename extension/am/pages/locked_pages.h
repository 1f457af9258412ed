#pragma once

#include <algorithm>
#include <array>
#include <cstddef>

#include "extension/am/pages/index.h"

extern "C" {
#include <storage/bufmgr.h>
}

namespace dvecdb::extension {

/// What allows a list to give up a link without anything becoming unreachable.
struct LinkReason {
  NodeId node;  ///< a live one
  NodeId link;  ///< that it leads to, the one given up; kNoNode: the node is not there, and was it
};

/// NODE pages that are locked together, in the order of their blocks: those that are changed, and
/// those that are only looked at so that the change is right at that moment. Trivially
/// destructible.
class LockedPages {
 public:
  static constexpr std::size_t kMost = 32;

  void clear() { count_ = 0; }
  std::size_t room() const { return kMost - count_; }

  /// A page to be locked, if it is not yet among them. There is room.
  void add(BlockNumber block, bool is_changed) {
    One* at = std::lower_bound(begin(), end(), block, is_before);
    if (at == end() || at->block != block) {
      std::copy_backward(at, end(), end() + 1);
      *at = {block, InvalidBuffer, false};
      ++count_;
    }
    at->is_changed |= is_changed;
  }

  void lock(Relation relation, Index& index) {
    for (One& one : *this) {
      one.buffer = index.pin(relation, one.block);
      LockBuffer(one.buffer, one.is_changed ? BUFFER_LOCK_EXCLUSIVE : BUFFER_LOCK_SHARE);
    }
  }

  void unlock() {
    for (One& one : *this) UnlockReleaseBuffer(one.buffer);
  }

  /// Whether a reason holds, whose node's page is locked. Others may have changed the node's list
  /// since it was read, VACUUM may have freed the node, an insertion may have taken its number.
  bool holds(const Layout& layout, const LinkReason& reason) {
    const Page page = BufferGetPage(buffer(layout.node_block(reason.node)));
    const bool is_there = is_of_kind(page, PageKind::node);
    NodeHeader* header = layout.header(page, layout.place_of(reason.node));
    if (reason.link == kNoNode) return !is_there || header->state == NodeState::free;
    const NodeId* links = layout.links(header);
    const NodeId* end = links + std::min<std::uint32_t>(header->link_count, layout.max_links());
    return is_there && header->state == NodeState::live &&
           std::find(links, end, reason.link) != end;
  }

  /// Of a page that was added.
  Buffer buffer(BlockNumber block) {
    return std::lower_bound(begin(), end(), block, is_before)->buffer;
  }

 private:
  struct One {
    BlockNumber block;
    Buffer buffer;
    bool is_changed;
  };
  static bool is_before(const One& one, BlockNumber block) { return one.block < block; }

  One* begin() { return pages_.data(); }
  One* end() { return pages_.data() + count_; }

  std::array<One, kMost> pages_;
  std::size_t count_ = 0;
};

}  // namespace dvecdb::extension
