#include "dvecdb/flat.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "dvecdb/label_set.h"

namespace dvecdb::core {
namespace {

std::vector<float> random_rows(std::size_t count, std::size_t dims) {
  std::mt19937 random(7);
  std::normal_distribution<float> normal;
  std::vector<float> rows(count * dims);
  for (float& x : rows) x = normal(random);
  return rows;
}

TEST(FlatIndex, FindsTheNearestExactly) {
  constexpr std::size_t kDims = 19;
  constexpr std::size_t kCount = 500;
  const std::vector<float> rows = random_rows(kCount + 1, kDims);
  const float* query = rows.data() + kCount * kDims;
  for (Metric metric : {Metric::l2_squared, Metric::inner_product, Metric::cosine, Metric::l1}) {
    FlatIndex index(kDims, metric);
    std::vector<Neighbor> expected;
    for (std::size_t i = 0; i < kCount; ++i) {
      index.upsert(i * 3, rows.data() + i * kDims);
      expected.push_back({i * 3, operator_distance(metric, query, rows.data() + i * kDims, kDims)});
    }
    std::sort(expected.begin(), expected.end(), nearer);
    const std::vector<Neighbor> found = index.search(query, 20);
    ASSERT_EQ(found.size(), 20u);
    for (std::size_t i = 0; i < found.size(); ++i) {
      EXPECT_EQ(found[i].label, expected[i].label);
      EXPECT_NEAR(found[i].distance, expected[i].distance, 1e-5);
    }
    EXPECT_EQ(index.search(query, 2 * kCount).size(), kCount);
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
}

TEST(FlatIndex, FiltersByLabelsAndPredicate) {
  FlatIndex index(1, Metric::l1);
  LabelSet even;
  for (std::uint64_t i = 0; i < 200; ++i) {
    const float x = static_cast<float>(i);
    index.upsert(i, &x);
    if (i % 2 == 0) even.add(i);
  }
  const float query = 0;
  const Filter filter{&even, [](std::uint64_t label) { return label % 3 == 0; }};
  EXPECT_EQ(index.search(&query, 3, filter), (std::vector<Neighbor>{{0, 0}, {6, 6}, {12, 12}}));
  EXPECT_EQ(index.search_within(&query, 4, {&even, nullptr}),
            (std::vector<Neighbor>{{0, 0}, {2, 2}, {4, 4}}));
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

TEST(FlatIndex, RefusesNoDimensions) {
  EXPECT_THROW(FlatIndex(0, Metric::l1), std::invalid_argument);
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
