#include "bench/ann/protocol.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>

#include "bench/ann/clocks.h"
#include "bench/ann/measure.h"
#include "bench/ann/numbers.h"

namespace dvecdb::bench::ann {

namespace {

constexpr std::size_t full_ladder[] = {10,  12,  14,   16,   20,   24,   28,   32,   40,  48,
                                       64,  80,  96,   128,  160,  200,  256,  320,  400, 512,
                                       640, 800, 1024, 1280, 1600, 2048, 2560, 3200, 4096};
constexpr std::size_t quick_ladder[] = {10,  14,  20,  28,  40,   64,   96,
                                        160, 256, 400, 640, 1024, 1600, 2560};
// Where climbing ends: nothing is left to gain, or two steps have gained nothing.
constexpr double full_recall = 0.9995;
constexpr double least_gain = 0.05;  // of what was missing
// Of the points below this only the best is timed.
constexpr double least_recall_quick = 0.94;
constexpr double least_recall_full = 0.8;
constexpr std::size_t least_queries = 50;
// Short builds are repeated, and their median reported.
constexpr std::size_t most_builds = 3;
constexpr double enough_build_seconds = 4;

/// A point of one library, and what its repetitions gave.
struct Trial {
  Trial(AnnLibrary* of, Point* at) : library(of), point(at) {}

  AnnLibrary* library;
  Point* point;
  double seconds_a_query = 0;
  std::vector<double> one_cpu, one_wall, all_cpu, all_wall, scaling_cpu, scaling_wall, p50, p99,
      waits;
};

class SetRun {
 public:
  SetRun(const VectorSet& set, const Protocol& protocol) : set_(set), protocol_(protocol) {
    result_.name = set.name;
    result_.metric = set.metric;
    result_.rows = set.base.rows();
    result_.dims = set.base.dims;
    result_.queries = set.queries.rows();
    result_.threads = protocol.threads;
    for (const std::string& spec : protocol.libraries) {
      result_.libraries.emplace_back().name = spec;
    }
  }

  SetResult run() {
    for (LibraryResult& library : result_.libraries) build(library);
    for (std::size_t i = 0; i < libraries_.size(); ++i) find_recall(i);
    std::vector<Trial> trials = make_trials();
    for (int r = 0; r < protocol_.repetitions; ++r) {
      std::fprintf(stderr, "%s: repetition %d of %d\n", set_.name.c_str(), r + 1,
                   protocol_.repetitions);
      for (Trial& trial : trials) repeat(trial, r);
    }
    for (Trial& trial : trials) finish(trial);
    return std::move(result_);
  }

 private:
  void build(LibraryResult& result) {
    if (protocol_.with_one_thread_build && library_name(result.name) == "ours") {
      const auto once = make_library(result.name, protocol_.graph);
      result.build_one = measure_build(*once, set_, 1);
    }
    const std::size_t before = resident_bytes();
    libraries_.push_back(make_library(result.name, protocol_.graph));
    AnnLibrary& library = *libraries_.back();
    std::vector<BuildTime> times = {measure_build(library, set_, protocol_.threads)};
    const std::size_t after = resident_bytes();
    result.resident_bytes = after > before ? after - before : 0;
    result.memory_bytes = library.memory_bytes();
    if (result.memory_bytes == 0) result.memory_bytes = result.resident_bytes;
    if (!protocol_.save_folder.empty()) result.file_bytes = saved_bytes(library);
    while (times.size() < most_builds && times.size() * times[0].wall < enough_build_seconds) {
      times.push_back(
          measure_build(*make_library(result.name, protocol_.graph), set_, protocol_.threads));
    }
    result.build = median_of(times);
    std::fprintf(stderr, "%s: built %s in %.2f s (%.2f s of processor time)\n", set_.name.c_str(),
                 result.name.c_str(), result.build.wall, result.build.cpu);
  }

  static BuildTime median_of(const std::vector<BuildTime>& times) {
    std::vector<double> wall;
    std::vector<double> cpu;
    for (const BuildTime& time : times) {
      wall.push_back(time.wall);
      cpu.push_back(time.cpu);
    }
    return {median(wall), median(cpu)};
  }

  std::size_t saved_bytes(const AnnLibrary& library) const {
    const std::string path = protocol_.save_folder + "/saved.index";
    library.save(path);
    const auto bytes = static_cast<std::size_t>(std::filesystem::file_size(path));
    std::filesystem::remove(path);
    return bytes;
  }

  void find_recall(std::size_t i) {
    std::vector<Point>& points = result_.libraries[i].points;
    if (!protocol_.efs.empty()) {
      for (const std::size_t ef : protocol_.efs) add_point(i, ef);
      return;
    }
    const std::vector<std::size_t> ladder =
        protocol_.is_full ? std::vector(std::begin(full_ladder), std::end(full_ladder))
                          : std::vector(std::begin(quick_ladder), std::end(quick_ladder));
    for (const std::size_t ef : ladder) {
      add_point(i, ef);
      if (points.back().recall >= full_recall || has_stalled(points)) break;
    }
    pass_over_low(points, protocol_.is_full ? least_recall_full : least_recall_quick);
  }

  void add_point(std::size_t i, std::size_t ef) {
    libraries_[i]->set_ef(ef);
    Point point;
    point.ef = ef;
    point.recall = measure_recall(*libraries_[i], set_, protocol_.threads);
    result_.libraries[i].points.push_back(point);
  }

  static bool has_stalled(const std::vector<Point>& points) {
    if (points.size() < 3) return false;
    if (points.back().recall < 0.5) return false;
    const double missing = 1 - points[points.size() - 3].recall;
    return 1 - points.back().recall > missing * (1 - least_gain);
  }

  static void pass_over_low(std::vector<Point>& points, double least_recall) {
    for (std::size_t i = 0; i + 1 < points.size() && points[i + 1].recall < least_recall; ++i) {
      points[i].is_timed = false;
    }
  }

  /// By recall, so that libraries are compared at equal recall within the same moment.
  std::vector<Trial> make_trials() {
    std::vector<Trial> trials;
    for (std::size_t i = 0; i < libraries_.size(); ++i) {
      for (Point& point : result_.libraries[i].points) {
        if (point.is_timed) trials.emplace_back(libraries_[i].get(), &point);
      }
    }
    std::stable_sort(trials.begin(), trials.end(), [](const Trial& a, const Trial& b) {
      return a.point->recall < b.point->recall;
    });
    return trials;
  }

  void repeat(Trial& trial, int repetition) {
    trial.library->set_ef(trial.point->ef);
    if (trial.seconds_a_query == 0) {
      const SearchTime first = measure_search(*trial.library, set_, {0, least_queries}, 1);
      trial.seconds_a_query = 1 / first.rate.cpu;
    }
    const QuerySpan span = span_of(trial, repetition);
    const SearchTime one = measure_search(*trial.library, set_, span, 1);
    trial.one_cpu.push_back(one.rate.cpu);
    trial.one_wall.push_back(one.rate.wall);
    trial.p50.push_back(one.p50_us);
    trial.p99.push_back(one.p99_us);
    if (!protocol_.with_all_threads) return;
    const SearchTime all = measure_search(*trial.library, set_, span, protocol_.threads);
    trial.all_cpu.push_back(all.rate.cpu);
    trial.all_wall.push_back(all.rate.wall);
    trial.scaling_cpu.push_back(all.rate.cpu / one.rate.cpu);
    trial.scaling_wall.push_back(all.rate.wall / one.rate.wall);
    trial.waits.push_back(all.waits);
  }

  /// As many queries as take a repetition's time; whole rounds when that is more than all, and
  /// when it is less, each repetition asks others.
  QuerySpan span_of(const Trial& trial, int repetition) const {
    const std::size_t rows = set_.queries.rows();
    const double wanted = protocol_.seconds / trial.seconds_a_query;
    const auto rounds = static_cast<std::size_t>(std::lround(wanted / static_cast<double>(rows)));
    if (rounds > 0) return {0, rounds * rows};
    const std::size_t count =
        std::max(std::min(least_queries, rows), static_cast<std::size_t>(wanted));
    return {static_cast<std::size_t>(repetition) * rows /
                static_cast<std::size_t>(protocol_.repetitions),
            count};
  }

  static void finish(Trial& trial) {
    trial.point->one = {median(trial.one_cpu), median(trial.one_wall)};
    trial.point->all = {median(trial.all_cpu), median(trial.all_wall)};
    trial.point->scaling = {median(trial.scaling_cpu), median(trial.scaling_wall)};
    trial.point->p50_us = median(trial.p50);
    trial.point->p99_us = median(trial.p99);
    trial.point->waits = median(trial.waits);
  }

  const VectorSet& set_;
  const Protocol& protocol_;
  SetResult result_;
  std::vector<std::unique_ptr<AnnLibrary>> libraries_;  // as result_.libraries
};

}  // namespace

SetResult measure_set(const VectorSet& set, const Protocol& protocol) {
  return SetRun(set, protocol).run();
}

}  // namespace dvecdb::bench::ann
