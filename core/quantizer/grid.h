#pragma once

#include <cmath>
#include <cstddef>

namespace dvecdb::core {

/// The points that codes of `bits` bits an element tell apart: elements are half-odd numbers of
/// magnitude below half_range.
struct Grid {
  explicit Grid(int bits_of_grid)
      : bits(bits_of_grid), half_range(std::ldexp(0.5f, bits_of_grid)) {}

  int bits;
  float half_range;
};

/// By how much r, not zero, has to be multiplied so that the grid point that it then falls to is
/// about that with the smallest angle to it. `largest` is r's largest magnitude.
float best_grid_factor(const Grid& grid, const float* r, std::size_t dims, float largest);

/// The same where many vectors are encoded and little is lost by less care: as for elements that
/// are normally distributed, which a rotation makes them nearly (Max, "Quantizing for minimum
/// distortion", 1960). `norm`: r's squared length.
float usual_grid_factor(const Grid& grid, const float* r, std::size_t dims, float norm);

}  // namespace dvecdb::core
