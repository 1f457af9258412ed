#pragma once

#include <stdexcept>
#include <string>

namespace dvecdb::core {

/// A file that is damaged, cut short, or not what it should be. `what()` names the file, the
/// section and what to do. The index that was to be loaded is to be rebuilt from its rows.
class CorruptFile : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A file could not be read or written; `what()` names it and the system's reason.
class FileError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace dvecdb::core
