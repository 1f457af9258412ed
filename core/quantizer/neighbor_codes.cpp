#include "dvecdb/neighbor_codes.h"

#include <cfloat>
#include <cstring>
#include <stdexcept>
#include <string>

#include "core/distance/kernel_table.h"
#include "core/quantizer/grid.h"

namespace dvecdb::core {
namespace {

constexpr std::size_t kBlock = 64;

struct Factors {
  float f0 = 0;
  float f1 = 0;
};

}  // namespace

int NeighborCodes::choose_bits(std::size_t dims) {
  constexpr std::size_t kThreeBits = 64;
  constexpr std::size_t kTwoBits = 256;
  if (dims <= kThreeBits) return 3;
  return dims <= kTwoBits ? 2 : 1;
}

NeighborCodes::NeighborCodes(int bits, Metric metric, std::size_t dims)
    : bits_(bits), metric_(metric) {
  if (bits < 1 || bits > 8) {
    throw std::invalid_argument("codes of neighbors have 1 to 8 bits an element, not " +
                                std::to_string(bits));
  }
  if (metric == Metric::l1) {
    throw std::invalid_argument("codes of neighbors do not keep L1 distances");
  }
  shape_.dims = (dims + kBlock - 1) / kBlock * kBlock;
  shape_.factors = shape_.dims / 8 * static_cast<std::size_t>(bits);
  code_bytes_ = shape_.factors + sizeof(Factors);
}

void NeighborCodes::encode(const float* neighbor, const float* node, std::uint8_t* code,
                           Scratch& scratch) const {
  const CodeKernels& kernels = active_kernels().codes;
  const std::size_t dims = shape_.dims;
  const Grid grid(bits_);
  scratch.residual.resize(dims);
  scratch.points.resize(dims);
  float* r = scratch.residual.data();
  for (std::size_t i = 0; i < dims; ++i) r[i] = neighbor[i] - node[i];
  const float norm = active_kernels().floats.dot(r, r, dims);
  Factors factors;
  if (norm > 0 && norm <= FLT_MAX) {
    const float factor = usual_grid_factor(grid, r, dims, norm);
    kernels.grid_codes(r, dims, factor, grid.half_range, scratch.points.data());
    kernels.pack(scratch.points.data(), dims, bits_, code);
    const float s = norm / kernels.grid_dot(r, dims, factor, grid.half_range, r);
    const float uc = kernels.grid_dot(r, dims, factor, grid.half_range, node);
    factors =
        metric_ == Metric::inner_product ? Factors{0, -s} : Factors{norm + 2 * s * uc, -2 * s};
  } else {
    std::memset(code, 0, shape_.factors);
  }
  std::memcpy(code + shape_.factors, &factors, sizeof factors);
}

void NeighborCodes::estimate(const PreparedQuery& query, float base,
                             const std::uint8_t* const* codes, std::size_t count,
                             float* out) const {
  CodeQuery about = query.code;
  about.base = base;
  about.offset = (Grid(bits_).half_range - 0.5f) * query.element_sum;
  active_kernels().codes.estimate[bits_ - 1](about, shape_, codes, count, out);
}

}  // namespace dvecdb::core
