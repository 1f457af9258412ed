#include "core/hnsw/walk.h"

#include <array>

namespace dvecdb::core {
namespace {

constexpr std::size_t kMaxLinks = 200;  // twice the largest m

inline void prefetch_lines(const void* begin, std::size_t lines) {
  const char* p = static_cast<const char*>(begin);
  for (std::size_t i = 0; i < lines; ++i) __builtin_prefetch(p + 64 * i);
}

}  // namespace

float Walker::estimate(const PreparedQuery& query, std::uint32_t slot) const {
  const std::uint8_t* code = graph_.code(slot);
  float out;
  codes_.estimate(query, &code, 1, &out);
  return out;
}

void Walker::estimate(const PreparedQuery& query, const std::uint32_t* slots, std::size_t count,
                      float* out) const {
  std::array<const std::uint8_t*, kMaxLinks> codes;
  for (std::size_t done = 0; done < count; done += kMaxLinks) {
    const std::size_t n = count - done < kMaxLinks ? count - done : kMaxLinks;
    for (std::size_t i = 0; i < n; ++i) codes[i] = graph_.code(slots[done + i]);
    codes_.estimate(query, codes.data(), n, out + done);
  }
}

Candidate Walker::nearest_from(const PreparedQuery& query, Candidate start,
                               std::uint32_t level) const {
  Candidate best = start;
  std::array<std::uint32_t, kMaxLinks> slots;
  std::array<const std::uint8_t*, kMaxLinks> codes;
  std::array<float, kMaxLinks> distances;
  for (bool moved = true; moved;) {
    moved = false;
    const Links links = graph_.links(best.slot, level);
    std::size_t count = 0;
    for (; count < links.capacity(); ++count) {
      slots[count] = links[count];
      if (slots[count] == kNoSlot) break;
      codes[count] = graph_.code(slots[count]);
      prefetch_lines(codes[count], graph_.code_lines());
    }
    codes_.estimate(query, codes.data(), count, distances.data());
    for (std::size_t i = 0; i < count; ++i) {
      if (distances[i] >= best.distance) continue;
      best = {distances[i], slots[i]};
      moved = true;
    }
  }
  return best;
}

Candidate Walker::descend(const PreparedQuery& query, EntryPoint entry, std::uint32_t level) const {
  Candidate best{estimate(query, entry.slot), entry.slot};
  for (std::uint32_t at = entry.level; at >= level && at > 0; --at) {
    best = nearest_from(query, best, at);
  }
  return best;
}

void Walker::begin(Scratch& scratch, std::size_t ef, Candidate start) const {
  scratch.visited.reset(graph_.slots());
  scratch.pool.reset(ef);
  scratch.rejected.clear();
  scratch.visited.mark(start.slot);
  scratch.pool.insert(start.distance, start.slot);
}

void Walker::walk(Scratch& scratch, std::uint32_t level, bool keep_rejected) const {
  CandidatePool& pool = scratch.pool;
  std::array<std::uint32_t, kMaxLinks> fresh;
  std::array<const std::uint8_t*, kMaxLinks> codes;
  std::array<float, kMaxLinks> distances;
  for (std::uint32_t slot = pool.pop(); slot != kNoSlot; slot = pool.pop()) {
    const Links links = graph_.links(slot, level);
    std::size_t count = 0;
    for (std::size_t i = 0; i < links.capacity(); ++i) {
      const std::uint32_t neighbor = links[i];
      if (neighbor == kNoSlot) break;
      fresh[count] = neighbor;
      count += scratch.visited.mark(neighbor);
    }
    for (std::size_t i = 0; i < count; ++i) {
      codes[i] = graph_.code(fresh[i]);
      prefetch_lines(codes[i], graph_.code_lines());
    }
    if (const std::uint32_t next = pool.peek(); next != kNoSlot && level == 0) {
      prefetch_lines(graph_.lowest_links(next), 2);
    }
    codes_.estimate(scratch.query, codes.data(), count, distances.data());
    for (std::size_t i = 0; i < count; ++i) {
      Candidate rejected{distances[i], fresh[i]};
      if (distances[i] < pool.threshold()) rejected = pool.insert(distances[i], fresh[i]);
      if (keep_rejected && rejected.slot != kNoSlot) scratch.rejected.push_back(rejected);
    }
  }
}

}  // namespace dvecdb::core
