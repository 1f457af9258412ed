#include "server/http/process_metrics.h"

#include <dirent.h>
#include <sys/resource.h>
#include <unistd.h>

#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace dvecdb::server::http {

namespace {

// Fields of /proc/self/stat by their number in proc(5), less those up to the name in parentheses.
constexpr std::size_t first_field = 3;
constexpr std::size_t user_ticks = 14;
constexpr std::size_t system_ticks = 15;
constexpr std::size_t start_ticks = 22;
constexpr std::size_t virtual_size = 23;
constexpr std::size_t resident_pages = 24;

std::vector<std::string> stat_fields() {
  std::ifstream file("/proc/self/stat");
  std::string text;
  std::getline(file, text);
  std::istringstream rest(text.substr(text.rfind(')') + 1));
  std::vector<std::string> fields;
  for (std::string field; rest >> field;) fields.push_back(field);
  return fields;
}

double boot_time() {
  std::ifstream file("/proc/stat");
  for (std::string name; file >> name;) {
    double seconds = 0;
    if (name == "btime" && file >> seconds) return seconds;
  }
  return 0;
}

std::int64_t count_open_files() {
  DIR* folder = opendir("/proc/self/fd");
  if (folder == nullptr) return 0;
  std::int64_t count = 0;
  while (const dirent* entry = readdir(folder)) count += entry->d_name[0] == '.' ? 0 : 1;
  closedir(folder);
  return count - 1;  // the folder itself
}

}  // namespace

ProcessUse measure_process() {
  ProcessUse use;
  const std::vector<std::string> fields = stat_fields();
  if (fields.size() > resident_pages - first_field) {
    const auto number = [&](std::size_t field) { return std::stod(fields[field - first_field]); };
    const double tick = 1.0 / static_cast<double>(sysconf(_SC_CLK_TCK));
    use.cpu_seconds = (number(user_ticks) + number(system_ticks)) * tick;
    static const double booted = boot_time();
    use.start_time = booted + number(start_ticks) * tick;
    use.virtual_bytes = static_cast<std::int64_t>(number(virtual_size));
    use.resident_bytes = static_cast<std::int64_t>(number(resident_pages)) * sysconf(_SC_PAGESIZE);
  }
  use.open_files = count_open_files();
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0)
    use.max_files = static_cast<std::int64_t>(limit.rlim_cur);
  return use;
}

}  // namespace dvecdb::server::http
