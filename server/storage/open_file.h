// A file that is open. One thread at a time; movable.
#pragma once

#include <fcntl.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace dvecdb::server::storage {

class OpenFile {
 public:
  // `flags` as of open(2); a new file can be used by its owner alone. This and all members throw
  // SqlError 58030, or 53100 when the disk is full.
  OpenFile(const std::string& path, int flags);
  ~OpenFile();
  OpenFile(OpenFile&& other) noexcept;
  OpenFile& operator=(OpenFile&&) = delete;

  std::uint64_t bytes() const;
  // Fills the buffer as far as there is something; answers how many bytes.
  std::size_t read_at(std::uint64_t position, char* buffer, std::size_t bytes) const;
  void write(std::string_view bytes);
  void sync();

 private:
  std::string path_;
  int descriptor_;
};

}  // namespace dvecdb::server::storage
