#include "bench/load/report.h"

#include <cstdio>

#include "bench/load/machine.h"

namespace dvecdb::bench {

void Report::begin(std::size_t rows, std::size_t dimensions) {
  std::printf("Machine: %s; 16 kB written and synced in %.2f ms (median).\n",
              describe_machine().c_str(), sync_milliseconds());
  std::printf("Data: %zu rows searched, %zu dimensions; clients on the same machine.\n\n", rows,
              dimensions);
  std::printf(
      "| phase                | connections | per second |   p50 ms |   p99 ms | worst ms "
      "| recall@10 |\n");
  std::printf(
      "|----------------------|------------:|-----------:|---------:|---------:|---------:"
      "|----------:|\n");
  std::fflush(stdout);
}

void Report::add(PhaseResult& result) {
  char recall[16] = "";
  if (result.recall) std::snprintf(recall, sizeof recall, "%.4f", *result.recall);
  std::printf("| %-20s | %11d | %10.0f | %8.3f | %8.3f | %8.3f | %9s |\n", result.phase.c_str(),
              result.connections, result.per_second, result.latencies.percentile(0.5),
              result.latencies.percentile(0.99), result.latencies.percentile(1), recall);
  std::fflush(stdout);
}

void Report::add_health(const std::string& load, HealthProbe& probe) {
  probe.stop();
  if (probe.failures() > 0) is_healthy_ = false;
  for (std::size_t i = 0; i < HealthProbe::endpoints.size(); ++i) {
    const HealthProbe::Endpoint& endpoint = HealthProbe::endpoints[i];
    Latencies& latencies = probe.latencies(i);
    if (latencies.percentile(1) > endpoint.limit_milliseconds) is_healthy_ = false;
    char line[200];
    std::snprintf(line, sizeof line, "| %-14s | %-20s | %6zu | %6.2f | %6.2f | %8.2f | %8.0f |\n",
                  endpoint.path, load.c_str(), latencies.count(), latencies.percentile(0.5),
                  latencies.percentile(0.99), latencies.percentile(1), endpoint.limit_milliseconds);
    health_lines_.emplace_back(line);
  }
}

bool Report::print_health() const {
  std::printf(
      "\n| endpoint       | under                | probes | p50 ms | p99 ms | worst ms | "
      "limit ms |\n"
      "|----------------|----------------------|-------:|-------:|-------:|---------:|"
      "---------:|\n");
  for (const std::string& line : health_lines_) std::fputs(line.c_str(), stdout);
  if (!is_healthy_) std::printf("\nA health endpoint has passed its limit.\n");
  std::fflush(stdout);
  return is_healthy_;
}

}  // namespace dvecdb::bench
