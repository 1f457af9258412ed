#pragma once

#include <cstring>
#include <vector>

#include "core/index_file/crc32c.h"
#include "core/index_file/section_header.h"

namespace dvecdb::core {

/// Makes all checksums of a file of sections right again, as far as it still has the form of one:
/// to try what no checksum would stop.
inline void reseal(std::vector<char>& bytes) {
  SectionHeader header;
  if (bytes.size() < sizeof header) return;
  std::memcpy(&header, bytes.data(), sizeof header);
  for (std::size_t i = 0; i < header.sections && i < kMaxSections; ++i) {
    SectionEntry& entry = header.entries[i];
    if (entry.offset > bytes.size() || entry.bytes > bytes.size() - entry.offset) continue;
    if (entry.blocks == 0) entry.crc = crc32c(bytes.data() + entry.offset, entry.bytes);
  }
  header.crc = crc32c(&header, offsetof(SectionHeader, crc));
  std::memcpy(bytes.data(), &header, sizeof header);
}

/// The same for a part of changes that begins at `offset` (docs/formats.md).
inline void reseal_changes(std::vector<char>& bytes, std::size_t offset) {
  constexpr std::size_t kHeader = 40;
  if (bytes.size() < offset + kHeader) return;
  char* part = bytes.data() + offset;
  std::uint64_t length;
  std::memcpy(&length, part + 24, sizeof length);
  if (length > bytes.size() - offset - kHeader) return;
  const std::uint32_t content = crc32c(part + kHeader, length);
  std::memcpy(part + 32, &content, sizeof content);
  const std::uint32_t crc = crc32c(part, 36);
  std::memcpy(part + 36, &crc, sizeof crc);
}

/// Where the section of this name begins, and its length.
inline SectionEntry section_of(const std::vector<char>& bytes, const char* name) {
  SectionHeader header;
  std::memcpy(&header, bytes.data(), sizeof header);
  for (const SectionEntry& entry : header.entries) {
    if (std::strcmp(entry.name, name) == 0) return entry;
  }
  return {};
}

}  // namespace dvecdb::core
