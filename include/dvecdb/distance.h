#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "dvecdb/half.h"

/// Distances between vectors.
///
/// Every function here is pure and safe to call from any number of threads.
///
/// Numerical contract, for every kernel and every length up to 16,000:
///  - Elements are widened to float32, sums are kept in float32 in several partial sums, so that
///    |result - exact| <= 2^-24 * (dims / 4 + 16) * sum of |terms|, where `exact` is computed in
///    float64 and `terms` are the summands (squared differences, products or magnitudes).
///    Kernels of different instruction sets may differ within that bound, never beyond it.
///  - A sum that exceeds the range of float32 is infinity. An infinity or NaN among the elements
///    gives what IEEE arithmetic gives: infinity or NaN, never a trap.
///  - Denormal elements and results are honoured: no kernel flushes them to zero.
///  - Integer results (bit metrics) are exact.
/// Pointers need the alignment of their element only. A length of zero gives zero.
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
struct DotNorms {
  float dot;
  float norm_a;  ///< squared
  float norm_b;  ///< squared
};

/// 1 - dot / sqrt(norm_a * norm_b), clamped to [0, 2]; NaN when a norm is zero.
double cosine_distance(const DotNorms& sums);

/// The kernels over one element type (float or Half) for one instruction set. The `*_many` forms
/// measure one query against `count` rows and prefetch the rows to come: out[i] belongs to
/// rows[i].
template <class T>
struct DistanceKernels {
  using One = float (*)(const T* a, const T* b, std::size_t dims);
  using Many = void (*)(const T* query, const T* const* rows, std::size_t count, std::size_t dims,
                        float* out);
  One l2_squared;
  One dot;
  One l1;
  DotNorms (*dot_norms)(const T* a, const T* b, std::size_t dims);
  Many l2_squared_many;
  Many dot_many;
  Many l1_many;
};

/// The kernels that this machine runs best, or those of the override.
template <class T>
const DistanceKernels<T>& distance_kernels();

/// The kernels of one instruction set. Throws std::invalid_argument when the machine lacks it.
template <class T>
const DistanceKernels<T>& distance_kernels(Isa isa);

/// The instruction sets that this machine runs, scalar first, best last.
std::vector<Isa> supported_isas();
Isa active_isa();
const char* isa_name(Isa isa);

/// Makes every later call use `isa`. For tests and measurements.
/// Throws std::invalid_argument when the machine lacks it.
void override_isa(Isa isa);

/// The value that the SQL operator of `metric` reports: sqrt of l2_squared for `<->`, the negative
/// inner product, 1 - cos clamped to [0, 2] (NaN when a vector is zero), L1. T is float or Half.
template <class T>
double operator_distance(Metric metric, const T* a, const T* b, std::size_t dims);

/// As operator_distance, but l2_squared stays squared: cheaper, and orders alike.
template <class T>
double ordering_distance(Metric metric, const T* a, const T* b, std::size_t dims);

/// Both views must be of vectors with equal dimensions; elements that are absent are zero.
double operator_distance(Metric metric, const SparseView& a, const SparseView& b);

/// Over `bytes` bytes; unused bits of the last byte must be zero in both.
double bit_distance(BitMetric metric, const std::uint8_t* a, const std::uint8_t* b,
                    std::size_t bytes);

/// The Euclidean length, summed in float64.
template <class T>
double l2_norm(const T* a, std::size_t dims);

/// Scales `a` to length one into `out` (which may be `a`). A zero vector stays zero.
/// Returns the length that it had.
double normalize(const float* a, float* out, std::size_t dims);

}  // namespace dvecdb::core
