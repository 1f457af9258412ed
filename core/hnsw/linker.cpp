#include "core/hnsw/linker.h"

#include <algorithm>
#include <array>
#include <cfloat>
#include <mutex>

namespace dvecdb::core {
namespace {

constexpr std::size_t kMaxLinks = 200;

/// After so many links that moved on, for one that came, they are let go: where codes are equal or
/// not exact it could go on and on.
constexpr std::size_t kMaxHandovers = 9;

/// This part of a full list is given up at once: to find some costs little more than to find one.
constexpr std::size_t kGivenUpShare = 10;

/// Changes of a full list are found without its lock, until so many have come to nothing.
constexpr std::size_t kMostTries = 3;

}  // namespace

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
  walker_.prepare_like(scratch.query, node, scratch.other);
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
  walker_.prepare_like(scratch.query, one.slot, scratch.other);
  walker_.estimate_again(scratch.other, slots.data(), count, distances.data());
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
  walker_.prepare_like(scratch.query, given_up.slot, scratch.other);
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
