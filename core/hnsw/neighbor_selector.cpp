#include "core/hnsw/neighbor_selector.h"

#include <algorithm>

namespace dvecdb::core {
namespace {

/// How much nearer a chosen neighbor must be to cover a candidate, in the second pass
/// (of squared distances).
constexpr float kRelaxed = 1.3f;

/// So many of the nearest candidates are weighed again for what room remains after a repair.
constexpr std::size_t kToFillWith = 48;

/// With fewer neighbors in directions of their own a new node looks beyond its pool. On the upper
/// levels, where few nodes lead the way between regions, that costs little.
constexpr std::size_t few_directions(std::uint32_t level) {
  return level == 0 ? 2 : 6;
}

/// Its walk for that needs no larger pool.
constexpr std::size_t kPoolBeyond = 64;

/// In place of the slot of a candidate that is chosen already.
constexpr std::uint32_t kChosen = kNoSlot;

}  // namespace

/// Whether one of those chosen is nearer to the candidate than `limit`.
bool NeighborSelector::covered(std::uint32_t candidate, float limit, const Scratch& scratch) const {
  for (std::size_t i = 0; i < scratch.slots.size(); ++i) {
    if (walker_.estimate(scratch.selected[i], candidate) < limit) return true;
  }
  return false;
}

void NeighborSelector::select(Scratch& scratch, std::size_t capacity) const {
  prepare_chosen(scratch, capacity);
  select_uncovered(scratch, capacity, 1.0f);
  if (scratch.candidates.size() > kToFillWith) scratch.candidates.resize(kToFillWith);
  fill(scratch, capacity);
}

std::size_t NeighborSelector::select_from_walk(Scratch& scratch, std::size_t capacity,
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

void NeighborSelector::prepare_chosen(Scratch& scratch, std::size_t capacity) const {
  scratch.covers.clear();
  if (scratch.selected.size() < capacity) scratch.selected.resize(capacity);
  for (std::size_t i = 0; i < scratch.slots.size(); ++i) {
    walker_.prepare_like(scratch.query, scratch.slots[i], scratch.selected[i]);
  }
}

void NeighborSelector::fill(Scratch& scratch, std::size_t capacity) const {
  select_uncovered(scratch, capacity, kRelaxed);
  for (Candidate& c : scratch.candidates) {
    if (scratch.slots.size() == capacity) return;
    if (c.slot == kChosen) continue;
    scratch.slots.push_back(c.slot);
    c.slot = kChosen;
  }
}

void NeighborSelector::choose(std::uint32_t slot, Scratch& scratch) const {
  walker_.prepare_like(scratch.query, slot, scratch.selected[scratch.slots.size()]);
  scratch.slots.push_back(slot);
}

/// Chooses the candidates that none chosen before is nearer to than the node by `factor`. Goes on,
/// for each, from where an earlier call has come to: what it compared did not cover the candidate,
/// but the last, and less so by a greater factor. Some candidates at a time are compared with those
/// chosen before, each with several of them.
void NeighborSelector::select_uncovered(Scratch& scratch, std::size_t capacity,
                                        float factor) const {
  const std::size_t size = scratch.candidates.size();
  scratch.covers.resize(size);
  for (std::size_t begin = 0; begin < size; begin += kComparedAtOnce) {
    const std::size_t end = std::min(size, begin + kComparedAtOnce);
    OpenCandidates open = open_candidates(begin, end, factor, scratch);
    for (std::size_t i = 0; i < scratch.slots.size(); ++i) compare(i, open, scratch);
    while (open.count > 0) {
      if (scratch.slots.size() == capacity) return;
      Candidate& c = scratch.candidates[open.places[0]];
      choose(c.slot, scratch);
      c.slot = kChosen;
      open.take_first();
      compare(scratch.slots.size() - 1, open, scratch);
    }
  }
}

/// Those from `begin` on that are neither chosen nor covered.
NeighborSelector::OpenCandidates NeighborSelector::open_candidates(std::size_t begin,
                                                                   std::size_t end, float factor,
                                                                   const Scratch& scratch) {
  OpenCandidates open;
  for (std::size_t i = begin; i < end; ++i) {
    const Candidate& c = scratch.candidates[i];
    // relaxing by a factor has no meaning for distances that may be negative
    if (c.slot == kChosen || (factor != 1.0f && c.distance < 0)) continue;
    const float limit = c.distance / factor;
    if (scratch.covers[i].distance < limit) continue;
    open.add(i, limit);
  }
  return open;
}

/// Compares them with one of those chosen, if that is not done yet, and leaves aside whom it
/// covers.
void NeighborSelector::compare(std::size_t chosen, OpenCandidates& open, Scratch& scratch) const {
  std::array<std::uint32_t, kComparedAtOnce> slots;
  std::array<std::size_t, kComparedAtOnce> places;
  std::array<float, kComparedAtOnce> distances;
  std::size_t count = 0;
  for (std::size_t i = 0; i < open.count; ++i) {
    places[count] = open.places[i];
    slots[count] = scratch.candidates[open.places[i]].slot;
    count += scratch.covers[open.places[i]].compared == chosen;
  }
  if (count == 0) return;
  walker_.estimate_again(scratch.selected[chosen], slots.data(), count, distances.data());
  for (std::size_t i = 0; i < count; ++i) {
    scratch.covers[places[i]] = {distances[i], chosen + 1};
  }
  open.keep_if(
      [&](std::size_t place, float limit) { return !(scratch.covers[place].distance < limit); });
}

/// Where the pool is of one tight cluster: chooses the nearest in other directions, found from what
/// the walk, which is repeated for it, meets but does not take.
void NeighborSelector::select_beyond(Scratch& scratch, std::size_t capacity,
                                     std::uint32_t level) const {
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

}  // namespace dvecdb::core
