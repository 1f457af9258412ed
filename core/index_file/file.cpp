#include "core/index_file/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <utility>

namespace dvecdb::core {
namespace {

constexpr int kOwnerOnly = 0600;

int flags_of(File::Mode mode) {
  switch (mode) {
    case File::Mode::read:
      return O_RDONLY;
    case File::Mode::append:
      return O_RDWR;
    case File::Mode::create:
      break;
  }
  return O_RDWR | O_CREAT | O_TRUNC;
}

std::string folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

}  // namespace

File::File(std::string path, Mode mode)
    : path_(std::move(path)),
      descriptor_(open(path_.c_str(), flags_of(mode) | O_CLOEXEC, kOwnerOnly)) {
  if (descriptor_ < 0) fail(mode == Mode::create ? "create" : "open");
}

File File::unnamed(const std::string& folder) {
  int descriptor = open(folder.c_str(), O_RDWR | O_TMPFILE | O_CLOEXEC, kOwnerOnly);
  if (descriptor < 0 && (errno == EOPNOTSUPP || errno == EISDIR)) {
    std::string name = folder + "/vectors.XXXXXX";
    descriptor = mkostemp(name.data(), O_CLOEXEC);
    if (descriptor >= 0) unlink(name.c_str());
  }
  File file(folder, descriptor);
  if (descriptor < 0) file.fail("create a file in the folder of");
  return file;
}

File::~File() {
  if (descriptor_ >= 0) close(descriptor_);
}

File::File(File&& other) noexcept
    : path_(std::move(other.path_)), descriptor_(std::exchange(other.descriptor_, -1)) {}

void File::fail(const char* what) const {
  const std::string reason = std::strerror(errno);
  throw FileError("could not " + std::string(what) + " file \"" + path_ + "\": " + reason);
}

std::size_t File::read_at(void* out, std::size_t bytes, std::uint64_t offset) const {
  auto* p = static_cast<std::uint8_t*>(out);
  std::size_t done = 0;
  while (done < bytes) {
    const ssize_t got =
        pread(descriptor_, p + done, bytes - done, static_cast<off_t>(offset + done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail("read");
    if (got == 0) break;
    done += static_cast<std::size_t>(got);
  }
  return done;
}

void File::write_at(const void* data, std::size_t bytes, std::uint64_t offset) {
  const auto* p = static_cast<const std::uint8_t*>(data);
  while (bytes > 0) {
    const ssize_t written = pwrite(descriptor_, p, bytes, static_cast<off_t>(offset));
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) fail("write");
    p += written;
    offset += static_cast<std::uint64_t>(written);
    bytes -= static_cast<std::size_t>(written);
  }
}

void File::resize(std::uint64_t bytes) {
  if (ftruncate(descriptor_, static_cast<off_t>(bytes)) != 0) fail("resize");
}

std::uint64_t File::bytes() const {
  struct stat status;
  if (fstat(descriptor_, &status) != 0) fail("stat");
  return static_cast<std::uint64_t>(status.st_size);
}

void File::sync() {
  if (fsync(descriptor_) != 0) fail("make durable");
}

void File::rename_to(const std::string& path) {
  if (rename(path_.c_str(), path.c_str()) != 0) fail("rename");
  path_ = path;
}

bool File::is_at(const std::string& path) const {
  struct stat here;
  struct stat there;
  if (fstat(descriptor_, &here) != 0) fail("stat");
  return stat(path.c_str(), &there) == 0 && here.st_ino == there.st_ino &&
         here.st_dev == there.st_dev;
}

void sync_folder_of(const std::string& path) {
  const std::string folder = folder_of(path);
  const int descriptor = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const int failed = descriptor < 0 ? -1 : fsync(descriptor);
  const int reason = errno;
  if (descriptor >= 0) close(descriptor);
  if (failed == 0) return;
  throw FileError("could not make folder \"" + folder + "\" durable: " + std::strerror(reason));
}

}  // namespace dvecdb::core
