#include "dvecdb/hnsw.h"

#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <string>

#include "core/hnsw/calibration.h"
#include "core/hnsw/engine.h"

namespace dvecdb::core {

HnswIndex::HnswIndex(const HnswOptions& options) : engine_(std::make_unique<HnswEngine>(options)) {}
HnswIndex::HnswIndex(std::unique_ptr<HnswEngine> engine) : engine_(std::move(engine)) {}
HnswIndex::~HnswIndex() = default;
HnswIndex::HnswIndex(HnswIndex&&) noexcept = default;
HnswIndex& HnswIndex::operator=(HnswIndex&&) noexcept = default;

const HnswOptions& HnswIndex::options() const {
  return engine_->options;
}

bool HnswIndex::insert(std::uint64_t label, const float* vector) {
  return engine_->insert(label, vector);
}

bool HnswIndex::insert_value(std::uint64_t label, const std::uint8_t* value) {
  return engine_->insert(label, reinterpret_cast<const float*>(value));
}

bool HnswIndex::remove(std::uint64_t label) {
  return engine_->remove(label);
}

void HnswIndex::upsert(std::uint64_t label, const float* vector) {
  while (!engine_->insert(label, vector)) engine_->remove(label);
}

void HnswIndex::compact() {
  engine_->compact();
}

bool HnswIndex::contains(std::uint64_t label) const {
  std::shared_lock inside(engine_->gate);
  return engine_->labels.find(label).has_value();
}

bool HnswIndex::vector(std::uint64_t label, float* out) const {
  std::shared_lock inside(engine_->gate);
  const std::optional<std::uint32_t> slot = engine_->labels.find(label);
  if (!slot) return false;
  std::memcpy(out, engine_->graph.vector(*slot), engine_->options.dims * sizeof(float));
  return true;
}

std::size_t HnswIndex::size() const {
  return engine_->live;
}

std::size_t HnswIndex::memory_bytes() const {
  const Graph& graph = engine_->graph;
  const std::size_t vectors = graph.vectors().is_on_disk() ? 0 : graph.vector_bytes();
  return graph.graph_bytes() + engine_->labels.memory_bytes() + vectors;
}

std::size_t HnswIndex::memory_bytes_for(const HnswOptions& options, std::size_t count) {
  constexpr std::size_t kPerLabel = 8;  // 5 bytes a place, and some places are empty
  const HnswEngine probe(options);
  const Graph& graph = probe.graph;
  const std::size_t m = graph.m();
  const std::size_t upper = m * sizeof(std::uint32_t) / (m - 1) + 1;  // on average
  const std::size_t vector = graph.vectors().is_on_disk() ? 0 : options.dims * sizeof(float);
  return count * (graph.bytes_per_slot() + upper + kPerLabel + vector);
}

HnswStats HnswIndex::stats() const {
  std::shared_lock inside(engine_->gate);
  const Graph& graph = engine_->graph;
  HnswStats stats;
  stats.size = engine_->live;
  stats.deleted = engine_->deleted;
  stats.free_slots = graph.free_slots();
  stats.memory_bytes = memory_bytes();
  stats.graph_bytes = graph.graph_bytes() + engine_->labels.memory_bytes();
  stats.vector_bytes = graph.vector_bytes();
  stats.vectors_on_disk = graph.vectors().is_on_disk();
  stats.code_bytes = engine_->codes.code_bytes();
  stats.code = engine_->options.code;
  std::size_t links = 0;
  for (std::uint32_t slot = 0; slot < graph.slots(); ++slot) {
    const Node& node = graph.node(slot);
    if (node.load_state() == NodeState::free) continue;
    const NodeRole role = node.role;
    stats.duplicates += role == NodeRole::duplicate && node.load_state() == NodeState::live;
    if (role != NodeRole::linked) continue;
    if (stats.level_nodes.size() <= node.level) stats.level_nodes.resize(node.level + 1u);
    for (std::uint32_t level = 0; level <= node.level; ++level) ++stats.level_nodes[level];
    links += graph.links(slot, 0).size();
  }
  if (!stats.level_nodes.empty()) {
    stats.average_degree = static_cast<double>(links) / static_cast<double>(stats.level_nodes[0]);
  }
  return stats;
}

std::vector<Neighbor> HnswIndex::search(const float* query, std::size_t k, std::size_t ef_search,
                                        const Filter& filter) const {
  return engine_->search(query, k, ef_search, filter);
}

std::vector<Neighbor> HnswIndex::search_within(const float* query, double radius,
                                               std::size_t ef_search, RangeOptions options) const {
  return engine_->search_within(query, radius, ef_search, std::move(options));
}

void HnswIndex::calibrate(unsigned threads, const std::atomic<bool>* stop) {
  std::optional<RecallCurve> measured = Calibration(*engine_, threads, stop).measure();
  if (!measured) return;
  std::lock_guard nobody_inside(engine_->gate);
  engine_->recall_curve = std::move(*measured);
}

bool HnswIndex::is_calibration_due() const {
  constexpr std::size_t kLeast = 1000;
  constexpr std::size_t kGrowth = 2;
  std::shared_lock inside(engine_->gate);
  const std::size_t live = engine_->live;
  return live >= kLeast && live >= kGrowth * engine_->recall_curve.rows();
}

EfChoice HnswIndex::ef_for(double recall, std::size_t k) const {
  if (!(recall >= kLeastTargetRecall && recall <= kMostTargetRecall)) {
    throw std::invalid_argument("a target recall is from 0.5 to 0.9999, not " +
                                std::to_string(recall));
  }
  std::shared_lock inside(engine_->gate);
  if (!engine_->recall_curve.empty()) return engine_->recall_curve.ef_for(recall, k);
  constexpr std::size_t kGuess = 100;
  return {std::max(kGuess, 2 * k), false};
}

std::vector<Neighbor> HnswIndex::search_to_recall(const float* query, std::size_t k, double recall,
                                                  const Filter& filter) const {
  return engine_->search(query, k, ef_for(recall, k).ef_search, filter);
}

}  // namespace dvecdb::core
