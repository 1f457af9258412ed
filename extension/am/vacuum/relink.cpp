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

bool Relink::relink(NodeId node, Helpers helpers, NodeSet& changed) {
  node_ = node;
  find_near(node, helpers);
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
void Relink::find_near(NodeId node, Helpers helpers) {
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
  if (helpers == Helpers::near) return;
  const NodeId entry = reach_.entry();
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
  return count < reader_.index().layout().max_links() && put(from, view_, count, to, nullptr);
}

bool Relink::lead(NodeId from, NodeId node, Way way) {
  return way == Way::free_place ? add_link(from, node) : insert_between(from, node, way);
}

/// What has taken a link that then stays where it was leads there besides: no harm.
bool Relink::insert_between(NodeId from, NodeId node, Way way) {
  if (!read(node, other_view_) || !read(from, view_)) return false;
  if (has_link(view_, node)) return true;
  if (view_.header.link_count == 0) return false;
  LinkReason reason;
  bool is_needed;
  const std::size_t place = place_to_give(&reason, &is_needed);
  return (!is_needed || take_over(node, view_.links[place], way)) &&
         put(from, view_, place, node, &reason);
}

/// The list of the node, in other_view_, gets a link; at any cost in the place of another.
bool Relink::take_over(NodeId node, NodeId link, Way way) {
  const std::size_t count = other_view_.header.link_count;
  if (count < reader_.index().layout().max_links()) {
    return put(node, other_view_, count, link, nullptr);
  }
  if (way != Way::between_at_any_cost) return false;
  const std::size_t place = place_to_lose();
  return place < count && put(node, other_view_, place, link, nullptr);
}

/// Of the list in other_view_, whose node is not reached: a link to a node that is reached without
/// it, or else to one that will be looked at itself. What was inserted since the survey may be
/// reached by this link alone.
std::size_t Relink::place_to_lose() const {
  const std::size_t count = other_view_.header.link_count;
  const auto last_of = [&](const auto& may_be_lost) {
    std::size_t place = count;
    while (place > 0 && !may_be_lost(other_view_.links[place - 1])) --place;
    return place;
  };
  const std::size_t reached = last_of([&](NodeId link) { return reach_.has(link); });
  if (reached > 0) return reached - 1;
  const std::size_t known = last_of([&](NodeId link) { return survey_.live.has(link); });
  return known > 0 ? known - 1 : count;
}

/// Of the list in view_: a link that the one in other_view_ has as well, or leads nowhere; or else
/// the farthest, which is needed.
std::size_t Relink::place_to_give(LinkReason* reason, bool* is_needed) {
  std::size_t farthest = 0;
  float most = -FLT_MAX;
  *is_needed = false;
  for (std::size_t i = 0; i < view_.header.link_count; ++i) {
    const NodeId link = view_.links[i];
    *reason = {node_, link};
    if (has_link(other_view_, link)) return i;
    const float distance = reader_.distance(link, query_);
    if (distance <= most) continue;
    farthest = i;
    most = distance;
  }
  *is_needed = most < FLT_MAX;
  const NodeId link = view_.links[farthest];
  *reason = *is_needed ? LinkReason{node_, link} : LinkReason{link, kNoNode};
  return farthest;
}

/// Puts a link at a place of a list, or behind its end. False if the list is another by now, or the
/// link that it takes the place of is needed.
bool Relink::put(NodeId from, const NodeView& view, std::size_t place, NodeId to,
                 const LinkReason* reason) {
  const Layout& layout = reader_.index().layout();
  const std::size_t count = view.header.link_count;
  pages_.clear();
  pages_.add(layout.node_block(from), true);
  if (reason != nullptr) pages_.add(layout.node_block(reason->node), false);
  pages_.lock(reader_.relation(), reader_.index());
  const Buffer buffer = pages_.buffer(layout.node_block(from));
  NodeHeader* header = layout.header(BufferGetPage(buffer), layout.place_of(from));
  NodeId* links = layout.links(header);
  const bool is_same = header->state == NodeState::live && header->link_count == count &&
                       std::equal(links, links + count, view.links.begin()) &&
                       (reason == nullptr || pages_.holds(layout, *reason));
  if (is_same) {
    patch_.begin(reader_.relation());
    patch_.add_page(buffer);
    patch_.write(&links[place], to);
    if (place == count) patch_.write(&header->link_count, static_cast<std::uint16_t>(count + 1));
    std::uint8_t* fused = layout.fused(header) + place / 8;
    patch_.write(fused, static_cast<std::uint8_t>(*fused & ~(1u << (place % 8))));
    patch_.finish();
  }
  pages_.unlock();
  return is_same;
}

}  // namespace dvecdb::extension
