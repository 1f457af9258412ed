// The results as tables that can be pasted into a document. Phases are printed as they end, the
// health endpoints at the end.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "bench/load/health_probe.h"

namespace dvecdb::bench {

struct PhaseResult {
  std::string phase;
  int connections = 0;
  double per_second = 0;  // rows or searches
  Latencies latencies;    // of one statement
  std::optional<double> recall;
};

class Report {
 public:
  // Prints the machine and the head of the table of phases.
  static void begin(std::size_t rows, std::size_t dimensions);
  static void add(PhaseResult& result);
  void add_health(const std::string& load, HealthProbe& probe);
  // Prints the table of the health endpoints. True: none has passed its limit or gone without an
  // answer.
  bool print_health() const;

 private:
  std::vector<std::string> health_lines_;
  bool is_healthy_ = true;
};

}  // namespace dvecdb::bench
