// Searches with filters: of every share, near and far, in every metric, and through changes.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <random>
#include <thread>

#include "dvecdb/hnsw.h"
#include "dvecdb/label_set.h"
#include "tests/unit/core/both_indexes.h"

namespace dvecdb::core {
namespace {

constexpr std::size_t kRows = 6000;
constexpr std::size_t kQueries = 30;

/// With a set of its own for each query the bits of slots never pay; with repetition they do.
constexpr int kUntilBitsPay = 30;

struct Both : BothIndexes {
  Both(const GeneratedData& rows, Metric metric) : BothIndexes(rows, metric, kQueries) {}

  double recall_of(std::size_t q, const Filter& filter) const {
    return recall(index.search(query(q), 10, 80, filter), exact.search(query(q), 10, filter));
  }

  /// Labels by their distance from a query.
  std::vector<Neighbor> ranked(std::size_t q) const { return exact.search(query(q), data.count); }
};

LabelSet random_labels(double share) {
  LabelSet labels;
  std::mt19937 random(9);
  std::uniform_real_distribution<double> uniform;
  for (std::size_t i = 0; i < kRows; ++i) {
    if (uniform(random) < share) labels.add(i);
  }
  return labels;
}

constexpr double kShares[] = {0.001, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 0.9, 1.0};

TEST(HnswFilter, HoldsRecallAtEveryShareInEveryMetric) {
  const GeneratedData data(kRows + kQueries, 40);
  for (Metric metric : {Metric::l2_squared, Metric::cosine, Metric::inner_product, Metric::l1}) {
    const Both both(data, metric);
    double plain = 0;
    for (std::size_t q = 0; q < kQueries; ++q) plain += both.recall_of(q, {}) / kQueries;
    for (const double share : kShares) {
      const LabelSet labels = random_labels(share);
      const Filter filter{&labels, {}};
      for (int i = 0; i < kUntilBitsPay; ++i) both.index.search(both.query(0), 10, 80, filter);
      double sum = 0;
      for (std::size_t q = 0; q < kQueries; ++q) sum += both.recall_of(q, filter) / kQueries;
      EXPECT_GE(sum, plain - 0.02) << share << ", metric " << static_cast<int>(metric);
    }
  }
}

TEST(HnswFilter, HoldsRecallWhereTheFilterHasToDoWithTheDistance) {
  const GeneratedData data(kRows + kQueries, 64);
  const Both both(data, Metric::l2_squared);
  for (const double share : kShares) {
    const auto count = static_cast<std::size_t>(share * kRows);
    double near = 0;
    double far = 0;
    for (std::size_t q = 0; q < kQueries; ++q) {
      const std::vector<Neighbor> ranked = both.ranked(q);
      LabelSet nearest;
      LabelSet farthest;
      for (std::size_t i = 0; i < count; ++i) {
        nearest.add(ranked[i].label);
        farthest.add(ranked[kRows - 1 - i].label);
      }
      for (int i = 0; i < (q % 2 == 0 ? kUntilBitsPay : 0); ++i) {
        both.index.search(both.query(q), 10, 80, {&nearest, {}});
        both.index.search(both.query(q), 10, 80, {&farthest, {}});
      }
      near += both.recall_of(q, {&nearest, {}}) / kQueries;
      far += both.recall_of(q, {&farthest, {}}) / kQueries;
    }
    EXPECT_GE(near, 0.97) << share;
    EXPECT_GE(far, 0.97) << share;
  }
}

TEST(HnswFilter, GivesAllThatMatch) {
  const GeneratedData data(kRows + kQueries, 24);
  const Both both(data, Metric::l2_squared);
  const LabelSet labels = random_labels(0.03);
  const Filter filter{&labels, {}};
  for (int i = 0; i < kUntilBitsPay; ++i) {
    LabelSet found;
    for (const Neighbor& n : both.index.search(both.query(1), kRows, 10, filter)) {
      EXPECT_TRUE(labels.contains(n.label));
      found.add(n.label);
    }
    EXPECT_EQ(found.size(), labels.size());
  }
  LabelSet absent;
  absent.add_range(kRows, 2 * kRows);
  EXPECT_TRUE(both.index.search(both.query(1), 5, 40, {&absent, {}}).empty());
}

// By codes of one bit it would not be.
TEST(HnswFilter, IsExactWhereFewMatch) {
  constexpr std::size_t kIndexed = 1000;
  const GeneratedData data(2 * kIndexed, 40);
  for (const Metric metric : {Metric::l2_squared, Metric::cosine, Metric::inner_product}) {
    HnswOptions options = Both::options(data, metric);
    options.code = CodeKind::int1;
    HnswIndex index(options);
    FlatIndex exact(data.dims, metric);
    for (std::size_t i = 0; i < kIndexed; ++i) {
      index.insert(i, data.row(i));
      exact.upsert(i, data.row(i));
    }
    LabelSet few;
    for (std::size_t i = 0; i < kIndexed; i += 8) few.add(i);
    const Filter filter{&few, {}};
    for (std::size_t q = 0; q < kIndexed; ++q) {
      const float* query = data.row(kIndexed + q);
      const std::vector<Neighbor> found = index.search(query, 3, 10, filter);
      const std::vector<Neighbor> truth = exact.search(query, 3, filter);
      ASSERT_EQ(found.size(), truth.size());
      for (std::size_t i = 0; i < truth.size(); ++i) EXPECT_EQ(found[i].label, truth[i].label) << q;
    }
  }
}

TEST(HnswFilter, SetAndPredicateHoldTogether) {
  const GeneratedData data(kRows + kQueries, 24);
  const Both both(data, Metric::l2_squared);
  const LabelSet labels = random_labels(0.5);
  const Filter filter{&labels, [](std::uint64_t label) { return label % 5 == 0; }};
  for (std::size_t q = 0; q < kQueries; ++q) {
    for (const Neighbor& n : both.index.search(both.query(q), 10, 80, filter)) {
      EXPECT_TRUE(labels.contains(n.label) && n.label % 5 == 0);
    }
    EXPECT_GE(both.recall_of(q, filter), 0.9);
  }
}

// What was learned about a set's slots must not outlive a change of them.
TEST(HnswFilter, SeesEveryChange) {
  const GeneratedData data(kRows + kQueries, 24);
  Both both(data, Metric::l2_squared);
  LabelSet labels;
  labels.add_range(0, 3000);
  labels.add_range(kRows, 4 * kRows);
  const Filter filter{&labels, {}};
  const auto learn = [&] {
    for (int i = 0; i < kUntilBitsPay; ++i) both.index.search(both.query(0), 10, 80, filter);
  };
  const auto finds = [&](std::uint64_t label, const float* vector) {
    const std::vector<Neighbor> found = both.index.search(vector, 3, 80, filter);
    return std::any_of(found.begin(), found.end(),
                       [&](const Neighbor& n) { return n.label == label; });
  };
  learn();
  both.index.insert(kRows, both.query(0));  // a new slot
  EXPECT_TRUE(finds(kRows, both.query(0)));
  learn();
  both.index.insert(kRows + 1, data.row(5000));  // a duplicate of one that does not match
  EXPECT_TRUE(finds(kRows + 1, data.row(5000)));
  learn();
  EXPECT_TRUE(both.index.remove(5000));
  both.index.compact();
  EXPECT_TRUE(finds(kRows + 1, data.row(5000)));  // whose place it has now
  for (std::size_t i = 4000; i < 4500; ++i) both.index.remove(i);
  both.index.compact();
  learn();
  for (std::size_t i = 1; i < kQueries; ++i) {  // slots of those
    both.index.insert(2 * kRows + i, both.query(i));
    EXPECT_TRUE(finds(2 * kRows + i, both.query(i)));
  }
  learn();
  for (std::size_t i = 0; i < 3000; ++i) both.index.remove(i);
  for (const Neighbor& n : both.index.search(both.query(2), 100, 80, filter)) {
    EXPECT_GE(n.label, kRows);
  }
  labels.remove(2 * kRows + 3);
  EXPECT_FALSE(finds(2 * kRows + 3, both.query(3)));
}

TEST(HnswFilter, DuplicatesAndZeroVectors) {
  constexpr std::size_t kEqual = 10000;
  const GeneratedData data(kRows + kQueries, 24);
  Both both(data, Metric::cosine);
  const std::vector<float> zero(24);
  LabelSet few;
  LabelSet zeros;
  for (std::size_t i = 0; i < kEqual; ++i) {
    both.index.insert(kRows + i, data.row(3));
    if (i % 100 == 0) few.add(kRows + i);
  }
  for (std::size_t i = 0; i < 200; ++i) {
    both.index.insert(3 * kRows + i, zero.data());
    zeros.add(3 * kRows + i);
  }
  for (int i = 0; i < kUntilBitsPay; ++i) {
    EXPECT_EQ(both.index.search(data.row(3), 200, 80, {&few, {}}).size(), kEqual / 100);
    EXPECT_EQ(both.index.search(data.row(3), 5, 80, {&few, {}}).size(), 5U);
    const std::vector<Neighbor> none = both.index.search(data.row(3), 5, 80, {&zeros, {}});
    ASSERT_EQ(none.size(), 5U);
    EXPECT_TRUE(std::isnan(none[0].distance));
  }
  zeros.add(17);
  EXPECT_EQ(both.index.search(data.row(17), 1, 80, {&zeros, {}}).front().label, 17U);
}

TEST(HnswFilter, SearchesBesideChanges) {
  const GeneratedData data(3000, 16);
  HnswIndex index(Both::options(data, Metric::l2_squared));
  for (std::size_t i = 0; i < 1000; ++i) index.insert(i, data.row(i));
  LabelSet even;
  for (std::size_t i = 0; i < 3000; i += 2) even.add(i);
  std::atomic<bool> ends{false};
  std::thread writer([&] {
    for (std::size_t i = 1000; i < 3000; ++i) {
      index.insert(i, data.row(i));
      if (i % 3 == 0) index.remove(i - 900);
    }
    ends = true;
  });
  std::vector<std::thread> readers;
  for (std::size_t t = 0; t < 2; ++t) {
    readers.emplace_back([&, t] {
      for (std::size_t q = t; !ends; q = (q + 7) % 3000) {
        for (const Neighbor& n : index.search(data.row(q), 10, 40, {&even, {}})) {
          EXPECT_EQ(n.label % 2, 0U);
        }
      }
    });
  }
  writer.join();
  for (std::thread& reader : readers) reader.join();
  std::size_t left = 0;
  for (std::size_t i = 0; i < 3000; i += 2) left += index.contains(i);
  EXPECT_EQ(index.search(data.row(0), 3000, 40, {&even, {}}).size(), left);
}

}  // namespace
}  // namespace dvecdb::core
