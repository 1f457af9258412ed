#include "bench/ann/measure.h"

#include <sys/resource.h>

#include <array>
#include <atomic>
#include <barrier>

#include "bench/ann/clocks.h"
#include "bench/ann/ground_truth.h"
#include "bench/ann/numbers.h"
#include "bench/ann/on_threads.h"

namespace dvecdb::bench::ann {

namespace {

long voluntary_switches() {
  rusage usage{};
  getrusage(RUSAGE_THREAD, &usage);
  return usage.ru_nvcsw;
}

// Before it is timed, a thread asks so small a part of as many queries, to have the index in its
// caches as far as it fits: another library was there before.
constexpr std::size_t warm_up_share = 8;

struct ThreadTime {
  double cpu = 0;
  double wall = 0;
  long waits = 0;
  std::vector<double> latencies_us;
};

ThreadTime ask(const AnnLibrary& library, const VectorSet& set, QuerySpan span) {
  std::array<std::uint32_t, neighbors> ids;
  ThreadTime time;
  time.latencies_us.reserve(span.count);
  const std::size_t rows = set.queries.rows();
  const long waits = voluntary_switches();
  const double cpu = thread_cpu_seconds();
  const double begin = wall_seconds();
  double before = begin;
  for (std::size_t i = 0; i < span.count; ++i) {
    library.search(set.queries.row((span.first + i) % rows), neighbors, ids.data());
    const double now = wall_seconds();
    time.latencies_us.push_back(1e6 * (now - before));
    before = now;
  }
  time.wall = before - begin;
  time.cpu = thread_cpu_seconds() - cpu;
  time.waits = voluntary_switches() - waits;
  return time;
}

}  // namespace

BuildTime measure_build(AnnLibrary& library, const VectorSet& set, int threads) {
  const double cpu = process_cpu_seconds();
  const double wall = wall_seconds();
  library.build(set.base, set.metric, threads);
  return {wall_seconds() - wall, process_cpu_seconds() - cpu};
}

double measure_recall(const AnnLibrary& library, const VectorSet& set, int threads) {
  std::vector<double> recall(set.queries.rows());
  std::atomic<std::size_t> next = 0;
  on_threads(threads, [&](int) {
    std::array<std::uint32_t, neighbors> ids;
    for (std::size_t q = next++; q < recall.size(); q = next++) {
      const std::size_t found = library.search(set.queries.row(q), neighbors, ids.data());
      recall[q] = recall_of(set, q, {ids.begin(), ids.begin() + static_cast<long>(found)});
    }
  });
  double sum = 0;
  for (const double one : recall) sum += one;
  return sum / static_cast<double>(recall.size());
}

SearchTime measure_search(const AnnLibrary& library, const VectorSet& set, QuerySpan span,
                          int threads) {
  std::vector<ThreadTime> times(static_cast<std::size_t>(threads));
  std::barrier start(threads);
  on_threads(threads, [&](int t) {
    const auto thread = static_cast<std::size_t>(t);
    const std::size_t shift = thread * set.queries.rows() / times.size();
    const QuerySpan own{span.first + shift, span.count};
    ask(library, set, {own.first + own.count, own.count / warm_up_share + 1});
    start.arrive_and_wait();
    times[thread] = ask(library, set, own);
  });
  SearchTime total;
  std::vector<double> latencies;
  long waits = 0;
  const auto count = static_cast<double>(span.count);
  for (const ThreadTime& time : times) {
    total.rate.cpu += count / time.cpu;
    total.rate.wall += count / time.wall;
    waits += time.waits;
    latencies.insert(latencies.end(), time.latencies_us.begin(), time.latencies_us.end());
  }
  total.waits = 1000 * static_cast<double>(waits) / (count * threads);
  total.p50_us = percentile(latencies, 0.5);
  total.p99_us = percentile(latencies, 0.99);
  return total;
}

}  // namespace dvecdb::bench::ann
