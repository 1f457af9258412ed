#include "dvecdb/distance.h"

#include <algorithm>
#include <cmath>

#include "core/distance/half_bits.h"
#include "core/distance/kernel_table.h"

namespace dvecdb::core {
namespace {

float widen(float x) {
  return x;
}
float widen(Half x) {
  return half_bits_to_float(x.bits);
}
float widen(std::int8_t x) {
  return x;
}

}  // namespace

template <class Sum>
double cosine_distance(const CosineSums<Sum>& sums) {
  const double norms = static_cast<double>(sums.norm_a) * static_cast<double>(sums.norm_b);
  const double similarity = static_cast<double>(sums.dot) / std::sqrt(norms);
  if (std::isnan(similarity)) return similarity;
  return 1.0 - std::clamp(similarity, -1.0, 1.0);
}

template <class T>
double ordering_distance(Metric metric, const T* a, const T* b, std::size_t dims) {
  const DistanceKernels<T>& kernels = distance_kernels<T>();
  switch (metric) {
    case Metric::l2_squared:
      return kernels.l2_squared(a, b, dims);
    case Metric::inner_product:
      return -static_cast<double>(kernels.dot(a, b, dims));
    case Metric::l1:
      return kernels.l1(a, b, dims);
    case Metric::cosine:
      break;
  }
  return cosine_distance(kernels.dot_norms(a, b, dims));
}

template <class T>
double operator_distance(Metric metric, const T* a, const T* b, std::size_t dims) {
  const double distance = ordering_distance(metric, a, b, dims);
  return metric == Metric::l2_squared ? std::sqrt(distance) : distance;
}

double ordering_distance(Metric metric, const SparseView& a, const SparseView& b) {
  const KernelTable& kernels = active_kernels();
  switch (metric) {
    case Metric::l2_squared:
      return kernels.sparse.l2_squared(a, b);
    case Metric::inner_product:
      return -static_cast<double>(kernels.sparse.dot(a, b));
    case Metric::l1:
      return kernels.sparse.l1(a, b);
    case Metric::cosine:
      break;
  }
  return cosine_distance(DotNorms{kernels.sparse.dot(a, b),
                                  kernels.floats.dot(a.values, a.values, a.count),
                                  kernels.floats.dot(b.values, b.values, b.count)});
}

double operator_distance(Metric metric, const SparseView& a, const SparseView& b) {
  const double distance = ordering_distance(metric, a, b);
  return metric == Metric::l2_squared ? std::sqrt(distance) : distance;
}

double jaccard_distance(const BitOverlap& counts) {
  if (counts.both == 0) return 1.0;
  return 1.0 -
         static_cast<double>(counts.both) / static_cast<double>(counts.a + counts.b - counts.both);
}

double bit_distance(BitMetric metric, const std::uint8_t* a, const std::uint8_t* b,
                    std::size_t bytes) {
  const BitKernels& kernels = bit_kernels();
  if (metric == BitMetric::hamming) return static_cast<double>(kernels.hamming(a, b, bytes));
  return jaccard_distance(kernels.overlap(a, b, bytes));
}

template <class T>
double l2_norm(const T* a, std::size_t dims) {
  double sum = 0;
  for (std::size_t i = 0; i < dims; ++i) {
    const double x = widen(a[i]);
    sum += x * x;
  }
  return std::sqrt(sum);
}

double normalize(const float* a, float* out, std::size_t dims) {
  const double norm = l2_norm(a, dims);
  const double factor = norm > 0 ? 1.0 / norm : 0.0;
  for (std::size_t i = 0; i < dims; ++i) out[i] = static_cast<float>(a[i] * factor);
  return norm;
}

float to_float(Half value) {
  return half_bits_to_float(value.bits);
}
Half to_half(float value) {
  return Half{float_to_half_bits(value)};
}

void to_float(const Half* from, float* to, std::size_t count) {
  active_kernels().to_float(from, to, count);
}

void to_half(const float* from, Half* to, std::size_t count) {
  active_kernels().to_half(from, to, count);
}

#define DVECDB_INSTANTIATE(T)                                                 \
  template double ordering_distance(Metric, const T*, const T*, std::size_t); \
  template double operator_distance(Metric, const T*, const T*, std::size_t); \
  template double l2_norm(const T*, std::size_t);
DVECDB_INSTANTIATE(float)
DVECDB_INSTANTIATE(Half)
DVECDB_INSTANTIATE(std::int8_t)
#undef DVECDB_INSTANTIATE
template double cosine_distance(const CosineSums<float>&);
template double cosine_distance(const CosineSums<std::int32_t>&);

}  // namespace dvecdb::core
