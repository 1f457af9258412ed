#include "dvecdb/flat.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <limits>
#include <random>
#include <thread>

#include "dvecdb/label_set.h"

namespace dvecdb::core {
namespace {

constexpr Metric kMetrics[] = {Metric::l2_squared, Metric::inner_product, Metric::cosine,
                               Metric::l1};

std::vector<float> random_rows(std::size_t count, std::size_t dims, float center = 0) {
  std::mt19937 random(7);
  std::normal_distribution<float> normal(center);
  std::vector<float> rows(count * dims);
  for (float& x : rows) x = normal(random);
  return rows;
}

/// What the operator reports, in float64 throughout.
double exact_distance(Metric metric, const float* a, const float* b, std::size_t dims) {
  double square = 0;
  double magnitude = 0;
  double dot = 0;
  double norm_a = 0;
  double norm_b = 0;
  for (std::size_t i = 0; i < dims; ++i) {
    const double x = a[i];
    const double y = b[i];
    square += (x - y) * (x - y);
    magnitude += std::fabs(x - y);
    dot += x * y;
    norm_a += x * x;
    norm_b += y * y;
  }
  switch (metric) {
    case Metric::l2_squared:
      return std::sqrt(square);
    case Metric::inner_product:
      return -dot;
    case Metric::l1:
      return magnitude;
    case Metric::cosine:
      break;
  }
  return 1 - std::clamp(dot / std::sqrt(norm_a * norm_b), -1.0, 1.0);
}

/// The same answers; NaN equals NaN.
void expect_equal(const std::vector<Neighbor>& found, const std::vector<Neighbor>& expected) {
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    ASSERT_EQ(found[i].label, expected[i].label) << "at " << i;
    const bool are_nan = std::isnan(found[i].distance) && std::isnan(expected[i].distance);
    ASSERT_TRUE(are_nan || found[i].distance == expected[i].distance) << "at " << i;
  }
}

struct Filled {
  Filled(const std::vector<float>& rows, std::size_t dims, Metric metric) : index(dims, metric) {
    for (std::size_t i = 0; i < rows.size() / dims; ++i) index.upsert(i * 3, &rows[i * dims]);
  }
  FlatIndex index;
};

TEST(FlatIndex, FindsTheNearestExactly) {
  constexpr std::size_t kCount = 500;
  for (const std::size_t dims : {1u, 19u, 64u, 300u}) {
    const std::vector<float> rows = random_rows(kCount, dims);
    const std::vector<float> query = random_rows(1, dims, 0.1f);
    for (Metric metric : kMetrics) {
      const Filled filled(rows, dims, metric);
      std::vector<Neighbor> expected;
      for (std::size_t i = 0; i < kCount; ++i) {
        expected.push_back({i * 3, exact_distance(metric, query.data(), &rows[i * dims], dims)});
      }
      std::sort(expected.begin(), expected.end(), nearer);
      const std::vector<Neighbor> found = filled.index.search(query.data(), 20);
      ASSERT_EQ(found.size(), 20u);
      for (std::size_t i = 0; i < found.size(); ++i) {
        EXPECT_NEAR(found[i].distance, expected[i].distance,
                    1e-5 * (1 + std::fabs(expected[i].distance)));
      }
      EXPECT_EQ(filled.index.search(query.data(), 2 * kCount).size(), kCount);
    }
  }
}

TEST(OperatorDistances, AreThoseOfEachRow) {
  constexpr std::size_t kDims = 21;
  std::vector<float> rows = random_rows(10, kDims);
  std::fill_n(rows.begin() + 4 * kDims, kDims, 0.0f);
  const std::vector<float> query = random_rows(1, kDims, 0.5f);
  for (Metric metric : kMetrics) {
    std::vector<double> found(10);
    operator_distances(metric, query.data(), {rows.data(), 10, kDims}, found.data());
    for (std::size_t i = 0; i < 10; ++i) {
      const double expected = exact_distance(metric, query.data(), &rows[i * kDims], kDims);
      if (std::isnan(expected)) {
        EXPECT_TRUE(std::isnan(found[i]));
      } else {
        EXPECT_NEAR(found[i], expected, 1e-5 * (1 + std::fabs(expected)));
      }
    }
  }
}

TEST(FlatIndex, EqualDistancesAreInTheOrderOfLabels) {
  const std::vector<float> same(40 * 8, 0.5f);
  for (Metric metric : kMetrics) {
    FlatIndex index(8, metric);
    for (std::size_t i = 40; i > 0; --i) index.upsert(i, same.data());
    const std::vector<Neighbor> found = index.search(same.data(), 5);
    for (std::size_t i = 0; i < 5; ++i) EXPECT_EQ(found[i].label, i + 1);
    expect_equal(index.search_batch(same.data(), 40, 5)[39], found);
  }
}

TEST(FlatIndex, UpsertReplacesAndRemoveForgets) {
  FlatIndex index(2, Metric::l2_squared);
  const float near[] = {0, 0};
  const float far[] = {3, 4};
  index.upsert(1, near);
  index.upsert(2, far);
  index.upsert(1, far);
  EXPECT_EQ(index.size(), 2u);
  EXPECT_EQ(index.search(near, 1).front().distance, 5);
  EXPECT_TRUE(index.remove(1));
  EXPECT_FALSE(index.remove(1));
  EXPECT_FALSE(index.contains(1));
  EXPECT_TRUE(index.contains(2));
  EXPECT_EQ(index.search(near, 10), (std::vector<Neighbor>{{2, 5}}));
  index.clear();
  EXPECT_TRUE(index.search(near, 10).empty());
  EXPECT_TRUE(index.search_within(near, 10).empty());
  EXPECT_EQ(index.search_batch(near, 1, 10), std::vector<std::vector<Neighbor>>(1));
}

TEST(FlatIndex, GrowsOverManyChunks) {
  constexpr std::size_t kDims = 4096;  // 16 KiB a row: a chunk has at most 1,024
  constexpr std::size_t kCount = 2500;
  FlatIndex index(kDims, Metric::l2_squared);
  std::vector<float> row(kDims);
  for (std::size_t i = 0; i < kCount; ++i) {
    row[0] = static_cast<float>(i);
    index.upsert(i, row.data());
  }
  EXPECT_GE(index.memory_bytes(), kCount * kDims * sizeof(float));
  for (std::size_t i = 0; i < kCount; i += 5) EXPECT_TRUE(index.remove(i));
  row[0] = 1500;
  for (std::size_t threads : {1u, 3u}) {
    EXPECT_EQ(index.search(row.data(), 3, {}, threads),
              (std::vector<Neighbor>{{1499, 1}, {1501, 1}, {1498, 2}}));
    EXPECT_EQ(index.search_within(row.data(), 1, {}, threads),
              (std::vector<Neighbor>{{1499, 1}, {1501, 1}}));
  }
}

TEST(FlatIndex, FiltersByLabelsAndPredicate) {
  FlatIndex index(1, Metric::l1);
  LabelSet even;
  LabelSet few;
  for (std::uint64_t i = 0; i < 200; ++i) {
    const float x = static_cast<float>(i);
    index.upsert(i, &x);
    if (i % 2 == 0) even.add(i);
    if (i % 50 == 0) few.add(i);
  }
  few.add(777);  // a label that is not there
  const float query = 0;
  const Filter filter{&even, [](std::uint64_t label) { return label % 3 == 0; }};
  EXPECT_EQ(index.search(&query, 3, filter), (std::vector<Neighbor>{{0, 0}, {6, 6}, {12, 12}}));
  EXPECT_EQ(index.search_within(&query, 4, {&even, nullptr}),
            (std::vector<Neighbor>{{0, 0}, {2, 2}, {4, 4}}));
  const std::vector<Neighbor> all_few{{0, 0}, {50, 50}, {100, 100}, {150, 150}};
  EXPECT_EQ(index.search(&query, 9, {&few, nullptr}), all_few);
  const std::vector<float> zeros(33);
  EXPECT_EQ(index.search_batch(zeros.data(), 33, 9, {&few, nullptr})[32], all_few);
}

TEST(FlatIndex, NanComesLast) {
  FlatIndex index(2, Metric::cosine);
  const float zero[] = {0, 0};
  const float x[] = {1, 0};
  const float y[] = {0, 1};
  index.upsert(1, zero);
  index.upsert(2, y);
  index.upsert(3, x);
  const std::vector<Neighbor> found = index.search(x, 3);
  EXPECT_EQ(found[0].label, 3u);
  EXPECT_EQ(found[1].label, 2u);
  EXPECT_EQ(found[2].label, 1u);
  EXPECT_TRUE(std::isnan(found[2].distance));
}

/// Makes tests of an instruction set leave the choice as it was.
class EveryIsa : public ::testing::Test {
 protected:
  ~EveryIsa() override { override_isa(best_); }

 private:
  Isa best_ = active_isa();
};

TEST_F(EveryIsa, BatchesAnswerAsSingleSearches) {
  constexpr std::size_t kCount = 700;
  for (const Isa isa : supported_isas()) {
    override_isa(isa);
    for (const std::size_t dims : {3u, 64u, 520u}) {
      const std::vector<float> rows = random_rows(kCount, dims);
      const std::vector<float> queries = random_rows(41, dims, 0.01f);
      for (Metric metric : kMetrics) {
        const Filled filled(rows, dims, metric);
        for (const std::size_t count : {1u, 20u, 41u}) {
          const auto found = filled.index.search_batch(queries.data(), count, 7);
          ASSERT_EQ(found.size(), count);
          for (std::size_t j = 0; j < count; ++j) {
            expect_equal(found[j], filled.index.search(&queries[j * dims], 7));
          }
        }
      }
    }
  }
}

// Far from zero, products tell nothing about differences.
TEST(FlatIndex, BatchesAreExactFarFromZero) {
  constexpr std::size_t kDims = 32;
  const std::vector<float> rows = random_rows(600, kDims, 5000);
  const std::vector<float> queries = random_rows(40, kDims, 5000.3f);
  for (Metric metric : kMetrics) {
    const Filled filled(rows, kDims, metric);
    const auto found = filled.index.search_batch(queries.data(), 40, 5);
    for (std::size_t j = 0; j < 40; ++j) {
      expect_equal(found[j], filled.index.search(&queries[j * kDims], 5));
    }
  }
}

TEST(FlatIndex, BatchesTakeAnyNumbers) {
  constexpr std::size_t kDims = 20;
  constexpr std::size_t kCount = 200;
  std::vector<float> rows = random_rows(kCount, kDims);
  const auto scale = [&](std::size_t first, float factor) {
    for (std::size_t i = first; i < kCount; i += 10) {
      for (std::size_t d = 0; d < kDims; ++d) rows[i * kDims + d] *= factor;
    }
  };
  scale(0, 0);
  scale(1, 1e-20f);
  scale(2, 1e-30f);
  scale(3, 1e-40f);
  scale(4, 1e15f);
  scale(5, 1e19f);
  scale(6, std::numeric_limits<float>::infinity());
  scale(7, std::numeric_limits<float>::quiet_NaN());
  for (Metric metric : kMetrics) {
    const Filled filled(rows, kDims, metric);
    const auto found = filled.index.search_batch(rows.data(), kCount, 30);
    for (std::size_t j = 0; j < kCount; ++j) {
      expect_equal(found[j], filled.index.search(&rows[j * kDims], 30));
    }
  }
}

TEST(FlatIndex, ThreadsAnswerAsOne) {
  constexpr std::size_t kDims = 64;
  constexpr std::size_t kCount = 20000;
  const std::vector<float> rows = random_rows(kCount, kDims);
  const std::vector<float> queries = random_rows(35, kDims, 0.05f);
  LabelSet third;
  for (std::uint64_t i = 0; i < kCount; i += 3) third.add(3 * i);
  const Filter filters[] = {{}, {&third, [](std::uint64_t label) { return label % 2 == 0; }}};
  for (Metric metric : kMetrics) {
    const Filled filled(rows, kDims, metric);
    const FlatIndex& index = filled.index;
    for (const Filter& filter : filters) {
      const std::vector<Neighbor> single = index.search(queries.data(), 50, filter);
      expect_equal(index.search(queries.data(), 50, filter, 4), single);
      const double radius = single[20].distance;
      expect_equal(index.search_within(queries.data(), radius, filter, 4),
                   index.search_within(queries.data(), radius, filter));
      EXPECT_GE(index.search_within(queries.data(), radius, filter).size(), 21u);
      const auto batch = index.search_batch(queries.data(), 35, 10, filter, 4);
      for (std::size_t j = 0; j < 35; ++j) {
        expect_equal(batch[j], index.search(&queries[j * kDims], 10, filter));
      }
    }
  }
}

TEST(FlatIndex, SearchesAndChangesRunSideBySide) {
  constexpr std::size_t kDims = 16;
  constexpr std::size_t kCount = 2000;
  const std::vector<float> rows = random_rows(kCount, kDims);
  FlatIndex index(kDims, Metric::l2_squared);
  for (std::size_t i = 0; i < kCount / 2; ++i) index.upsert(i, &rows[i * kDims]);
  std::atomic<bool> is_over{false};
  std::vector<std::thread> searchers;
  for (std::size_t t = 0; t < 3; ++t) {
    searchers.emplace_back([&, t] {
      const float* queries = &rows[t * 40 * kDims];
      while (!is_over) {
        // These stay: each is its own nearest.
        EXPECT_EQ(index.search(queries, 1, {}, 2).front().label, t * 40);
        EXPECT_EQ(index.search_batch(queries, 40, 1)[39].front().label, t * 40 + 39);
        EXPECT_FALSE(index.search_within(queries, 0).empty());
      }
    });
  }
  for (std::size_t i = kCount / 2; i < kCount; ++i) {
    index.upsert(i, &rows[i * kDims]);
    if (i % 2 == 0) index.remove(i - kCount / 4);
  }
  is_over = true;
  for (std::thread& searcher : searchers) searcher.join();
  EXPECT_EQ(index.size(), kCount - kCount / 4);
}

TEST(FlatIndex, RefusesNoDimensions) {
  EXPECT_THROW(FlatIndex(0, Metric::l1), std::invalid_argument);
}

TEST(LabelSet, KnowsItsBitsAndRanks) {
  constexpr std::uint64_t kHigh = std::uint64_t{1} << 32;
  LabelSet set;
  EXPECT_TRUE(set.bits(1000).empty());
  EXPECT_THROW(set.at_rank(0), std::out_of_range);
  set.add_range(kHigh - 2, kHigh + 3);
  EXPECT_EQ(set.size(), 5U);
  EXPECT_EQ(set.at_rank(1), kHigh - 1);
  EXPECT_EQ(set.at_rank(4), kHigh + 2);
  EXPECT_THROW(set.at_rank(5), std::out_of_range);
  EXPECT_TRUE(set.bits(1000).empty());  // too thin

  LabelSet dense;
  dense.add_range(100, 300);
  const std::uint64_t before = dense.content_number();
  EXPECT_EQ(LabelSet(dense).content_number(), before);
  EXPECT_TRUE(dense.bits(1).empty());  // does not pay yet
  const LabelBits bits = dense.bits(1000);
  ASSERT_FALSE(bits.empty());
  for (std::uint64_t label = 0; label < 1000; ++label) {
    EXPECT_EQ(bits.test(label), label >= 100 && label < 300);
  }
  dense.remove(200);
  EXPECT_NE(dense.content_number(), before);
  EXPECT_FALSE(dense.bits(1000).test(200));
}

TEST(LabelSet, HoldsAndCombines) {
  LabelSet a;
  a.add_range(10, 20);
  a.add(1ull << 40);
  EXPECT_EQ(a.size(), 11u);
  LabelSet b = a;
  b.remove(15);
  EXPECT_TRUE(a.contains(15));
  EXPECT_FALSE(b.contains(15));
  a.subtract(b);
  EXPECT_EQ(a.size(), 1u);
  a.unite(b);
  a.intersect(b);
  EXPECT_EQ(a.size(), 10u);
  std::vector<std::uint64_t> seen;
  a.for_each([&](std::uint64_t label) {
    seen.push_back(label);
    return seen.size() < 3;
  });
  EXPECT_EQ(seen, (std::vector<std::uint64_t>{10, 11, 12}));
}

}  // namespace
}  // namespace dvecdb::core
