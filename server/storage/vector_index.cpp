#include "server/storage/vector_index.h"

#include <algorithm>
#include <cstring>
#include <future>
#include <limits>
#include <stdexcept>
#include <utility>

#include "server/storage/vector_distance.h"

namespace dvecdb::server::storage {

namespace {

using Clock = std::chrono::steady_clock;

// Removing repairs the graph around each: in parts, so that the delta does not wait.
constexpr std::size_t removed_at_once = 256;
// Searches scan a part of the delta until all of it is in the graph: so parts are small, and yet
// enough for several threads.
constexpr std::size_t drained_at_once = 64;
// A smaller graph is repaired soon enough.
constexpr std::size_t renewable_size = 2000;
constexpr std::chrono::seconds search_age_limit{30};

// Calls `work` with 0 .. count-1, and on the caller's thread `meanwhile` again and again until that
// is done. Rethrows what one of the calls throws, when all have ended.
template <typename Work, typename Meanwhile>
void for_each_in_parallel(std::size_t count, unsigned threads, const Work& work,
                          const Meanwhile& meanwhile) {
  // A thread for a few vectors costs more than it brings.
  constexpr std::size_t least_for_a_thread = 16;
  constexpr std::size_t few = 4;
  constexpr std::chrono::milliseconds rest{2};
  const std::size_t workers = std::min<std::size_t>(threads, count / least_for_a_thread + 1);
  const auto run = [&](std::size_t first) {
    for (std::size_t i = first; i < count; i += workers) work(i);
  };
  if (count <= few) {
    for (std::size_t i = 0; i < count; ++i) work(i);
    return;
  }
  std::vector<std::future<void>> helpers;
  for (std::size_t worker = 0; worker < workers; ++worker) {
    helpers.push_back(std::async(std::launch::async, run, worker));
  }
  for (std::future<void>& helper : helpers) {
    do {
      meanwhile();
    } while (helper.wait_for(rest) != std::future_status::ready);
  }
  for (std::future<void>& helper : helpers) helper.get();
}

}  // namespace

VectorIndex::VectorIndex(VectorIndexDefinition definition, VectorIndexLimits limits)
    : definition_(std::move(definition)),
      limits_(limits),
      delta_(static_cast<std::size_t>(definition_.dimensions)) {}

// --- Searches ---

std::unique_ptr<VectorIndex::Search> VectorIndex::begin_search(std::int64_t snapshot) {
  return std::make_unique<Search>(*this, snapshot);
}

VectorIndex::Search::Search(VectorIndex& index, std::int64_t snapshot)
    : index_(index), start_(Clock::now()) {
  const std::lock_guard lock(index.mutex_);
  complete_to_ = index.complete_to_;
  known_to_ = index.touched_to_;
  position_ = index.searches_.insert(index.searches_.end(), this);
  const std::int64_t agreed = std::min(index.complete_to_, snapshot);
  if (!index.graph_ || agreed < index.recent_floor_) return;
  const auto first = std::upper_bound(
      index.recent_.begin(), index.recent_.end(), agreed,
      [](std::int64_t sequence, const Change& change) { return sequence < change.sequence; });
  if (static_cast<std::size_t>(index.recent_.end() - first) > index.limits_.changed_rows) return;
  for (auto change = first; change != index.recent_.end(); ++change) changed_.push_back(change->id);
  delta_ = index.delta_.capture();
  graph_ = index.graph_;
}

VectorIndex::Search::~Search() {
  const std::lock_guard lock(index_.mutex_);
  index_.searches_.erase(position_);
}

void VectorIndex::ids_of(const std::vector<core::Neighbor>& nodes,
                         std::vector<std::int64_t>& ids) const {
  ids.resize(nodes.size());
  const std::lock_guard lock(mutex_);
  for (std::size_t i = 0; i < nodes.size(); ++i) ids[i] = node_ids_[nodes[i].label];
}

std::optional<VectorIndex::Holders> VectorIndex::holders_of(const core::LabelSet& ids,
                                                            std::int64_t known_to) const {
  Holders holders;
  const std::lock_guard lock(mutex_);
  if (recent_floor_ > known_to) return std::nullopt;
  for (auto change = recent_.rbegin(); change != recent_.rend(); ++change) {
    if (change->sequence <= known_to) break;
    if (ids.contains(static_cast<std::uint64_t>(change->id))) holders.changed.push_back(change->id);
  }
  ids.for_each([&](std::uint64_t id) {
    const auto node = current_.find(static_cast<std::int64_t>(id));
    if (node != current_.end()) holders.nodes.add(node->second);
    return true;
  });
  return holders;
}

std::size_t ef_for(const core::HnswIndex& graph, double recall, std::size_t limit) {
  constexpr std::size_t usual_limit = 10;
  const double asked = std::clamp(recall, core::kLeastTargetRecall, core::kMostTargetRecall);
  return graph.ef_for(asked, limit > 0 ? limit : usual_limit).ef_search;
}

std::size_t VectorIndex::ef_for(double recall, std::size_t limit) const {
  const std::shared_ptr<core::HnswIndex> asked = graph();
  return asked ? storage::ef_for(*asked, recall, limit) : 0;
}

double VectorIndex::recall_of(std::size_t ef_search) const {
  constexpr std::size_t usual_limit = 10;
  constexpr int halvings = 12;
  const std::shared_ptr<core::HnswIndex> asked = graph();
  if (!asked) return 0;
  const auto reaches = [&](double recall) {
    const core::EfChoice choice = asked->ef_for(recall, usual_limit);
    return choice.is_measured && choice.ef_search <= ef_search;
  };
  double low = core::kLeastTargetRecall;
  double high = core::kMostTargetRecall;
  if (!reaches(low)) return 0;
  for (int i = 0; i < halvings; ++i) {
    const double middle = (low + high) / 2;
    (reaches(middle) ? low : high) = middle;
  }
  return low;
}

VectorIndexStats VectorIndex::stats() const {
  VectorIndexStats stats;
  stats.index = definition_.index;
  const std::lock_guard lock(mutex_);
  stats.is_building = graph_ == nullptr && storage::has_graph(definition_.element);
  stats.vectors = static_cast<std::int64_t>(current_.size());
  stats.deleted = static_cast<std::int64_t>(obsolete_.size());
  stats.delta = static_cast<std::int64_t>(delta_.size());
  stats.applied_sequence = complete_to_;
  stats.memory_bytes = static_cast<std::int64_t>(
      delta_.memory_bytes() + node_ids_.capacity() * 9 + current_.size() * 40 +
      recent_.size() * sizeof(Change) + (graph_ ? graph_->memory_bytes() : 0));
  return stats;
}

bool VectorIndex::is_complete_to(std::int64_t sequence) const {
  const std::lock_guard lock(mutex_);
  return graph_ != nullptr && complete_to_ >= sequence;
}

std::size_t VectorIndex::delta_size() const {
  const std::lock_guard lock(mutex_);
  return delta_.size();
}

// --- The keeper ---

void VectorIndex::install(BuiltGraph built) {
  const std::lock_guard lock(mutex_);
  graph_ = std::move(built.graph);
  node_ids_ = std::move(built.ids);
  node_states_.assign(node_ids_.size(), NodeState::in_graph);
  // No search can need them, as none has begun.
  for (const std::uint64_t node : built.obsolete) {
    graph_->remove(node);
    node_states_[node] = NodeState::free;
    free_nodes_.push_back(node);
  }
  current_.reserve(node_ids_.size());
  for (std::uint64_t node = 0; node < node_ids_.size(); ++node) {
    if (node_states_[node] == NodeState::in_graph) current_.emplace(node_ids_[node], node);
  }
  complete_to_ = built.complete_to;
  touched_to_ = built.complete_to;
  recent_floor_ = built.complete_to;
}

bool VectorIndex::has_graph() const {
  const std::lock_guard lock(mutex_);
  return graph_ != nullptr;
}

std::shared_ptr<core::HnswIndex> VectorIndex::graph() const {
  const std::lock_guard lock(mutex_);
  return graph_;
}

void VectorIndex::warm() {
  graph()->warm();
}

bool VectorIndex::calibrate_if_due(unsigned threads, const std::atomic<bool>& stop) {
  const std::shared_ptr<core::HnswIndex> measured = graph();
  if (!measured->is_calibration_due()) return false;
  measured->calibrate(threads, &stop);
  return true;
}

void VectorIndex::announce(const std::vector<Change>& changes, std::int64_t touched_to) {
  const std::lock_guard lock(mutex_);
  recent_.insert(recent_.end(), changes.begin(), changes.end());
  touched_to_ = touched_to;
  while (recent_.size() > limits_.recent_changes && recent_.front().sequence <= complete_to_) {
    recent_floor_ = recent_.front().sequence;
    recent_.pop_front();
  }
}

std::int64_t VectorIndex::touched_to() const {
  const std::lock_guard lock(mutex_);
  return touched_to_;
}

std::vector<Change> VectorIndex::pending(std::size_t limit) const {
  const std::lock_guard lock(mutex_);
  const auto first = std::upper_bound(
      recent_.begin(), recent_.end(), complete_to_,
      [](std::int64_t sequence, const Change& change) { return sequence < change.sequence; });
  const auto count = std::min(limit, static_cast<std::size_t>(recent_.end() - first));
  return {first, first + static_cast<std::ptrdiff_t>(count)};
}

void VectorIndex::apply(const Change& change, const float* vector, std::size_t expected) {
  if (vector != nullptr && holds(change.id, vector)) return;
  const std::lock_guard lock(mutex_);
  complete_to_ = change.sequence;
  retire(change.id, change.sequence);
  if (vector == nullptr) return;
  const std::uint64_t node = new_node(change.id);
  current_[change.id] = node;
  delta_.append(change.sequence, change.id, node, vector, expected);
}

// True when the row is in the graph with this vector: an update of other columns.
bool VectorIndex::holds(std::int64_t id, const float* vector) const {
  std::uint64_t node = 0;
  {
    const std::lock_guard lock(mutex_);
    const auto found = current_.find(id);
    if (found == current_.end()) return false;
    node = found->second;
    if (node_states_[node] != NodeState::in_graph) return false;
  }
  const auto dimensions = static_cast<std::size_t>(definition_.dimensions);
  std::vector<float> held(dimensions);
  return graph_->vector(node, held.data()) &&
         std::memcmp(held.data(), vector, dimensions * sizeof(float)) == 0;
}

std::uint64_t VectorIndex::new_node(std::int64_t id) {
  std::uint64_t node = node_ids_.size();
  if (free_nodes_.empty()) {
    node_ids_.push_back(id);
    node_states_.push_back(NodeState::in_delta);
  } else {
    node = free_nodes_.back();
    free_nodes_.pop_back();
    node_ids_[node] = id;
    node_states_[node] = NodeState::in_delta;
  }
  renamed_.push_back(node);
  return node;
}

void VectorIndex::retire(std::int64_t id, std::int64_t sequence) {
  const auto found = current_.find(id);
  if (found == current_.end()) return;
  NodeState& state = node_states_[found->second];
  if (state == NodeState::in_delta) {
    state = NodeState::dead_in_delta;  // searches that need it have captured it
  } else {
    obsolete_.push_back({sequence, found->second});
  }
  current_.erase(found);
}

void VectorIndex::set_complete_to(std::int64_t sequence) {
  const std::lock_guard lock(mutex_);
  complete_to_ = sequence;
}

std::size_t VectorIndex::delta_memory_bytes() const {
  const std::lock_guard lock(mutex_);
  return delta_.memory_bytes();
}

bool VectorIndex::drain(unsigned threads, const std::function<void()>& meanwhile) {
  if (entering_part_.chunk == nullptr && !choose_entering()) return false;
  // After a failed insert the same are tried again; what is in already is not repeated.
  const auto dimensions = static_cast<std::size_t>(definition_.dimensions);
  const DeltaChunk& chunk = *entering_part_.chunk;
  for_each_in_parallel(
      entering_.size(), threads,
      [&](std::size_t i) {
        const std::size_t entry = entering_[i];
        graph_->insert(chunk.nodes[entry], chunk.vectors.get() + entry * dimensions);
      },
      meanwhile);
  entering_.clear();
  const std::lock_guard lock(mutex_);
  delta_.pop_front(entering_part_.end - entering_part_.begin);
  entering_part_ = {};
  return true;
}

// The oldest of the delta count as in the graph from now on: a change that comes while they are
// on their way makes them obsolete, as it does to others there, and they are removed after.
bool VectorIndex::choose_entering() {
  const std::lock_guard lock(mutex_);
  if (delta_.is_empty()) return false;
  entering_part_ = delta_.front(drained_at_once);
  for (std::size_t i = entering_part_.begin; i < entering_part_.end; ++i) {
    const std::uint64_t node = entering_part_.chunk->nodes[i];
    if (node_states_[node] == NodeState::in_delta) {
      node_states_[node] = NodeState::in_graph;
      entering_.push_back(i);
    } else {
      node_states_[node] = NodeState::free;
      free_nodes_.push_back(node);
    }
  }
  return true;
}

// The nodes to keep when the graph is mostly of old versions; nothing when it is not.
std::optional<std::vector<std::uint64_t>> VectorIndex::survivors() const {
  const std::lock_guard lock(mutex_);
  const std::size_t size = graph_->size();
  // A search that begins now needs no version that a change up to complete_to_ has replaced.
  const bool are_obsolete_old = obsolete_.empty() || obsolete_.back().sequence <= complete_to_;
  const bool is_mostly_old = size >= renewable_size && current_.size() <= size / 5;
  if (!are_obsolete_old || !is_mostly_old) return std::nullopt;
  std::vector<std::uint64_t> nodes;
  for (const auto& [id, node] : current_) {
    if (node_states_[node] == NodeState::in_graph) nodes.push_back(node);
  }
  return nodes;
}

void VectorIndex::renew_graph(unsigned threads) {
  const std::optional<std::vector<std::uint64_t>> kept = survivors();
  if (!kept) return;
  const std::vector<std::uint64_t>& nodes = *kept;
  auto graph = std::make_shared<core::HnswIndex>(graph_->options());
  const auto dimensions = static_cast<std::size_t>(definition_.dimensions);
  const auto take_over = [&](std::size_t i) {
    std::vector<float> vector(dimensions);
    if (graph_->vector(nodes[i], vector.data())) graph->insert(nodes[i], vector.data());
  };
  for_each_in_parallel(nodes.size(), threads, take_over, [] {});
  // Searches that run keep the graph they began with.
  const std::lock_guard lock(mutex_);
  graph_ = std::move(graph);
}

bool VectorIndex::remove_obsolete() {
  const std::vector<std::uint64_t> nodes = take_removable();
  for (const std::uint64_t node : nodes) graph_->remove(node);
  const std::lock_guard lock(mutex_);
  for (const std::uint64_t node : nodes) {
    node_states_[node] = NodeState::free;
    free_nodes_.push_back(node);
  }
  return nodes.size() == removed_at_once;
}

std::vector<std::uint64_t> VectorIndex::take_removable() {
  std::vector<std::uint64_t> nodes;
  const std::lock_guard lock(mutex_);
  if (obsolete_.empty()) return nodes;
  const bool are_too_many = obsolete_.size() > limits_.obsolete;
  const auto now = Clock::now();
  std::int64_t needed_after = complete_to_;
  for (Search* search : searches_) {
    if (search->stale_ || !search->is_possible()) continue;
    const bool is_in_the_way = search->complete_to_ < obsolete_.front().sequence;
    if (is_in_the_way && (are_too_many || now - search->start_ > search_age_limit)) {
      search->stale_ = true;
      continue;
    }
    needed_after = std::min(needed_after, search->complete_to_);
  }
  while (!obsolete_.empty() && obsolete_.front().sequence <= needed_after &&
         nodes.size() < removed_at_once) {
    nodes.push_back(obsolete_.front().node);
    obsolete_.pop_front();
  }
  return nodes;
}

BuiltGraph VectorIndex::snapshot_for_file() {
  const std::lock_guard lock(mutex_);
  BuiltGraph state;
  state.graph = graph_;
  state.ids = node_ids_;
  state.renamed = std::exchange(renamed_, {});
  for (const Obsolete& obsolete : obsolete_) state.obsolete.push_back(obsolete.node);
  for (std::uint64_t node = 0; node < node_states_.size(); ++node) {
    if (node_states_[node] != NodeState::in_graph) state.obsolete.push_back(node);
  }
  state.complete_to = delta_.is_empty() ? complete_to_ : delta_.first_sequence() - 1;
  return state;
}

}  // namespace dvecdb::server::storage
