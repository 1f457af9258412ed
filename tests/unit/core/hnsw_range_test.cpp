// Searches within a radius.
#include <gtest/gtest.h>

#include <atomic>
#include <cmath>
#include <limits>
#include <set>
#include <thread>

#include "dvecdb/hnsw.h"
#include "dvecdb/label_set.h"
#include "tests/unit/core/both_indexes.h"

namespace dvecdb::core {
namespace {

constexpr std::size_t kRows = 6000;
constexpr std::size_t kQueries = 30;

struct Both : BothIndexes {
  Both(const GeneratedData& rows, Metric metric) : BothIndexes(rows, metric, kQueries) {}

  /// Of all within the radius at which `rank` rows lie, for each query.
  double recall_at(std::size_t rank, const RangeOptions& options = {}) const {
    std::size_t found = 0;
    std::size_t all = 0;
    for (std::size_t q = 0; q < kQueries; ++q) {
      // between two rows: kernels may differ in the last bits
      const std::vector<Neighbor> ranked = exact.search(query(q), rank + 1);
      const double radius = (ranked[rank - 1].distance + ranked.back().distance) / 2 + 1e-9;
      const std::vector<Neighbor> truth = exact.search_within(query(q), radius, options.filter);
      const std::vector<Neighbor> answer = index.search_within(query(q), radius, 100, options);
      EXPECT_TRUE(std::is_sorted(answer.begin(), answer.end(), nearer));
      std::set<std::uint64_t> labels;
      for (const Neighbor& n : answer) {
        EXPECT_LE(n.distance, radius);
        EXPECT_TRUE(labels.insert(n.label).second);
      }
      for (const Neighbor& n : truth) found += labels.count(n.label);
      all += truth.size();
    }
    return all == 0 ? 1 : static_cast<double>(found) / static_cast<double>(all);
  }
};

TEST(HnswRange, FindsAllWithinInEveryMetric) {
  const GeneratedData data(kRows + kQueries, 40);
  for (Metric metric : {Metric::l2_squared, Metric::cosine, Metric::inner_product, Metric::l1}) {
    const Both both(data, metric);
    for (const std::size_t rank : {1, 10, 100, 1000, 6000}) {
      EXPECT_GE(both.recall_at(rank), metric == Metric::inner_product ? 0.97 : 0.99)
          << rank << ", metric " << static_cast<int>(metric);
    }
  }
}

TEST(HnswRange, KeepsToItsFilterAndLimit) {
  const GeneratedData data(kRows + kQueries, 24);
  const Both both(data, Metric::l2_squared);
  for (const std::size_t step : {2, 10, 500}) {
    LabelSet labels;
    for (std::size_t i = 0; i < kRows; i += step) labels.add(i);
    EXPECT_GE(both.recall_at(300, {.filter = {&labels, {}}}), 0.99) << step;
    const auto is_one = [&](std::uint64_t label) { return label % step == 0; };
    EXPECT_GE(both.recall_at(300, {.filter = {nullptr, is_one}}), 0.99) << step;
  }
  const double radius = both.exact.search(both.query(0), 500).back().distance;
  const std::vector<Neighbor> some =
      both.index.search_within(both.query(0), radius, 40, {.filter = {}, .limit = 20});
  EXPECT_EQ(some.size(), 20U);
  EXPECT_GE(recall(some, both.exact.search(both.query(0), 20)), 0.9);
  EXPECT_TRUE(
      both.index.search_within(both.query(0), radius, 40, {.filter = {}, .limit = 0}).empty());
}

TEST(HnswRange, NothingEverythingAndNoNumber) {
  const GeneratedData data(kRows + kQueries, 24);
  const Both both(data, Metric::l2_squared);
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  EXPECT_TRUE(both.index.search_within(both.query(0), 0, 40).empty());
  EXPECT_TRUE(both.index.search_within(both.query(0), -1, 40).empty());
  EXPECT_TRUE(both.index.search_within(both.query(0), -kInfinity, 40).empty());
  EXPECT_EQ(both.index.search_within(both.query(0), kInfinity, 40).size(), kRows);
  EXPECT_THROW(both.index.search_within(both.query(0), std::nan(""), 40), std::invalid_argument);
  const std::vector<Neighbor> itself = both.index.search_within(data.row(5), 0, 40);
  ASSERT_EQ(itself.size(), 1U);
  EXPECT_EQ(itself[0].label, 5U);
  HnswIndex empty(Both::options(data, Metric::l2_squared));
  EXPECT_TRUE(empty.search_within(data.row(0), kInfinity, 40).empty());
}

TEST(HnswRange, DuplicatesAndZeroVectors) {
  constexpr std::size_t kEqual = 10000;
  const GeneratedData data(2000, 24);
  Both both(data, Metric::cosine);
  const std::vector<float> zero(24);
  for (std::size_t i = 0; i < kEqual; ++i) both.index.insert(kRows + i, data.row(3));
  for (std::size_t i = 0; i < 100; ++i) both.index.insert(3 * kRows + i, zero.data());
  EXPECT_EQ(both.index.search_within(data.row(3), 1e-6, 40).size(), kEqual + 1);
  EXPECT_EQ(both.index.search_within(data.row(3), 2, 40).size(), kEqual + data.count - kQueries);
  EXPECT_TRUE(both.index.search_within(zero.data(), 2, 40).empty());
}

TEST(HnswRange, SearchesBesideChanges) {
  const GeneratedData data(3000, 16);
  HnswIndex index(Both::options(data, Metric::l2_squared));
  for (std::size_t i = 0; i < 1000; ++i) index.insert(i, data.row(i));
  std::atomic<bool> ends{false};
  std::thread writer([&] {
    for (std::size_t i = 1000; i < 3000; ++i) {
      index.insert(i, data.row(i));
      index.remove(i - 1000);
    }
    ends = true;
  });
  for (std::size_t q = 0; !ends; q = (q + 7) % 3000) {
    for (const Neighbor& n : index.search_within(data.row(q), 3, 40)) EXPECT_LE(n.distance, 3);
    const std::uint64_t label = 100'000 + q;  // seen by a search that begins later
    if (index.insert(label, data.row(q))) {
      const std::vector<Neighbor> found = index.search_within(data.row(q), 0, 40);
      EXPECT_TRUE(std::any_of(found.begin(), found.end(),
                              [&](const Neighbor& n) { return n.label == label; }));
    }
  }
  writer.join();
}

}  // namespace
}  // namespace dvecdb::core
