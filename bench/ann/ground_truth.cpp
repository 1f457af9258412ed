#include "bench/ann/ground_truth.h"

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <queue>
#include <utility>

#include "bench/ann/on_threads.h"
#include "dvecdb/distance.h"

namespace dvecdb::bench::ann {

namespace {

namespace fs = std::filesystem;

constexpr double tolerance = 1e-3;
// So many queries are compared with a row while it is in the cache.
constexpr std::size_t queries_at_once = 16;

using Candidate = std::pair<float, std::uint32_t>;
using Nearest = std::priority_queue<Candidate>;

void offer(Nearest& nearest, Candidate candidate) {
  if (nearest.size() == neighbors) {
    if (!(candidate < nearest.top())) return;
    nearest.pop();
  }
  nearest.push(candidate);
}

/// Of the queries from `first` on. The kernels' float32 picks the rows, float64 measures them.
void find_kth(VectorSet& set, std::size_t first) {
  const auto& kernels = core::distance_kernels<float>();
  const std::size_t count = std::min(queries_at_once, set.queries.rows() - first);
  const std::size_t dims = set.base.dims;
  std::vector<Nearest> nearest(count);
  std::vector<const float*> queries;
  for (std::size_t q = 0; q < count; ++q) queries.push_back(set.queries.row(first + q));
  std::vector<float> distances(count);
  for (std::size_t row = 0; row < set.base.rows(); ++row) {
    if (set.metric == Metric::l2) {
      kernels.l2_squared_many(set.base.row(row), queries.data(), count, dims, distances.data());
    } else {
      kernels.dot_many(set.base.row(row), queries.data(), count, dims, distances.data());
      for (float& distance : distances) distance = -distance;
    }
    for (std::size_t q = 0; q < count; ++q) {
      offer(nearest[q], {distances[q], static_cast<std::uint32_t>(row)});
    }
  }
  for (std::size_t q = 0; q < count; ++q) {
    double last = 0;
    for (; !nearest[q].empty(); nearest[q].pop()) {
      const float* row = set.base.row(nearest[q].top().second);
      last = std::max(last, exact_distance(set.metric, queries[q], row, dims));
    }
    set.kth_distances[first + q] = last;
  }
}

/// FNV-1a over 8 bytes at a time.
std::uint64_t hash_of(const std::vector<float>& values, std::uint64_t hash) {
  for (std::size_t i = 0; i + 1 < values.size(); i += 2) {
    const std::uint64_t word =
        (static_cast<std::uint64_t>(std::bit_cast<std::uint32_t>(values[i])) << 32) |
        std::bit_cast<std::uint32_t>(values[i + 1]);
    hash = (hash ^ word) * 0x100000001b3ULL;
  }
  return hash;
}

fs::path cache_file(const VectorSet& set, const std::string& cache) {
  const std::uint64_t hash =
      hash_of(set.queries.values, hash_of(set.base.values, 0xcbf29ce484222325ULL));
  char digits[17];
  std::snprintf(digits, sizeof digits, "%016llx", static_cast<unsigned long long>(hash));
  return fs::path(cache) / (set.name + "-" + digits + ".truth");
}

bool read_cached(VectorSet& set, const fs::path& path) {
  const std::size_t bytes = set.kth_distances.size() * sizeof(double);
  if (!fs::exists(path) || fs::file_size(path) != bytes) return false;
  std::ifstream file(path, std::ios::binary);
  file.read(reinterpret_cast<char*>(set.kth_distances.data()), static_cast<std::streamsize>(bytes));
  return static_cast<bool>(file);
}

void write_cached(const VectorSet& set, const fs::path& path) {
  fs::create_directories(path.parent_path());
  std::ofstream file(path, std::ios::binary);
  file.write(reinterpret_cast<const char*>(set.kth_distances.data()),
             static_cast<std::streamsize>(set.kth_distances.size() * sizeof(double)));
}

}  // namespace

void set_truth(VectorSet& set, const std::vector<std::int32_t>& truth) {
  const std::size_t given = truth.size() / set.queries.rows();
  set.kth_distances.resize(set.queries.rows());
  for (std::size_t q = 0; q < set.queries.rows(); ++q) {
    const auto row = static_cast<std::size_t>(truth[q * given + neighbors - 1]);
    set.kth_distances[q] =
        exact_distance(set.metric, set.queries.row(q), set.base.row(row), set.base.dims);
  }
}

void find_truth(VectorSet& set, int threads, const std::string& cache) {
  set.kth_distances.resize(set.queries.rows());
  const fs::path path = cache.empty() ? fs::path() : cache_file(set, cache);
  if (!cache.empty() && read_cached(set, path)) return;
  std::atomic<std::size_t> next = 0;
  on_threads(threads, [&](int) {
    for (std::size_t first = next.fetch_add(queries_at_once); first < set.queries.rows();
         first = next.fetch_add(queries_at_once)) {
      find_kth(set, first);
    }
  });
  if (!cache.empty()) write_cached(set, path);
}

double recall_of(const VectorSet& set, std::size_t query, std::vector<std::uint32_t> ids) {
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  const double limit = set.kth_distances[query] * (1 + tolerance);
  const auto right = std::count_if(ids.begin(), ids.end(), [&](std::uint32_t id) {
    return id < set.base.rows() && exact_distance(set.metric, set.queries.row(query),
                                                  set.base.row(id), set.base.dims) <= limit;
  });
  return static_cast<double>(right) / static_cast<double>(neighbors);
}

}  // namespace dvecdb::bench::ann
