#include "server/http/health.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <boost/json.hpp>
#include <fstream>

namespace dvecdb::server::http {

namespace json = boost::json;

namespace {

constexpr double bytes_per_mb = 1024.0 * 1024.0;

enum class Health { healthy, degraded, unhealthy };

std::string_view name_of(Health health) {
  switch (health) {
    case Health::healthy:
      return "healthy";
    case Health::degraded:
      return "degraded";
    case Health::unhealthy:
      return "unhealthy";
  }
  return "unhealthy";
}

struct Component {
  std::string name;
  Health health = Health::healthy;
  std::string message;
};

Component vectorstore_component(const HealthInput& input) {
  const exec::EngineStatus& engine = input.engine;
  if (!engine.is_ready) return {"vectorstore", Health::unhealthy, engine.not_ready_reason};
  return {"vectorstore", Health::healthy, fmt::format("{} collections", engine.collections)};
}

Component database_component(const HealthInput& input) {
  const exec::EngineStatus& engine = input.engine;
  Health health = Health::healthy;
  std::string message = fmt::format("{} vectors across {} collections, {:.2f} MB memory",
                                    engine.vectors, engine.collections,
                                    static_cast<double>(engine.index_memory_bytes) / bytes_per_mb);
  if (engine.disk_free_bytes < input.thresholds.disk_unhealthy_bytes) {
    health = Health::unhealthy;
  } else if (engine.disk_free_bytes < input.thresholds.disk_degraded_bytes) {
    health = Health::degraded;
  }
  if (health != Health::healthy) {
    message += fmt::format(", {:.0f} MB disk left",
                           static_cast<double>(engine.disk_free_bytes) / bytes_per_mb);
  }
  return {"database", health, message};
}

Component memory_component(const HealthInput& input) {
  const MemoryUse& memory = input.memory;
  const double resident = static_cast<double>(memory.resident_bytes);
  if (memory.limit_bytes <= 0) {
    return {"memory", Health::healthy,
            fmt::format("{:.2f} MB resident, no limit", resident / bytes_per_mb)};
  }
  const double limit = static_cast<double>(memory.limit_bytes);
  const double share = resident / limit;
  Health health = Health::healthy;
  if (share >= input.thresholds.memory_unhealthy) {
    health = Health::unhealthy;
  } else if (share >= input.thresholds.memory_degraded) {
    health = Health::degraded;
  }
  return {"memory", health,
          fmt::format("{:.2f} MB resident of {:.2f} MB ({:.1f}%)", resident / bytes_per_mb,
                      limit / bytes_per_mb, 100 * share)};
}

Component uptime_component(const HealthInput& input) {
  return {"uptime", Health::healthy, fmt::format("{} seconds", input.uptime_seconds)};
}

Health worst_of(const std::vector<Component>& components) {
  Health worst = Health::healthy;
  for (const Component& component : components) worst = std::max(worst, component.health);
  return worst;
}

std::int64_t read_number(const char* path) {
  std::ifstream file(path);
  std::int64_t number = 0;
  return file >> number ? number : 0;
}

}  // namespace

MemoryUse measure_memory(std::int64_t configured_limit) {
  MemoryUse memory;
  std::ifstream statm("/proc/self/statm");
  std::int64_t total_pages = 0;
  std::int64_t resident_pages = 0;
  std::int64_t file_pages = 0;
  const std::int64_t page = sysconf(_SC_PAGESIZE);
  // Pages of mapped files count once for each reader that maps them, and the system takes them
  // back when it needs them: they say nothing about how near the limit is.
  if (statm >> total_pages >> resident_pages >> file_pages) {
    memory.resident_bytes = (resident_pages - file_pages) * page;
  }

  memory.limit_bytes = sysconf(_SC_PHYS_PAGES) * page;
  for (const std::int64_t limit : {configured_limit, read_number("/sys/fs/cgroup/memory.max"),
                                   read_number("/sys/fs/cgroup/memory/memory.limit_in_bytes")}) {
    if (limit > 0) memory.limit_bytes = std::min(memory.limit_bytes, limit);
  }
  return memory;
}

Response live_response(std::int64_t unix_time) {
  return {.status = 200,
          .body = json::serialize(json::value{{"alive", true}, {"timestamp", unix_time}})};
}

Response ready_response(const HealthInput& input) {
  json::array checks;
  bool is_ready = input.engine.is_ready;
  for (const Component& component :
       {vectorstore_component(input), database_component(input), memory_component(input)}) {
    checks.push_back({{"name", component.name}, {"status", name_of(component.health)}});
    is_ready = is_ready && component.health != Health::unhealthy;
  }
  json::object body{{"ready", is_ready}, {"timestamp", input.unix_time}, {"checks", checks}};
  if (!input.engine.is_ready) body["reason"] = input.engine.not_ready_reason;
  return {.status = is_ready ? 200 : 503, .body = json::serialize(body)};
}

Response check_response(const HealthInput& input) {
  const std::vector<Component> components = {vectorstore_component(input),
                                             database_component(input), memory_component(input),
                                             uptime_component(input)};
  const Health overall = worst_of(components);
  json::array list;
  for (const Component& component : components) {
    list.push_back({{"name", component.name},
                    {"status", name_of(component.health)},
                    {"message", component.message},
                    {"timestamp", input.unix_time}});
  }
  const json::object body{{"status", name_of(overall)},
                          {"timestamp", input.unix_time},
                          {"version", input.version},
                          {"uptime_seconds", input.uptime_seconds},
                          {"components", list}};
  return {.status = overall == Health::unhealthy ? 503 : 200, .body = json::serialize(body)};
}

Response short_response(const HealthInput& input) {
  const bool is_ready = input.engine.is_ready;
  const json::object body{{"status", is_ready ? "healthy" : "unhealthy"},
                          {"version", input.version}};
  return {.status = is_ready ? 200 : 503, .body = json::serialize(body)};
}

}  // namespace dvecdb::server::http
