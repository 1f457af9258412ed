#pragma once

#include <cstdint>
#include <mutex>
#include <optional>

#include "core/index_file/change_file.h"
#include "core/index_file/file.h"

namespace dvecdb::core {

/// The file that an index was saved to or loaded from last: changes are marked since then.
struct SavedFile {
  std::mutex turn;                ///< held by the thread that saves
  std::optional<File> file;       ///< nothing if there is none, or its saving failed
  std::uint64_t whole_bytes = 0;  ///< as it was written first
  std::uint64_t trainings = 0;    ///< of the index at that time
  ChangePlace next;               ///< where changes are appended
};

}  // namespace dvecdb::core
