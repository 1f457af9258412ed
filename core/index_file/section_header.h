#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace dvecdb::core {

/// The first page of a file of sections, as it lies on disk; docs/formats.md tells more.

constexpr std::size_t kPageBytes = 4096;
constexpr std::size_t kSectionNameBytes = 16;
constexpr std::size_t kMaxSections = 64;

/// Large sections have a checksum for each block of so many bytes.
constexpr std::size_t kBlockBytes = std::size_t{1} << 20;
constexpr const char* kChecksums = "checksums";

struct SectionEntry {
  char name[kSectionNameBytes];
  std::uint64_t offset;
  std::uint64_t bytes;
  std::uint32_t crc;     ///< of the section; zero where it has blocks
  std::uint32_t blocks;  ///< how many checksums of blocks it has in section "checksums"
};
static_assert(sizeof(SectionEntry) == 40);

struct SectionHeader {
  char magic[8];
  std::uint32_t version;
  std::uint32_t sections;
  std::array<SectionEntry, kMaxSections> entries;
  std::uint64_t identity;  ///< a random number: what is appended belongs to this file alone
  std::uint32_t crc;       ///< of all before
  std::uint32_t zero;
};
static_assert(sizeof(SectionHeader) == 16 + 64 * 40 + 16);

constexpr std::uint64_t next_page(std::uint64_t offset) {
  return (offset + kPageBytes - 1) / kPageBytes * kPageBytes;
}

constexpr std::uint64_t block_count(std::uint64_t bytes) {
  return (bytes + kBlockBytes - 1) / kBlockBytes;
}

}  // namespace dvecdb::core
