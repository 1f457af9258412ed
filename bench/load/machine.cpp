#include "bench/load/machine.h"

#include <fcntl.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>
#include <vector>

#include "bench/load/latencies.h"

namespace dvecdb::bench {

namespace {

std::string processor() {
  std::ifstream file("/proc/cpuinfo");
  std::string line;
  while (std::getline(file, line)) {
    const std::size_t colon = line.find(": ");
    if (line.starts_with("model name") && colon != std::string::npos) return line.substr(colon + 2);
  }
  return "unknown processor";
}

}  // namespace

std::string describe_machine() {
  utsname system{};
  uname(&system);
  double load[1] = {0};
  getloadavg(load, 1);
  const double gigabytes = static_cast<double>(sysconf(_SC_PHYS_PAGES)) *
                           static_cast<double>(sysconf(_SC_PAGESIZE)) / (1 << 30);
  char numbers[100];
  std::snprintf(numbers, sizeof numbers, "%u cores, %.0f GB memory, load average %.1f at the start",
                std::thread::hardware_concurrency(), gigabytes, load[0]);
  return processor() + ", " + numbers + ", " + system.sysname + " " + system.release + " " +
         system.machine;
}

double sync_milliseconds() {
  constexpr std::size_t written = 16 << 10;
  constexpr int times = 100;
  std::string name = (std::filesystem::temp_directory_path() / "dvecdb-sync-XXXXXX").string();
  const int descriptor = mkstemp(name.data());
  if (descriptor < 0) return 0;
  unlink(name.c_str());
  const std::vector<char> bytes(written, 'x');
  Latencies latencies;
  for (int i = 0; i < times; ++i) {
    latencies.time([&] {
      if (write(descriptor, bytes.data(), bytes.size()) > 0) fdatasync(descriptor);
    });
  }
  close(descriptor);
  return latencies.percentile(0.5);
}

}  // namespace dvecdb::bench
