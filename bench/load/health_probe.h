// Asks the health endpoints in turn, from a process of its own as an orchestrator's probe, while
// others load the server. To be made while the process has one thread.
#pragma once

#include <sys/types.h>

#include <array>

#include "bench/load/latencies.h"

namespace dvecdb::bench {

class HealthProbe {
 public:
  struct Endpoint {
    const char* path;
    double limit_milliseconds;
  };
  static constexpr std::array<Endpoint, 3> endpoints{
      {{"/health/live", 10}, {"/ready", 50}, {"/health/check", 100}}};

  explicit HealthProbe(int port);
  ~HealthProbe() { stop(); }
  HealthProbe(const HealthProbe&) = delete;
  HealthProbe& operator=(const HealthProbe&) = delete;

  // Ends the process; the numbers can be read afterwards.
  void stop();
  Latencies& latencies(std::size_t endpoint) { return latencies_[endpoint]; }
  int failures() const { return failures_; }

 private:
  std::array<Latencies, endpoints.size()> latencies_;
  int failures_ = 0;  // probes without an answer
  pid_t process_ = -1;
  int stop_ = -1;     // closed to end the process
  int answers_ = -1;  // what it measured: lines of an endpoint's number and milliseconds
};

}  // namespace dvecdb::bench
