#pragma once

#include <cstddef>
#include <cstdint>

#include "dvecdb/code_space.h"
#include "dvecdb/distance.h"

namespace dvecdb::core {

/// include/dvecdb/code_space.h has the arithmetic.
/// out[i] = base + f0 + f1 * scale * (dot(code, elements) - offset), never NaN: what is not
/// below FLT_MAX is FLT_MAX.
using EstimateFn = void (*)(const CodeQuery& query, const CodeShape& shape,
                            const std::uint8_t* const* codes, std::size_t count, float* out);

struct CodeKernels {
  /// For codes of 1 to 8 bits an element: estimate[bits - 1]. How the elements lie:
  /// core/distance/grid_group.h.
  EstimateFn estimate[8];

  /// The grid points of a code as int8, for a code in the place of a query: u - 1/2 for 8 bits,
  /// else twice u; returns the sum of the results.
  std::int32_t (*unpack[8])(const std::uint8_t* code, std::size_t dims, std::int8_t* out);

  /// out = scale * (x + shift)
  void (*widen)(const std::int8_t* x, std::size_t dims, float scale, float shift, float* out);

  /// From a byte an element to a code of `bits` bits.
  void (*pack)(const std::uint8_t* elements, std::size_t dims, int bits, std::uint8_t* code);

  /// In place: a pseudo-random rotation, orthonormal, by rounds of random signs (`signs`: four
  /// times dims values of +1 or -1) and fast Hadamard transforms. dims is a multiple of 64.
  void (*rotate)(float* x, std::size_t dims, const float* signs);

  /// Rounds x * factor to int8, clamped to [-127, 127]; returns the sum of the results.
  std::int32_t (*round_int8)(const float* x, std::size_t dims, float factor, std::int8_t* out);

  float (*max_magnitude)(const float* x, std::size_t dims);

  /// For u = clamp(floor(x * factor), -half_range, half_range - 1) + 0.5: the sums of u * x and
  /// of u * u.
  void (*grid_fit)(const float* x, std::size_t dims, float factor, float half_range, float* ux,
                   float* uu);

  /// For the same u: the sum of u * y.
  float (*grid_dot)(const float* x, std::size_t dims, float factor, float half_range,
                    const float* y);

  /// The codes u + half_range - 0.5 of the same grid, one byte each.
  void (*grid_codes)(const float* x, std::size_t dims, float factor, float half_range,
                     std::uint8_t* out);
};

/// How a sum of a tile is weighed: base + factor * sum, which must not exceed the query's limit
/// by more than slack * its slope.
struct TileTerms {
  float base;
  float factor;
  float slack;
};

/// Sums of a tile's queries and `count` rows, and what they are compared with.
struct TileTest {
  const float* sums;      ///< of row i and query j: sums[i * width + j]
  const TileTerms* rows;  ///< one for each row
  const float* limits;    ///< one for each query
  const float* slopes;
};

/// Elements that a tile adds up in one go; what it gets so is added to the sum of those before.
/// So a sum is off by at most 2^-24 * (min(dims, span) + dims / span + 2) * sum of |terms|.
constexpr std::size_t kTileSpan = 256;

/// A tile of `width` queries lies element by element: element d of query j is at [d * width + j].
/// sums[i * width + j] becomes the sum of row i and query j, for `count` rows.
using TileFn = void (*)(const float* queries, const float* const* rows, std::size_t count,
                        std::size_t dims, float* sums);

struct TileKernels {
  std::size_t width;
  std::size_t height;  ///< rows that are measured together: multiples of it leave nothing unused
  TileFn dot;
  TileFn l2_squared;
  TileFn l1;

  /// The first row from `row` on with a sum that is within its limit, or not comparable;
  /// `count` without one.
  std::size_t (*next)(const TileTest& test, std::size_t row, std::size_t count);
};

/// Sums over two sparse vectors (dvecdb/distance.h tells which terms there are).
struct SparseKernels {
  using Sum = float (*)(const SparseView& a, const SparseView& b);
  Sum dot;
  Sum l2_squared;
  Sum l1;
};

/// All kernels of one instruction set.
struct KernelTable {
  DistanceKernels<float> floats;
  DistanceKernels<Half> halves;
  DistanceKernels<std::int8_t> bytes;
  CodeKernels codes;
  BitKernels bits;
  TileKernels tiles;
  SparseKernels sparse;
  void (*to_float)(const Half* from, float* to, std::size_t count);
  void (*to_half)(const float* from, Half* to, std::size_t count);
};

/// One for each source file.
extern const KernelTable kScalarKernels;
extern const KernelTable kNeonKernels;
extern const KernelTable kNeonDotprodKernels;
extern const KernelTable kAvx2Kernels;
extern const KernelTable kAvx512Kernels;
extern const KernelTable kAvx512PopcntKernels;

const KernelTable& active_kernels();
const KernelTable& kernels_of(Isa isa);

}  // namespace dvecdb::core
