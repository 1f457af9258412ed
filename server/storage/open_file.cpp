#include "server/storage/open_file.h"

#include <sys/stat.h>
#include <unistd.h>

#include <utility>

#include "server/storage/file_system.h"

namespace dvecdb::server::storage {

OpenFile::OpenFile(const std::string& path, int flags)
    : path_(path), descriptor_(::open(path.c_str(), flags | O_CLOEXEC, 0600)) {
  if (descriptor_ < 0) throw_io_error("open", path);
}

OpenFile::~OpenFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

OpenFile::OpenFile(OpenFile&& other) noexcept
    : path_(std::move(other.path_)), descriptor_(std::exchange(other.descriptor_, -1)) {}

std::uint64_t OpenFile::bytes() const {
  struct stat facts {};
  if (::fstat(descriptor_, &facts) != 0) throw_io_error("look at", path_);
  return static_cast<std::uint64_t>(facts.st_size);
}

std::size_t OpenFile::read_at(std::uint64_t position, char* buffer, std::size_t bytes) const {
  std::size_t done = 0;
  while (done < bytes) {
    const ssize_t count =
        ::pread(descriptor_, buffer + done, bytes - done, static_cast<off_t>(position + done));
    if (count < 0) throw_io_error("read", path_);
    if (count == 0) break;
    done += static_cast<std::size_t>(count);
  }
  return done;
}

void OpenFile::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(descriptor_, bytes.data(), bytes.size());
    if (count < 0) throw_io_error("write", path_);
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
}

void OpenFile::sync() {
  if (::fsync(descriptor_) != 0) throw_io_error("fsync", path_);
}

}  // namespace dvecdb::server::storage
