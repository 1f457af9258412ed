// How a sweep links a node past the removed ones around it.
#include <algorithm>
#include <mutex>

#include "core/hnsw/engine.h"

namespace dvecdb::core {
namespace {

/// Victims looked through for one node's new neighbors.
constexpr std::size_t kMaxVictimsExpanded = 64;

/// Of each run of candidates; where each ends is given.
std::vector<Candidate> nearest_of_each(const std::vector<Candidate>& candidates,
                                       const std::vector<std::size_t>& ends) {
  std::vector<Candidate> nearest;
  auto begin = candidates.begin();
  for (const std::size_t at : ends) {
    const auto end = candidates.begin() + static_cast<std::ptrdiff_t>(at);
    if (begin != end) nearest.push_back(*std::min_element(begin, end));
    begin = end;
  }
  return nearest;
}

}  // namespace

void HnswEngine::repair(std::uint32_t slot, Scratch& scratch) {
  Node& node = graph.node(slot);
  const NodeState state = node.load_state();
  if (state == NodeState::free || state == NodeState::victim) return;
  if (node.role != NodeRole::linked) return;
  unchain_victims(slot);
  for (std::uint32_t level = 0; level <= node.level; ++level) {
    if (repair_level(slot, level, scratch)) continue;
    const EntryPoint entry = graph.entry();  // cut off: hold on to the entry
    if (entry.slot == slot || entry.slot == kNoSlot || entry.level < level) continue;
    linker.add_link(slot, entry.slot, level, scratch);
    linker.add_link(entry.slot, slot, level, scratch);
  }
}

/// Replaces victims among the neighbors by the victims' neighbors. False when none are left.
bool HnswEngine::repair_level(std::uint32_t slot, std::uint32_t level, Scratch& scratch) {
  std::lock_guard lock(graph.node(slot).lock);
  Links links = graph.links(slot, level);
  std::vector<std::uint32_t>& found = scratch.slots;
  std::vector<std::uint32_t> victims;
  std::vector<std::uint32_t> beyond(links.capacity());
  found.clear();
  scratch.visited.reset(graph.slots());
  const auto sort_in = [&](std::uint32_t neighbor) {
    const Node& node = graph.node(neighbor);
    if (neighbor == slot || node.level < level) return;
    const bool is_victim = node.load_state() == NodeState::victim;
    if (scratch.visited.mark(neighbor)) (is_victim ? victims : found).push_back(neighbor);
  };
  for (std::size_t i = 0; i < links.size(); ++i) sort_in(links[i]);
  if (victims.empty()) return true;
  const std::size_t kept = found.size();
  std::vector<std::size_t> ends;  // of each victim's neighbors among the candidates
  for (std::size_t v = 0; v < victims.size() && v < kMaxVictimsExpanded; ++v) {
    const std::size_t count = graph.links(victims[v], level).read(beyond.data());
    std::for_each_n(beyond.begin(), count, sort_in);
    ends.push_back(found.size() - kept);
  }
  std::vector<float> distances(found.size());
  walker.prepare(slot, scratch.query);
  walker.estimate(scratch.query, found.data(), found.size(), distances.data());
  if (are_blind(scratch.query, found, distances)) {
    walker.prepare_exactly(graph.vector(slot), scratch.query);
    walker.estimate(scratch.query, found.data(), found.size(), distances.data());
  }
  std::vector<Candidate>& candidates = scratch.candidates;
  candidates.clear();
  for (std::size_t i = kept; i < found.size(); ++i) candidates.push_back({distances[i], found[i]});
  const std::vector<Candidate> nearest = nearest_of_each(candidates, ends);
  std::sort(candidates.begin(), candidates.end());
  found.resize(kept);
  keep_ways_elsewhere(nearest, links.capacity(), scratch);
  selector.select(scratch, links.capacity());
  links.assign(scratch.slots.data(), scratch.slots.size());
  return !scratch.slots.empty();
}

/// A victim's neighbors may all be in another region, as tight clusters are: those that are near
/// cover them, so that none would be chosen, and with the victim the way there would be lost.
/// Chooses the nearest of them.
void HnswEngine::keep_ways_elsewhere(const std::vector<Candidate>& nearest, std::size_t capacity,
                                     Scratch& scratch) const {
  constexpr std::size_t kShare = 8;  // of the places
  std::vector<Candidate>& candidates = scratch.candidates;
  if (candidates.empty()) return;
  const std::size_t middle = std::min(capacity, candidates.size()) / 2;
  const float limit = kElsewhere * candidates[middle].distance;
  const std::size_t room = scratch.slots.size() + capacity / kShare;
  for (const Candidate& c : nearest) {
    if (!(c.distance > limit) || scratch.slots.size() >= std::min(room, capacity)) continue;
    scratch.slots.push_back(c.slot);
    std::erase_if(candidates, [&](const Candidate& other) { return other.slot == c.slot; });
  }
}

/// Whether codes cannot tell the nearest of `slots` apart, as far as codes alone can know: their
/// vectors may be on disk.
bool HnswEngine::are_blind(const WalkQuery& query, const std::vector<std::uint32_t>& slots,
                           std::vector<float> estimates) const {
  constexpr std::size_t kLookedAt = 8;
  if (estimates.empty() || !codes.is_metric()) return false;
  const auto last = static_cast<std::ptrdiff_t>(std::min(kLookedAt, estimates.size()) - 1);
  std::nth_element(estimates.begin(), estimates.begin() + last, estimates.end());
  const double error = codes.usual_error(query, graph.code(slots[0]));
  const double distance = static_cast<double>(estimates[static_cast<std::size_t>(last)]);
  return distance < error || CodeSpace::is_blind(error, distance);
}

void HnswEngine::unchain_victims(std::uint32_t slot) {
  std::lock_guard lock(graph.node(slot).lock);
  for (std::uint32_t at = slot;;) {
    std::atomic<std::uint32_t>& next_of_at = graph.node(at).next_duplicate;
    const std::uint32_t next = next_of_at.load();
    if (next == kNoSlot) return;
    const Node& node = graph.node(next);
    if (node.load_state() != NodeState::victim) {
      at = next;
      continue;
    }
    next_of_at.store(node.next_duplicate.load(), std::memory_order_release);
    graph.marks().mark(at, ChangeMarks::kNode);
  }
}

}  // namespace dvecdb::core
