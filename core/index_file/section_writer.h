#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "core/index_file/file.h"
#include "core/index_file/section_header.h"
#include "core/index_file/streams.h"

namespace dvecdb::core {

/// Writes a file of named sections with checksums, behind one page of header that lists them:
/// docs/formats.md tells the bytes. Independent of what the sections hold.
///
/// It writes a new file beside `path` and puts it in its place when whole: a crash or an error at
/// any time leaves the old file. Not for concurrent use.
class SectionWriter {
 public:
  enum class Checked {
    whole,   ///< one checksum, compared when the section is read
    blocks,  ///< one for each block: for sections that are used in place, and compared on demand
  };

  /// `magic` has 8 bytes. Throws FileError, as all methods do.
  SectionWriter(std::string path, const char* magic, std::uint32_t version);
  ~SectionWriter();
  SectionWriter(const SectionWriter&) = delete;
  SectionWriter& operator=(const SectionWriter&) = delete;

  /// Begins the next section, at a page: what append() adds belongs to it. Names have up to 15
  /// bytes.
  void begin(const char* name, Checked checked = Checked::whole);
  void append(const void* data, std::size_t bytes);

  /// Makes it durable and visible under its name. The file, which ends with a whole page.
  File commit();

  /// Where a section that was written begins.
  std::uint64_t offset_of(const std::string& name) const;
  std::uint64_t identity() const { return identity_; }
  /// Where the sections end and what is appended begins; once committed.
  std::uint64_t sections_end() const { return stream_.offset(); }

 private:
  struct Section {
    std::string name;
    std::uint64_t offset;
    std::uint64_t bytes;
    std::uint32_t crc;
    std::vector<std::uint32_t> blocks;
    bool has_blocks;
  };

  void add_to_checksum(const void* data, std::size_t bytes);
  void write_checksums();

  std::string path_;
  std::string magic_;
  std::uint32_t version_;
  std::uint64_t identity_;
  File file_;
  bool is_committed_ = false;
  WriteStream stream_;
  std::vector<Section> sections_;
};

}  // namespace dvecdb::core
