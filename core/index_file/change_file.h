#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "core/index_file/file.h"
#include "core/index_file/streams.h"

namespace dvecdb::core {

/// Changes appended to a file of sections, one part for each saving: docs/formats.md tells the
/// bytes. A part counts when its header and all behind it are there whole; the first that
/// is not ends the file, be it that its writing was cut short or that it is damaged.

/// Where a part goes.
struct ChangePlace {
  std::uint64_t identity = 0;  ///< of the file of sections
  std::uint64_t number = 1;    ///< of the part, from 1
  std::uint64_t offset = 0;    ///< a page's beginning
};

class ChangeWriter {
 public:
  /// Cuts off what lies behind the place.
  ChangeWriter(File& file, const ChangePlace& place);

  /// Throws FileError, as finish() does.
  void append(const void* data, std::size_t bytes);
  /// Makes the part count, and durable. Where the next one goes.
  ChangePlace finish();

 private:
  File& file_;
  ChangePlace place_;
  WriteStream stream_;
  std::uint32_t crc_ = 0;
};

/// The content of the part at this place; nothing when there is none that counts. Then `place` is
/// that of the next one.
std::optional<ReadStream> next_changes(const File& file, ChangePlace& place);

}  // namespace dvecdb::core
