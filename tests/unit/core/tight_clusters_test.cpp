// Clusters that are tight and far from the mean of all: within one, codes are all alike.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "dvecdb/label_set.h"
#include "tests/unit/core/both_indexes.h"

namespace dvecdb::core {
namespace {

constexpr std::size_t kRows = 4000;
constexpr std::size_t kQueries = 50;
constexpr std::size_t kClusters = 5;
constexpr std::size_t kEf = 60;

/// With repetition the bits of slots pay.
constexpr int kUntilBitsPay = 60;

GeneratedData tight_clusters(float spread) {
  GeneratedData data(kRows + kQueries, 128);
  std::mt19937 random(1);
  std::normal_distribution<float> normal;
  std::vector<float> centers(kClusters * data.dims);
  for (float& element : centers) element = normal(random);
  for (std::size_t i = 0; i < data.count; ++i) {
    const float* center = &centers[i % kClusters * data.dims];
    for (std::size_t j = 0; j < data.dims; ++j) {
      data.values[i * data.dims + j] = center[j] + spread * normal(random);
    }
  }
  return data;
}

struct Both : BothIndexes {
  explicit Both(const GeneratedData& rows) : BothIndexes(rows, Metric::l2_squared, kQueries) {}

  double mean_recall(const Filter& filter, std::size_t ef = kEf) const {
    double sum = 0;
    for (std::size_t q = 0; q < kQueries; ++q) {
      sum += recall(index.search(query(q), 10, ef, filter), exact.search(query(q), 10, filter));
    }
    return sum / kQueries;
  }

  double mean_recall_of_cursors(const Filter& filter) const {
    double sum = 0;
    for (std::size_t q = 0; q < kQueries; ++q) {
      SearchCursor cursor = index.open_cursor(query(q), kEf, filter);
      sum += recall(cursor.next(10), exact.search(query(q), 10, filter));
    }
    return sum / kQueries;
  }
};

class TightClusters : public ::testing::TestWithParam<float> {
 protected:
  GeneratedData data_ = tight_clusters(GetParam());
  Both both_{data_};
};

TEST_P(TightClusters, FindsTheNearest) {
  EXPECT_GE(both_.mean_recall({}), 0.95);
  EXPECT_GE(both_.mean_recall_of_cursors({}), 0.95);
}

TEST_P(TightClusters, FiltersAtEveryShare) {
  for (const double share : {0.001, 0.01, 0.1, 0.5}) {
    LabelSet some;
    std::mt19937 random(2);
    std::bernoulli_distribution passes(share);
    for (std::size_t i = 0; i < kRows; ++i) {
      if (passes(random)) some.add(i);
    }
    const Filter by_set{&some, {}};
    const Filter by_predicate{nullptr, [&](std::uint64_t label) { return some.contains(label); }};
    EXPECT_GE(both_.mean_recall(by_set), 0.95) << share;
    for (int i = 0; i < kUntilBitsPay; ++i) both_.index.search(both_.query(0), 10, kEf, by_set);
    EXPECT_GE(both_.mean_recall(by_set), 0.95) << share << ", used before";
    EXPECT_GE(both_.mean_recall_of_cursors(by_set), 0.95) << share;
    EXPECT_GE(both_.mean_recall(by_predicate), 0.95) << share;
  }
}

TEST_P(TightClusters, AreRepairedAfterDeletes) {
  std::mt19937 random(3);
  std::vector<double> recalls;
  for (const double share : {0.3, 0.8}) {
    std::bernoulli_distribution goes(share);
    for (std::size_t i = 0; i < kRows; ++i) {
      if (!goes(random)) continue;
      both_.index.remove(i);
      both_.exact.remove(i);
    }
    both_.index.compact();
    ASSERT_EQ(both_.index.stats().deleted, 0U);
    recalls.push_back(both_.mean_recall({}));
  }
  EXPECT_GE(recalls[0], 0.92);
  EXPECT_GE(recalls[1], 0.95);
}

INSTANTIATE_TEST_SUITE_P(Spread, TightClusters, ::testing::Values(0.1f, 0.001f));

}  // namespace
}  // namespace dvecdb::core
