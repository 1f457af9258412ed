#include "extension/am/vacuum/reach.h"

#include <algorithm>

#include "extension/guard.h"

namespace dvecdb::extension {
namespace {

/// Passes over all NODE pages; what they leave is found link by link.
constexpr int kPasses = 4;

}  // namespace

void Reach::begin(NodeId entry, NodeId count) {
  entry_ = entry;
  reached_ = NodeSet(count);
  expanded_ = NodeSet(count);
  if (entry == kNoNode) return;
  reached_.add(entry);
  for (int i = 0; i < kPasses; ++i) {
    if (!pass()) return;
  }
  for (NodeId node = 0; node < count; ++node) {
    if (reached_.has(node) && !expanded_.has(node)) spread(node);
  }
}

/// Goes on from all that was reached; false if nothing new was.
bool Reach::pass() {
  has_found_ = false;
  NodePages pages(info_, layout_);
  while (pages.next(BUFFER_LOCK_SHARE)) {
    expand(pages);
    pages.unlock();
  }
  return has_found_;
}

void Reach::expand(NodePages& pages) {
  for (std::uint32_t place = 0; place < layout_.nodes_per_group(); ++place) {
    const NodeId node = layout_.node_of(pages.group(), place);
    if (!reached_.has(node) || expanded_.has(node)) continue;
    expanded_.add(node);
    NodeHeader* header = layout_.header(pages.page(), place);
    if (header->state != NodeState::live) continue;
    const auto count = std::min<std::uint32_t>(header->link_count, layout_.max_links());
    for (std::uint32_t i = 0; i < count; ++i) {
      const NodeId link = layout_.links(header)[i];
      has_found_ |= link < reached_.count() && !reached_.has(link);
      reached_.add(link);
    }
  }
}

void Reach::spread(NodeId node) {
  reached_.add(node);
  guarded([&] { waiting_.assign(1, node); });
  while (!waiting_.empty()) {
    DVECDB_VACUUM_DELAY();
    const NodeId next = waiting_.back();
    waiting_.pop_back();
    if (expanded_.has(next)) continue;
    expanded_.add(next);
    if (!copy_links(next)) continue;
    for (std::size_t i = 0; i < list_.count; ++i) {
      const NodeId link = list_.links[i];
      if (link >= reached_.count() || expanded_.has(link)) continue;
      reached_.add(link);
      guarded([&] { waiting_.push_back(link); });
    }
  }
}

/// Of a live node, into list_.
bool Reach::copy_links(NodeId node) {
  const Buffer buffer = ReadBuffer(info_->index, layout_.node_block(node));
  LockBuffer(buffer, BUFFER_LOCK_SHARE);
  const Page page = BufferGetPage(buffer);
  bool is_live = is_of_kind(page, PageKind::node);
  if (is_live) {
    NodeHeader* header = layout_.header(page, layout_.place_of(node));
    is_live = header->state == NodeState::live;
    list_.count = std::min<std::size_t>(header->link_count, layout_.max_links());
    std::copy_n(layout_.links(header), list_.count, list_.links.begin());
  }
  UnlockReleaseBuffer(buffer);
  return is_live;
}

}  // namespace dvecdb::extension
