#include <algorithm>

#include "core/hnsw/engine.h"

namespace dvecdb::core {
namespace {

constexpr std::size_t kTrainingGrowth = 8;

/// The mean of so many is as good as that of all: what it is off adds a 4,096th to what the codes
/// have to tell apart.
constexpr std::size_t kSample = 4096;

}  // namespace

void HnswEngine::train_if_due() {
  if (live.load(std::memory_order_relaxed) < next_training.load(std::memory_order_relaxed)) return;
  std::unique_lock turn(training_mutex_, std::try_to_lock);
  if (!turn || live < next_training) return;
  std::shared_lock change(changes);
  std::lock_guard nobody_inside(gate);
  std::vector<const float*> sample;
  const std::uint32_t step = std::max<std::uint32_t>(1, graph.slots() / kSample);
  for (std::uint32_t slot = 0; slot < graph.slots(); slot += step) {
    const bool is_live = graph.node(slot).load_state() == NodeState::live;
    if (is_live) sample.push_back(graph.vector_ahead(slot));
  }
  if (codes.train(sample)) encode_all();
  next_training = kTrainingGrowth * live;
}

void HnswEngine::encode_all() {
  constexpr std::uint32_t kAhead = 1024;
  BorrowedScratch scratch(scratches);
  const std::uint32_t slots = graph.slots();
  for (std::uint32_t slot = 0; slot < slots; ++slot) {
    if (slot % kAhead == 0) graph.vectors().will_need(slot, std::min(kAhead, slots - slot));
    if (graph.node(slot).load_state() == NodeState::free) continue;
    codes.encode(graph.vector(slot), graph.code(slot), (*scratch).query);
  }
  ++trainings;
}

}  // namespace dvecdb::core
