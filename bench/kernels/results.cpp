#include "bench/kernels/results.h"

#include <algorithm>

namespace dvecdb::bench {

std::string run_name(const std::string& maker, const std::string& element,
                     const std::string& measure, const std::string& form, std::size_t dims) {
  return maker + "/" + element + "/" + measure + "/" + form + "/" + std::to_string(dims);
}

bool Results::ReportContext(const Context&) {
  return true;
}

void Results::ReportRuns(const std::vector<Run>& runs) {
  for (const Run& run : runs) {
    const auto rate = run.counters.find("rate");
    if (run.run_type != Run::RT_Iteration || rate == run.counters.end()) continue;
    double& best = rates_[run.run_name.function_name];
    best = std::max(best, static_cast<double>(rate->second));
  }
}

}  // namespace dvecdb::bench
