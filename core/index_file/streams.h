#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/index_file/file.h"

namespace dvecdb::core {

/// Reads a part of a file from its beginning on, with the checksum of what was read. Borrows the
/// file.
class ReadStream {
 public:
  ReadStream() = default;
  ReadStream(const File& file, std::uint64_t offset, std::uint64_t bytes)
      : file_(&file), offset_(offset), bytes_(bytes) {}

  /// False when the part or the file has fewer bytes left. Throws FileError.
  bool read(void* out, std::size_t bytes);

  std::uint64_t bytes_left() const { return bytes_ - position_; }
  /// Of all bytes, once they are read.
  std::uint32_t crc() const { return crc_; }

 private:
  const File* file_ = nullptr;
  std::uint64_t offset_ = 0;
  std::uint64_t bytes_ = 0;
  std::uint64_t position_ = 0;  // of what was handed out
  std::uint32_t crc_ = 0;
  std::vector<std::uint8_t> buffer_;  // what was read and not yet handed out
  std::size_t buffered_from_ = 0;
};

/// Writes a file from a place on. Borrows the file.
class WriteStream {
 public:
  WriteStream(File& file, std::uint64_t offset) : file_(file), offset_(offset) {}

  /// Throws FileError, as flush() does.
  void append(const void* data, std::size_t bytes);
  void flush();

  /// Where the next byte goes.
  std::uint64_t offset() const { return offset_ + buffer_.size(); }
  /// Writes zeros up to there.
  void fill_to(std::uint64_t offset);

 private:
  File& file_;
  std::uint64_t offset_;
  std::vector<std::uint8_t> buffer_;
};

}  // namespace dvecdb::core
