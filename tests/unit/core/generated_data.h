#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <random>
#include <set>
#include <vector>

#include "dvecdb/flat.h"

namespace dvecdb::core {

/// Rows around random centers with a spectrum that decays, as embeddings have.
struct GeneratedData {
  GeneratedData(std::size_t row_count, std::size_t row_dims, std::uint32_t seed = 1)
      : count(row_count), dims(row_dims), values(row_count * row_dims) {
    std::mt19937 random(seed);
    std::normal_distribution<float> normal;
    constexpr std::size_t kCenters = 40;
    std::vector<float> centers(kCenters * dims);
    for (float& x : centers) x = 2 * normal(random);
    for (std::size_t i = 0; i < count; ++i) {
      const float* center = &centers[random() % kCenters * dims];
      for (std::size_t j = 0; j < dims; ++j) {
        const float spread =
            2.0f / (1.0f + 8.0f * static_cast<float>(j) / static_cast<float>(dims));
        values[i * dims + j] = center[j] + spread * normal(random);
      }
    }
  }

  const float* row(std::size_t i) const { return values.data() + i * dims; }

  std::size_t count;
  std::size_t dims;
  std::vector<float> values;
};

/// The share of the true nearest that were found; equally near ones count.
inline double recall(const std::vector<Neighbor>& found, const std::vector<Neighbor>& truth) {
  if (truth.empty()) return 1;
  const double limit = truth.back().distance + 1e-4 * std::abs(truth.back().distance) + 1e-6;
  const auto hits = std::count_if(found.begin(), found.end(),
                                  [&](const Neighbor& n) { return n.distance <= limit; });
  return static_cast<double>(hits) / static_cast<double>(truth.size());
}

}  // namespace dvecdb::core
