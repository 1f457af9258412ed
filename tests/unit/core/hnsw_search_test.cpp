#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <thread>

#include "dvecdb/hnsw.h"
#include "dvecdb/label_set.h"
#include "tests/unit/core/generated_data.h"

namespace dvecdb::core {
namespace {

constexpr std::size_t kQueries = 100;

/// An index and the exact answers, over all but the last kQueries rows, labelled 7i + 3.
struct Both {
  Both(const GeneratedData& rows, HnswOptions options)
      : data(rows), index(options), exact(rows.dims, options.metric) {
    for (std::size_t i = 0; i + kQueries < data.count; ++i) {
      index.insert(label(i), data.row(i));
      exact.upsert(label(i), data.row(i));
    }
  }

  static std::uint64_t label(std::size_t i) { return 7 * i + 3; }

  double mean_recall(std::size_t ef, const Filter& filter = {}) const {
    double sum = 0;
    for (std::size_t q = 0; q < kQueries; ++q) {
      const float* query = data.row(data.count - 1 - q);
      sum += recall(index.search(query, 10, ef, filter), exact.search(query, 10, filter));
    }
    return sum / kQueries;
  }

  const GeneratedData& data;
  HnswIndex index;
  FlatIndex exact;
};

HnswOptions options_for(const GeneratedData& data, Metric metric = Metric::l2_squared) {
  HnswOptions options;
  options.dims = data.dims;
  options.metric = metric;
  options.ef_construction = 100;
  return options;
}

TEST(HnswSearch, FindsTheNearestInEveryMetric) {
  const GeneratedData data(6000, 128);
  for (Metric metric : {Metric::l2_squared, Metric::cosine, Metric::inner_product, Metric::l1}) {
    const Both both(data, options_for(data, metric));
    EXPECT_GE(both.mean_recall(100), 0.95) << static_cast<int>(metric);
  }
}

TEST(HnswSearch, FindsTheNearestByEveryCode) {
  for (std::size_t dims : {3, 50, 300}) {
    const GeneratedData data(1500, dims);
    for (CodeKind code :
         {CodeKind::half, CodeKind::single, CodeKind::int8, CodeKind::int7, CodeKind::int6,
          CodeKind::int5, CodeKind::int4, CodeKind::int3, CodeKind::int2, CodeKind::int1}) {
      HnswOptions options = options_for(data);
      options.code = code;
      const Both both(data, options);
      // in few dimensions a bit or two hardly tell one vector from another
      const bool is_coarse = code == CodeKind::int1 || code == CodeKind::int2;
      const double least = dims == 300 ? 0.95 : is_coarse ? 0.3 : 0.8;
      EXPECT_GE(both.mean_recall(100), least) << dims << " dims, code " << static_cast<int>(code);
    }
  }
}

TEST(HnswSearch, ReportsWhatTheOperatorsReport) {
  const GeneratedData data(600, 33);
  for (Metric metric : {Metric::l2_squared, Metric::cosine, Metric::inner_product, Metric::l1}) {
    const Both both(data, options_for(data, metric));
    const float* query = data.row(data.count - 1);
    const std::vector<Neighbor> found = both.index.search(query, 5, 100);
    ASSERT_EQ(found.size(), 5u);
    for (const Neighbor& n : found) {
      const double expected = operator_distance(metric, query, data.row((n.label - 3) / 7), 33);
      EXPECT_NEAR(n.distance, expected, 1e-5 * (1 + std::fabs(expected)));
    }
    EXPECT_TRUE(std::is_sorted(found.begin(), found.end(), nearer));
  }
}

TEST(HnswSearch, EqualVectorsCostNothing) {
  constexpr std::size_t kEqual = 10000;
  const GeneratedData data(3000, 128);
  Both both(data, options_for(data));
  const float* twin = data.row(17);
  for (std::size_t i = 0; i < kEqual; ++i) {
    both.index.insert(1'000'000 + i, twin);
    both.exact.upsert(1'000'000 + i, twin);
  }
  EXPECT_GE(both.mean_recall(100), 0.95);
  EXPECT_EQ(both.index.stats().duplicates, kEqual);
  const std::vector<Neighbor> found = both.index.search(twin, kEqual + 1, 100);
  ASSERT_EQ(found.size(), kEqual + 1);
  EXPECT_EQ(found.back().distance, 0);

  for (std::size_t i = 0; i < kEqual; i += 2) EXPECT_TRUE(both.index.remove(1'000'000 + i));
  EXPECT_TRUE(both.index.remove(Both::label(17)));
  both.index.compact();
  const std::vector<Neighbor> rest = both.index.search(twin, kEqual / 2, 100);
  ASSERT_EQ(rest.size(), kEqual / 2);
  EXPECT_EQ(rest.back().distance, 0);
}

TEST(HnswSearch, ZeroVectorsHaveNoCosineButAreNotLost) {
  const GeneratedData data(500, 16);
  Both both(data, options_for(data, Metric::cosine));
  const std::vector<float> zero(16);
  for (std::uint64_t i = 0; i < 50; ++i) both.index.insert(1'000'000 + i, zero.data());
  const std::vector<Neighbor> found = both.index.search(data.row(0), 1000, 100);
  ASSERT_EQ(found.size(), 450u);
  EXPECT_TRUE(std::isnan(found.back().distance));
  EXPECT_FALSE(std::isnan(found[399].distance));
  EXPECT_EQ(both.index.search(zero.data(), 1000, 100).size(), 450u);

  HnswIndex euclidean(options_for(data));
  euclidean.insert(1, zero.data());
  euclidean.insert(2, zero.data());
  EXPECT_EQ(euclidean.search(zero.data(), 5, 10), (std::vector<Neighbor>{{1, 0}, {2, 0}}));
}

TEST(HnswSearch, SmallAndEmptyIndexes) {
  const GeneratedData data(10, 4);
  HnswIndex index(options_for(data));
  EXPECT_TRUE(index.search(data.row(0), 5, 10).empty());
  EXPECT_TRUE(index.open_cursor(data.row(0), 10).next(5).empty());
  index.insert(5, data.row(0));
  EXPECT_EQ(index.search(data.row(0), 5, 10), (std::vector<Neighbor>{{5, 0}}));
  EXPECT_TRUE(index.search(data.row(0), 0, 10).empty());
}

TEST(HnswSearch, ExtremeValuesDoNotBreakIt) {
  HnswOptions options;
  options.dims = 3;
  for (Metric metric : {Metric::l2_squared, Metric::cosine, Metric::inner_product, Metric::l1}) {
    options.metric = metric;
    HnswIndex index(options);
    std::mt19937 random(3);
    for (std::uint64_t i = 0; i < 600; ++i) {
      const float scale = std::ldexp(1.0f, static_cast<int>(random() % 250) - 125);
      const float row[] = {scale, -scale * static_cast<float>(random() % 7), scale / 3};
      ASSERT_TRUE(index.insert(i, row));
    }
    const float query[] = {3e38f, -3e38f, 1e-40f};
    EXPECT_EQ(index.search(query, 1000, 10).size(), 600u);
  }
  HnswIndex index(options);
  const float bad[] = {1, std::nanf(""), 2};
  EXPECT_THROW(index.insert(1, bad), std::invalid_argument);
  EXPECT_EQ(index.size(), 0u);
}

TEST(HnswSearch, FiltersAtEverySelectivity) {
  const GeneratedData data(8100, 64);
  const Both both(data, options_for(data));
  for (double share : {0.001, 0.01, 0.05, 0.2, 0.5, 1.0}) {
    LabelSet some;
    const auto step = static_cast<std::size_t>(1 / share);
    for (std::size_t i = 0; i < 8000; i += step) some.add(Both::label(i));
    EXPECT_GE(both.mean_recall(100, {&some, nullptr}), 0.95) << share;
    const Filter by_predicate{nullptr, [&](std::uint64_t l) { return (l - 3) / 7 % step == 0; }};
    EXPECT_GE(both.mean_recall(100, by_predicate), 0.95) << share;
  }
}

TEST(HnswSearch, FiltersThatAreFarFromTheQuery) {
  const GeneratedData data(8100, 32);
  const Both both(data, options_for(data));
  const float* query = data.row(data.count - 1);
  const std::vector<Neighbor> all = both.exact.search(query, 8000);
  LabelSet farthest;
  for (std::size_t i = 7000; i < 8000; ++i) farthest.add(all[i].label);
  const Filter filter{&farthest, nullptr};
  EXPECT_GE(recall(both.index.search(query, 10, 40, filter), both.exact.search(query, 10, filter)),
            0.9);
  EXPECT_EQ(both.index.search(query, 2000, 40, filter).size(), 1000u);
  const LabelSet nothing;
  EXPECT_TRUE(both.index.search(query, 10, 40, {&nothing, nullptr}).empty());
}

TEST(HnswCursor, GivesEveryLabelOnce) {
  const GeneratedData data(5100, 24);
  Both both(data, options_for(data));
  for (std::size_t i = 0; i < 300; ++i) both.index.insert(1'000'000 + i, data.row(5));
  for (std::size_t i = 0; i < 1000; ++i) both.index.remove(Both::label(2 * i));
  SearchCursor cursor = both.index.open_cursor(data.row(data.count - 1), 40);
  both.index.insert(999'999, data.row(data.count - 1));  // after opening: not given
  std::set<std::uint64_t> seen;
  std::size_t given = 0;
  std::size_t out_of_order = 0;
  double last = 0;
  while (!cursor.exhausted()) {
    const std::vector<Neighbor> part = cursor.next(37);
    EXPECT_TRUE(std::is_sorted(part.begin(), part.end(), nearer));
    for (const Neighbor& n : part) {
      seen.insert(n.label);
      ++given;
      out_of_order += n.distance < last;
      last = n.distance;
    }
    if (part.size() < 37) {
      EXPECT_TRUE(cursor.exhausted());
    }
  }
  EXPECT_EQ(given, 5000u + 300 - 1000);
  EXPECT_EQ(seen.size(), given);
  EXPECT_EQ(seen.count(999'999), 0u);
  EXPECT_LT(out_of_order, given / 20);
  EXPECT_TRUE(cursor.next(10).empty());
}

TEST(HnswCursor, ContinuesUnderChanges) {
  const GeneratedData data(3100, 24);
  Both both(data, options_for(data));
  SearchCursor cursor = both.index.open_cursor(data.row(data.count - 1), 40);
  std::set<std::uint64_t> seen;
  for (const Neighbor& n : cursor.next(100)) seen.insert(n.label);
  for (std::size_t i = 0; i < 2500; ++i) {  // sweeps run meanwhile, slots would be reused
    both.index.remove(Both::label(i));
    both.index.insert(1'000'000 + i, data.row(i));
  }
  both.index.compact();
  for (std::vector<Neighbor> part = cursor.next(100); !part.empty(); part = cursor.next(100)) {
    for (const Neighbor& n : part) {
      EXPECT_TRUE(seen.insert(n.label).second);
      EXPECT_LT(n.label, 1'000'000u);
    }
  }
  for (std::size_t i = 2500; i < 3000; ++i) EXPECT_EQ(seen.count(Both::label(i)), 1u);
}

TEST(HnswCursor, KeepsToItsFilter) {
  const GeneratedData data(4100, 24);
  const Both both(data, options_for(data));
  LabelSet some;
  for (std::size_t i = 0; i < 4000; i += 10) some.add(Both::label(i));
  SearchCursor cursor = both.index.open_cursor(data.row(4050), 40, {&some, nullptr});
  std::set<std::uint64_t> seen;
  while (!cursor.exhausted()) {
    for (const Neighbor& n : cursor.next(7)) EXPECT_TRUE(seen.insert(n.label).second);
  }
  EXPECT_EQ(seen.size(), 400u);
}

TEST(HnswCursor, WalksAmongMatchesAsASearchDoes) {
  const GeneratedData data(6100, 24);
  Both both(data, options_for(data));
  LabelSet some;
  for (std::size_t i = 0; i < 6000; i += 3) some.add(Both::label(i));
  for (std::size_t i = 0; i < 500; ++i) both.index.insert(1'000'000 + i, data.row(3));
  some.add_range(1'000'000, 1'000'100);
  const Filter filter{&some, {}};
  for (int i = 0; i < 100; ++i) both.index.search(data.row(6050), 10, 60, filter);  // bits pay
  double sum = 0;
  for (std::size_t q = 0; q < kQueries; ++q) {
    const float* query = data.row(data.count - 1 - q);
    SearchCursor cursor = both.index.open_cursor(query, 60, filter);
    std::vector<Neighbor> found;
    while (found.size() < 100) {
      const std::vector<Neighbor> part = cursor.next(10);
      ASSERT_EQ(part.size(), 10U);
      found.insert(found.end(), part.begin(), part.end());
    }
    for (const Neighbor& n : found) EXPECT_TRUE(some.contains(n.label));
    for (std::size_t i = 0; i < 100; ++i) both.exact.upsert(1'000'000 + i, data.row(3));
    sum += recall(found, both.exact.search(query, 100, filter));
  }
  EXPECT_GE(sum / kQueries, 0.9);

  SearchCursor cursor = both.index.open_cursor(data.row(3), 60, filter);
  std::set<std::uint64_t> seen;
  while (!cursor.exhausted()) {
    for (const Neighbor& n : cursor.next(64)) EXPECT_TRUE(seen.insert(n.label).second);
  }
  EXPECT_EQ(seen.size(), 2100U);
}

}  // namespace
}  // namespace dvecdb::core
