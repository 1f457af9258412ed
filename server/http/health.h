// The health answers, from the engine's status. Pure: status in, JSON out.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "server/exec/engine.h"
#include "server/http/message.h"
#include "server/http/write_probe.h"

namespace dvecdb::server::http {

struct MemoryUse {
  std::int64_t resident_bytes = 0;
  std::int64_t limit_bytes = 0;  // 0: none known
};

// Resident memory of this process without the pages of mapped files, and the smallest of
// `configured_limit` (0: none), the control group's limit and the machine's memory.
MemoryUse measure_memory(std::int64_t configured_limit);

// From these on, a component is "degraded" or "unhealthy".
struct HealthThresholds {
  double memory_degraded = 0.85;  // of the limit
  double memory_unhealthy = 0.95;
  std::int64_t disk_degraded_bytes = std::int64_t{1} << 30;
  std::int64_t disk_unhealthy_bytes = std::int64_t{64} << 20;
  std::int64_t index_lag_degraded = 100000;  // rows that no graph has yet
  std::chrono::milliseconds write_degraded{1000};
  std::chrono::milliseconds write_unhealthy{10000};
};

struct HealthInput {
  exec::EngineStatus engine;
  MemoryUse memory;
  WriteState write;
  HealthThresholds thresholds;
  std::string version;
  std::int64_t uptime_seconds = 0;
  std::int64_t unix_time = 0;
};

bool is_ready(const HealthInput& input);
Response live_response(std::int64_t unix_time);     // /health/live: the process answers
Response ready_response(const HealthInput& input);  // /ready: 503 until it can serve
Response check_response(const HealthInput& input);  // /health/check: every component
Response short_response(const HealthInput& input);  // /health: for old clients

}  // namespace dvecdb::server::http
