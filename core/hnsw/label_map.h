#pragma once

#include <array>
#include <cstdint>
#include <mutex>
#include <optional>
#include <unordered_map>

namespace dvecdb::core {

/// Label to slot, in shards with a lock each. Safe for concurrent use.
class LabelMap {
 public:
  /// False when the label is present already.
  bool add(std::uint64_t label, std::uint32_t slot) {
    Shard& shard = shard_of(label);
    std::lock_guard lock(shard.mutex);
    return shard.slots.try_emplace(label, slot).second;
  }

  std::optional<std::uint32_t> find(std::uint64_t label) const {
    const Shard& shard = shard_of(label);
    std::lock_guard lock(shard.mutex);
    const auto found = shard.slots.find(label);
    if (found == shard.slots.end()) return std::nullopt;
    return found->second;
  }

  /// The label, if present, is at `slot` from now on.
  void move(std::uint64_t label, std::uint32_t slot) {
    Shard& shard = shard_of(label);
    std::lock_guard lock(shard.mutex);
    const auto found = shard.slots.find(label);
    if (found != shard.slots.end()) found->second = slot;
  }

  /// Forgets the label and returns where it was.
  std::optional<std::uint32_t> take(std::uint64_t label) {
    Shard& shard = shard_of(label);
    std::lock_guard lock(shard.mutex);
    const auto found = shard.slots.find(label);
    if (found == shard.slots.end()) return std::nullopt;
    const std::uint32_t slot = found->second;
    shard.slots.erase(found);
    return slot;
  }

  std::size_t memory_bytes() const {
    constexpr std::size_t kNodeBytes = 32;
    std::size_t bytes = 0;
    for (const Shard& shard : shards_) {
      std::lock_guard lock(shard.mutex);
      bytes += shard.slots.size() * kNodeBytes + shard.slots.bucket_count() * sizeof(void*);
    }
    return bytes;
  }

 private:
  static constexpr std::size_t kShards = 64;
  struct Shard {
    mutable std::mutex mutex;
    std::unordered_map<std::uint64_t, std::uint32_t> slots;
  };

  static std::size_t shard_number(std::uint64_t label) {
    return (label * 0x9e3779b97f4a7c15u) >> 58;
  }
  Shard& shard_of(std::uint64_t label) { return shards_[shard_number(label)]; }
  const Shard& shard_of(std::uint64_t label) const { return shards_[shard_number(label)]; }

  std::array<Shard, kShards> shards_;
};

}  // namespace dvecdb::core
