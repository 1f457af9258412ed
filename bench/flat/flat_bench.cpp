// The exact index against the machine and a peer: one query against a plain read of as much memory,
// a batch of queries against FAISS.
//
//   dvecdb_bench_flat [rows] [dims ...]

#include <sys/mman.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <future>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "dvecdb/flat.h"
#ifdef DVECDB_FLAT_FAISS
#include "bench/flat/faiss_peer.h"
#endif

namespace dvecdb::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kQueries = 256;
constexpr std::size_t kNeighbors = 10;
constexpr double kReadGoal = 0.9;
constexpr double kPeerGoal = 1.0;

template <class Work>
double seconds_of(const Work& work) {
  const auto start = Clock::now();
  work();
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// The least seconds of both, taken in turns: what they can do when nothing else runs.
template <class A, class B>
std::pair<double, double> compare(int rounds, const A& a, const B& b) {
  std::pair<double, double> least{seconds_of(a), seconds_of(b)};
  for (int i = 1; i < rounds; ++i) {
    least.first = std::min(least.first, seconds_of(a));
    least.second = std::min(least.second, seconds_of(b));
  }
  return least;
}

std::vector<float> random_rows(std::size_t count, std::size_t dims, std::uint32_t seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal;
  std::vector<float> rows(count * dims);
  for (float& x : rows) x = normal(random);
  return rows;
}

/// Memory as the index wishes to have it, in huge pages, to be read by summing its words.
class Memory {
 public:
  explicit Memory(std::size_t bytes) : words_(bytes / sizeof(std::uint64_t)) {
    void* mapped = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (mapped == MAP_FAILED) {
      std::perror("mmap");
      std::exit(EXIT_FAILURE);
    }
    madvise(mapped, bytes, MADV_HUGEPAGE);
    begin_ = static_cast<std::uint64_t*>(mapped);
    std::fill_n(begin_, words_, 1);
  }
  ~Memory() { munmap(begin_, words_ * sizeof(std::uint64_t)); }
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;

  std::uint64_t read(std::size_t threads) const {
    std::vector<std::future<std::uint64_t>> helpers;
    const std::size_t part = words_ / threads;
    for (std::size_t t = 1; t < threads; ++t) {
      helpers.push_back(
          std::async(std::launch::async, [=, this] { return sum(t * part, (t + 1) * part); }));
    }
    std::uint64_t all = sum(0, part);
    for (auto& helper : helpers) all += helper.get();
    return all;
  }

 private:
  std::uint64_t sum(std::size_t first, std::size_t end) const {
    std::uint64_t sums[8] = {};
    for (std::size_t i = first; i + 8 <= end; i += 8) {
      for (std::size_t j = 0; j < 8; ++j) sums[j] += begin_[i + j];
    }
    std::uint64_t all = 0;
    for (const std::uint64_t s : sums) all += s;
    return all;
  }

  std::size_t words_;
  std::uint64_t* begin_;
};

struct Target {
  std::string name;
  std::string peer;
  const char* unit;
  double ours;
  double theirs;
  double goal;
};

void print(const Target& t) {
  const double ratio = t.ours / t.theirs;
  std::printf("TARGET %s: ours %.1f %s, peer %s %.1f %s, ratio %.2f, goal %.2f, %s\n",
              t.name.c_str(), t.ours, t.unit, t.peer.c_str(), t.theirs, t.unit, ratio, t.goal,
              ratio >= t.goal ? "met" : "short");
}

std::string threads_text(std::size_t threads) {
  return threads == 1 ? "1 thread" : std::to_string(threads) + " threads";
}

class Bench {
 public:
  Bench(std::size_t rows, std::size_t dims)
      : count_(rows),
        dims_(dims),
        rows_(random_rows(rows, dims, 1)),
        queries_(random_rows(kQueries, dims, 2)),
        index_(dims, core::Metric::l2_squared) {
    for (std::size_t i = 0; i < count_; ++i) index_.upsert(i, &rows_[i * dims]);
  }

  std::vector<Target> run() const {
    const std::size_t all = std::max(1u, std::thread::hardware_concurrency());
    std::vector<Target> targets;
    for (const std::size_t threads : {std::size_t{1}, all}) scan(threads, targets);
    for (const std::size_t threads : {std::size_t{1}, all}) batch(threads, targets);
    return targets;
  }

 private:
  std::string name(const char* what, std::size_t threads) const {
    return std::string("flat ") + what + ", " + std::to_string(dims_) + " dims, " +
           threads_text(threads);
  }

  void scan(std::size_t threads, std::vector<Target>& targets) const {
    constexpr int kRounds = 21;
    const double bytes = static_cast<double>(count_ * dims_ * sizeof(float));
    const Memory memory(count_ * dims_ * sizeof(float));
    volatile std::uint64_t sink = 0;
    std::size_t found = 0;
    const auto [ours, read] = compare(
        kRounds, [&] { found += index_.search(queries_.data(), kNeighbors, {}, threads).size(); },
        [&] { sink = memory.read(threads); });
    if (found != kRounds * std::min(kNeighbors, count_)) std::exit(EXIT_FAILURE);
    targets.push_back({name("scan", threads), "plain read", "GB/s", bytes / ours / 1e9,
                       bytes / read / 1e9, kReadGoal});
  }

  void batch(std::size_t threads, [[maybe_unused]] std::vector<Target>& targets) const {
    const auto search = [&] {
      return index_.search_batch(queries_.data(), kQueries, kNeighbors, {}, threads);
    };
    const double queries = static_cast<double>(kQueries);
    const double flop = 2 * queries * static_cast<double>(count_ * dims_);
#ifdef DVECDB_FLAT_FAISS
    constexpr int kRounds = 5;
    const FaissPeer peer(rows_, dims_);
    const auto ask = [&] {
      return peer.search(queries_.data(), kQueries, kNeighbors, static_cast<int>(threads));
    };
    check(search(), ask());
    const auto [ours, theirs] = compare(kRounds, search, ask);
    targets.push_back({name("batch of 256", threads), "FAISS", "queries/s", queries / ours,
                       queries / theirs, kPeerGoal});
#else
    const double ours = seconds_of(search);
#endif
    std::printf("%s: %.0f queries/s, %.0f GFLOPS\n", name("batch of 256", threads).c_str(),
                queries / ours, flop / ours / 1e9);
  }

#ifdef DVECDB_FLAT_FAISS
  /// Both are exact, up to the rounding of distances that are nearly equal.
  void check(const std::vector<std::vector<core::Neighbor>>& ours,
             const std::vector<std::int64_t>& theirs) const {
    std::size_t same = 0;
    for (std::size_t j = 0; j < ours.size(); ++j) {
      for (std::size_t i = 0; i < ours[j].size(); ++i) {
        const auto* begin = &theirs[j * kNeighbors];
        const auto label = static_cast<std::int64_t>(ours[j][i].label);
        same += std::find(begin, begin + kNeighbors, label) != begin + kNeighbors;
      }
    }
    const std::size_t all = kQueries * std::min(kNeighbors, count_);
    if (same * 1000 >= all * 999) return;
    std::fprintf(stderr, "answers differ: %zu of %zu are the peer's too\n", same, all);
    std::exit(EXIT_FAILURE);
  }
#endif

  std::size_t count_;
  std::size_t dims_;
  std::vector<float> rows_;
  std::vector<float> queries_;
  core::FlatIndex index_;
};

std::size_t number(const char* text) {
  char* end = nullptr;
  const unsigned long value = std::strtoul(text, &end, 10);
  if (*end == '\0' && value > 0 && value <= 100'000'000) return value;
  std::fprintf(stderr, "%s is not a number from 1 to 100000000\n", text);
  std::exit(EXIT_FAILURE);
}

}  // namespace
}  // namespace dvecdb::bench

int main(int argc, char** argv) {
  using namespace dvecdb::bench;
  const std::size_t rows = argc > 1 ? number(argv[1]) : 100'000;
  std::vector<std::size_t> dims;
  for (int i = 2; i < argc; ++i) dims.push_back(number(argv[i]));
  if (dims.empty()) dims = {128, 384, 768, 1536};
  std::vector<Target> targets;
  for (const std::size_t d : dims) {
    for (Target& t : Bench(rows, d).run()) targets.push_back(std::move(t));
  }
  for (const Target& t : targets) print(t);
  return 0;
}
