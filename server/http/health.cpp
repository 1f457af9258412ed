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
  return {"database", Health::healthy,
          fmt::format("{} vectors across {} collections, {:.2f} MB memory", engine.vectors,
                      engine.collections,
                      static_cast<double>(engine.index_memory_bytes) / bytes_per_mb)};
}

Component disk_component(const HealthInput& input) {
  const std::int64_t free = input.engine.disk_free_bytes;
  Health health = Health::healthy;
  if (free < input.thresholds.disk_unhealthy_bytes) {
    health = Health::unhealthy;
  } else if (free < input.thresholds.disk_degraded_bytes) {
    health = Health::degraded;
  }
  return {"disk", health,
          fmt::format("{:.2f} MB used, {:.2f} MB free",
                      static_cast<double>(input.engine.disk_bytes) / bytes_per_mb,
                      static_cast<double>(free) / bytes_per_mb)};
}

Component write_component(const HealthInput& input) {
  const WriteState& write = input.write;
  const HealthThresholds& limits = input.thresholds;
  const std::chrono::milliseconds commit(input.engine.commit_milliseconds);
  if (commit >= limits.write_unhealthy) {
    return {"write", Health::unhealthy,
            fmt::format("a commit has been waiting for the disk for {} ms", commit.count())};
  }
  if (write.under_way >= limits.write_unhealthy) {
    return {"write", Health::unhealthy,
            fmt::format("a row has been waiting to be written for {} ms", write.under_way.count())};
  }
  if (!write.error.empty()) return {"write", Health::unhealthy, write.error};
  if (!write.is_known) return {"write", Health::healthy, "no row was written yet"};
  if (write.is_busy) {
    return {"write", Health::degraded,
            fmt::format("another transaction has been writing for {} ms", write.took.count())};
  }
  return {"write", write.took >= limits.write_degraded ? Health::degraded : Health::healthy,
          fmt::format("a row was written and read in {} ms", write.took.count())};
}

// Searches are exact meanwhile, but slower: this is never unhealthy.
Component index_component(const HealthInput& input) {
  const exec::EngineStatus& engine = input.engine;
  const bool is_behind = engine.delta_rows >= input.thresholds.index_lag_degraded;
  return {"index", is_behind || engine.indexes_building > 0 ? Health::degraded : Health::healthy,
          fmt::format("{} rows wait for their graph, {} indexes are being built", engine.delta_rows,
                      engine.indexes_building)};
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

// In the order in which answers list them.
std::vector<Component> components_of(const HealthInput& input) {
  return {vectorstore_component(input), database_component(input), memory_component(input),
          disk_component(input),        write_component(input),    index_component(input)};
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

// Why it is not ready.
std::string reason_of(const HealthInput& input) {
  if (!input.engine.is_ready) return input.engine.not_ready_reason;
  for (const Component& component : components_of(input)) {
    if (component.health == Health::unhealthy) return component.name + ": " + component.message;
  }
  return {};
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

bool is_ready(const HealthInput& input) {
  return input.engine.is_ready && worst_of(components_of(input)) != Health::unhealthy;
}

Response ready_response(const HealthInput& input) {
  json::array checks;
  for (const Component& component : components_of(input)) {
    checks.push_back({{"name", component.name}, {"status", name_of(component.health)}});
  }
  const bool ready = is_ready(input);
  json::object body{{"ready", ready}, {"timestamp", input.unix_time}, {"checks", checks}};
  if (!ready) body["reason"] = reason_of(input);
  return {.status = ready ? 200 : 503, .body = json::serialize(body)};
}

Response check_response(const HealthInput& input) {
  std::vector<Component> components = components_of(input);
  components.push_back(uptime_component(input));
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
