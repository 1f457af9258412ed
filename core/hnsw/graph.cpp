#include "core/hnsw/graph.h"

#include <algorithm>
#include <new>
#include <stdexcept>

namespace dvecdb::core {
namespace {

constexpr std::uint32_t kMaxSlots = 0x7ffffff0u;  // the pool keeps a bit for itself

std::size_t round_up(std::size_t bytes, std::size_t unit) {
  return (bytes + unit - 1) / unit * unit;
}

constexpr std::uint64_t pack(EntryPoint entry) {
  return std::uint64_t{entry.level} << 32 | entry.slot;
}

}  // namespace

Graph::Graph(const HnswOptions& options, std::size_t code_bytes)
    : m_(options.m),
      dims_(options.dims),
      links_offset_(round_up(code_bytes, 4)),
      code_lines_(round_up(code_bytes, 64) / 64),
      link_lines_(round_up(links_offset_ % 64 + 2 * m_ * sizeof(std::uint32_t), 64) / 64),
      records_(round_up(links_offset_ + 2 * m_ * sizeof(std::uint32_t), 64)),
      vectors_(std::max<std::size_t>(dims_ * sizeof(float), 1)),
      nodes_(sizeof(Node)),
      upper_links_(m_),
      entry_(pack({})) {
  if (!options.vectors_folder.empty()) vectors_.keep_on_disk(options.vectors_folder);
}

std::uint32_t Graph::allocate(std::uint32_t level) {
  std::lock_guard lock(mutex_);
  std::uint32_t slot;
  if (!free_.empty()) {
    slot = free_.back();
    free_.pop_back();
    next_epoch();
  } else {
    slot = slots_.load(std::memory_order_relaxed);
    restore_slots(slot + 1);
  }
  give_upper(slot, level);
  links(slot, 0).assign(nullptr, 0);
  marks_.mark(slot, ChangeMarks::kAll);
  return slot;
}

void Graph::map_slots(const File& file, std::uint64_t records_at, std::uint64_t vectors_at,
                      std::uint32_t count) {
  records_.map(file, records_at, count);
  vectors_.map(file, vectors_at, count);
}

void Graph::restore_slots(std::uint32_t count) {
  if (count > kMaxSlots) throw std::length_error("an index holds at most 2^31 vectors");
  const std::uint32_t first = slots_.load(std::memory_order_relaxed);
  records_.grow(count);
  vectors_.grow(count);
  nodes_.grow(count);
  marks_.grow(count);
  for (std::uint32_t slot = first; slot < count; ++slot) new (nodes_.at(slot)) Node;
  slots_.store(count, std::memory_order_release);
}

void Graph::give_upper(std::uint32_t slot, std::uint32_t level) {
  Node& fresh = node(slot);
  fresh.level = 0;
  if (level == 0) return;
  fresh.upper = upper_links_.allocate(level);
  fresh.level = static_cast<std::uint8_t>(level);
  for (std::uint32_t l = 1; l <= level; ++l) links(slot, l).assign(nullptr, 0);
}

void Graph::release(const std::vector<std::uint32_t>& slots) {
  std::lock_guard lock(mutex_);
  for (std::uint32_t slot : slots) {
    Node& old = node(slot);
    take_upper(slot);
    old.next_duplicate.store(kNoSlot, std::memory_order_relaxed);
    old.state.store(NodeState::free, std::memory_order_relaxed);
    links(slot, 0).assign(nullptr, 0);
    marks_.mark(slot, ChangeMarks::kNode);
    free_.push_back(slot);
  }
}

void Graph::take_upper(std::uint32_t slot) {
  Node& old = node(slot);
  if (old.level > 0) upper_links_.release(old.upper, old.level);
  old.upper = kNoSlot;
  old.level = 0;
}

std::size_t Graph::free_slots() const {
  std::lock_guard lock(mutex_);
  return free_.size();
}

std::size_t Graph::graph_bytes() const {
  return slots() * bytes_per_slot() + upper_links_.memory_bytes();
}

EntryPoint Graph::entry() const {
  const std::uint64_t packed = entry_.load(std::memory_order_acquire);
  return {static_cast<std::uint32_t>(packed), static_cast<std::uint32_t>(packed >> 32)};
}

void Graph::set_entry(EntryPoint entry) {
  entry_.store(pack(entry), std::memory_order_release);
}

}  // namespace dvecdb::core
