#include "core/quantizer/grid.h"

#include <array>
#include <cmath>

#include "core/distance/kernel_table.h"

namespace dvecdb::core {
namespace {

/// From so many bits on a grid that covers every element is as good as a finer one that clips some.
constexpr int kWideGrid = 6;

}  // namespace

float best_grid_factor(const Grid& grid, const float* r, std::size_t dims, float largest) {
  const float widest = grid.half_range / largest;  // covers every element
  if (grid.bits == 1 || grid.bits >= kWideGrid) return widest;
  // Clipping the few largest elements makes the grid finer for the others: take the factor whose
  // grid point has the smallest angle to r.
  constexpr std::array<float, 10> kFinerBy = {1.0f, 1.1f, 1.2f,  1.3f,  1.4f,
                                              1.5f, 1.6f, 1.75f, 1.95f, 2.2f};
  float best = widest;
  float best_cosine = -1;
  for (float finer : kFinerBy) {
    float ux;
    float uu;
    active_kernels().codes.grid_fit(r, dims, widest * finer, grid.half_range, &ux, &uu);
    const float cosine = ux / std::sqrt(uu);
    if (cosine > best_cosine) {
      best_cosine = cosine;
      best = widest * finer;
    }
  }
  return best;
}

float usual_grid_factor(const Grid& grid, const float* r, std::size_t dims, float norm) {
  constexpr std::array<float, 4> kSteps = {0, 1.596f, 0.9957f, 0.586f};  // by bits
  if (grid.bits >= static_cast<int>(kSteps.size())) {
    return best_grid_factor(grid, r, dims, active_kernels().codes.max_magnitude(r, dims));
  }
  const float deviation = std::sqrt(norm / static_cast<float>(dims));
  return 1.0f / (kSteps[static_cast<std::size_t>(grid.bits)] * deviation);
}

}  // namespace dvecdb::core
