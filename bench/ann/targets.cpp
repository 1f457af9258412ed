#include "bench/ann/targets.h"

#include <algorithm>
#include <optional>

#include "bench/ann/ann_library.h"
#include "bench/ann/curve.h"
#include "bench/ann/numbers.h"
#include "bench/ann/text.h"

namespace dvecdb::bench::ann {

namespace {

struct SpeedGoal {
  const char* peer;  // the libraries whose names begin so; the best of them counts
  Threads threads;
  double recall;
  double ratio;
};

constexpr SpeedGoal speed_goals[] = {
    {"hnswlib", Threads::one, 0.95, 3},  {"hnswlib", Threads::one, 0.99, 5},
    {"hnswlib", Threads::one, 0.999, 5}, {"faiss", Threads::one, 0.95, 2},
    {"faiss", Threads::one, 0.99, 2},    {"faiss", Threads::one, 0.999, 2},
    {"hnswlib", Threads::all, 0.95, 3},  {"hnswlib", Threads::all, 0.99, 3},
    {"hnswlib", Threads::all, 0.999, 3},
};
// Of so many times as many threads.
constexpr double search_scaling_goal = 0.975;
constexpr double build_scaling_goal = 0.875;
constexpr double least_scaling_recall = 0.9;
constexpr double build_time_goal = 0.4;
// Ours takes less for this: one and a half times the neighbors that are asked for.
constexpr std::size_t least_common_ef = neighbors * 3 / 2;

const LibraryResult* find_ours(const SetResult& set) {
  const LibraryResult* found = nullptr;
  for (const LibraryResult& library : set.libraries) {
    if (library.name == "ours") return &library;
    if (found == nullptr && library_name(library.name) == "ours") found = &library;
  }
  return found;
}

std::string rate_text(const std::optional<double>& rate) {
  return rate ? text("%.0f/s", *rate) : "not reached";
}

const char* verdict(bool is_met) {
  return is_met ? "met" : "short";
}

class Targets {
 public:
  Targets(const SetResult& set, const LibraryResult& ours, ClockKind clock)
      : set_(set), ours_(ours), clock_(clock) {}

  std::vector<std::string> lines() {
    for (const SpeedGoal& goal : speed_goals) add_speed(goal);
    if (set_.threads > 1) {
      add_search_scaling();
      add_build_scaling();
    }
    add_build_time();
    return std::move(lines_);
  }

 private:
  std::optional<double> rate(const LibraryResult& library, Threads threads, double recall) const {
    return rate_at(frontier(library, threads, clock_), recall);
  }

  std::string name(const std::string& what) const {
    return "TARGET " + set_.name + "/" + what + ": ";
  }

  std::string threads_text(Threads threads) const {
    return threads == Threads::one ? "1-thread" : text("%d-threads", set_.threads);
  }

  void add_speed(const SpeedGoal& goal) {
    if (frontier(ours_, goal.threads, clock_).empty()) return;
    const LibraryResult* peer = nullptr;
    std::optional<double> theirs;
    for (const LibraryResult& library : set_.libraries) {
      if (!library.name.starts_with(goal.peer)) continue;
      const std::optional<double> one = rate(library, goal.threads, goal.recall);
      if (peer == nullptr || one > theirs) {
        peer = &library;
        theirs = one;
      }
    }
    if (peer == nullptr) return;
    const std::optional<double> mine = rate(ours_, goal.threads, goal.recall);
    const bool is_met = mine && (!theirs || *mine >= goal.ratio * *theirs);
    lines_.push_back(
        name(text("%s-recall-%g-%s", threads_text(goal.threads).c_str(), goal.recall, goal.peer)) +
        "ours " + rate_text(mine) + ", peer " + peer->name + " " + rate_text(theirs) + ", ratio " +
        (mine && theirs ? text("%.2f", *mine / *theirs) : "-") +
        text(", goal %g, %s", goal.ratio, verdict(is_met)));
  }

  /// The median over the points of interest: a single one's is within the machine's noise.
  void add_search_scaling() {
    std::vector<double> scalings;
    for (const Point& point : ours_.points) {
      const double scaling = value(point.scaling, clock_);
      if (scaling > 0 && point.recall >= least_scaling_recall) scalings.push_back(scaling);
    }
    if (scalings.empty()) return;
    const double scaling = median(scalings);
    const double goal = search_scaling_goal * set_.threads;
    lines_.push_back(name(text("search-scaling-%d-threads", set_.threads)) +
                     text("ours %.2f, peer ours-1-thread 1, ratio %.2f, goal %.2f, %s", scaling,
                          scaling, goal, verdict(scaling >= goal)));
  }

  void add_build_scaling() {
    if (ours_.build_one.wall == 0) return;
    const double goal = build_scaling_goal * set_.threads;
    const double scaling = ours_.build_one.wall / ours_.build.wall;
    lines_.push_back(name(text("build-scaling-%d-threads", set_.threads)) +
                     text("ours %.2f s, peer ours-1-thread %.2f s, ratio %.2f, goal %.2f, %s",
                          ours_.build.wall, ours_.build_one.wall, scaling, goal,
                          verdict(scaling >= goal)));
  }

  /// Recall is compared at equal ef: averaged over those that both were measured at.
  void add_build_time() {
    const auto peer = std::find_if(set_.libraries.begin(), set_.libraries.end(),
                                   [](const LibraryResult& l) { return l.name == "hnswlib"; });
    if (peer == set_.libraries.end()) return;
    double mine = 0;
    double theirs = 0;
    int common = 0;
    for (const Point& a : ours_.points) {
      for (const Point& b : peer->points) {
        if (a.ef != b.ef || a.ef < least_common_ef) continue;
        mine += a.recall;
        theirs += b.recall;
        ++common;
      }
    }
    if (common == 0) return;
    const double ratio = ours_.build.wall / peer->build.wall;
    const bool is_met = ratio <= build_time_goal && mine >= theirs;
    lines_.push_back(name("build-time") +
                     text("ours %.2f s (recall %.4f at equal ef), peer hnswlib %.2f s (recall "
                          "%.4f), ratio %.2f (of processor time %.2f), goal %g or less, %s",
                          ours_.build.wall, mine / common, peer->build.wall, theirs / common, ratio,
                          ours_.build.cpu / peer->build.cpu, build_time_goal, verdict(is_met)));
  }

  const SetResult& set_;
  const LibraryResult& ours_;
  const ClockKind clock_;
  std::vector<std::string> lines_;
};

}  // namespace

std::vector<std::string> target_lines(const SetResult& set, ClockKind clock) {
  const LibraryResult* ours = find_ours(set);
  if (ours == nullptr) return {};
  return Targets(set, *ours, clock).lines();
}

}  // namespace dvecdb::bench::ann
