#pragma once

#include <cstdint>

namespace dvecdb::core {

/// What the sections of a vector index file hold, as it lies on disk: docs/formats.md, "Vector
/// index file".

constexpr char kIndexMagic[] = "DVECHNSW";
constexpr std::uint32_t kIndexVersion = 2;

struct IndexParameters {
  std::uint64_t dims;
  std::uint64_t seed;
  std::uint64_t watermark;
  std::uint64_t next_sequence;
  std::uint64_t next_training;
  std::uint32_t m;
  std::uint32_t ef_construction;
  std::uint32_t metric;
  std::uint32_t code;
  std::uint32_t slots;
  std::uint32_t entry_slot;
  std::uint32_t entry_level;
  std::uint32_t record_bytes;
};
static_assert(sizeof(IndexParameters) == 72);

struct NodeEntry {
  std::uint64_t label;
  std::uint64_t sequence;
  std::uint32_t next_duplicate;
  float norm_squared;
  std::uint8_t state;
  std::uint8_t role;
  std::uint8_t level;
  std::uint8_t zero[5];
};
static_assert(sizeof(NodeEntry) == 32);

/// One slot in a part with changes; what its marks name follows, in the order of their bits.
struct ChangedSlot {
  std::uint32_t slot;
  std::uint32_t marks;
};

}  // namespace dvecdb::core
