#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "dvecdb/errors.h"

namespace dvecdb::core {

/// An open file: whole reads and writes at places, with errors that name the file and the system's
/// reason. Reads and writes are safe from any number of threads.
class File {
 public:
  enum class Mode {
    read,    ///< of a file that exists
    append,  ///< the same, for reading and writing
    create,  ///< for reading and writing; an old one is emptied
  };

  /// Throws FileError, as all methods do.
  File(std::string path, Mode mode);

  /// A file without a name in `folder`, for reading and writing: its space is free again when the
  /// object or the process ends, however that comes.
  static File unnamed(const std::string& folder);

  ~File();
  File(File&& other) noexcept;
  File& operator=(File&&) = delete;

  /// How many bytes were read: fewer than asked for only at the file's end.
  std::size_t read_at(void* out, std::size_t bytes, std::uint64_t offset) const;
  void write_at(const void* data, std::size_t bytes, std::uint64_t offset);
  void resize(std::uint64_t bytes);
  std::uint64_t bytes() const;

  /// Makes what was written durable.
  void sync();

  /// In the same folder.
  void rename_to(const std::string& path);

  /// Whether `path` leads to this file.
  bool is_at(const std::string& path) const;

  int descriptor() const { return descriptor_; }
  const std::string& path() const { return path_; }

  [[noreturn]] void fail(const char* what) const;

 private:
  File(std::string path, int descriptor) : path_(std::move(path)), descriptor_(descriptor) {}

  std::string path_;
  int descriptor_;
};

/// Makes the names in the folder of `path` durable.
void sync_folder_of(const std::string& path);

}  // namespace dvecdb::core
