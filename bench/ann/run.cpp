#include <algorithm>
#include <filesystem>
#include <fstream>
#include <optional>
#include <ostream>

#include "bench/ann/options.h"
#include "bench/ann/report.h"
#include "bench/ann/svg_plot.h"
#include "bench/ann/targets.h"
#include "bench/ann/text.h"

namespace dvecdb::bench::ann {

namespace {

// In the quick form, how building scales is measured on the smallest set that is not tiny.
constexpr std::size_t least_scaling_rows = 10000;

/// The files of a run. Each is complete after every set, so that an interrupted run has something.
class OutFolder {
 public:
  OutFolder(const std::string& path, const Options& options) : path_(path), options_(options) {
    std::filesystem::create_directories(path_);
    csv_.open(path_ / "results.csv");
    summary_.open(path_ / "summary.md");
    csv_.exceptions(std::ios::badbit | std::ios::failbit);
    summary_.exceptions(std::ios::badbit | std::ios::failbit);
    csv_ << csv_head() << std::flush;
    summary_ << "# Approximate neighbors: measured\n\n"
             << machine_line() << ".\n"
             << text(
                    "%d threads, m %zu, ef_construction %zu, %d repetitions; rates by %s time.\n\n",
                    options.protocol.threads, options.protocol.graph.m,
                    options.protocol.graph.ef_construction, options.protocol.repetitions,
                    options.clock == ClockKind::cpu ? "processor" : "wall")
             << std::flush;
  }

  void add(const SetResult& set) {
    csv_ << csv_lines(set, options_.clock) << std::flush;
    summary_ << summary(set, options_.clock) << std::flush;
    std::ofstream plot(path_ / (set.name + ".svg"));
    plot.exceptions(std::ios::badbit | std::ios::failbit);
    plot << svg_plot(set, options_.clock) << std::flush;
  }

  void add_targets(const std::vector<std::string>& lines) {
    summary_ << "## Targets\n\n";
    for (const std::string& line : lines) summary_ << "    " << line << "\n";
    summary_ << std::flush;
  }

 private:
  std::filesystem::path path_;
  const Options& options_;
  std::ofstream csv_;
  std::ofstream summary_;
};

}  // namespace

void run_benchmark(const Options& options, std::ostream& print) {
  Protocol protocol = options.protocol;
  std::vector<std::string> names = options.sets;
  if (names.empty()) names = default_sets(options.source, protocol.is_full);
  std::optional<OutFolder> out;
  if (!options.out.empty()) {
    out.emplace(options.out, options);
    protocol.save_folder = options.out;
  }
  print << machine_line() << "\n";
  bool wants_scaling = !options.out.empty() && !protocol.is_full;
  std::vector<std::string> targets;
  for (const std::string& name : names) {
    const VectorSet set = load_set(name, options.source);
    const bool is_scaled = wants_scaling && set.base.rows() >= least_scaling_rows;
    if (is_scaled) wants_scaling = false;
    protocol.with_one_thread_build = options.protocol.with_one_thread_build || is_scaled;
    const SetResult result = measure_set(set, protocol);
    print << point_table(result, options.clock) << std::flush;
    if (out) out->add(result);
    for (std::string& line : target_lines(result, options.clock)) {
      targets.push_back(std::move(line));
    }
  }
  if (out) out->add_targets(targets);
  print << "\n";
  for (const std::string& line : targets) print << line << "\n";
  print << std::flush;
}

}  // namespace dvecdb::bench::ann
