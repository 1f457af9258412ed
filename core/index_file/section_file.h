#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "dvecdb/errors.h"

namespace dvecdb::core {

/// A file of named sections with a checksum each, behind one page of header that lists them:
/// docs/formats.md tells the bytes. Independent of what the sections hold.

/// Writes a new file beside `path` and puts it in its place when whole: a crash or an error at
/// any time leaves the old file. Not for concurrent use.
class SectionWriter {
 public:
  /// `magic` has 8 bytes. Throws FileError, as all methods do.
  SectionWriter(std::string path, const char* magic, std::uint32_t version);
  ~SectionWriter();
  SectionWriter(const SectionWriter&) = delete;
  SectionWriter& operator=(const SectionWriter&) = delete;

  /// Begins the next section: what append() adds belongs to it. Names have up to 15 bytes.
  void begin(const char* name);
  void append(const void* data, std::size_t bytes);

  /// Makes it durable and visible under its name.
  void commit();

 private:
  struct Section {
    std::string name;
    std::uint64_t offset = 0;
    std::uint64_t bytes = 0;
    std::uint32_t crc = 0;
  };

  void write_at(const void* data, std::size_t bytes, std::uint64_t offset);
  void flush();
  [[noreturn]] void fail(const char* what) const;

  std::string path_;
  std::string temporary_;
  std::string magic_;
  std::uint32_t version_;
  int file_ = -1;
  std::uint64_t offset_;
  std::vector<Section> sections_;
  std::vector<std::uint8_t> buffer_;
};

/// Reads sections in the order in which they were written, and refuses with CorruptFile what is
/// damaged.
class SectionReader {
 public:
  /// Checks magic, version, header and that the file has the length that the header says.
  SectionReader(std::string path, const char* magic, std::uint32_t version);
  ~SectionReader();
  SectionReader(const SectionReader&) = delete;
  SectionReader& operator=(const SectionReader&) = delete;

  /// Goes to the next section, which must have this name; gives its length.
  std::uint64_t begin(const char* name);

  /// The next bytes of the section. Throws CorruptFile when it has fewer.
  void read(void* out, std::size_t bytes);

  /// Throws CorruptFile unless the section was read to its end and its checksum is right.
  void end();

  /// For what the content shows to be wrong: names the file and the section.
  [[noreturn]] void damaged(const std::string& what) const;

 private:
  struct Section {
    std::string name;
    std::uint64_t offset;
    std::uint64_t bytes;
    std::uint32_t crc;
  };

  std::string path_;
  int file_ = -1;
  std::vector<Section> sections_;
  std::size_t next_ = 0;
  std::uint64_t position_ = 0;
  std::uint32_t crc_ = 0;
};

}  // namespace dvecdb::core
