#include "bench/filter/filter_cases.h"

#include <algorithm>
#include <numeric>
#include <random>

#include "dvecdb/distance.h"

namespace dvecdb::bench {
namespace {

constexpr std::size_t kCenters = 200;

// Where in a query's neighborhood the filter that is near it has its center.
constexpr std::size_t kAnchorRank = 100;

std::vector<std::uint32_t> ranked_from(const Vectors& vectors, const float* from) {
  std::vector<float> distances(vectors.row_count);
  const auto& kernels = core::distance_kernels<float>();
  for (std::size_t i = 0; i < vectors.row_count; ++i) {
    distances[i] = kernels.l2_squared(from, vectors.row(i), vectors.dims);
  }
  std::vector<std::uint32_t> order(vectors.row_count);
  std::iota(order.begin(), order.end(), 0u);
  std::sort(order.begin(), order.end(),
            [&](std::uint32_t a, std::uint32_t b) { return distances[a] < distances[b]; });
  return order;
}

core::LabelSet random_filter(std::size_t rows, std::size_t count, std::mt19937& random) {
  core::LabelSet filter;
  std::size_t wanted = count;
  for (std::size_t i = 0; i < rows; ++i) {
    if (random() % (rows - i) >= wanted) continue;
    filter.add(i);
    --wanted;
  }
  return filter;
}

core::LabelSet correlated_filter(const Vectors& vectors, std::size_t query, std::size_t count,
                                 Correlation correlation) {
  std::vector<std::uint32_t> order = ranked_from(vectors, vectors.query(query));
  if (correlation == Correlation::near)
    order = ranked_from(vectors, vectors.row(order[kAnchorRank]));
  const std::size_t first = correlation == Correlation::near ? 0 : vectors.row_count - count;
  core::LabelSet filter;
  for (std::size_t i = 0; i < count; ++i) filter.add(order[first + i]);
  return filter;
}

}  // namespace

Vectors::Vectors(const Shape& shape, std::size_t count)
    : dims(shape.dims),
      row_count(shape.rows),
      query_count(count),
      rows(shape.rows * shape.dims),
      queries(count * shape.dims) {
  std::mt19937 random(1);
  std::normal_distribution<float> normal;
  std::vector<float> centers(kCenters * dims);
  for (float& x : centers) x = normal(random);
  const auto fill = [&](std::vector<float>& out) {
    for (std::size_t i = 0; i < out.size() / dims; ++i) {
      // the smaller of two numbers: the first centers have more rows than the last
      const std::size_t center = std::min(random() % kCenters, random() % kCenters);
      for (std::size_t j = 0; j < dims; ++j) {
        const float spread =
            2.0f / (1.0f + 1.5f * static_cast<float>(j) / static_cast<float>(dims));
        out[i * dims + j] = centers[center * dims + j] + spread * normal(random);
      }
    }
  };
  fill(rows);
  fill(queries);
}

std::string name_of(Correlation correlation) {
  if (correlation == Correlation::none) return "random";
  return correlation == Correlation::near ? "near" : "far";
}

std::vector<core::LabelSet> make_filters(const Vectors& vectors, Correlation correlation,
                                         double share) {
  const auto count = static_cast<std::size_t>(share * static_cast<double>(vectors.row_count) + 0.5);
  std::vector<core::LabelSet> filters;
  std::mt19937 random(2);
  for (std::size_t q = 0; q < vectors.query_count; ++q) {
    filters.push_back(correlation == Correlation::none
                          ? random_filter(vectors.row_count, count, random)
                          : correlated_filter(vectors, q, count, correlation));
  }
  return filters;
}

}  // namespace dvecdb::bench
