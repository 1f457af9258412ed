// Asks the health endpoints in turn, from a thread of its own, while others load the server.
#pragma once

#include <array>
#include <atomic>
#include <string>
#include <thread>

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

  explicit HealthProbe(int port) : thread_([this, port] { run(port); }) {}
  ~HealthProbe() { stop(); }

  // Ends the thread; the numbers can be read afterwards.
  void stop();
  Latencies& latencies(std::size_t endpoint) { return latencies_[endpoint]; }
  int failures() const { return failures_; }

 private:
  void run(int port);

  std::array<Latencies, endpoints.size()> latencies_;
  int failures_ = 0;  // probes without an answer
  std::atomic<bool> stopping_ = false;
  std::thread thread_;
};

}  // namespace dvecdb::bench
