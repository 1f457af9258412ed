// What the system knows of this process, from /proc.
#pragma once

#include <cstdint>

namespace dvecdb::server::http {

struct ProcessUse {
  double cpu_seconds = 0;
  double start_time = 0;  // seconds since 1970
  std::int64_t resident_bytes = 0;
  std::int64_t virtual_bytes = 0;
  std::int64_t open_files = 0;
  std::int64_t max_files = 0;
};

// What cannot be read stays 0.
ProcessUse measure_process();

}  // namespace dvecdb::server::http
