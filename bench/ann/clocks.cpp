#include "bench/ann/clocks.h"

#include <malloc.h>
#include <unistd.h>

#include <fstream>

namespace dvecdb::bench::ann {

std::size_t resident_bytes() {
  malloc_trim(0);
  std::ifstream statm("/proc/self/statm");
  std::size_t total_pages = 0;
  std::size_t resident_pages = 0;
  statm >> total_pages >> resident_pages;
  return resident_pages * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

}  // namespace dvecdb::bench::ann
