#include "server/storage/file_system.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <system_error>

#include "server/storage/open_file.h"
#include "server/types/error.h"

namespace dvecdb::server::storage {

namespace {

[[noreturn]] void throw_io_error(const std::string& what, const std::string& path, int reason) {
  const auto state = reason == ENOSPC ? types::sqlstate::disk_full : types::sqlstate::io_error;
  throw types::SqlError(state, fmt::format("could not {} \"{}\": {}", what, path,
                                           std::generic_category().message(reason)));
}

}  // namespace

void throw_io_error(const std::string& what, const std::string& path) {
  throw_io_error(what, path, errno);
}

void make_folder(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) throw_io_error("create directory", path, error.value());
}

void sync_folder(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) throw_io_error("open directory", path);
  const int result = ::fsync(descriptor);
  const int reason = errno;
  ::close(descriptor);
  if (result != 0) throw_io_error("fsync directory", path, reason);
}

void rename_path(const std::string& from, const std::string& to) {
  if (std::rename(from.c_str(), to.c_str()) != 0) throw_io_error("rename", from);
}

void remove_tree(const std::string& path) {
  std::error_code error;
  std::filesystem::remove_all(path, error);
  if (error) throw_io_error("remove", path, error.value());
}

void write_file(const std::string& path, std::string_view content) {
  OpenFile file(path, O_WRONLY | O_CREAT | O_TRUNC);
  file.write(content);
  file.sync();
}

std::int64_t file_bytes(const std::string& path) {
  std::error_code error;
  const auto size = std::filesystem::file_size(path, error);
  return error ? 0 : static_cast<std::int64_t>(size);
}

std::int64_t free_bytes(const std::string& path) {
  std::error_code error;
  const auto space = std::filesystem::space(path, error);
  return error ? 0 : static_cast<std::int64_t>(space.available);
}

}  // namespace dvecdb::server::storage
