#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "dvecdb/distance.h"

namespace dvecdb::core {
namespace {

TEST(SparseDistance, EqualsDense) {
  std::mt19937 random(6);
  for (int round = 0; round < 50; ++round) {
    constexpr std::size_t kDims = 60;
    float dense[2][kDims] = {};
    std::vector<std::int32_t> indices[2];
    std::vector<float> values[2];
    for (int side = 0; side < 2; ++side) {
      for (std::size_t i = 0; i < kDims; ++i) {
        if (random() % 4 != 0) continue;
        dense[side][i] = static_cast<float>(random() % 100) / 8 - 5;
        if (dense[side][i] == 0) continue;
        indices[side].push_back(static_cast<std::int32_t>(i));
        values[side].push_back(dense[side][i]);
      }
    }
    const SparseView a{indices[0].data(), values[0].data(), values[0].size()};
    const SparseView b{indices[1].data(), values[1].data(), values[1].size()};
    for (Metric metric : {Metric::l2_squared, Metric::inner_product, Metric::cosine, Metric::l1}) {
      const double expected = operator_distance(metric, dense[0], dense[1], kDims);
      EXPECT_NEAR(operator_distance(metric, a, b), expected, 1e-4);
    }
  }
}

}  // namespace
}  // namespace dvecdb::core
