#include <algorithm>

#include "core/hnsw/engine.h"

namespace dvecdb::core {
namespace {

constexpr std::size_t kTrainingGrowth = 8;

/// The mean of so many is as good as that of all: what it is off adds a 1,024th to the squares of
/// what the codes hold.
constexpr std::size_t kSample = 1024;

}  // namespace

void HnswEngine::train_if_due() {
  if (live.load(std::memory_order_relaxed) < next_training.load(std::memory_order_relaxed)) return;
  std::unique_lock turn(training_mutex_, std::try_to_lock);
  if (!turn) return encoding_.help();  // who could only wait at the gate
  if (live < next_training) return;
  SharedWork::Announced encoding(encoding_);
  std::shared_lock change(changes);
  std::lock_guard nobody_inside(gate);
  std::vector<const float*> sample;
  const std::uint32_t step = std::max<std::uint32_t>(1, graph.slots() / kSample);
  for (std::uint32_t slot = 0; slot < graph.slots(); slot += step) {
    const bool is_live = graph.node(slot).load_state() == NodeState::live;
    if (is_live) sample.push_back(graph.vector_ahead(slot));
  }
  if (codes.train(sample)) {
    encoding.run(graph.slots(),
                 [&](std::uint32_t first, std::uint32_t end) { encode_again(first, end); });
    ++trainings;
  }
  next_training = kTrainingGrowth * live;
}

void HnswEngine::encode_again(std::uint32_t first, std::uint32_t end) {
  constexpr std::uint32_t kAhead = 1024;
  if (first % kAhead == 0)
    graph.vectors().will_need(first, std::min(kAhead, graph.slots() - first));
  BorrowedScratch scratch(scratches);
  for (std::uint32_t slot = first; slot < end; ++slot) {
    if (graph.node(slot).load_state() == NodeState::free) continue;
    codes.encode(graph.vector(slot), graph.code(slot), (*scratch).query);
  }
}

}  // namespace dvecdb::core
