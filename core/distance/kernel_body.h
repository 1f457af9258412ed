#pragma once

// The kernels, once, over an instruction set `S` and an element `T`. Included by one source file
// for each instruction set, which compiles it with that set's flags and gives `S`:
//
//   Float, lanes                     a register of floats and how many it holds
//   zero, set, load, store           load widens a Half; load_part zeroes what is beyond n
//   add, sub, mul, fma, abs, max, min, floor, sum, max_lane
//   round_int8(v, out), floor_int8   lanes bytes
//   hadamard(v)                      the transform over the lanes of one register
//   dot_int8<R>, dot_int4<R>         integer dot products of R codes (dims a multiple of 64)
//   to_half, prefetch
//
// Everything lives in an unnamed namespace and uses no inline function of the standard library:
// a shared inline function that was compiled with AVX-512 must not be the one that the linker
// keeps for all.

#include <cfloat>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "core/distance/half_bits.h"
#include "core/distance/kernel_table.h"

namespace dvecdb::core {
namespace {

template <class S>
struct SquaredDifference {
  static typename S::Float step(typename S::Float x, typename S::Float y, typename S::Float sum) {
    const typename S::Float d = S::sub(x, y);
    return S::fma(d, d, sum);
  }
};

template <class S>
struct Product {
  static typename S::Float step(typename S::Float x, typename S::Float y, typename S::Float sum) {
    return S::fma(x, y, sum);
  }
};

template <class S>
struct Difference {
  static typename S::Float step(typename S::Float x, typename S::Float y, typename S::Float sum) {
    return S::add(S::abs(S::sub(x, y)), sum);
  }
};

/// Sums Op's terms with several partial sums: independent chains hide the latency of additions.
template <class S, template <class> class Op, class T>
float measure_one(const T* a, const T* b, std::size_t dims) {
  constexpr int U = S::unroll;
  typename S::Float sums[U];
  for (int u = 0; u < U; ++u) sums[u] = S::zero();
  std::size_t i = 0;
  for (; i + U * S::lanes <= dims; i += U * S::lanes) {
    for (int u = 0; u < U; ++u) {
      const std::size_t at = i + static_cast<std::size_t>(u) * S::lanes;
      sums[u] = Op<S>::step(S::load(a + at), S::load(b + at), sums[u]);
    }
  }
  for (; i + S::lanes <= dims; i += S::lanes) {
    sums[0] = Op<S>::step(S::load(a + i), S::load(b + i), sums[0]);
  }
  if (i < dims) {
    const std::size_t rest = dims - i;
    sums[U - 1] = Op<S>::step(S::load_part(a + i, rest), S::load_part(b + i, rest), sums[U - 1]);
  }
  for (int stride = U / 2; stride > 0; stride /= 2) {
    for (int u = 0; u < stride; ++u) sums[u] = S::add(sums[u], sums[u + stride]);
  }
  return S::sum(sums[0]);
}

/// Rows to come are prefetched this far ahead, so that memory always has requests to answer.
constexpr std::size_t kAheadBytes = 4096;

template <class S, class T>
inline void prefetch_row(const T* row, std::size_t dims) {
  const char* p = reinterpret_cast<const char*>(row);
  const std::size_t bytes = dims * sizeof(T);
  for (std::size_t at = 0; at < bytes; at += 64) S::prefetch(p + at);
}

template <class S, template <class> class Op, class T>
void measure_many(const T* query, const T* const* rows, std::size_t count, std::size_t dims,
                  float* out) {
  const std::size_t ahead = 1 + kAheadBytes / (dims * sizeof(T) + 64);
  for (std::size_t i = 0; i < ahead && i < count; ++i) prefetch_row<S>(rows[i], dims);
  for (std::size_t i = 0; i < count; ++i) {
    if (i + ahead < count) prefetch_row<S>(rows[i + ahead], dims);
    out[i] = measure_one<S, Op>(query, rows[i], dims);
  }
}

template <class S, class T>
DotNorms dot_norms(const T* a, const T* b, std::size_t dims) {
  typename S::Float dot[2] = {S::zero(), S::zero()};
  typename S::Float norm_a[2] = {S::zero(), S::zero()};
  typename S::Float norm_b[2] = {S::zero(), S::zero()};
  const auto step = [&](typename S::Float x, typename S::Float y, int u) {
    dot[u] = S::fma(x, y, dot[u]);
    norm_a[u] = S::fma(x, x, norm_a[u]);
    norm_b[u] = S::fma(y, y, norm_b[u]);
  };
  std::size_t i = 0;
  for (; i + 2 * S::lanes <= dims; i += 2 * S::lanes) {
    step(S::load(a + i), S::load(b + i), 0);
    step(S::load(a + i + S::lanes), S::load(b + i + S::lanes), 1);
  }
  for (; i + S::lanes <= dims; i += S::lanes) step(S::load(a + i), S::load(b + i), 0);
  if (i < dims) step(S::load_part(a + i, dims - i), S::load_part(b + i, dims - i), 1);
  return {S::sum(S::add(dot[0], dot[1])), S::sum(S::add(norm_a[0], norm_a[1])),
          S::sum(S::add(norm_b[0], norm_b[1]))};
}

template <class S, class T>
constexpr DistanceKernels<T> distance_table() {
  return {measure_one<S, SquaredDifference, T>,  measure_one<S, Product, T>,
          measure_one<S, Difference, T>,         dot_norms<S, T>,
          measure_many<S, SquaredDifference, T>, measure_many<S, Product, T>,
          measure_many<S, Difference, T>};
}

// ---- codes

struct Factors {
  float f0;
  float f1;
};

inline Factors factors_of(const std::uint8_t* code, const CodeShape& shape) {
  Factors factors;
  std::memcpy(&factors, code + shape.factors, sizeof factors);
  return factors;
}

struct Int8 {
  template <class S, int R>
  static void dots(const std::uint8_t* const* codes, const std::int8_t* q, std::size_t dims,
                   std::int32_t* out) {
    S::template dot_int8<R>(codes, q, dims, out);
  }
};

struct Int4 {
  template <class S, int R>
  static void dots(const std::uint8_t* const* codes, const std::int8_t* q, std::size_t dims,
                   std::int32_t* out) {
    S::template dot_int4<R>(codes, q, dims, out);
  }
};

template <class S, class Kind, int R>
inline void estimate_some(const CodeQuery& query, const CodeShape& shape,
                          const std::uint8_t* const* codes, float* out) {
  std::int32_t dots[R];
  Kind::template dots<S, R>(codes, query.elements, shape.dims, dots);
  for (int r = 0; r < R; ++r) {
    const Factors factors = factors_of(codes[r], shape);
    const float dot = static_cast<float>(dots[r]) - query.offset;
    const float value = query.base + factors.f0 + factors.f1 * (query.scale * dot);
    out[r] = value < FLT_MAX ? value : FLT_MAX;
  }
}

/// Four codes at a time: they share the loads of the query.
template <class S, class Kind>
void estimate(const CodeQuery& query, const CodeShape& shape, const std::uint8_t* const* codes,
              std::size_t count, float* out) {
  std::size_t i = 0;
  for (; i + 4 <= count; i += 4) estimate_some<S, Kind, 4>(query, shape, codes + i, out + i);
  for (; i < count; ++i) estimate_some<S, Kind, 1>(query, shape, codes + i, out + i);
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

inline std::int32_t sum_of(const std::int8_t* x, std::size_t count) {
  std::int32_t sum = 0;
  for (std::size_t i = 0; i < count; ++i) sum += x[i];
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

std::int32_t unpack_int4(const std::uint8_t* code, std::size_t dims, std::int8_t* out) {
  for (std::size_t i = 0; i < dims; i += 128) {
    const std::size_t half = dims - i >= 128 ? 64 : 32;
    for (std::size_t j = 0; j < half; ++j) {
      out[i + j] = static_cast<std::int8_t>(2 * (code[i / 2 + j] & 15) - 15);
      out[i + half + j] = static_cast<std::int8_t>(2 * (code[i / 2 + j] >> 4) - 15);
    }
  }
  return sum_of(out, dims);
}

std::int32_t unpack_int8(const std::uint8_t* code, std::size_t dims, std::int8_t* out) {
  for (std::size_t i = 0; i < dims; ++i) out[i] = static_cast<std::int8_t>(code[i] ^ 0x80);
  return sum_of(out, dims);
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
void grid_codes(const float* x, std::size_t dims, float factor, float half_range,
                std::uint8_t* out) {
  const std::uint8_t shift = static_cast<std::uint8_t>(half_range);
  for (std::size_t i = 0; i < dims; i += S::lanes) {
    S::round_int8(grid_floor<S>(S::load(x + i), factor, half_range),
                  reinterpret_cast<std::int8_t*>(out + i));
  }
  for (std::size_t i = 0; i < dims; ++i) out[i] = static_cast<std::uint8_t>(out[i] + shift);
}

// ---- bits

inline std::uint64_t load_word(const std::uint8_t* p, std::size_t bytes) {
  std::uint64_t word = 0;
  std::memcpy(&word, p, bytes);
  return word;
}

inline std::uint64_t ones(std::uint64_t word) {
  return static_cast<std::uint64_t>(__builtin_popcountll(word));
}

std::uint64_t hamming(const std::uint8_t* a, const std::uint8_t* b, std::size_t bytes) {
  std::uint64_t count = 0;
  std::size_t i = 0;
  for (; i + 8 <= bytes; i += 8) count += ones(load_word(a + i, 8) ^ load_word(b + i, 8));
  if (i < bytes) count += ones(load_word(a + i, bytes - i) ^ load_word(b + i, bytes - i));
  return count;
}

BitOverlap overlap(const std::uint8_t* a, const std::uint8_t* b, std::size_t bytes) {
  BitOverlap counts{0, 0, 0};
  const auto step = [&](std::uint64_t x, std::uint64_t y) {
    counts.both += ones(x & y);
    counts.a += ones(x);
    counts.b += ones(y);
  };
  std::size_t i = 0;
  for (; i + 8 <= bytes; i += 8) step(load_word(a + i, 8), load_word(b + i, 8));
  if (i < bytes) step(load_word(a + i, bytes - i), load_word(b + i, bytes - i));
  return counts;
}

// ---- conversions

template <class S>
void halves_to_floats(const Half* from, float* to, std::size_t count) {
  std::size_t i = 0;
  for (; i + S::lanes <= count; i += S::lanes) S::store(to + i, S::load(from + i));
  for (; i < count; ++i) to[i] = half_bits_to_float(from[i].bits);
}

template <class S>
void floats_to_halves(const float* from, Half* to, std::size_t count) {
  std::size_t i = 0;
  for (; i + S::lanes <= count; i += S::lanes) S::to_half(S::load(from + i), to + i);
  for (; i < count; ++i) to[i].bits = float_to_half_bits(from[i]);
}

template <class S>
constexpr KernelTable kernel_table() {
  return {distance_table<S, float>(),
          distance_table<S, Half>(),
          {estimate<S, Int8>, estimate<S, Int4>, rotate<S>, round_int8<S>, unpack_int4, unpack_int8,
           max_magnitude<S>, grid_fit<S>, grid_codes<S>},
          {hamming, overlap},
          halves_to_floats<S>,
          floats_to_halves<S>};
}

}  // namespace
}  // namespace dvecdb::core
