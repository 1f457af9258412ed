#include "core/hnsw/walk.h"

#include <algorithm>
#include <array>
#include <cfloat>
#include <utility>

#include "core/hnsw/prefetch.h"

namespace dvecdb::core {
void Walker::prepare(const float* vector, WalkQuery& out) const {
  out.exact.reset();
  codes_.prepare(vector, out);
}

void Walker::prepare(std::uint32_t slot, WalkQuery& out) const {
  out.exact.reset();
  codes_.prepare_from_code(graph_.code(slot), out);
}

void Walker::prepare_like(const WalkQuery& like, std::uint32_t slot, WalkQuery& out) const {
  if (like.exact) {
    prepare_exactly(graph_.vector(slot), out);
  } else {
    prepare(slot, out);
  }
}

void Walker::prepare_exactly(const float* vector, WalkQuery& out) const {
  out.exact.emplace(codes_.metric(), vector, graph_.dims());
}

float Walker::estimate(const WalkQuery& query, std::uint32_t slot) const {
  float out;
  estimate(query, &slot, 1, &out);
  return out;
}

void Walker::estimate(const WalkQuery& query, const std::uint32_t* slots, std::size_t count,
                      float* out) const {
  if (!query.exact) {
    for (std::size_t i = 0; i < count; ++i) {
      prefetch_lines(graph_.code(slots[i]), graph_.code_lines());
    }
  }
  estimate_again(query, slots, count, out);
}

void Walker::estimate_again(const WalkQuery& query, const std::uint32_t* slots, std::size_t count,
                            float* out) const {
  if (query.exact) return measure(*query.exact, slots, count, out);
  std::array<const std::uint8_t*, kMaxLinks> codes;
  for (std::size_t done = 0; done < count; done += kMaxLinks) {
    const std::size_t n = std::min(count - done, kMaxLinks);
    for (std::size_t i = 0; i < n; ++i) codes[i] = graph_.code(slots[done + i]);
    codes_.estimate(query, codes.data(), n, out + done);
  }
}

void Walker::measure(const QueryMetric& query, const std::uint32_t* slots, std::size_t count,
                     float* out) const {
  for (std::size_t i = 0; i < count; ++i) {
    const float sum = query.sum(graph_.vector(slots[i]));
    const double distance = query.distance(sum, graph_.node(slots[i]).norm_squared);
    out[i] = static_cast<float>(std::min<double>(codes_.estimate_of(distance), FLT_MAX));
  }
}

Candidate Walker::nearest_from(const WalkQuery& query, Candidate start, std::uint32_t level) const {
  Candidate best = start;
  std::array<std::uint32_t, kMaxLinks> slots;
  std::array<float, kMaxLinks> distances;
  for (bool moved = true; moved;) {
    moved = false;
    const std::size_t count = graph_.links(best.slot, level).read(slots.data());
    estimate(query, slots.data(), count, distances.data());
    for (std::size_t i = 0; i < count; ++i) {
      if (distances[i] >= best.distance) continue;
      best = {distances[i], slots[i]};
      moved = true;
    }
  }
  return best;
}

Candidate Walker::descend(const WalkQuery& query, EntryPoint entry, std::uint32_t level) const {
  Candidate best{estimate(query, entry.slot), entry.slot};
  for (std::uint32_t at = entry.level; at >= level && at > 0; --at) {
    best = nearest_from(query, best, at);
  }
  return best;
}

void Walker::begin(Scratch& scratch, std::size_t ef, Candidate start, Patience patience) const {
  scratch.visited.reset(graph_.slots());
  scratch.pool.reset(ef);
  scratch.patience = patience;
  scratch.rejected.clear();
  scratch.visited.mark(start.slot);
  scratch.pool.insert(start.distance, start.slot);
}

void Walker::begin_exactly(Scratch& scratch, const float* query, std::size_t ef,
                           Patience patience) const {
  prepare_exactly(query, scratch.query);
  std::vector<std::uint32_t>& starts = scratch.slots;
  starts.clear();
  for (std::size_t i = 0; i < scratch.pool.size(); ++i) starts.push_back(scratch.pool[i].slot);
  scratch.visited.reset(graph_.slots());
  scratch.pool.reset(ef);
  scratch.patience = patience;
  scratch.rejected.clear();
  for (const std::uint32_t start : starts) {
    scratch.visited.mark(start);
    const float distance = estimate(scratch.query, start);
    if (distance < scratch.pool.threshold()) scratch.pool.insert(distance, start);
  }
}

/// The slot that will be expanded next, if all of `found` become candidates.
std::uint32_t Walker::next_to_expand(const CandidatePool& pool, const Found& found) {
  Candidate next = pool.peek();
  for (std::size_t i = 0; i < found.count; ++i) {
    const bool is_nearer = found.distances[i] < next.distance;
    next.distance = is_nearer ? found.distances[i] : next.distance;
    next.slot = is_nearer ? found.slots[i] : next.slot;
  }
  return next.slot;
}

void Walker::prefetch_links(std::uint32_t slot) const {
  if (slot != kNoSlot) prefetch_lines(graph_.lowest_links(slot), graph_.link_lines());
}

/// Takes the nearest candidate of the pool that was not expanded, marks its neighbors that were not
/// met before, and asks for what they are estimated by; also for the links of the candidate after
/// it, which mostly is what is expanded next. False when all were expanded.
bool Walker::expand(Scratch& scratch, std::uint32_t level, Found& found) const {
  const std::uint32_t slot = scratch.pool.pop();
  if (slot == kNoSlot) return false;
  if (level == 0) prefetch_links(scratch.pool.peek().slot);
  const Links links = graph_.links(slot, level);
  std::size_t count = 0;
  for (std::size_t i = 0; i < links.capacity(); ++i) {
    const std::uint32_t neighbor = links[i];
    if (neighbor == kNoSlot) break;
    found.slots[count] = neighbor;
    count += scratch.visited.mark(neighbor);
  }
  found.count = count;
  if (scratch.query.exact) return true;
  for (std::size_t i = 0; i < count; ++i) {
    found.codes[i] = graph_.code(found.slots[i]);
    prefetch_lines(found.codes[i], graph_.code_lines());
  }
  return true;
}

void Walker::estimate(const WalkQuery& query, Found& found) const {
  float* out = found.distances.data();
  if (query.exact) return measure(*query.exact, found.slots.data(), found.count, out);
  codes_.estimate(query, found.codes.data(), found.count, out);
}

void Walker::take(const Found& found, bool keep_rejected, Scratch& scratch) {
  CandidatePool& pool = scratch.pool;
  if (!keep_rejected) return pool.offer(found.distances.data(), found.slots.data(), found.count);
  for (std::size_t i = 0; i < found.count; ++i) {
    Candidate rejected{found.distances[i], found.slots[i]};
    if (rejected.distance < pool.threshold()) {
      rejected = pool.insert(rejected.distance, rejected.slot);
    }
    if (rejected.slot != kNoSlot) scratch.rejected.push_back(rejected);
  }
}

/// Whether all that the walk is for is at the query itself, as far as floats tell: then that
/// nothing nearer comes says nothing of how much more there is.
bool Walker::is_tied(const Scratch& scratch) const {
  constexpr float kRounding = 1e-5f;
  if (!codes_.is_metric()) return false;
  const std::size_t last = std::min(scratch.patience.rank, scratch.pool.size()) - 1;
  return scratch.pool[last].distance <= kRounding * scratch.query.code.base;
}

/// Two nodes are under way at a time: while the codes around one are on their way from memory,
/// those around the one before are compared. So a node is chosen before it is known what the one
/// before it leads to.
void Walker::walk(Scratch& scratch, std::uint32_t level, bool keep_rejected) const {
  CandidatePool& pool = scratch.pool;
  std::array<Found, 2> found;
  Found* now = &found[0];
  Found* coming = &found[1];
  std::size_t idle = 0;
  bool is_under_way = expand(scratch, level, *now);
  while (is_under_way) {
    is_under_way = expand(scratch, level, *coming);
    estimate(scratch.query, *now);
    const std::uint32_t next = next_to_expand(pool, *now);
    if (level == 0) prefetch_links(next);
    take(*now, keep_rejected, scratch);
    idle = pool.came_within(scratch.patience.rank) ? 0 : idle + 1;
    if (idle >= scratch.patience.pops) {
      pool.put_in_order();
      if (!is_tied(scratch)) return;
    }
    std::swap(now, coming);
    is_under_way = is_under_way || expand(scratch, level, *now);
  }
}

}  // namespace dvecdb::core
