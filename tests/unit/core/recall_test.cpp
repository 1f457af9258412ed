// Calibration: ef_search for a target recall.
#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <limits>
#include <thread>

#include "core/hnsw/recall_curve.h"
#include "dvecdb/hnsw.h"
#include "tests/unit/core/generated_data.h"

namespace dvecdb::core {
namespace {

constexpr std::size_t kQueries = 400;

RecallCurve small_curve() {
  return {1000,
          {{1, 10, 0.9F},
           {1, 20, 0.98F},
           {10, 20, 0.8F},
           {10, 40, 0.9F},
           {10, 80, 0.89F},
           {10, 160, 0.95F}}};
}

TEST(RecallCurve, ChoosesBetweenItsPoints) {
  const RecallCurve curve = small_curve();
  EXPECT_EQ(curve.ef_for(0.5, 10), (EfChoice{20, true}));
  EXPECT_EQ(curve.ef_for(0.8, 10), (EfChoice{20, true}));
  EXPECT_EQ(curve.ef_for(0.9, 10), (EfChoice{40, true}));
  const EfChoice between = curve.ef_for(0.93, 10);
  EXPECT_GT(between.ef_search, 80U);
  EXPECT_LT(between.ef_search, 160U);
  EXPECT_TRUE(between.is_measured);
  const EfChoice middle = curve.ef_for(0.9, 3);
  EXPECT_GT(middle.ef_search, 10U);
  EXPECT_LT(middle.ef_search, 40U);
  EXPECT_EQ(curve.ef_for(0.9, 0), curve.ef_for(0.9, 1));
}

TEST(RecallCurve, SaysWhenItHasNotComeThatFar) {
  const RecallCurve curve = small_curve();
  EXPECT_GT(curve.ef_for(0.96, 10).ef_search, 160U);
  EXPECT_FALSE(curve.ef_for(0.96, 10).is_measured);
  EXPECT_EQ(curve.ef_for(0.9999, 10).ef_search, 640U);
  EXPECT_EQ(curve.ef_for(0.9, 20).ef_search, 80U);
  EXPECT_FALSE(curve.ef_for(0.9, 20).is_measured);
}

TEST(RecallCurve, ComesBackOrIsRefused) {
  const RecallCurve curve = small_curve();
  const std::vector<float> values = curve.values();
  EXPECT_EQ(RecallCurve(values).values(), values);
  EXPECT_EQ(RecallCurve(values).rows(), 1000U);
  for (std::size_t i = 0; i < values.size(); ++i) {
    for (const float bad : {-1.0F, 1e30F, std::numeric_limits<float>::quiet_NaN()}) {
      std::vector<float> damaged = values;
      damaged[i] = bad;
      EXPECT_TRUE(RecallCurve(damaged).empty()) << i << " " << bad;
    }
  }
  EXPECT_TRUE(RecallCurve(std::vector<float>(values.begin(), values.end() - 1)).empty());
  EXPECT_TRUE(RecallCurve(std::vector<float>{}).empty());
  EXPECT_TRUE(RecallCurve(std::vector<float>{5}).empty());
}

struct Distribution {
  const char* name;
  Metric metric;
  std::size_t rows;
  std::size_t dims;
  bool is_clustered;
};

std::vector<float> rows_of(const Distribution& of) {
  if (of.is_clustered) return GeneratedData(of.rows, of.dims).values;
  std::vector<float> values(of.rows * of.dims);
  std::mt19937 random(4);
  std::normal_distribution<float> normal;
  for (float& x : values) x = normal(random);
  return values;
}

class TargetRecall : public testing::TestWithParam<Distribution> {};

TEST_P(TargetRecall, HoldsForQueriesThatItHasNotSeen) {
  const Distribution& of = GetParam();
  const std::vector<float> values = rows_of(of);
  const auto row = [&](std::size_t i) { return values.data() + i * of.dims; };
  HnswOptions options;
  options.dims = of.dims;
  options.metric = of.metric;
  options.ef_construction = 80;
  HnswIndex index(options);
  FlatIndex exact(of.dims, of.metric);
  for (std::size_t i = 0; i + kQueries < of.rows; ++i) {
    index.insert(i, row(i));
    exact.upsert(i, row(i));
  }
  index.calibrate(2);
  for (const std::size_t k : {1, 10, 40}) {
    const std::vector<std::vector<Neighbor>> truth =
        exact.search_batch(row(of.rows - kQueries), kQueries, k);
    for (const double target : {0.9, 0.95, 0.98, 0.99, 0.995}) {
      double sum = 0;
      for (std::size_t q = 0; q < kQueries; ++q) {
        sum += recall(index.search_to_recall(row(of.rows - kQueries + q), k, target), truth[q]);
      }
      EXPECT_GE(sum / kQueries, target - 0.003)
          << k << " answers, ef " << index.ef_for(target, k).ef_search;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    Distributions, TargetRecall,
    testing::Values(Distribution{"clusters", Metric::l2_squared, 6000, 32, true},
                    Distribution{"angles", Metric::cosine, 5000, 64, true},
                    Distribution{"noise", Metric::l2_squared, 6000, 16, false},
                    Distribution{"products", Metric::inner_product, 5000, 24, false},
                    Distribution{"magnitudes", Metric::l1, 4000, 20, true}),
    [](const auto& of) { return of.param.name; });

HnswOptions small_options() {
  HnswOptions options;
  options.dims = 16;
  options.ef_construction = 40;
  return options;
}

TEST(Calibration, IsDueAfterGrowthAndKeptInTheFile) {
  const GeneratedData data(2500, 16);
  HnswIndex index(small_options());
  EXPECT_FALSE(index.is_calibration_due());
  index.calibrate();
  EXPECT_FALSE(index.ef_for(0.9, 10).is_measured);
  EXPECT_THROW(index.ef_for(0.4, 10), std::invalid_argument);
  EXPECT_THROW(index.ef_for(1, 10), std::invalid_argument);
  EXPECT_THROW(index.ef_for(std::nan(""), 10), std::invalid_argument);
  for (std::size_t i = 0; i < 1100; ++i) index.insert(i, data.row(i));
  EXPECT_TRUE(index.is_calibration_due());
  index.calibrate();
  EXPECT_FALSE(index.is_calibration_due());
  EXPECT_TRUE(index.ef_for(0.9, 10).is_measured);

  const std::string path =
      (std::filesystem::temp_directory_path() / ("dvecdb_recall_" + std::to_string(getpid())))
          .string();
  index.save(path);
  const HnswIndex loaded = HnswIndex::load(path);
  std::filesystem::remove(path);
  EXPECT_EQ(loaded.ef_for(0.95, 10), index.ef_for(0.95, 10));
  EXPECT_FALSE(loaded.is_calibration_due());
  for (std::size_t i = 1100; i < 2300; ++i) index.insert(i, data.row(i));
  EXPECT_TRUE(index.is_calibration_due());
}

TEST(Calibration, OddIndexes) {
  HnswOptions options;
  options.dims = 3;
  options.metric = Metric::cosine;
  HnswIndex index(options);
  const float zero[] = {0, 0, 0};
  const float one[] = {1, 0, 0};
  for (std::uint64_t i = 0; i < 100; ++i) index.insert(i, zero);
  index.calibrate();
  for (std::uint64_t i = 100; i < 200; ++i) index.insert(i, one);
  index.calibrate();  // one node with its duplicates
  EXPECT_EQ(index.search_to_recall(one, 5, 0.9).size(), 5U);
}

TEST(Calibration, BesideChanges) {
  const GeneratedData data(3000, 16);
  HnswIndex index(small_options());
  for (std::size_t i = 0; i < 1500; ++i) index.insert(i, data.row(i));
  std::thread writer([&] {
    for (std::size_t i = 1500; i < 3000; ++i) {
      index.insert(i, data.row(i));
      index.remove(i - 1500);
    }
  });
  index.calibrate(2);
  writer.join();
  index.calibrate();
  EXPECT_EQ(index.search_to_recall(data.row(7), 10, 0.95).size(), 10U);
}

}  // namespace
}  // namespace dvecdb::core
