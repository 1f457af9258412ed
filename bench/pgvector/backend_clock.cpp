#include "bench/pgvector/backend_clock.h"

#include <filesystem>
#include <fstream>

namespace dvecdb::bench::pgvector {

BackendClock::BackendClock(demo::Client& client)
    : folder_("/proc/" + client.query("SELECT pg_backend_pid()").text(0, 0) + "/task") {}

double BackendClock::seconds() const {
  double nanoseconds = 0;
  std::error_code none;
  for (const auto& thread : std::filesystem::directory_iterator(folder_, none)) {
    double one = 0;
    std::ifstream(thread.path() / "schedstat") >> one;
    nanoseconds += one;
  }
  return 1e-9 * nanoseconds;
}

}  // namespace dvecdb::bench::pgvector
