#include "bench/kernels/targets.h"

#include <cmath>
#include <cstdio>
#include <limits>

namespace dvecdb::bench {
namespace {

constexpr double kHotGoal = 0.80;
constexpr double kStreamingGoal = 0.90;
constexpr double kPeerGoal = 1.00;
constexpr double kNoise = 0.03;  // of a comparison with a peer

struct Limit {
  double rows;  // a second
  std::string name;
};

/// What the loads allow (two rows for a pair; five for four), what the arithmetic does, and what
/// calls do that do nothing.
Limit port_limit(const Results& results, const Measure& measure, const std::string& form,
                 std::size_t dims) {
  const double bytes = static_cast<double>(row_bytes(measure.element, dims));
  const bool packed = form == "four" && 4 * bytes <= 64;  // into one register
  const double rows_loaded = form == "four" ? 1.25 : 2.0;
  const double loads = rows_loaded * (packed ? bytes / 64 : std::ceil(bytes / 64));
  Limit limit = {results.rate("peak/load") / loads, "load ports"};
  const auto consider = [&](const std::string& name, const char* what) {
    if (!results.has(name) || results.rate(name) >= limit.rows) return;
    limit = {results.rate(name), what};
  };
  if (!packed) {
    consider(run_name("peak", measure.element, measure.name, form, dims), "arithmetic ports");
  }
  consider(run_name("peak", "call", "nothing", form, dims), "empty calls");
  return limit;
}

/// The ratio that is worst among the dimensions, and its two sides in rows a second.
struct Comparison {
  double ratio = std::numeric_limits<double>::infinity();
  double ours = 0;
  double other = 0;
  std::size_t dims = 0;

  void consider(double our_rate, double other_rate, std::size_t at) {
    if (our_rate / other_rate >= ratio) return;
    *this = {our_rate / other_rate, our_rate, other_rate, at};
  }
};

void print(const std::string& name, const Comparison& worst, const std::string& peer, double goal,
           double noise) {
  if (worst.dims == 0) return;
  std::printf("TARGET %s: ours %.2f M/s, peer %s %.2f M/s, ratio %.2f, goal %.2f, %s\n",
              (name + " at " + std::to_string(worst.dims)).c_str(), worst.ours * 1e-6, peer.c_str(),
              worst.other * 1e-6, worst.ratio, goal, worst.ratio >= goal - noise ? "met" : "short");
}

void hot_target(const Results& results, const Measure& measure, const std::string& form) {
  if (!results.has("peak/load")) return;
  for (std::size_t dims : kDims) {
    const std::string name = run_name("ours", measure.element, measure.name, form, dims);
    if (!results.has(name)) continue;
    const Limit limit = port_limit(results, measure, form, dims);
    Comparison comparison;
    comparison.consider(results.rate(name), limit.rows, dims);
    print("hot " + measure.element + " " + measure.name + " " + form, comparison, limit.name,
          kHotGoal, 0);
  }
}

void streaming_target(const Results& results, const Measure& measure) {
  if (!results.has("plain_read")) return;
  Comparison worst;
  for (std::size_t dims : kDims) {
    const std::string name = run_name("ours", measure.element, measure.name, "streaming", dims);
    if (!results.has(name)) continue;
    const double bytes = static_cast<double>(row_bytes(measure.element, dims));
    worst.consider(results.rate(name), results.rate("plain_read") / bytes, dims);
  }
  print("streaming " + measure.element + " " + measure.name, worst, "plain read", kStreamingGoal,
        0);
}

void peer_target(const Results& results, const Measure& peer, const std::string& form) {
  Comparison worst;
  for (std::size_t dims : kDims) {
    const std::string ours = run_name("ours", peer.element, peer.name, form, dims);
    const std::string theirs = run_name(peer.maker, peer.element, peer.name, form, dims);
    if (!results.has(ours) || !results.has(theirs)) continue;
    worst.consider(results.rate(ours), results.rate(theirs), dims);
  }
  const std::string name = peer.element + " " + peer.name;
  print(form == "streaming" ? "streaming " + name : "hot " + name + " " + form, worst, peer.maker,
        kPeerGoal, kNoise);
}

}  // namespace

void print_table(const Results& results, const std::vector<Measure>& measures) {
  for (const char* port : {"load", "fma"}) {
    const std::string name = std::string("peak/") + port;
    if (results.has(name)) {
      std::printf("%-14s %6.2f G registers/s\n", port, results.rate(name) * 1e-9);
    }
  }
  if (results.has("plain_read")) {
    std::printf("%-14s %6.2f GB/s\n", "plain read", results.rate("plain_read") * 1e-9);
  }
  std::printf("\n%-32s", "M rows/s (GB/s of rows)");
  for (std::size_t dims : kDims) std::printf("%12zu dims", dims);
  std::printf("\n");
  for (const Measure& measure : measures) {
    for (const char* form : {"one", "four", "many", "streaming"}) {
      std::string line;
      for (std::size_t dims : kDims) {
        const auto name = run_name(measure.maker, measure.element, measure.name, form, dims);
        if (!results.has(name)) continue;
        char cell[40];
        const double bytes = static_cast<double>(row_bytes(measure.element, dims));
        std::snprintf(cell, sizeof cell, "%8.2f (%6.1f)", results.rate(name) * 1e-6,
                      results.rate(name) * bytes * 1e-9);
        line += " " + std::string(cell);
      }
      const std::string label =
          measure.maker + " " + measure.element + " " + measure.name + " " + form;
      if (!line.empty()) std::printf("%-32s%s\n", label.c_str(), line.c_str());
    }
  }
  std::printf("\n");
}

void print_targets(const Results& results, const std::vector<Measure>& measures) {
  for (const Measure& measure : measures) {
    if (measure.maker != "ours") continue;
    hot_target(results, measure, "one");
    hot_target(results, measure, "four");
    streaming_target(results, measure);
  }
  for (const Measure& measure : measures) {
    if (measure.maker == "ours") continue;
    for (const char* form : {"one", "many", "streaming"}) peer_target(results, measure, form);
  }
}

}  // namespace dvecdb::bench
