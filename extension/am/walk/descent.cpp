#include "extension/am/walk/descent.h"

#include <algorithm>
#include <cfloat>

#include "extension/failure_point.h"
#include "extension/guard.h"

namespace dvecdb::extension {

core::Candidate Descent::run(NodeId entry, std::uint32_t entry_level, std::uint32_t level) {
  UpperCache* cache = reader_.index().upper_cache();
  if (cache != nullptr) guarded([&] { cache->begin(entry); });
  const core::Candidate best = go_down(entry, entry_level, level);
  NodeHeader header;
  const bool is_there = best.slot == kNoNode || reader_.header(best.slot, &header);
  if (is_there || cache == nullptr) return best;
  cache->clear();  // vacuum has freed what is remembered
  return go_down(entry, entry_level, level);
}

core::Candidate Descent::go_down(NodeId entry, std::uint32_t entry_level, std::uint32_t level) {
  core::Candidate best = start(entry);
  if (best.slot == kNoNode) return best;
  for (std::uint32_t at = entry_level; at >= std::max(level, 1u); --at) {
    best = nearest_on(best, at);
  }
  return best;
}

core::Candidate Descent::start(NodeId entry) {
  if (entry == kNoNode || !reader_.read(entry, query_, view_)) return {FLT_MAX, kNoNode};
  return {view_.distance, entry};
}

core::Candidate Descent::nearest_on(core::Candidate start, std::uint32_t level) {
  core::Candidate best = start;
  for (bool moved = true; moved;) {
    CHECK_FOR_INTERRUPTS();
    failure_point("descent");
    moved = false;
    const std::size_t count = links_of(best.slot, level);
    measure_links(count);
    for (std::size_t i = 0; i < count; ++i) {
      if (distances_[i] >= best.distance) continue;
      best = {distances_[i], links_[i]};
      moved = true;
    }
  }
  return best;
}

/// Copies the links on a level into links_; how many.
std::size_t Descent::links_of(NodeId node, std::uint32_t level) {
  const std::size_t m = reader_.index().shape().m;
  if (remember(node)) {
    const UpperCache::Entry known = reader_.index().upper_cache()->find(node);
    if (known.level < level) return 0;
    std::size_t count = 0;
    for (const NodeId* link = known.links + (level - 1) * m; count < m && *link != kNoNode;
         ++link) {
      links_[count++] = *link;
    }
    return count;
  }
  if (!reader_.read(node, query_, view_) || view_.header.level < level) return 0;
  return reader_.upper_links(node, view_.header, level, links_.data());
}

/// Sees to it that a node is in the cache, if there is one with room for it.
bool Descent::remember(NodeId node) {
  UpperCache* cache = reader_.index().upper_cache();
  if (cache == nullptr) return false;
  if (cache->find(node).code != nullptr) return true;
  const std::uint8_t* code = reader_.code(node);
  if (code == nullptr || !reader_.read(node, query_, view_)) return false;
  const std::size_t m = reader_.index().shape().m;
  const std::uint32_t level = view_.header.level;
  auto* links = allocate<NodeId>(level * m + 1);
  std::fill_n(links, level * m, kNoNode);
  for (std::uint32_t at = 1; at <= level; ++at) {
    reader_.upper_links(node, view_.header, at, links + (at - 1) * m);
  }
  guarded([&] { cache->put(node, code, level, links); });
  pfree(links);
  return cache->find(node).code != nullptr;
}

/// The distances of links_, those remembered all at once.
void Descent::measure_links(std::size_t count) {
  std::array<const std::uint8_t*, kMaxLinks> codes;
  std::array<std::uint8_t, kMaxLinks> places;
  std::array<float, kMaxLinks> distances;
  for (std::size_t i = 0; i < count; ++i) remember(links_[i]);  // moves what is remembered
  const UpperCache* cache = reader_.index().upper_cache();
  std::size_t known = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint8_t* code = cache != nullptr ? cache->find(links_[i]).code : nullptr;
    if (code == nullptr) {
      distances_[i] = reader_.distance(links_[i], query_);
      continue;
    }
    places[known] = static_cast<std::uint8_t>(i);
    codes[known++] = code;
  }
  if (known == 0) return;
  reader_.index().codes().distances(query_, codes.data(), known, distances.data());
  for (std::size_t i = 0; i < known; ++i) distances_[places[i]] = distances[i];
}

}  // namespace dvecdb::extension
