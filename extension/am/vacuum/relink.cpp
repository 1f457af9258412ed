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

constexpr std::size_t kNoPlace = SIZE_MAX;

/// So many of the nearest are asked to lead there.
constexpr std::size_t kAsked = 16;

}  // namespace

std::uint32_t Relink::relink(NodeId node) {
  survey_.codes.forget();
  const std::uint8_t* code = survey_.codes.code(reader_, node);
  if (code == nullptr) return kNoGroup;
  lists_.begin(node, code);
  lists_.search_near(near_);
  std::erase_if(near_, [&](const core::Candidate& one) { return !reach_.has(one.slot); });
  std::sort(near_.begin(), near_.end());
  if (near_.size() > kAsked) near_.resize(kAsked);
  for (const Place wanted : {Place::free, Place::any}) {
    for (const core::Candidate& one : near_) {
      if (!add_link(one.slot, node, wanted)) continue;
      survey_.count_link(node);
      if (is_alone(node)) add_link(node, one.slot, Place::free);
      return reader_.index().layout().group_of(one.slot);
    }
  }
  return kNoGroup;
}

/// Whether a node's list leads nowhere.
bool Relink::is_alone(NodeId node) {
  NodeHeader header;
  return reader_.header(node, &header) && header.link_count == 0;
}

/// The place of the farthest link of view_ whose node others lead to, too.
std::size_t Relink::replaceable_place() {
  std::size_t farthest = kNoPlace;
  float most = -FLT_MAX;
  for (std::size_t i = 0; i < view_.header.link_count; ++i) {
    if (!survey_.linked_again.has(view_.links[i])) continue;
    const float distance = reader_.distance(view_.links[i], query_);
    if (distance <= most) continue;
    farthest = i;
    most = distance;
  }
  return farthest;
}

bool Relink::add_link(NodeId from, NodeId to, Place wanted) {
  const Layout& layout = reader_.index().layout();
  const std::uint8_t* code = reader_.code(from);
  if (code == nullptr) return false;
  guarded([&] { reader_.index().codes().prepare_from_code(code, query_); });
  if (!reader_.read(from, query_, view_) || view_.header.state != NodeState::live) return false;
  const std::size_t count = view_.header.link_count;
  const auto end = view_.links.begin() + static_cast<std::ptrdiff_t>(count);
  if (std::find(view_.links.begin(), end, to) != end) return true;  // since the survey
  const bool has_room = count < layout.max_links();
  if (!has_room && wanted == Place::free) return false;
  const std::size_t place = has_room ? count : replaceable_place();
  if (place == kNoPlace) return false;
  const Buffer buffer = ReadBuffer(reader_.relation(), layout.node_block(from));
  LockBuffer(buffer, BUFFER_LOCK_EXCLUSIVE);
  NodeHeader* header = layout.header(BufferGetPage(buffer), layout.place_of(from));
  NodeId* links = layout.links(header);
  const bool is_same = header->state == NodeState::live && header->link_count == count &&
                       std::equal(links, links + count, view_.links.begin());
  if (is_same) {
    patch_.begin(reader_.relation());
    patch_.add_page(buffer);
    patch_.write(&links[place], to);
    if (has_room) patch_.write(&header->link_count, static_cast<std::uint16_t>(count + 1));
    std::uint8_t* fused = layout.fused(header) + place / 8;
    patch_.write(fused, static_cast<std::uint8_t>(*fused & ~(1u << (place % 8))));
    patch_.finish();
    if (!has_room) survey_.linked_again.remove(view_.links[place]);
  }
  UnlockReleaseBuffer(buffer);
  return is_same;
}

}  // namespace dvecdb::extension
