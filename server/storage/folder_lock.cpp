#include "server/storage/folder_lock.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>

#include "server/storage/file_system.h"
#include "server/types/error.h"

namespace dvecdb::server::storage {

using types::SqlError;
namespace sqlstate = types::sqlstate;

FolderLock::FolderLock(const std::string& data_dir) {
  const std::string path = data_dir + "/dvecdb.lock";
  descriptor_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor_ < 0) throw_io_error("open lock file", path);
  if (::flock(descriptor_, LOCK_EX | LOCK_NB) == 0) return;
  const bool is_held = errno == EWOULDBLOCK;
  ::close(descriptor_);
  if (!is_held) throw_io_error("lock", path);
  throw SqlError(
      sqlstate::object_in_use,
      fmt::format("the data folder is in use by another server: lock file \"{}\" is held", path))
      .hint("Stop the other server, or give this one another data folder.");
}

FolderLock::~FolderLock() {
  ::close(descriptor_);
}

}  // namespace dvecdb::server::storage
