#include "extension/am/vacuum/relink.h"

#include <algorithm>
#include <cfloat>

#include "extension/guard.h"

extern "C" {
#include <storage/bufmgr.h>
#include <utils/rel.h>
}

namespace dvecdb::extension {
namespace {

/// So many of the nearest are asked to lead there.
constexpr std::size_t kAsked = 16;

}  // namespace

bool Relink::relink(NodeId node, NodeSet& changed) {
  find_near(node);
  const Layout& layout = reader_.index().layout();
  for (const Way way : {Way::free_place, Way::between, Way::between_at_any_cost}) {
    for (const core::Candidate& one : near_) {
      if (!lead(one.slot, node, way)) continue;
      changed.add(layout.group_of(one.slot));
      changed.add(layout.group_of(node));
      NodeHeader header;
      const bool is_alone = reader_.header(node, &header) && header.link_count == 0;
      if (is_alone) add_link(node, one.slot);
      return true;
    }
  }
  return false;
}

/// The nearest nodes that are reached, or the entry alone where a search meets none.
void Relink::find_near(NodeId node) {
  near_.clear();
  survey_.codes.forget();
  const std::uint8_t* code = survey_.codes.code(reader_, node);
  if (code != nullptr) {
    lists_.begin(node, code);
    lists_.search_near(near_);
  }
  std::erase_if(near_, [&](const core::Candidate& one) { return !reach_.has(one.slot); });
  std::sort(near_.begin(), near_.end());
  if (near_.size() > kAsked) near_.resize(kAsked);
  const NodeId entry = read_meta(reader_.relation()).entry;
  const bool is_entry_apart = near_.empty() && entry != kNoNode && entry != node;
  if (is_entry_apart) guarded([&] { near_.push_back({0, entry}); });
}

/// Distances are those from the node.
bool Relink::read(NodeId node, NodeView& view) {
  const std::uint8_t* code = reader_.code(node);
  if (code == nullptr) return false;
  guarded([&] { reader_.index().codes().prepare_from_code(code, query_); });
  return reader_.read(node, query_, view) && view.header.state == NodeState::live;
}

bool Relink::has_link(const NodeView& view, NodeId to) const {
  const auto end = view.links.begin() + view.header.link_count;
  return std::find(view.links.begin(), end, to) != end;
}

bool Relink::add_link(NodeId from, NodeId to) {
  if (!read(from, view_)) return false;
  if (has_link(view_, to)) return true;  // since the survey
  const std::size_t count = view_.header.link_count;
  return count < reader_.index().layout().max_links() && put(from, view_, count, to);
}

bool Relink::lead(NodeId from, NodeId node, Way way) {
  return way == Way::free_place ? add_link(from, node) : insert_between(from, node, way);
}

/// What has taken a link that then stays where it was leads there besides: no harm.
bool Relink::insert_between(NodeId from, NodeId node, Way way) {
  if (!read(node, other_view_) || !read(from, view_)) return false;
  if (has_link(view_, node)) return true;
  if (view_.header.link_count == 0) return false;
  bool is_needed;
  const std::size_t place = place_to_give(&is_needed);
  return (!is_needed || take_over(node, view_.links[place], way)) && put(from, view_, place, node);
}

/// The list of the node, in other_view_, gets a link; at any cost in the place of its last one. As
/// nobody was seen to come to the node, that one is hardly needed: but who was inserted meanwhile
/// may come.
bool Relink::take_over(NodeId node, NodeId link, Way way) {
  const std::size_t count = other_view_.header.link_count;
  const bool has_room = count < reader_.index().layout().max_links();
  if (!has_room && way != Way::between_at_any_cost) return false;
  return put(node, other_view_, has_room ? count : count - 1, link);
}

/// Of the list in view_: a link that the one in other_view_ has as well, or leads nowhere; or else
/// the farthest, which is needed.
std::size_t Relink::place_to_give(bool* is_needed) {
  std::size_t farthest = 0;
  float most = -FLT_MAX;
  *is_needed = false;
  for (std::size_t i = 0; i < view_.header.link_count; ++i) {
    if (has_link(other_view_, view_.links[i])) return i;
    const float distance = reader_.distance(view_.links[i], query_);
    if (distance <= most) continue;
    farthest = i;
    most = distance;
  }
  *is_needed = most < FLT_MAX;
  return farthest;
}

/// Puts a link at a place of a list, or behind its end. False if the list is another by now.
bool Relink::put(NodeId from, const NodeView& view, std::size_t place, NodeId to) {
  const Layout& layout = reader_.index().layout();
  const std::size_t count = view.header.link_count;
  const Buffer buffer = ReadBuffer(reader_.relation(), layout.node_block(from));
  LockBuffer(buffer, BUFFER_LOCK_EXCLUSIVE);
  NodeHeader* header = layout.header(BufferGetPage(buffer), layout.place_of(from));
  NodeId* links = layout.links(header);
  const bool is_same = header->state == NodeState::live && header->link_count == count &&
                       std::equal(links, links + count, view.links.begin());
  if (is_same) {
    patch_.begin(reader_.relation());
    patch_.add_page(buffer);
    patch_.write(&links[place], to);
    if (place == count) patch_.write(&header->link_count, static_cast<std::uint16_t>(count + 1));
    std::uint8_t* fused = layout.fused(header) + place / 8;
    patch_.write(fused, static_cast<std::uint8_t>(*fused & ~(1u << (place % 8))));
    patch_.finish();
  }
  UnlockReleaseBuffer(buffer);
  return is_same;
}

}  // namespace dvecdb::extension
