// What the benchmark measures with.
#pragma once

#include <cstddef>
#include <ctime>

namespace dvecdb::bench::ann {

inline double seconds_of(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

inline double wall_seconds() {
  return seconds_of(CLOCK_MONOTONIC);
}
/// Of the calling thread: what others do on the machine does not count.
inline double thread_cpu_seconds() {
  return seconds_of(CLOCK_THREAD_CPUTIME_ID);
}
/// Of all threads of the process.
inline double process_cpu_seconds() {
  return seconds_of(CLOCK_PROCESS_CPUTIME_ID);
}

/// What the process holds of the machine's memory, after free memory was given back.
std::size_t resident_bytes();

}  // namespace dvecdb::bench::ann
