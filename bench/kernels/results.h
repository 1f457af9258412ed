// What the runs gave: the best of the repetitions of each, since a busy machine only slows.
#pragma once

#include <benchmark/benchmark.h>

#include <cstddef>
#include <map>
#include <string>

namespace dvecdb::bench {

/// "maker/element/measure/form/dims", the name of a run of a measure.
std::string run_name(const std::string& maker, const std::string& element,
                     const std::string& measure, const std::string& form, std::size_t dims);

/// Rates by the runs' names: rows a second of a measure, registers a second of a port's peak,
/// bytes a second of the plain read.
class Results : public benchmark::BenchmarkReporter {
 public:
  bool ReportContext(const Context& context) override;
  void ReportRuns(const std::vector<Run>& runs) override;

  bool has(const std::string& name) const { return rates_.contains(name); }
  double rate(const std::string& name) const { return rates_.at(name); }

 private:
  std::map<std::string, double> rates_;
};

}  // namespace dvecdb::bench
