#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <stdexcept>

#include "core/hnsw/engine.h"
#include "core/hnsw/prefetch.h"

namespace dvecdb::core {
namespace {

/// A new node's neighbors are chosen from so many of the nearest, for each place in its list.
constexpr std::size_t kConsidered = 4;

/// This part of the list of a new node is left to those that will link to it later.
constexpr std::size_t kFreeShare = 8;

/// What a new node's neighbors are chosen from need not hold all of the nearest; but most, where
/// it is few.
Patience patience_for(std::size_t ef_construction) {
  constexpr std::size_t kLeastRank = 32;
  constexpr std::size_t kLeastPops = 16;
  return {std::max(ef_construction / 4, std::min(ef_construction, kLeastRank)),
          std::max(ef_construction / 10 + 1, kLeastPops)};
}

/// How many candidates the walk for a new node holds: those that neighbors are chosen from, for a
/// list of `capacity`. As patience ends most walks before they have expanded these, more would only
/// be moved about.
std::size_t pool_for(std::size_t ef_construction, std::size_t capacity) {
  return std::min(ef_construction, std::max(kConsidered * capacity, ef_construction / 2));
}

std::uint64_t mix(std::uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

/// Without a branch, so that compilers look at several elements at once.
void require_finite(const float* vector, std::size_t dims) {
  constexpr std::uint32_t kExponent = 0x7f800000;  // all ones where it is not finite
  std::uint32_t not_finite = 0;
  for (std::size_t i = 0; i < dims; ++i) {
    const std::uint32_t exponent = std::bit_cast<std::uint32_t>(vector[i]) & kExponent;
    not_finite |= exponent == kExponent ? 1u : 0u;
  }
  if (not_finite == 0) return;
  throw std::invalid_argument("a vector in an index must have finite elements");
}

CodeKind resolve(const HnswOptions& options) {
  if (options.values != nullptr) return CodeKind::single;
  if (options.code != CodeKind::automatic) return options.code;
  using enum CodeSpace::VectorsAre;
  return CodeSpace::choose(options.metric, options.dims,
                           options.vectors_folder.empty() ? in_memory : on_disk);
}

HnswOptions checked(HnswOptions options) {
  const bool is_of_vectors = options.values == nullptr;
  if (is_of_vectors && (options.dims == 0 || options.dims > 65536)) {
    throw std::invalid_argument("an index takes vectors of 1 to 65536 dimensions");
  }
  if (!is_of_vectors && options.dims != 0) {
    throw std::invalid_argument("an index of values has no dimensions");
  }
  if (options.m < 2 || options.m > 100) throw std::invalid_argument("m must be from 2 to 100");
  if (options.ef_construction < 4 || options.ef_construction > 10000) {
    throw std::invalid_argument("ef_construction must be from 4 to 10000");
  }
  options.code = resolve(options);
  if (!is_of_vectors && options.metric != Metric::inner_product) {
    options.metric = Metric::l2_squared;
  }
  if (options.metric == Metric::l1 && CodeSpace::is_rotated(options.code)) {
    throw std::invalid_argument("an L1 index is walked on half or single codes");
  }
  return options;
}

}  // namespace

HnswEngine::HnswEngine(const HnswOptions& wanted)
    : options(checked(wanted)),
      codes(options.values == nullptr ? CodeSpace(options.code, options.metric, options.dims)
                                      : CodeSpace(*options.values, options.metric)),
      graph(options, codes.code_bytes()),
      walker(graph, codes),
      selector(graph, codes),
      linker(graph, codes),
      labels(graph),
      next_training(kFirstTraining) {}

std::uint32_t HnswEngine::level_of(std::uint64_t sequence) const {
  const std::uint64_t bits = mix(options.seed * 0x9e3779b97f4a7c15u + sequence + 1);
  const double uniform = (static_cast<double>(bits >> 11) + 0.5) * 0x1p-53;
  const double level = -std::log(uniform) / std::log(static_cast<double>(options.m));
  return std::min(static_cast<std::uint32_t>(level), kMaxLevel);
}

bool HnswEngine::insert(std::uint64_t label, const float* vector) {
  require_finite(vector, options.dims);
  train_if_due();
  std::shared_lock change(changes);
  std::shared_lock inside(gate);
  if (labels.find(label)) return false;
  BorrowedScratch scratch(scratches);
  const std::uint32_t slot = fill_slot(label, vector, *scratch);
  Node& node = graph.node(slot);
  const bool is_unranked = options.metric == Metric::cosine && node.norm_squared == 0;
  node.role = is_unranked ? NodeRole::unranked : NodeRole::linked;
  ++live;
  if (!labels.add(label, slot)) {  // another thread was first
    --live;
    graph.release({slot});
    return false;
  }
  NodeState before = NodeState::free;  // deleted, if another thread has removed it already
  node.state.compare_exchange_strong(before, NodeState::live, std::memory_order_acq_rel);
  if (!is_unranked) link(slot, vector, *scratch);
  return true;
}

std::uint32_t HnswEngine::fill_slot(std::uint64_t label, const float* vector, Scratch& scratch) {
  const std::uint64_t sequence = next_sequence.fetch_add(1);
  const std::uint32_t slot = graph.allocate(level_of(sequence));
  Node& node = graph.node(slot);
  node.label = label;
  node.sequence = sequence;
  try {
    graph.set_vector(slot, vector);
  } catch (...) {
    graph.release({slot});
    throw;
  }
  if (options.metric == Metric::cosine) {
    node.norm_squared = distance_kernels<float>().dot(vector, vector, options.dims);
  }
  scratch.query.exact.reset();
  codes.encode_and_prepare(vector, graph.code(slot), scratch.query);
  return slot;
}

void HnswEngine::link(std::uint32_t slot, const float* vector, Scratch& scratch) {
  const std::uint32_t level = graph.node(slot).level;
  std::unique_lock entry_lock(entry_mutex_, std::defer_lock);
  EntryPoint entry = graph.entry();
  if (entry.slot == kNoSlot || level > entry.level) {
    entry_lock.lock();
    entry = graph.entry();
    if (entry.slot == kNoSlot) {
      graph.set_entry({slot, level});
      return;
    }
    if (level <= entry.level) entry_lock.unlock();
  }
  // Where the walk of each level starts: the nearest of the level above.
  const std::uint32_t top = std::min(level, entry.level);
  std::array<Candidate, kMaxLevel + 1> starts;
  starts[top] = walker.descend(scratch.query, entry, level + 1);
  const Patience patience = patience_for(options.ef_construction);
  for (std::uint32_t at = top; at > 0; --at) {
    walker.begin(scratch, pool_for(options.ef_construction, graph.m()), starts[at], patience);
    walker.walk(scratch, at, false);
    starts[at - 1] = scratch.pool[0];
  }
  // From the lowest level up: whoever comes to the node on a level finds its way on from there.
  for (std::uint32_t at = 0; at <= top; ++at) {
    const std::size_t capacity = at == 0 ? 2 * graph.m() : graph.m();
    const std::size_t pool = pool_for(options.ef_construction, capacity);
    walker.begin(scratch, pool, starts[at], patience);
    walker.walk(scratch, at, false);
    if (at == 0 && is_blind(vector, scratch)) {
      walker.begin_exactly(scratch, vector, pool, patience);
      walker.walk(scratch, at, false);
    }
    if (at == 0 && attach_to_equal(slot, scratch)) return;
    link_on_level(slot, at, scratch);
  }
  if (entry_lock.owns_lock()) graph.set_entry({slot, level});
}

/// Whether codes tell little about which of the nearest are nearer: by their exact distances, which
/// are measured only where the codes' usual error comes near that.
bool HnswEngine::is_blind(const float* query, const Scratch& scratch) const {
  constexpr std::size_t kLookedAt = 8;
  constexpr double kCaution = 3;
  if (codes.kind() == CodeKind::single || !codes.is_metric()) return false;
  const std::size_t count = std::min(kLookedAt, scratch.pool.size());
  if (CodeSpace::is_rotated(codes.kind())) {
    double largest = 0;
    for (std::size_t i = 0; i < count; ++i) {
      const Candidate c = scratch.pool[i];
      largest = std::max(largest, codes.usual_error(scratch.query, graph.code(c.slot), c.distance));
    }
    const double farthest = static_cast<double>(scratch.pool[count - 1].distance);
    if (farthest > 0 && !CodeSpace::is_blind(kCaution * largest, farthest)) return false;
  }
  std::array<std::uint32_t, kLookedAt> slots;
  std::array<float, kLookedAt> exact;
  for (std::size_t i = 0; i < count; ++i) slots[i] = scratch.pool[i].slot;
  walker.measure({options.metric, query, options.dims}, slots.data(), count, exact.data());
  double squared_errors = 0;
  double farthest = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const double distance = static_cast<double>(exact[i]);
    const double error = distance - static_cast<double>(scratch.pool[i].distance);
    squared_errors += error * error;
    farthest = std::max(farthest, distance);
  }
  return CodeSpace::is_blind(std::sqrt(squared_errors / static_cast<double>(count)), farthest);
}

/// Links the slot on one level with the best of the pool, both ways.
void HnswEngine::link_on_level(std::uint32_t slot, std::uint32_t level, Scratch& scratch) {
  scratch.candidates.clear();
  Links links = graph.links(slot, level);
  const std::size_t considered = std::min(scratch.pool.size(), kConsidered * links.capacity());
  for (std::size_t i = 0; i < considered; ++i) {
    const Candidate candidate = scratch.pool[i];
    if (candidate.slot == slot) continue;
    if (graph.node(candidate.slot).load_state() == NodeState::victim) continue;
    scratch.candidates.push_back(candidate);
  }
  if (scratch.candidates.empty()) {  // all around is about to go: hold on to the entry
    const std::uint32_t entry = graph.entry().slot;
    if (entry == slot || entry == kNoSlot) return;
    scratch.candidates.push_back({0, entry});
  }
  const std::size_t wanted = links.capacity() - links.capacity() / kFreeShare;
  const std::size_t directions = selector.select_from_walk(scratch, wanted, level);
  std::vector<std::uint32_t>& chosen = scratch.chosen;
  chosen.swap(scratch.slots);  // which linking back needs
  std::erase(chosen, slot);
  {
    std::lock_guard lock(graph.node(slot).lock);
    const std::size_t ours = chosen.size();
    for (std::size_t i = 0; i < links.size() && chosen.size() < links.capacity(); ++i) {
      const std::uint32_t before = links[i];  // linked by another thread meanwhile
      const auto end = chosen.begin() + static_cast<std::ptrdiff_t>(ours);
      if (std::find(chosen.begin(), end, before) == end) chosen.push_back(before);
    }
    links.assign(chosen.data(), chosen.size());
  }
  // The first chosen are those in directions of their own: they, and m at least, link back. The
  // others would be given up by most of their neighbors again, after much comparing.
  chosen.resize(std::min(chosen.size(), std::max(graph.m(), directions)));
  for (const std::uint32_t neighbor : chosen) {
    __builtin_prefetch(&graph.node(neighbor));
    prefetch_lines(graph.code(neighbor), graph.code_lines());
  }
  for (const std::uint32_t neighbor : chosen) linker.add_link(neighbor, slot, level, scratch);
}

/// If one of the nearest has an equal vector, the slot goes into its chain and not into the
/// graph: however many equal vectors there are, the graph holds one.
bool HnswEngine::attach_to_equal(std::uint32_t slot, Scratch& scratch) {
  constexpr std::size_t kNearest = 8;
  const float* vector = graph.vector(slot);
  for (std::size_t i = 0; i < std::min(kNearest, scratch.pool.size()); ++i) {
    const std::uint32_t other = scratch.pool[i].slot;
    if (other == slot) continue;
    // Vectors may be on disk; equal ones have equal codes.
    if (std::memcmp(graph.code(other), graph.code(slot), codes.code_bytes()) != 0) continue;
    if (std::memcmp(graph.vector(other), vector, options.dims * sizeof(float)) != 0) continue;
    Node& equal = graph.node(other);
    std::lock_guard lock(equal.lock);
    if (equal.load_state() == NodeState::victim) continue;
    Node& node = graph.node(slot);
    node.role = NodeRole::duplicate;
    node.next_duplicate.store(equal.next_duplicate.load(), std::memory_order_relaxed);
    equal.next_duplicate.store(slot, std::memory_order_release);
    graph.marks().mark(other, ChangeMarks::kNode);
    graph.next_epoch();
    return true;
  }
  return false;
}

}  // namespace dvecdb::core
