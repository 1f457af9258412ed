// Tiles of queries against rows, for every instruction set.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "core/distance/kernel_table.h"

namespace dvecdb::core {
namespace {

struct NamedTiles {
  std::string name;
  const TileKernels* tiles;
};

std::vector<NamedTiles> all_tiles() {
  std::vector<NamedTiles> found;
  for (Isa isa : supported_isas()) found.push_back({isa_name(isa), &kernels_of(isa).tiles});
#if defined(__x86_64__)
  found.push_back({"neon (emulated)", &kNeonKernels.tiles});
#endif
  return found;
}

std::vector<float> random_floats(std::size_t count, std::uint32_t seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal;
  std::vector<float> values(count);
  for (float& x : values) x = normal(random);
  return values;
}

template <class Term>
void expect_sums(const NamedTiles& named, TileFn measure, std::size_t count, std::size_t dims,
                 Term term) {
  const std::size_t width = named.tiles->width;
  const std::vector<float> queries = random_floats(width * dims, 1);
  const std::vector<float> values = random_floats(count * dims, 2);
  std::vector<const float*> rows;
  for (std::size_t i = 0; i < count; ++i) rows.push_back(&values[i * dims]);
  std::vector<float> sums(count * width + 1, -77);
  measure(queries.data(), rows.data(), count, dims, sums.data());
  EXPECT_EQ(sums.back(), -77) << named.name << " wrote beyond the sums of " << count << " rows";
  const double n = static_cast<double>(dims);
  const double span = static_cast<double>(kTileSpan);
  const double step = std::ldexp(1.0, -24) * (std::min(n, span) + n / span + 2);
  for (std::size_t i = 0; i < count; ++i) {
    for (std::size_t j = 0; j < width; ++j) {
      double exact = 0;
      double magnitude = 0;
      for (std::size_t d = 0; d < dims; ++d) {
        const double t = term(values[i * dims + d], queries[d * width + j]);
        exact += t;
        magnitude += std::fabs(t);
      }
      ASSERT_NEAR(sums[i * width + j], exact, step * magnitude)
          << named.name << " row " << i << " query " << j << " of " << dims << " dims";
    }
  }
}

TEST(Tiles, AddUpWithinTheirBound) {
  for (const NamedTiles& named : all_tiles()) {
    for (const std::size_t count : {std::size_t{1}, named.tiles->height, std::size_t{31}}) {
      for (const std::size_t dims : {1u, 7u, 256u, 257u, 900u}) {
        expect_sums(named, named.tiles->dot, count, dims, [](double x, double y) { return x * y; });
        expect_sums(named, named.tiles->l2_squared, count, dims,
                    [](double x, double y) { return (x - y) * (x - y); });
        expect_sums(named, named.tiles->l1, count, dims,
                    [](double x, double y) { return std::fabs(x - y); });
      }
    }
  }
}

TEST(Tiles, NameTheRowsWithinALimit) {
  for (const NamedTiles& named : all_tiles()) {
    const std::size_t width = named.tiles->width;
    constexpr std::size_t kRows = 6;
    std::vector<float> sums(kRows * width, 10);
    std::vector<float> limits(width, 4);
    std::vector<float> slopes(width, 2);
    std::vector<TileTerms> terms(kRows, TileTerms{0, 1, 0});
    const TileTest test{sums.data(), terms.data(), limits.data(), slopes.data()};
    const auto next = [&](std::size_t row) { return named.tiles->next(test, row, kRows); };
    EXPECT_EQ(next(0), kRows) << named.name;
    sums[1 * width + width - 1] = 4;                             // just within
    sums[3 * width] = std::nanf("");                             // not comparable
    terms[4] = {-std::numeric_limits<float>::infinity(), 0, 0};  // never excluded
    terms[5] = {6, -1, 0};                                       // 6 - 10
    EXPECT_EQ(next(0), 1u) << named.name;
    EXPECT_EQ(next(2), 3u) << named.name;
    EXPECT_EQ(next(4), 4u) << named.name;
    EXPECT_EQ(next(5), 5u) << named.name;
    terms[5] = {0, 1, 3};  // 10 <= 4 + 3 * 2
    EXPECT_EQ(next(5), 5u) << named.name;
    terms[5] = {0, 1, 2.9f};
    EXPECT_EQ(next(5), kRows) << named.name;
  }
}

}  // namespace
}  // namespace dvecdb::core
