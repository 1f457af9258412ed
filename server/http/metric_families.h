// Metrics that are read off when somebody asks, as Prometheus' families. Pure.
#pragma once

#include <prometheus/metric_family.h>

#include <cstdint>
#include <vector>

#include "server/exec/engine_facts.h"
#include "server/http/health.h"
#include "server/http/process_metrics.h"

namespace dvecdb::server::http {

struct ConnectionFacts {
  std::int64_t open = 0;
  std::uint64_t total = 0;  // since the start
};

struct MetricsInput {
  HealthInput health;
  exec::EngineFacts engine;
  ProcessUse process;
  ConnectionFacts postgres;
  ConnectionFacts http;
  int max_connections = 0;
  std::size_t max_tables = 100;  // that have labels of their own: those with the most rows
};

std::vector<prometheus::MetricFamily> metric_families(const MetricsInput& input);

}  // namespace dvecdb::server::http
