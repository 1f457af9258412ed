#pragma once

#include <array>
#include <cstdint>
#include <mutex>
#include <optional>
#include <vector>

#include "core/hnsw/graph.h"

namespace dvecdb::core {

/// Label to slot, in shards with a lock each. Safe for concurrent use.
///
/// The labels themselves stay in the graph's nodes: a shard is a table of slots with open
/// addressing, with a byte of each label's hash so that few nodes are looked at in vain. The label
/// of a slot that is in the map must not change, except for the moment of move().
class LabelMap {
 public:
  explicit LabelMap(const Graph& graph) : graph_(graph) {}

  /// False when the label is present already. `slot` has this label.
  bool add(std::uint64_t label, std::uint32_t slot) {
    const Hash hash(label);
    Shard& shard = shards_[hash.shard];
    std::lock_guard lock(shard.mutex);
    if (find_in(shard, hash, label) != kNowhere) return false;
    if (10 * (shard.count + 1) > 8 * shard.slots.size()) {
      resize(shard, shard.slots.size() + shard.slots.size() / 4 + kLeastPlaces);
    }
    place(shard, hash, slot);
    ++shard.count;
    return true;
  }

  /// Makes room for about so many labels at once.
  void reserve(std::size_t count) {
    for (Shard& shard : shards_) {
      std::lock_guard lock(shard.mutex);
      const std::size_t size = count / kShards * 13 / 10 + kLeastPlaces;
      if (size > shard.slots.size()) resize(shard, size);
    }
  }

  std::optional<std::uint32_t> find(std::uint64_t label) const {
    const Hash hash(label);
    const Shard& shard = shards_[hash.shard];
    std::lock_guard lock(shard.mutex);
    const std::size_t at = find_in(shard, hash, label);
    if (at == kNowhere) return std::nullopt;
    return shard.slots[at];
  }

  /// The label, if present, is at `slot`, which has it too, from now on.
  void move(std::uint64_t label, std::uint32_t slot) {
    const Hash hash(label);
    Shard& shard = shards_[hash.shard];
    std::lock_guard lock(shard.mutex);
    const std::size_t at = find_in(shard, hash, label);
    if (at != kNowhere) shard.slots[at] = slot;
  }

  /// Forgets the label and returns where it was.
  std::optional<std::uint32_t> take(std::uint64_t label) {
    const Hash hash(label);
    Shard& shard = shards_[hash.shard];
    std::lock_guard lock(shard.mutex);
    const std::size_t at = find_in(shard, hash, label);
    if (at == kNowhere) return std::nullopt;
    const std::uint32_t slot = shard.slots[at];
    erase(shard, at);
    --shard.count;
    return slot;
  }

  std::size_t memory_bytes() const {
    std::size_t bytes = 0;
    for (const Shard& shard : shards_) {
      std::lock_guard lock(shard.mutex);
      bytes += shard.slots.size() * (sizeof(std::uint32_t) + sizeof(std::uint8_t));
    }
    return bytes;
  }

 private:
  static constexpr std::size_t kShards = 64;
  static constexpr std::size_t kLeastPlaces = 16;
  static constexpr std::size_t kNowhere = ~std::size_t{0};

  struct Shard {
    mutable std::mutex mutex;
    std::size_t count = 0;
    std::vector<std::uint32_t> slots;
    std::vector<std::uint8_t> tags;  // of the slot beside; 0 for an empty place
  };

  struct Hash {
    explicit Hash(std::uint64_t label) {
      std::uint64_t x = (label ^ (label >> 32)) * 0x9e3779b97f4a7c15u;
      x = (x ^ (x >> 29)) * 0xbf58476d1ce4e5b9u;
      shard = x >> 58;
      tag = static_cast<std::uint8_t>(x | 1);
      place = static_cast<std::uint32_t>(x >> 20);
    }
    /// Where the search in a table of `size` places begins.
    std::size_t start(std::size_t size) const { return (std::uint64_t{place} * size) >> 32; }

    std::size_t shard;
    std::uint8_t tag;
    std::uint32_t place;
  };

  std::size_t find_in(const Shard& shard, const Hash& hash, std::uint64_t label) const {
    const std::size_t size = shard.slots.size();
    if (size == 0) return kNowhere;
    for (std::size_t at = hash.start(size); shard.tags[at] != 0; at = next(at, size)) {
      if (shard.tags[at] == hash.tag && graph_.node(shard.slots[at]).label == label) return at;
    }
    return kNowhere;
  }

  static std::size_t next(std::size_t at, std::size_t size) { return at + 1 == size ? 0 : at + 1; }

  static void place(Shard& shard, const Hash& hash, std::uint32_t slot) {
    const std::size_t size = shard.slots.size();
    std::size_t at = hash.start(size);
    while (shard.tags[at] != 0) at = next(at, size);
    shard.slots[at] = slot;
    shard.tags[at] = hash.tag;
  }

  /// Those behind move up, so that no search ends before it comes to them.
  void erase(Shard& shard, std::size_t hole) const {
    const std::size_t size = shard.slots.size();
    shard.tags[hole] = 0;
    for (std::size_t at = next(hole, size); shard.tags[at] != 0; at = next(at, size)) {
      const Hash hash(graph_.node(shard.slots[at]).label);
      const std::size_t from_start = (at + size - hash.start(size)) % size;
      const std::size_t from_hole = (at + size - hole) % size;
      if (from_start < from_hole) continue;
      shard.slots[hole] = shard.slots[at];
      shard.tags[hole] = shard.tags[at];
      shard.tags[at] = 0;
      hole = at;
    }
  }

  void resize(Shard& shard, std::size_t size) const {
    std::vector<std::uint32_t> slots(size, 0);  // either may throw
    std::vector<std::uint8_t> tags(size, 0);
    slots.swap(shard.slots);
    tags.swap(shard.tags);
    for (std::size_t i = 0; i < slots.size(); ++i) {
      if (tags[i] != 0) place(shard, Hash(graph_.node(slots[i]).label), slots[i]);
    }
  }

  const Graph& graph_;
  std::array<Shard, kShards> shards_;
};

}  // namespace dvecdb::core
