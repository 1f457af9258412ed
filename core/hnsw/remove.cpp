#include <algorithm>

#include "core/hnsw/engine.h"

namespace dvecdb::core {
namespace {

// A sweep begins when tombstones are an eighth of what lives, and visits this many nodes with
// each removal: it is done before the next is due.
constexpr std::size_t kMinTombstones = 64;
constexpr std::size_t kTombstoneShare = 8;
constexpr std::size_t kNodesPerRemoval = 16;
constexpr std::size_t kNodesPerTurn = 4096;

}  // namespace

bool HnswEngine::remove(std::uint64_t label) {
  {
    std::shared_lock change(changes);
    std::shared_lock inside(gate);
    const std::optional<std::uint32_t> slot = labels.take(label);
    if (!slot) return false;
    Node& node = graph.node(*slot);
    node.state.store(NodeState::deleted, std::memory_order_release);
    graph.marks().mark(*slot, ChangeMarks::kNode);
    --live;
    ++deleted;
    graph.count_removal();
    std::lock_guard lock(sweep.tombstones_mutex);
    sweep.tombstones.push_back(*slot);
  }
  if (sweep.running || deleted > std::max(kMinTombstones, live / kTombstoneShare)) {
    sweep_some(kNodesPerRemoval);
  }
  return true;
}

void HnswEngine::compact() {
  constexpr int kSweeps = 2;  // one may be under way; the next takes all tombstones
  std::lock_guard turn(sweep.turn);
  for (int i = 0; i < kSweeps; ++i) {
    while (sweep_step(kNodesPerTurn)) {
    }
  }
}

/// Does a part of the sweep's work unless another thread is at it.
void HnswEngine::sweep_some(std::size_t budget) {
  std::unique_lock turn(sweep.turn, std::try_to_lock);
  if (turn) sweep_step(budget);
}

/// True when more is to do. The caller has the sweep's turn.
bool HnswEngine::sweep_step(std::size_t budget) {
  if (!sweep.running && !start_sweep()) return false;
  {
    std::shared_lock change(changes);
    std::shared_lock inside(gate);
    BorrowedScratch scratch(scratches);
    const std::size_t end = std::min<std::size_t>(sweep.end, sweep.next + budget);
    for (; sweep.next < end; ++sweep.next) repair(sweep.next, *scratch);
  }
  if (sweep.next < sweep.end) return true;
  finish_sweep();
  return false;
}

/// Chooses the victims in a moment in which nobody is inside: whoever links after it sees them
/// marked. False when there are none.
bool HnswEngine::start_sweep() {
  std::shared_lock change(changes);
  std::lock_guard nobody_inside(gate);
  std::lock_guard lock(sweep.tombstones_mutex);
  std::vector<std::uint32_t> kept;
  for (std::uint32_t slot : sweep.tombstones) {
    const std::uint32_t heir = live_in_chain(slot);
    if (heir != kNoSlot) {
      if (!hand_over(slot, heir)) {
        kept.push_back(slot);
        continue;
      }
      slot = heir;
    }
    graph.node(slot).state.store(NodeState::victim, std::memory_order_release);
    sweep.victims.push_back(slot);
  }
  sweep.tombstones = std::move(kept);
  if (sweep.victims.empty()) return false;
  const EntryPoint entry = graph.entry();
  if (entry.slot != kNoSlot && graph.node(entry.slot).load_state() == NodeState::victim) {
    graph.set_entry(best_entry());
  }
  sweep.next = 0;
  sweep.end = graph.slots();
  sweep.running = true;
  return true;
}

/// A duplicate that still lives on the node's chain.
std::uint32_t HnswEngine::live_in_chain(std::uint32_t slot) const {
  if (graph.node(slot).role != NodeRole::linked) return kNoSlot;
  std::uint32_t at = graph.node(slot).next_duplicate.load(std::memory_order_acquire);
  while (at != kNoSlot && graph.node(at).load_state() != NodeState::live) {
    at = graph.node(at).next_duplicate.load(std::memory_order_acquire);
  }
  return at;
}

/// The removed node's place in the graph passes to an equal vector: its label moves there. Not
/// while a cursor is open, which might have given that label from its former place.
bool HnswEngine::hand_over(std::uint32_t removed, std::uint32_t heir) {
  std::lock_guard lock(sweep.cursors_mutex);
  if (!sweep.cursors.empty()) return false;
  Node& to = graph.node(removed);
  const Node& from = graph.node(heir);
  to.label = from.label;
  to.sequence = from.sequence;
  to.state.store(NodeState::live, std::memory_order_release);
  labels.move(to.label, removed);
  graph.marks().mark(removed, ChangeMarks::kNode);
  graph.marks().mark(heir, ChangeMarks::kNode);
  graph.next_epoch();
  return true;
}

/// Nothing leads to the victims any more. Waits for those who may still hold one.
void HnswEngine::finish_sweep() {
  std::shared_lock change(changes);
  std::lock_guard nobody_inside(gate);
  deleted -= sweep.victims.size();
  {
    std::lock_guard lock(sweep.cursors_mutex);
    ++sweep.cycle;
    if (sweep.cursors.empty()) {
      graph.release(sweep.victims);
    } else {
      sweep.limbo.push_back({sweep.cycle, std::move(sweep.victims)});
    }
  }
  sweep.victims.clear();
  sweep.running = false;
}

std::uint64_t HnswEngine::cursor_opened() {
  std::lock_guard lock(sweep.cursors_mutex);
  sweep.cursors.insert(sweep.cycle);
  return sweep.cycle;
}

void HnswEngine::cursor_closed(std::uint64_t cycle) {
  std::vector<std::uint32_t> freed;
  {
    std::lock_guard lock(sweep.cursors_mutex);
    sweep.cursors.erase(sweep.cursors.find(cycle));
    const std::uint64_t oldest = sweep.cursors.empty() ? sweep.cycle : *sweep.cursors.begin();
    std::erase_if(sweep.limbo, [&](const Sweep::Limbo& limbo) {
      if (limbo.cycle > oldest) return false;
      freed.insert(freed.end(), limbo.slots.begin(), limbo.slots.end());
      return true;
    });
  }
  if (freed.empty()) return;
  std::shared_lock change(changes);
  std::lock_guard nobody_inside(gate);
  graph.release(freed);
}

EntryPoint HnswEngine::best_entry() const {
  EntryPoint best;
  for (std::uint32_t slot = 0; slot < graph.slots(); ++slot) {
    const Node& node = graph.node(slot);
    const NodeState state = node.load_state();
    const bool usable = state == NodeState::live || state == NodeState::deleted;
    if (!usable || node.role != NodeRole::linked) continue;
    if (best.slot == kNoSlot || node.level > best.level) best = {slot, node.level};
  }
  return best;
}

}  // namespace dvecdb::core
