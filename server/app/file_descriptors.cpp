#include "server/app/file_descriptors.h"

#include <fcntl.h>
#include <spdlog/spdlog.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>

namespace dvecdb::server::app {

namespace {

// A socket, and a reader's row store with its log and shared memory.
constexpr rlim_t files_a_connection = 4;
// Files of databases and indexes, and the connections by HTTP.
constexpr rlim_t other_files = 1280;

}  // namespace

void reserve_file_descriptors(int connections) {
  const rlim_t wanted = static_cast<rlim_t>(connections) * files_a_connection + other_files;
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  if (limit.rlim_cur < wanted) {
    limit.rlim_cur = std::min(wanted, limit.rlim_max);
    setrlimit(RLIMIT_NOFILE, &limit);
  }
  if (limit.rlim_cur < wanted) {
    spdlog::warn("open files are limited to {}: {} connections may need {}", limit.rlim_cur,
                 connections, wanted);
  }
  const rlim_t last = std::min(wanted, limit.rlim_cur) - 1;
  const int file = open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (file < 0) return;
  const int highest = fcntl(file, F_DUPFD_CLOEXEC, static_cast<int>(last));
  if (highest >= 0) close(highest);
  close(file);
}

}  // namespace dvecdb::server::app
