#include "extension/am/walk/descent.h"

#include <algorithm>
#include <cfloat>

#include "extension/failure_point.h"
#include "extension/guard.h"

namespace dvecdb::extension {

core::Candidate Descent::run(NodeId entry, std::uint32_t entry_level, std::uint32_t level) {
  if (cache_ != nullptr) guarded([&] { cache_->begin(entry); });
  const core::Candidate best = go_down(entry, entry_level, level);
  NodeHeader header;
  const bool is_there = best.slot == kNoNode || reader_.header(best.slot, &header);
  if (is_there || cache_ == nullptr) return best;
  cache_->clear();  // vacuum has freed what is remembered
  return go_down(entry, entry_level, level);
}

core::Candidate Descent::go_down(NodeId entry, std::uint32_t entry_level, std::uint32_t level) {
  if (!start(entry)) return {FLT_MAX, kNoNode};
  for (std::uint32_t at = entry_level; at >= std::max(level, 1u); --at) go_to_nearest(at);
  return best_;
}

bool Descent::start(NodeId entry) {
  if (entry == kNoNode) return false;
  links_[0] = entry;
  places_[0] = remember(entry);
  measure(1);
  best_ = {distances_[0], entry};
  best_place_ = places_[0];
  return best_place_ != UpperCache::kNowhere || reader_.read(entry, query_, view_);
}

void Descent::go_to_nearest(std::uint32_t level) {
  for (bool moved = true; moved;) {
    CHECK_FOR_INTERRUPTS();
    failure_point("descent");
    moved = false;
    const std::size_t count = links_of_best(level);
    measure(count);
    for (std::size_t i = 0; i < count; ++i) {
      if (distances_[i] >= best_.distance) continue;
      best_ = {distances_[i], links_[i]};
      best_place_ = places_[i];
      moved = true;
    }
  }
}

/// Copies the links that were not compared yet; how many.
std::size_t Descent::links_of_best(std::uint32_t level) {
  if (best_place_ != UpperCache::kNowhere) return remembered_links(level);
  const NodeId node = best_.slot;
  if (!reader_.read(node, query_, view_) || view_.header.level < level) return 0;
  const std::size_t count = reader_.upper_links(node, view_.header, level, links_.data());
  for (std::size_t i = 0; i < count; ++i) places_[i] = remember(links_[i]);
  return count;
}

/// Those that were compared are no nearer than the best: it was the nearest then.
std::size_t Descent::remembered_links(std::uint32_t level) {
  if (cache_->level(best_place_) < level) return 0;
  const std::size_t m = reader_.index().shape().m;
  std::size_t count = 0;
  for (std::size_t i = 0; i < m; ++i) {
    UpperCache::Link link = cache_->links(best_place_, level)[i];
    if (link.node == kNoNode) break;
    if (link.place == UpperCache::kNowhere) {
      link.place = remember(link.node);
      cache_->links(best_place_, level)[i].place = link.place;
    }
    if (link.place != UpperCache::kNowhere && !cache_->mark(link.place)) continue;
    links_[count] = link.node;
    places_[count++] = link.place;
  }
  return count;
}

/// Sees to it that a node is in the cache, if there is one with room for it and the node is there.
Descent::Place Descent::remember(NodeId node) {
  if (cache_ == nullptr) return UpperCache::kNowhere;
  const Place known = cache_->find(node);
  if (known != UpperCache::kNowhere || !cache_->has_room()) return known;
  const std::uint8_t* code = reader_.code(node);
  if (code == nullptr || !reader_.read(node, query_, view_)) return UpperCache::kNowhere;
  const std::size_t m = reader_.index().shape().m;
  const std::uint32_t level = view_.header.level;
  auto* links = allocate<NodeId>(level * m + 1);
  std::fill_n(links, level * m, kNoNode);
  for (std::uint32_t at = 1; at <= level; ++at) {
    reader_.upper_links(node, view_.header, at, links + (at - 1) * m);
  }
  const Place place = guarded([&] { return cache_->put(node, code, level, links); });
  pfree(links);
  return place;
}

/// The distances of links_, those remembered all at once.
void Descent::measure(std::size_t count) {
  std::array<const std::uint8_t*, kMaxLinks> codes;
  std::array<std::uint8_t, kMaxLinks> nth;
  std::array<float, kMaxLinks> distances;
  std::size_t known = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (places_[i] == UpperCache::kNowhere) {
      distances_[i] = reader_.distance(links_[i], query_);
      continue;
    }
    nth[known] = static_cast<std::uint8_t>(i);
    codes[known++] = cache_->code(places_[i]);
  }
  if (known == 0) return;
  reader_.index().codes().distances(query_, codes.data(), known, distances.data());
  for (std::size_t i = 0; i < known; ++i) distances_[nth[i]] = distances[i];
}

}  // namespace dvecdb::extension
