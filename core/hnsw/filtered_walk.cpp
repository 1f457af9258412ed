#include "core/hnsw/filtered_walk.h"

#include <algorithm>
#include <cmath>

#include "core/hnsw/prefetch.h"

namespace dvecdb::core {
namespace {

/// Lists that are read before what they hold is tested.
constexpr std::size_t kListsAtOnce = 4;

}  // namespace

std::size_t FilteredWalker::wanted_neighbors(double share) {
  constexpr double kAll = 14;  // where all nodes match
  constexpr double kMost = 32;
  return static_cast<std::size_t>(std::min(kMost, kAll / std::sqrt(share)));
}

void FilteredWalker::find_starts(Candidate nearest, std::size_t ef, double share) {
  constexpr double kNearlyAll = 0.85;  // match: their walk goes the same ways
  constexpr std::size_t kShortPool = 32;
  constexpr Patience kShortWalk{1, 24};
  const bool is_metric = walker_.is_metric();
  scratch_.slots.assign(1, nearest.slot);
  if (is_metric && share > kNearlyAll) return;
  walker_.begin(scratch_, is_metric ? kShortPool : ef, nearest,
                is_metric ? kShortWalk : Patience{});
  walker_.walk(scratch_, 0, false);
  scratch_.slots.clear();
  for (std::size_t i = 0; i < scratch_.pool.size(); ++i) {
    scratch_.slots.push_back(scratch_.pool[i].slot);
  }
}

double FilteredWalker::begin(std::size_t ef, double share) {
  const std::size_t list = 2 * graph_.m();
  room_.marks.reset(graph_.slots());
  room_.fresh.reserve(std::max(kListsAtOnce * list, scratch_.slots.size()) + 1);
  room_.bridges.reserve(list * (list + 1) + scratch_.slots.size() + 2);
  room_.matches.reserve(list * (list + 1) + scratch_.slots.size() + 2);
  scratch_.pool.reset(ef);
  scratch_.rejected.clear();
  room_.fresh.clear();
  room_.matches.clear();
  tested_ = 0;
  wanted_ = wanted_neighbors(share);
  room_.bridges.clear();
  for (const std::uint32_t slot : scratch_.slots) room_.fresh.push_if(slot, true);
  test_fresh();
  estimate_matches(true);
  expand(scratch_.slots.front());
  const std::size_t matching = scratch_.pool.size() + room_.matches.size();
  const double around = static_cast<double>(matching) / static_cast<double>(tested_);
  scratch_.slots.assign(room_.bridges.data(), room_.bridges.data() + room_.bridges.size());
  if (matching > 0) wanted_ = wanted_neighbors(around);
  estimate_matches(true);
  return around;
}

void FilteredWalker::begin_exactly(const float* query, std::size_t ef) {
  walker_.prepare_exactly(query, scratch_.query);
  room_.marks.reset(graph_.slots());
  room_.matches.reserve(scratch_.pool.size() + 1);
  for (std::size_t i = 0; i < scratch_.pool.size(); ++i) {
    room_.marks.set(scratch_.pool[i].slot, Met::matches);
    room_.matches.push_if(scratch_.pool[i].slot, true);
  }
  scratch_.pool.reset(ef);
  scratch_.rejected.clear();
  estimate_matches(true);
}

void FilteredWalker::walk(bool keep_rejected) {
  CandidatePool& pool = scratch_.pool;
  for (std::uint32_t slot = pool.pop(); slot != kNoSlot; slot = pool.pop()) {
    expand(slot);
    if (const std::uint32_t next = pool.peek().slot; next != kNoSlot) {
      prefetch_lines(graph_.lowest_links(next), 2);
    }
    estimate_matches(keep_rejected);
  }
}

/// Collects the matching nodes around the slot that were not met before.
void FilteredWalker::expand(std::uint32_t slot) {
  SlotList& bridges = room_.bridges;
  bridges.clear();
  reached_ = 0;
  look_at(slot, true);
  test_fresh();
  const std::size_t neighbors = bridges.size();
  for (std::size_t i = 0; i < neighbors && reached_ < wanted_;) {
    const std::size_t end = std::min(i + kListsAtOnce, neighbors);
    for (std::size_t ahead = i; ahead < std::min(end + kListsAtOnce, neighbors); ++ahead) {
      prefetch_lines(graph_.lowest_links(bridges[ahead]), 2);
    }
    for (; i < end; ++i) {
      room_.marks.set(bridges[i], Met::passed);
      look_at(bridges[i], false);
    }
    test_fresh();
  }
}

/// Sorts the slot's neighbors into those to be tested and those that were, of which those that do
/// not match may become bridges.
void FilteredWalker::look_at(std::uint32_t slot, bool bridges_too) {
  const Links links = graph_.links(slot, 0);
  FilterMarks& marks = room_.marks;
  const std::size_t before = room_.fresh.size();
  for (std::size_t i = 0; i < links.capacity(); ++i) {
    const std::uint32_t neighbor = links[i];
    if (neighbor == kNoSlot) break;
    const Met met = marks.get(neighbor);
    room_.fresh.push_if(neighbor, met == Met::never);
    room_.bridges.push_if(neighbor, bridges_too & (met == Met::fails));
    reached_ += met == Met::matches;
  }
  for (std::size_t i = before; i < room_.fresh.size(); ++i) {
    marks.set(room_.fresh[i], Met::fails);  // until it is tested: so nobody comes twice
    if (filter_.slot_bits() == nullptr) __builtin_prefetch(&graph_.node(room_.fresh[i]));
  }
}

void FilteredWalker::test_fresh() {
  for (std::size_t i = 0; i < room_.fresh.size(); ++i) {
    const std::uint32_t slot = room_.fresh[i];
    const bool matches = filter_.leads_to_match(slot);
    room_.marks.set(slot, matches ? Met::matches : Met::fails);
    room_.matches.push_if(slot, matches);
    room_.bridges.push_if(slot, !matches);
    reached_ += matches;
  }
  tested_ += room_.fresh.size();
  room_.fresh.clear();
}

void FilteredWalker::estimate_matches(bool keep_rejected) {
  CandidatePool& pool = scratch_.pool;
  const SlotList& matches = room_.matches;
  std::vector<float>& distances = room_.distances;
  if (distances.size() < matches.size()) distances.resize(matches.size());
  for (std::size_t i = 0; i < matches.size(); ++i) {
    prefetch_lines(graph_.code(matches[i]), graph_.code_lines());
  }
  walker_.estimate(scratch_.query, matches.data(), matches.size(), distances.data());
  for (std::size_t i = 0; i < matches.size(); ++i) {
    Candidate rejected{distances[i], matches[i]};
    if (distances[i] < pool.threshold()) rejected = pool.insert(distances[i], matches[i]);
    if (keep_rejected && rejected.slot != kNoSlot) scratch_.rejected.push_back(rejected);
  }
  room_.matches.clear();
}

}  // namespace dvecdb::core
