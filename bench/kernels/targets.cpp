#include "bench/kernels/targets.h"

#include <cstdio>
#include <limits>

namespace dvecdb::bench {
namespace {

constexpr double kHotGoal = 0.80;
constexpr double kStreamingGoal = 0.90;
constexpr double kPeerGoal = 1.00;
constexpr double kNoise = 0.03;  // of a comparison with a peer

/// How often a kernel needs a port for one register of a pair: alone, and when four rows share
/// what is done for the query.
struct Need {
  const char* element;
  const char* measure;
  const char* port;
  double one;
  double four;
};

// A register is 64 bytes of arithmetic: 16 floats, 16 halves widened, 64 bytes, 512 bits.
constexpr Need kNeeds[] = {
    {"float", "", "load", 2, 1.25},
    {"half", "", "load", 1, 0.625},
    {"int8", "", "load", 2, 1.25},
    {"bit", "", "load", 2, 1.25},
    {"half", "", "widen_half", 2, 1.25},
    {"float", "l2", "fma", 1, 1},
    {"float", "l2", "add", 1, 1},
    {"float", "dot", "fma", 1, 1},
    {"float", "cosine", "fma", 3, 2.25},
    {"float", "l1", "add", 2, 2},
    {"half", "l2", "fma", 1, 1},
    {"half", "l2", "add", 1, 1},
    {"half", "dot", "fma", 1, 1},
    {"half", "cosine", "fma", 3, 2.25},
    {"half", "l1", "add", 2, 2},
    {"int8", "l2", "widen_int8", 4, 2.5},
    {"int8", "l2", "multiply_int8", 2, 2},
    {"int8", "dot", "multiply_int8", 2, 1.25},
    {"int8", "cosine", "widen_int8", 4, 2.5},
    {"int8", "cosine", "multiply_int8", 6, 4.5},
    {"bit", "hamming", "popcount", 1, 1},
    {"bit", "jaccard", "popcount", 3, 2.25},
};

struct Limit {
  double rows = std::numeric_limits<double>::infinity();  // a second
  std::string port = "none";
};

double registers_of(const Measure& measure, std::size_t dims) {
  const double bytes = static_cast<double>(row_bytes(measure.element, dims));
  return (measure.element == "half" ? 2 * bytes : bytes) / 64;
}

Limit port_limit(const Results& results, const Measure& measure, bool four, std::size_t dims) {
  Limit limit;
  for (const Need& need : kNeeds) {
    if (measure.element != need.element || !results.has(std::string("peak/") + need.port)) continue;
    if (*need.measure != '\0' && measure.name != need.measure) continue;
    const double rate = results.rate(std::string("peak/") + need.port) /
                        ((four ? need.four : need.one) * registers_of(measure, dims));
    if (rate < limit.rows) limit = {rate, need.port};
  }
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
  Comparison worst;
  std::string port;
  for (std::size_t dims : kDims) {
    const std::string name = run_name("ours", measure.element, measure.name, form, dims);
    const Limit limit = port_limit(results, measure, form == "four", dims);
    if (!results.has(name) || limit.port == "none") continue;
    worst.consider(results.rate(name), limit.rows, dims);
    if (worst.dims == dims) port = limit.port;
  }
  print("hot " + measure.element + " " + measure.name + " " + form, worst, port + " port", kHotGoal,
        0);
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
  print(form + " " + peer.element + " " + peer.name, worst, peer.maker, kPeerGoal, kNoise);
}

}  // namespace

void print_table(const Results& results, const std::vector<Measure>& measures) {
  for (const char* port :
       {"load", "fma", "add", "widen_half", "widen_int8", "multiply_int8", "popcount"}) {
    const std::string name = std::string("peak/") + port;
    if (results.has(name))
      std::printf("%-14s %6.2f G registers/s\n", port, results.rate(name) * 1e-9);
  }
  if (results.has("plain_read")) {
    std::printf("%-14s %6.2f GB/s\n", "plain read", results.rate("plain_read") * 1e-9);
  }
  std::printf("\n%-32s", "M rows/s (GB/s of rows)");
  for (std::size_t dims : kDims) std::printf("%12zu dims", dims);
  std::printf("\n");
  for (const Measure& measure : measures) {
    for (const char* form : {"one", "four", "streaming"}) {
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
    peer_target(results, measure, "one");
    peer_target(results, measure, "streaming");
  }
}

}  // namespace dvecdb::bench
