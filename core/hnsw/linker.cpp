#include "core/hnsw/linker.h"

#include <algorithm>
#include <array>
#include <cfloat>
#include <mutex>

namespace dvecdb::core {
namespace {

/// How much nearer a chosen neighbor must be to cover a candidate, in the second pass
/// (of squared distances).
constexpr float kRelaxed = 1.3f;

constexpr std::size_t kMaxLinks = 200;

/// So many of the nearest candidates are weighed again for what room remains after a repair.
constexpr std::size_t kToFillWith = 48;

/// After so many links that moved on, for one that came, they are let go: where codes are equal or
/// not exact it could go on and on.
constexpr std::size_t kMaxHandovers = 9;

/// With fewer neighbors in directions of their own a new node looks beyond its pool. On the upper
/// levels, where few nodes lead the way between regions, that costs little.
constexpr std::size_t few_directions(std::uint32_t level) {
  return level == 0 ? 2 : 6;
}

/// Its walk for that needs no larger pool.
constexpr std::size_t kPoolBeyond = 64;

/// This part of a full list is given up at once: to find some costs little more than to find one.
constexpr std::size_t kGivenUpShare = 10;

/// Changes of a full list are found without its lock, until so many have come to nothing.
constexpr std::size_t kMostTries = 3;

/// In place of the slot of a candidate that is chosen already.
constexpr std::uint32_t kChosen = kNoSlot;

}  // namespace

/// A query that is a node: exact, if the new node's is.
void Linker::prepare(const Scratch& scratch, std::uint32_t slot, WalkQuery& out) const {
  if (scratch.query.exact) {
    walker_.prepare_exactly(graph_.vector(slot), out);
  } else {
    walker_.prepare(slot, out);
  }
}

/// Whether one of those chosen is nearer to the candidate than `limit`.
bool Linker::covered(std::uint32_t candidate, float limit, const Scratch& scratch) const {
  for (std::size_t i = 0; i < scratch.slots.size(); ++i) {
    if (walker_.estimate(scratch.selected[i], candidate) < limit) return true;
  }
  return false;
}

void Linker::select(Scratch& scratch, std::size_t capacity) const {
  prepare_chosen(scratch, capacity);
  select_uncovered(scratch, capacity, 1.0f);
  if (scratch.candidates.size() > kToFillWith) scratch.candidates.resize(kToFillWith);
  fill(scratch, capacity);
}

std::size_t Linker::select_from_walk(Scratch& scratch, std::size_t capacity,
                                     std::uint32_t level) const {
  scratch.slots.clear();
  prepare_chosen(scratch, capacity);
  select_uncovered(scratch, capacity, 1.0f);
  const bool has_few = scratch.slots.size() < few_directions(level);
  if (has_few && codes_.is_metric()) select_beyond(scratch, capacity, level);
  const std::size_t directions = scratch.slots.size();
  fill(scratch, capacity);
  std::reverse(scratch.slots.begin() + static_cast<std::ptrdiff_t>(directions),
               scratch.slots.end());
  return directions;
}

void Linker::prepare_chosen(Scratch& scratch, std::size_t capacity) const {
  scratch.covers.clear();
  if (scratch.selected.size() < capacity) scratch.selected.resize(capacity);
  for (std::size_t i = 0; i < scratch.slots.size(); ++i) {
    prepare(scratch, scratch.slots[i], scratch.selected[i]);
  }
}

void Linker::fill(Scratch& scratch, std::size_t capacity) const {
  select_uncovered(scratch, capacity, kRelaxed);
  for (Candidate& c : scratch.candidates) {
    if (scratch.slots.size() == capacity) return;
    if (c.slot == kChosen) continue;
    scratch.slots.push_back(c.slot);
    c.slot = kChosen;
  }
}

void Linker::choose(std::uint32_t slot, Scratch& scratch) const {
  prepare(scratch, slot, scratch.selected[scratch.slots.size()]);
  scratch.slots.push_back(slot);
}

/// Chooses the candidates that none chosen before is nearer to than the node by `factor`. Goes on,
/// for each, from where an earlier call has come to: what it compared did not cover the candidate,
/// but the last, and less so by a greater factor.
void Linker::select_uncovered(Scratch& scratch, std::size_t capacity, float factor) const {
  scratch.covers.resize(scratch.candidates.size());
  for (std::size_t i = 0; i < scratch.candidates.size(); ++i) {
    if (scratch.slots.size() == capacity) return;
    Candidate& c = scratch.candidates[i];
    // relaxing by a factor has no meaning for distances that may be negative
    if (c.slot == kChosen || (factor != 1.0f && c.distance < 0)) continue;
    const float limit = c.distance / factor;
    Cover& cover = scratch.covers[i];
    while (!(cover.distance < limit) && cover.compared < scratch.slots.size()) {
      cover.distance = walker_.estimate(scratch.selected[cover.compared++], c.slot);
    }
    if (cover.distance < limit) continue;
    choose(c.slot, scratch);
    c.slot = kChosen;
  }
}

/// Where the pool is of one tight cluster: chooses the nearest in other directions, found from what
/// the walk, which is repeated for it, meets but does not take.
void Linker::select_beyond(Scratch& scratch, std::size_t capacity, std::uint32_t level) const {
  const std::vector<std::uint32_t>& chosen = scratch.slots;
  walker_.begin(scratch, std::min(scratch.pool.size(), kPoolBeyond), scratch.pool[0]);
  walker_.walk(scratch, level, true);
  std::sort(scratch.rejected.begin(), scratch.rejected.end());
  const std::size_t limit = std::min(capacity, few_directions(level));
  for (const Candidate& met : scratch.rejected) {
    if (chosen.size() >= limit) return;
    if (covered(met.slot, met.distance, scratch)) continue;
    const Candidate c = walker_.nearest_from(scratch.query, met, level);
    if (graph_.node(c.slot).load_state() == NodeState::victim) continue;
    if (std::find(chosen.begin(), chosen.end(), c.slot) != chosen.end()) continue;
    if (covered(c.slot, c.distance, scratch)) continue;
    choose(c.slot, scratch);
  }
}

/// Puts `slot` among node's neighbors. Where there is no room, some are given up for it and for
/// those that come after it: scratch.given_up.
void Linker::exchange(std::uint32_t node, std::uint32_t slot, std::uint32_t level,
                      Scratch& scratch) const {
  for (std::size_t tries = 1; !try_exchange(node, slot, level, tries == kMostTries, scratch);) {
    ++tries;
  }
}

/// To find what to give up takes long, and many want to change the same few lists. So it is done
/// without the lock, unless `holds_on`; false if the list is another one by then. The list is left
/// with the settled first, nearest first.
bool Linker::try_exchange(std::uint32_t node, std::uint32_t slot, std::uint32_t level,
                          bool holds_on, Scratch& scratch) const {
  scratch.given_up.clear();
  std::unique_lock lock(graph_.node(node).lock);
  Links links = graph_.links(node, level);
  std::array<std::uint32_t, kMaxLinks> before;
  const std::size_t count = links.read(before.data());
  const auto end = before.begin() + static_cast<std::ptrdiff_t>(count);
  if (std::find(before.begin(), end, slot) != end) return true;
  if (count < links.capacity()) {
    links.set(count, slot);
    return true;
  }
  if (!holds_on) lock.unlock();
  weigh_neighbors(node, {before.begin(), end}, slot, scratch);
  give_up(std::max<std::size_t>(2, count / kGivenUpShare), scratch);
  const auto is_settled = [](const Weighed& one) { return one.is_settled; };
  const auto others =
      std::stable_partition(scratch.weighed.begin(), scratch.weighed.end(), is_settled);
  std::reverse(others, scratch.weighed.end());
  scratch.slots.clear();
  for (const Weighed& kept : scratch.weighed) scratch.slots.push_back(kept.slot);
  if (!holds_on) {
    lock.lock();
    for (std::size_t i = 0; i < count; ++i) {
      if (links[i] != before[i]) return false;
    }
  }
  links.assign(scratch.slots.data(), scratch.slots.size());
  return true;
}

/// The neighbors of a node and one more, nearest first, in scratch.weighed. Settled are the first
/// of the list, as long as they get farther.
void Linker::weigh_neighbors(std::uint32_t node, std::span<const std::uint32_t> neighbors,
                             std::uint32_t one_more, Scratch& scratch) const {
  std::array<std::uint32_t, kMaxLinks + 1> slots;
  std::array<float, kMaxLinks + 1> distances;
  const std::size_t count = neighbors.size();
  std::copy(neighbors.begin(), neighbors.end(), slots.begin());
  slots[count] = one_more;
  prepare(scratch, node, scratch.other);
  walker_.estimate(scratch.other, slots.data(), count + 1, distances.data());
  scratch.weighed.clear();
  bool is_settled = true;
  for (std::size_t i = 0; i <= count; ++i) {
    is_settled = is_settled && i < count && (i == 0 || distances[i] >= distances[i - 1]);
    scratch.weighed.push_back({distances[i], slots[i], is_settled});
  }
  std::sort(scratch.weighed.begin(), scratch.weighed.end());
}

/// Which neighbor is nearest to the one `at` a place of scratch.weighed, of those before it that it
/// was not compared with yet.
Candidate Linker::nearest_before(std::size_t at, Scratch& scratch) const {
  std::array<std::uint32_t, kMaxLinks + 1> slots;
  std::array<float, kMaxLinks + 1> distances;
  const Weighed& one = scratch.weighed[at];
  std::size_t count = 0;
  for (std::size_t i = 0; i < at; ++i) {
    slots[count] = scratch.weighed[i].slot;
    count += !(one.is_settled && scratch.weighed[i].is_settled);
  }
  if (count == 0) return {FLT_MAX, kNoSlot};
  prepare(scratch, one.slot, scratch.other);
  walker_.estimate(scratch.other, slots.data(), count, distances.data());
  const auto end = distances.begin() + static_cast<std::ptrdiff_t>(count);
  const auto nearest = std::min_element(distances.begin(), end);
  return {*nearest, slots[static_cast<std::size_t>(nearest - distances.begin())]};
}

/// Gives up the farthest of scratch.weighed that nearer ones cover: `wanted` of them, or as many as
/// there are. If there are none, it is the farthest of all, which mostly needs no heir.
void Linker::give_up(std::size_t wanted, Scratch& scratch) const {
  std::vector<Weighed>& weighed = scratch.weighed;
  for (std::size_t i = weighed.size(); i-- > 0 && scratch.given_up.size() < wanted;) {
    const Candidate nearest = nearest_before(i, scratch);
    weighed[i].is_settled = nearest.distance >= weighed[i].distance;
    if (weighed[i].is_settled) continue;
    scratch.given_up.push_back({weighed[i].slot, nearest.slot});
    weighed.erase(weighed.begin() + static_cast<std::ptrdiff_t>(i));
  }
  if (!scratch.given_up.empty()) return;
  const Weighed farthest = weighed.back();
  weighed.pop_back();
  const bool leads_elsewhere =
      farthest.distance > kElsewhere * weighed[weighed.size() / 2].distance;
  if (leads_elsewhere) scratch.given_up.push_back({farthest.slot, weighed.front().slot});
}

/// A neighbor of `from` that is nearer to the vector prepared in scratch.other; `from` if none is.
Candidate Linker::step_nearer(const Candidate& from, std::uint32_t level, std::uint32_t avoided,
                              const Scratch& scratch) const {
  constexpr std::size_t kAtOnce = 4;
  std::array<std::uint32_t, kMaxLinks> slots;
  std::array<float, kAtOnce> distances;
  const std::size_t count = graph_.links(from.slot, level).read(slots.data());
  for (std::size_t i = 0; i < count; i += kAtOnce) {
    const std::size_t n = std::min(kAtOnce, count - i);
    walker_.estimate(scratch.other, &slots[i], n, distances.data());
    for (std::size_t j = 0; j < n; ++j) {
      const bool is_nearer = distances[j] < from.distance;
      if (is_nearer && slots[i + j] != avoided) return {distances[j], slots[i + j]};
    }
  }
  return from;
}

/// Where a walk from the cover to what `node` has given up comes to a dead end; kNoSlot if it
/// arrives.
std::uint32_t Linker::dead_end(std::uint32_t node, const GivenUp& given_up, std::uint32_t level,
                               Scratch& scratch) const {
  prepare(scratch, given_up.slot, scratch.other);
  Candidate at{walker_.estimate(scratch.other, given_up.cover), given_up.cover};
  for (;;) {
    if (graph_.links(at.slot, level).contains(given_up.slot)) return kNoSlot;
    const Candidate next = step_nearer(at, level, node, scratch);
    if (next.slot == given_up.slot) return kNoSlot;
    if (next.slot == at.slot) return at.slot;
    at = next;
  }
}

void Linker::add_link(std::uint32_t node, std::uint32_t slot, std::uint32_t level,
                      Scratch& scratch) const {
  scratch.handovers.assign(1, {slot, node});
  for (std::size_t i = 0; i < std::min(scratch.handovers.size(), kMaxHandovers); ++i) {
    const Handover link = scratch.handovers[i];
    exchange(link.to, link.slot, level, scratch);
    if (!codes_.is_metric()) return;
    for (const GivenUp& given_up : scratch.given_up) {
      if (graph_.node(given_up.slot).load_state() == NodeState::victim) continue;
      const std::uint32_t heir = dead_end(link.to, given_up, level, scratch);
      if (heir != kNoSlot) scratch.handovers.push_back({given_up.slot, heir});
    }
  }
}

}  // namespace dvecdb::core
