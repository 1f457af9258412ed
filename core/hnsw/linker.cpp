#include "core/hnsw/linker.h"

#include <algorithm>
#include <array>
#include <mutex>

namespace dvecdb::core {
namespace {

/// How much nearer a chosen neighbor must be to cover a candidate, in the second pass
/// (of squared distances).
constexpr float kRelaxed = 1.3f;

constexpr std::size_t kMaxLinks = 200;

}  // namespace

/// Whether one of the selected is nearer to the candidate than `limit`.
bool Linker::covered(std::uint32_t candidate, float limit, std::size_t selected,
                     const std::vector<PreparedQuery>& queries) const {
  for (std::size_t i = 0; i < selected; ++i) {
    if (walker_.estimate(queries[i], candidate) < limit) return true;
  }
  return false;
}

void Linker::select(Scratch& scratch, std::size_t capacity) const {
  std::vector<Candidate>& candidates = scratch.candidates;
  std::vector<std::uint32_t>& chosen = scratch.slots;
  if (scratch.selected.size() < capacity) scratch.selected.resize(capacity);
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    codes_.prepare_from_code(graph_.code(chosen[i]), scratch.selected[i]);
  }
  constexpr std::uint32_t kChosen = kNoSlot;
  for (const float factor : {1.0f, kRelaxed}) {
    for (Candidate& c : candidates) {
      if (chosen.size() == capacity) return;
      // relaxing by a factor has no meaning for distances that may be negative
      if (c.slot == kChosen || (factor != 1.0f && c.distance < 0)) continue;
      if (covered(c.slot, c.distance / factor, chosen.size(), scratch.selected)) continue;
      codes_.prepare_from_code(graph_.code(c.slot), scratch.selected[chosen.size()]);
      chosen.push_back(c.slot);
      c.slot = kChosen;
    }
  }
  for (const Candidate& c : candidates) {
    if (chosen.size() == capacity) return;
    if (c.slot != kChosen) chosen.push_back(c.slot);
  }
}

/// Which of `sorted` (neighbors of a node with one too many, nearest first) to give up.
std::size_t Linker::place_to_give_up(const std::vector<Candidate>& sorted, Scratch& scratch) const {
  std::array<std::uint32_t, kMaxLinks + 1> nearer_slots;
  std::array<float, kMaxLinks + 1> distances;
  for (std::size_t i = 0; i < sorted.size(); ++i) nearer_slots[i] = sorted[i].slot;
  for (std::size_t i = sorted.size() - 1; i > 0; --i) {
    codes_.prepare_from_code(graph_.code(sorted[i].slot), scratch.other);
    walker_.estimate(scratch.other, nearer_slots.data(), i, distances.data());
    for (std::size_t j = 0; j < i; ++j) {
      if (distances[j] < sorted[i].distance) return i;
    }
  }
  return sorted.size() - 1;
}

void Linker::add_link(std::uint32_t node, std::uint32_t slot, std::uint32_t level,
                      Scratch& scratch) const {
  std::lock_guard lock(graph_.node(node).lock);
  Links links = graph_.links(node, level);
  const std::size_t count = links.size();
  if (links.contains(slot)) return;
  if (count < links.capacity()) {
    links.set(count, slot);
    return;
  }
  std::array<std::uint32_t, kMaxLinks + 1> slots;
  std::array<float, kMaxLinks + 1> distances;
  for (std::size_t i = 0; i < count; ++i) slots[i] = links[i];
  slots[count] = slot;
  codes_.prepare_from_code(graph_.code(node), scratch.other);
  walker_.estimate(scratch.other, slots.data(), count + 1, distances.data());
  std::vector<Candidate>& sorted = scratch.candidates;
  sorted.clear();
  for (std::size_t i = 0; i <= count; ++i) sorted.push_back({distances[i], slots[i]});
  std::sort(sorted.begin(), sorted.end());
  const std::uint32_t given_up = sorted[place_to_give_up(sorted, scratch)].slot;
  if (given_up == slot) return;
  for (std::size_t i = 0; i < count; ++i) {
    if (links[i] == given_up) links.set(i, slot);
  }
}

}  // namespace dvecdb::core
