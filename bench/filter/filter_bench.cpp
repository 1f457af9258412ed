// Recall and speed of filtered searches, one thread: how much of the rows pass, and whether the
// filter has to do with the distance. A filter is met for the first time or has been used before.
// Beside it the exact scan of the rows that pass.
//   dvecdb_bench_filter [rows dims [ef_search]]
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <functional>
#include <thread>

#include "bench/filter/filter_cases.h"
#include "dvecdb/flat.h"
#include "dvecdb/hnsw.h"

namespace dvecdb::bench {
namespace {

constexpr std::size_t kQueries = 50;
constexpr std::size_t kNearest = 10;
constexpr int kUses = 20;

using Search = std::function<std::vector<core::Neighbor>(std::size_t query)>;

struct Measured {
  double recall = 0;
  double first = 0;  // searches a second with a filter that was not used before
  double again = 0;
};

double seconds_of(const std::function<void()>& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

// The median of several passes over all queries. Before each query it is asked `before` times.
double queries_per_second(const Search& search, int before) {
  constexpr int kPasses = 3;
  std::vector<double> seconds;
  for (int pass = 0; pass < kPasses; ++pass) {
    double sum = 0;
    for (std::size_t q = 0; q < kQueries; ++q) {
      for (int i = 0; i < before; ++i) search(q);
      sum += seconds_of([&] { search(q); });
    }
    seconds.push_back(sum);
  }
  std::sort(seconds.begin(), seconds.end());
  return kQueries / seconds[kPasses / 2];
}

double recall_of(const std::vector<core::Neighbor>& found,
                 const std::vector<core::Neighbor>& truth) {
  if (truth.empty()) return 1;
  const double limit = truth.back().distance * (1 + 1e-4);
  const auto hits = std::count_if(found.begin(), found.end(),
                                  [&](const core::Neighbor& n) { return n.distance <= limit; });
  return static_cast<double>(hits) / static_cast<double>(truth.size());
}

class Bench {
 public:
  Bench(const Shape& shape, std::size_t ef)
      : vectors_(shape, kQueries), ef_(ef), exact_(shape.dims, core::Metric::l2_squared) {
    core::HnswOptions options;
    options.dims = shape.dims;
    index_ = std::make_unique<core::HnswIndex>(options);
    for (std::size_t i = 0; i < shape.rows; ++i) exact_.upsert(i, vectors_.row(i));
    std::vector<std::thread> threads;
    const std::size_t count = std::max(1u, std::thread::hardware_concurrency());
    for (std::size_t t = 0; t < count; ++t) {
      threads.emplace_back([this, t, count] {
        for (std::size_t i = t; i < vectors_.row_count; i += count) {
          index_->insert(i, vectors_.row(i));
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
  }

  void run() const {
    std::printf("%zu x %zu, ef_search %zu, recall@%zu, one thread\n", vectors_.row_count,
                vectors_.dims, ef_, kNearest);
    const Measured plain = measure({});
    std::printf("no filter: recall %.4f, %.0f searches/s\n", plain.recall, plain.again);
    std::printf("%-8s %7s %8s %12s %12s %12s\n", "filter", "share", "recall", "first/s", "again/s",
                "exact/s");
    for (const Correlation correlation : {Correlation::none, Correlation::near, Correlation::far}) {
      for (const double share : {0.001, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 0.9, 1.0}) {
        const std::vector<core::LabelSet> filters = make_filters(vectors_, correlation, share);
        const Measured ours = measure(filters);
        const Search exactly = [&](std::size_t q) {
          return exact_.search(vectors_.query(q), kNearest, {&filters[q], {}});
        };
        std::printf("%-8s %6.1f%% %8.4f %12.0f %12.0f %12.0f\n", name_of(correlation).c_str(),
                    100 * share, ours.recall, ours.first, ours.again,
                    queries_per_second(exactly, 0));
        std::fflush(stdout);
      }
    }
  }

 private:
  // No filters: without.
  Measured measure(const std::vector<core::LabelSet>& filters) const {
    const auto filter_of = [&](std::size_t q) {
      return core::Filter{filters.empty() ? nullptr : &filters[q], {}};
    };
    const Search search = [&](std::size_t q) {
      return index_->search(vectors_.query(q), kNearest, ef_, filter_of(q));
    };
    Measured out;
    out.first = queries_per_second(search, 0);
    out.again = queries_per_second(search, kUses);
    for (std::size_t q = 0; q < kQueries; ++q) {
      out.recall +=
          recall_of(search(q), exact_.search(vectors_.query(q), kNearest, filter_of(q))) / kQueries;
    }
    return out;
  }

  Vectors vectors_;
  std::size_t ef_;
  std::unique_ptr<core::HnswIndex> index_;
  core::FlatIndex exact_;
};

int run(int argc, char** argv) {
  const auto argument = [&](int i) {
    const unsigned long value = std::strtoul(argv[i], nullptr, 10);
    if (value == 0) throw std::invalid_argument("arguments are numbers above zero");
    return value;
  };
  std::vector<Shape> shapes = {{100000, 128}, {50000, 384}};
  if (argc > 2) shapes = {{argument(1), argument(2)}};
  const std::size_t ef = argc > 3 ? argument(3) : 100;
  for (const Shape& shape : shapes) Bench(shape, ef).run();
  return 0;
}

}  // namespace
}  // namespace dvecdb::bench

int main(int argc, char** argv) {
  try {
    return dvecdb::bench::run(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
