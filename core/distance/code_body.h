#pragma once

// Kernels over codes of core/quantizer, over an instruction set `S` (kernel_body.h tells how).

#include <cfloat>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "core/distance/grid_group.h"
#include "core/distance/kernel_table.h"

namespace dvecdb::core {
namespace {

struct Factors {
  float f0;
  float f1;
};

inline Factors factors_of(const std::uint8_t* code, const CodeShape& shape) {
  Factors factors;
  std::memcpy(&factors, code + shape.factors, sizeof factors);
  return factors;
}

template <class S, int Bits, int R>
inline void estimate_some(const CodeQuery& query, const CodeShape& shape,
                          const std::uint8_t* const* codes, float* out) {
  std::int32_t dots[R];
  S::template dot_grid<Bits, R>(codes, query.elements, shape.dims, dots);
  for (int r = 0; r < R; ++r) {
    const Factors factors = factors_of(codes[r], shape);
    const float dot = static_cast<float>(dots[r]) - query.offset;
    const float value = query.base + factors.f0 + factors.f1 * (query.scale * dot);
    out[r] = value < FLT_MAX ? value : FLT_MAX;
  }
}

/// Four codes at a time: they share the loads of the query.
template <class S, int Bits>
void estimate(const CodeQuery& query, const CodeShape& shape, const std::uint8_t* const* codes,
              std::size_t count, float* out) {
  std::size_t i = 0;
  for (; i + 4 <= count; i += 4) estimate_some<S, Bits, 4>(query, shape, codes + i, out + i);
  for (; i < count; ++i) estimate_some<S, Bits, 1>(query, shape, codes + i, out + i);
}

template <class S>
void hadamard(float* x, std::size_t size) {
  for (std::size_t half = size / 2; half >= S::lanes; half /= 2) {
    for (std::size_t block = 0; block < size; block += 2 * half) {
      for (std::size_t i = block; i < block + half; i += S::lanes) {
        const typename S::Float a = S::load(x + i);
        const typename S::Float b = S::load(x + i + half);
        S::store(x + i, S::add(a, b));
        S::store(x + i + half, S::sub(a, b));
      }
    }
  }
  for (std::size_t i = 0; i < size; i += S::lanes) S::store(x + i, S::hadamard(S::load(x + i)));
}

template <class S>
void rotate(float* x, std::size_t dims, const float* signs) {
  std::size_t size = 64;  // the largest power of two within dims
  float scale = 0.125f;
  while (size * 2 <= dims) {
    size *= 2;
    scale *= 0.70710678118654752f;
  }
  const typename S::Float scales = S::set(scale);
  const int rounds = size == dims ? 3 : 4;
  for (int round = 0; round < rounds; ++round) {
    float* part = round % 2 == 0 ? x : x + (dims - size);
    const float* sign = signs + static_cast<std::size_t>(round) * dims;
    for (std::size_t i = 0; i < dims; i += S::lanes) {
      S::store(x + i, S::mul(S::load(x + i), S::load(sign + i)));
    }
    hadamard<S>(part, size);
    for (std::size_t i = 0; i < size; i += S::lanes) {
      S::store(part + i, S::mul(S::load(part + i), scales));
    }
  }
}

template <class S>
float max_magnitude(const float* x, std::size_t dims) {
  typename S::Float largest = S::zero();
  for (std::size_t i = 0; i < dims; i += S::lanes) {
    largest = S::max(largest, S::abs(S::load(x + i)));
  }
  return S::max_lane(largest);
}

/// Of whole groups. Many sums at once, which are narrow as long as they cannot overflow.
inline std::int32_t sum_of(const std::int8_t* x, std::size_t count) {
  constexpr std::size_t kNarrow = 64 * kGroup;
  std::int32_t sum = 0;
  for (std::size_t begin = 0; begin < count; begin += kNarrow) {
    const std::size_t end = begin + kNarrow < count ? begin + kNarrow : count;
    std::int16_t sums[kGroup] = {};
    for (std::size_t i = begin; i < end; i += kGroup) {
      for (std::size_t j = 0; j < kGroup; ++j) {
        sums[j] = static_cast<std::int16_t>(sums[j] + x[i + j]);
      }
    }
    for (std::size_t j = 0; j < kGroup; ++j) sum += sums[j];
  }
  return sum;
}

template <class S>
std::int32_t round_int8(const float* x, std::size_t dims, float factor, std::int8_t* out) {
  const typename S::Float factors = S::set(factor);
  const typename S::Float high = S::set(127.0f);
  const typename S::Float low = S::set(-127.0f);
  for (std::size_t i = 0; i < dims; i += S::lanes) {
    const typename S::Float scaled = S::mul(S::load(x + i), factors);
    S::round_int8(S::max(S::min(scaled, high), low), out + i);
  }
  return sum_of(out, dims);
}

template <class S, int Bits>
std::int32_t unpack(const std::uint8_t* code, std::size_t dims, std::int8_t* out) {
  constexpr int kLargest = (1 << Bits) - 1;
  std::uint8_t elements[kGroup];
  for (std::size_t i = 0; i < dims; i += kGroup, code += group_bytes(Bits)) {
    S::template unpack<Bits>(code, elements);
    for (std::size_t j = 0; j < kGroup; ++j) {
      const int c = elements[j];
      out[i + j] = static_cast<std::int8_t>(Bits == 8 ? c - 128 : 2 * c - kLargest);
    }
  }
  return sum_of(out, dims);
}

/// A loop that compilers make into vectors, for each instruction set's own flags.
template <class S>
void widen(const std::int8_t* x, std::size_t dims, float scale, float shift, float* out) {
  for (std::size_t i = 0; i < dims; ++i) out[i] = scale * (static_cast<float>(x[i]) + shift);
}

void pack(const std::uint8_t* elements, std::size_t dims, int bits, std::uint8_t* code) {
  for (std::size_t i = 0; i < dims; i += kGroup, code += group_bytes(bits)) {
    pack_group(elements + i, bits, code);
  }
}

template <class S>
inline typename S::Float grid_floor(typename S::Float x, float factor, float half_range) {
  const typename S::Float low = S::floor(S::mul(x, S::set(factor)));
  return S::max(S::min(low, S::set(half_range - 1)), S::set(-half_range));
}

template <class S>
void grid_fit(const float* x, std::size_t dims, float factor, float half_range, float* ux,
              float* uu) {
  typename S::Float sum_ux = S::zero();
  typename S::Float sum_uu = S::zero();
  for (std::size_t i = 0; i < dims; i += S::lanes) {
    const typename S::Float value = S::load(x + i);
    const typename S::Float u = S::add(grid_floor<S>(value, factor, half_range), S::set(0.5f));
    sum_ux = S::fma(u, value, sum_ux);
    sum_uu = S::fma(u, u, sum_uu);
  }
  *ux = S::sum(sum_ux);
  *uu = S::sum(sum_uu);
}

template <class S>
float grid_dot(const float* x, std::size_t dims, float factor, float half_range, const float* y) {
  typename S::Float sum = S::zero();
  for (std::size_t i = 0; i < dims; i += S::lanes) {
    const typename S::Float low = grid_floor<S>(S::load(x + i), factor, half_range);
    sum = S::fma(S::add(low, S::set(0.5f)), S::load(y + i), sum);
  }
  return S::sum(sum);
}

template <class S>
void grid_codes(const float* x, std::size_t dims, float factor, float half_range,
                std::uint8_t* out) {
  const std::uint8_t shift = static_cast<std::uint8_t>(half_range);
  for (std::size_t i = 0; i < dims; i += S::lanes) {
    S::round_int8(grid_floor<S>(S::load(x + i), factor, half_range),
                  reinterpret_cast<std::int8_t*>(out + i));
  }
  for (std::size_t i = 0; i < dims; ++i) out[i] = static_cast<std::uint8_t>(out[i] + shift);
}

template <class S>
constexpr CodeKernels code_table() {
  return {{estimate<S, 1>, estimate<S, 2>, estimate<S, 3>, estimate<S, 4>, estimate<S, 5>,
           estimate<S, 6>, estimate<S, 7>, estimate<S, 8>},
          {unpack<S, 1>, unpack<S, 2>, unpack<S, 3>, unpack<S, 4>, unpack<S, 5>, unpack<S, 6>,
           unpack<S, 7>, unpack<S, 8>},
          widen<S>,
          pack,
          rotate<S>,
          round_int8<S>,
          max_magnitude<S>,
          grid_fit<S>,
          grid_dot<S>,
          grid_codes<S>};
}

}  // namespace
}  // namespace dvecdb::core
