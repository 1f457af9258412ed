#pragma once

// The kernels, once, over an instruction set `S` and an element `T`. Included by one source file
// for each instruction set, which compiles it with that set's flags and gives `S`:
//
//   Float, lanes                     a register of floats and how many it holds
//   zero, set, load, store           load widens a Half; load_part zeroes what is beyond n
//   add, sub, mul, fma, abs, max, min, floor, sum, max_lane
//   round_int8(v, out), floor_int8   lanes bytes
//   hadamard(v)                      the transform over the lanes of one register
//   dot_int8, dot_int4               integer dot products of a code (dims a multiple of 64)
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

/// Measures `query` against R rows at once with U partial sums each: the query's registers are
/// shared, and R * U independent chains hide the latency of the additions.
template <class S, template <class> class Op, int R, int U, class T>
inline void sum_rows(const T* query, const T* const* rows, std::size_t dims, float* out) {
  typename S::Float sums[R][U];
  for (int r = 0; r < R; ++r) {
    for (int u = 0; u < U; ++u) sums[r][u] = S::zero();
  }
  std::size_t i = 0;
  for (; i + U * S::lanes <= dims; i += U * S::lanes) {
    for (int u = 0; u < U; ++u) {
      const typename S::Float x = S::load(query + i + u * S::lanes);
      for (int r = 0; r < R; ++r) {
        sums[r][u] = Op<S>::step(x, S::load(rows[r] + i + u * S::lanes), sums[r][u]);
      }
    }
  }
  for (; i + S::lanes <= dims; i += S::lanes) {
    const typename S::Float x = S::load(query + i);
    for (int r = 0; r < R; ++r) sums[r][0] = Op<S>::step(x, S::load(rows[r] + i), sums[r][0]);
  }
  if (i < dims) {
    const typename S::Float x = S::load_part(query + i, dims - i);
    for (int r = 0; r < R; ++r) {
      sums[r][U - 1] = Op<S>::step(x, S::load_part(rows[r] + i, dims - i), sums[r][U - 1]);
    }
  }
  for (int r = 0; r < R; ++r) {
    for (int stride = U / 2; stride > 0; stride /= 2) {
      for (int u = 0; u < stride; ++u) sums[r][u] = S::add(sums[r][u], sums[r][u + stride]);
    }
    out[r] = S::sum(sums[r][0]);
  }
}

template <class S, template <class> class Op, class T>
float measure_one(const T* a, const T* b, std::size_t dims) {
  float out;
  sum_rows<S, Op, 1, S::unroll>(a, &b, dims, &out);
  return out;
}

template <class S, class T>
inline void prefetch_row(const T* row, std::size_t dims) {
  const std::size_t bytes = dims * sizeof(T);
  const char* p = reinterpret_cast<const char*>(row);
  const std::size_t limit = bytes < 1024 ? bytes : 1024;  // the hardware follows from there
  for (std::size_t at = 0; at < limit; at += 64) S::prefetch(p + at);
}

template <class S, template <class> class Op, class T>
void measure_many(const T* query, const T* const* rows, std::size_t count, std::size_t dims,
                  float* out) {
  constexpr std::size_t kTogether = 4;
  std::size_t i = 0;
  for (; i + kTogether <= count; i += kTogether) {
    for (std::size_t ahead = i + kTogether; ahead < i + 2 * kTogether && ahead < count; ++ahead) {
      prefetch_row<S>(rows[ahead], dims);
    }
    sum_rows<S, Op, kTogether, 2>(query, rows + i, dims, out + i);
  }
  for (; i < count; ++i) sum_rows<S, Op, 1, S::unroll>(query, rows + i, dims, out + i);
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

template <std::int32_t (*Dot)(const std::uint8_t*, const std::int8_t*, std::size_t)>
void estimate(const CodeQuery& query, const CodeShape& shape, const std::uint8_t* const* codes,
              std::size_t count, float* out) {
  for (std::size_t i = 0; i < count; ++i) {
    const Factors factors = factors_of(codes[i], shape);
    const float dot = static_cast<float>(Dot(codes[i], query.elements, shape.dims)) - query.offset;
    const float value = query.base + factors.f0 + factors.f1 * (query.scale * dot);
    out[i] = value < FLT_MAX ? value : FLT_MAX;
  }
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
          {estimate<S::dot_int8>, estimate<S::dot_int4>, rotate<S>, round_int8<S>, unpack_int4,
           unpack_int8, max_magnitude<S>, grid_fit<S>, grid_codes<S>},
          {hamming, overlap},
          halves_to_floats<S>,
          floats_to_halves<S>};
}

}  // namespace
}  // namespace dvecdb::core
