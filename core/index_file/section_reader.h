#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "core/index_file/file.h"
#include "core/index_file/section_header.h"
#include "core/index_file/streams.h"

namespace dvecdb::core {

/// Reads what SectionWriter wrote, section by section in their order, and refuses with CorruptFile
/// what is damaged. Sections that have a checksum for each block are not read but used in place:
/// verify_blocks() compares them.
class SectionReader {
 public:
  /// Checks magic, version, header and that the file has the length that the header says, or more.
  SectionReader(const std::string& path, const char* magic, std::uint32_t version);

  /// Goes to the next section, which must have this name; gives its length.
  std::uint64_t begin(const char* name);

  /// The next bytes of the section. Throws CorruptFile when it has fewer.
  void read(void* out, std::size_t bytes);

  /// Throws CorruptFile unless the section was read to its end and its checksum is right.
  void end();

  /// Where the section that was begun lies in the file; it must have checksums of blocks.
  std::uint64_t offset_in_place() const;

  /// Goes to the section of checksums, the last, and reads it.
  void read_checksums();

  /// Reads all sections that have checksums of blocks and compares. After read_checksums().
  void verify_blocks();

  /// Where the sections end and what is appended begins.
  std::uint64_t sections_end() const { return end_; }
  std::uint64_t identity() const { return header_.identity; }
  File& file() { return file_; }

  /// For what the content shows to be wrong: names the file and the section, the current one if
  /// none is given.
  [[noreturn]] void damaged(const std::string& what, const char* section = nullptr) const;

 private:
  const SectionEntry& current() const { return header_.entries[next_ - 1]; }
  void check_header(const char* magic, std::uint32_t version);
  void check_places();

  File file_;
  SectionHeader header_{};
  std::uint64_t end_ = 0;
  std::size_t next_ = 0;  // section after the current one
  ReadStream stream_;     // of the current one
  std::vector<std::uint32_t> checksums_;
};

}  // namespace dvecdb::core
