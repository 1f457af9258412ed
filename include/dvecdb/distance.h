#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <vector>

#include "dvecdb/half.h"

/// Distances between vectors.
///
/// Every function here is pure and safe to call from any number of threads.
///
/// Numerical contract, for every kernel and every length up to 16,000:
///  - Elements float and Half are widened to float32, sums are kept in float32 in several partial
///    sums, so that |result - exact| <= 2^-24 * (dims / 4 + 16) * sum of |terms|, where `exact` is
///    computed in float64 and `terms` are the summands (squared differences, products or
///    magnitudes). Kernels of different instruction sets and forms may differ within that bound,
///    never beyond it. For sparse vectors dims is the number of terms. (BF16 instructions round
///    the elements to eight bits of mantissa: they cannot keep this bound, so none is used.)
///  - Elements int8 are summed in int32 and exact up to 33,025 dimensions, where the largest sum
///    of squared differences, 255^2 each, still fits.
///  - Bit metrics count exactly.
///  - A sum that exceeds the range of float32 is infinity. An infinity or NaN among the elements
///    gives what IEEE arithmetic gives: infinity or NaN, never a trap.
///  - Denormal elements and results are honoured: no kernel flushes them to zero.
/// Pointers need the alignment of their element only, and nothing beyond the last element is read.
/// A length of zero gives zero.
namespace dvecdb::core {

enum class Metric : std::uint8_t {
  l2_squared = 0,     ///< `<->`: reported as the square root
  inner_product = 1,  ///< `<#>`: the negative inner product, so that less is nearer
  cosine = 2,         ///< `<=>`: 1 - cos(angle)
  l1 = 3,             ///< `<+>`: the sum of magnitudes of differences
};

enum class BitMetric : std::uint8_t {
  hamming = 0,  ///< `<~>`: the number of bits that differ
  jaccard = 1,  ///< `<%>`: 1 - |a and b| / |a or b|; 1 when no bit is common
};

/// A sparse vector by its non-zero elements, indices ascending and unique.
/// A view: it borrows both arrays.
struct SparseView {
  const std::int32_t* indices = nullptr;
  const float* values = nullptr;
  std::size_t count = 0;
};

/// The instruction sets that a kernel may be written for.
enum class Isa : std::uint8_t { scalar = 0, neon = 1, avx2 = 2, avx512 = 3 };

/// The sums that a cosine is made of, taken in one pass.
template <class Sum>
struct CosineSums {
  Sum dot;
  Sum norm_a;  ///< squared
  Sum norm_b;  ///< squared
};
using DotNorms = CosineSums<float>;

/// 1 - dot / sqrt(norm_a * norm_b), clamped to [0, 2]; NaN when a norm is zero.
template <class Sum = float>
double cosine_distance(const CosineSums<Sum>& sums);

/// One measure in its three forms: a pair of rows; a query against four rows, which share the
/// loads of the query; a query against `count` rows, which prefetches the rows to come.
/// out[i] belongs to rows[i]; `dims` counts elements.
template <class T, class Result>
struct MeasureForms {
  using One = Result (*)(const T* a, const T* b, std::size_t dims);
  using Four = void (*)(const T* query, const T* const* rows, std::size_t dims, Result* out);
  using Many = void (*)(const T* query, const T* const* rows, std::size_t count, std::size_t dims,
                        Result* out);
};

/// The kernels over one element type (float, Half or std::int8_t) for one instruction set.
template <class T>
struct DistanceKernels {
  using Sum = std::conditional_t<std::is_same_v<T, std::int8_t>, std::int32_t, float>;
  using Sums = CosineSums<Sum>;
  using Measure = MeasureForms<T, Sum>;
  using One = typename Measure::One;
  using Four = typename Measure::Four;
  using Many = typename Measure::Many;
  using Norms = MeasureForms<T, Sums>;
  One l2_squared;
  One dot;
  One l1;
  typename Norms::One dot_norms;
  Four l2_squared_four;
  Four dot_four;
  Four l1_four;
  typename Norms::Four dot_norms_four;
  Many l2_squared_many;
  Many dot_many;
  Many l1_many;
  typename Norms::Many dot_norms_many;
};

/// The counts that a Jaccard distance is made of.
struct BitOverlap {
  std::uint64_t both;
  std::uint64_t a;
  std::uint64_t b;
};

/// The kernels over bit vectors; their `dims` counts bytes, and unused bits of the last byte must
/// be zero.
struct BitKernels {
  using Count = MeasureForms<std::uint8_t, std::uint64_t>;
  using Overlap = MeasureForms<std::uint8_t, BitOverlap>;
  Count::One hamming;
  Overlap::One overlap;
  Count::Four hamming_four;
  Overlap::Four overlap_four;
  Count::Many hamming_many;
  Overlap::Many overlap_many;
};

/// The kernels that this machine runs best, or those of the override. T is float, Half or
/// std::int8_t.
template <class T>
const DistanceKernels<T>& distance_kernels();
const BitKernels& bit_kernels();

/// The kernels of one instruction set. Throws std::invalid_argument when the machine lacks it.
/// Where a machine has more than the set's common part (VPOPCNTDQ beside AVX-512, dot products
/// beside NEON), they use it.
template <class T>
const DistanceKernels<T>& distance_kernels(Isa isa);
const BitKernels& bit_kernels(Isa isa);

/// The instruction sets that this machine runs, scalar first, best last.
std::vector<Isa> supported_isas();
Isa active_isa();
const char* isa_name(Isa isa);

/// Makes every later call use `isa`. For tests and measurements.
/// Throws std::invalid_argument when the machine lacks it.
void override_isa(Isa isa);

/// The value that the SQL operator of `metric` reports: sqrt of l2_squared for `<->`, the negative
/// inner product, 1 - cos clamped to [0, 2] (NaN when a vector is zero), L1. T is float, Half or
/// std::int8_t.
template <class T>
double operator_distance(Metric metric, const T* a, const T* b, std::size_t dims);

/// As operator_distance, but l2_squared stays squared: cheaper, and orders alike.
template <class T>
double ordering_distance(Metric metric, const T* a, const T* b, std::size_t dims);

/// Both views must be of vectors with equal dimensions; elements that are absent are zero.
double operator_distance(Metric metric, const SparseView& a, const SparseView& b);
double ordering_distance(Metric metric, const SparseView& a, const SparseView& b);

/// Over `bytes` bytes; unused bits of the last byte must be zero in both.
double bit_distance(BitMetric metric, const std::uint8_t* a, const std::uint8_t* b,
                    std::size_t bytes);

/// 1 - both / either; 1 when no bit is common.
double jaccard_distance(const BitOverlap& counts);

/// The Euclidean length, summed in float64.
template <class T>
double l2_norm(const T* a, std::size_t dims);

/// Scales `a` to length one into `out` (which may be `a`). A zero vector stays zero.
/// Returns the length that it had.
double normalize(const float* a, float* out, std::size_t dims);

}  // namespace dvecdb::core
