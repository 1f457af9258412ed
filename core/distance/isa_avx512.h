#pragma once

#include <immintrin.h>

#include "core/distance/avx512_bits.h"
#include "core/distance/avx512_int8.h"
#include "core/distance/kernel_body.h"

namespace dvecdb::core {
namespace {

struct Avx512 {
  static constexpr std::size_t lanes = 16;
  static constexpr int chains = 4;
  static constexpr int chains_four = 2;
  static constexpr int tile_vectors = 2;
  static constexpr int tile_rows = 12;
  using Float = __m512;

  static __mmask16 first(std::size_t n) { return static_cast<__mmask16>((1u << n) - 1); }
  static Float zero() { return _mm512_setzero_ps(); }
  static Float set(float x) { return _mm512_set1_ps(x); }
  static Float load(const float* p) { return _mm512_loadu_ps(p); }
  static Float load(const Half* p) {
    return _mm512_cvtph_ps(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)));
  }
  static Float load_part(const float* p, std::size_t n) {
    return _mm512_maskz_loadu_ps(first(n), p);
  }
  static Float load_part(const Half* p, std::size_t n) {
    return _mm512_cvtph_ps(_mm256_maskz_loadu_epi16(first(n), p));
  }
  static void store(float* p, Float x) { _mm512_storeu_ps(p, x); }
  static Float add(Float a, Float b) { return _mm512_add_ps(a, b); }
  static Float sub(Float a, Float b) { return _mm512_sub_ps(a, b); }
  static Float mul(Float a, Float b) { return _mm512_mul_ps(a, b); }
  static Float fma(Float a, Float b, Float c) { return _mm512_fmadd_ps(a, b, c); }
  static Float abs(Float a) { return _mm512_abs_ps(a); }
  static Float max(Float a, Float b) { return _mm512_max_ps(a, b); }
  static Float min(Float a, Float b) { return _mm512_min_ps(a, b); }
  static Float floor(Float a) {
    return _mm512_roundscale_ps(a, _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC);
  }
  static float sum(Float a) { return _mm512_reduce_add_ps(a); }
  static void sum_four(const Float (&sums)[4], float* out) {
    const __m512 ab =
        _mm512_add_ps(_mm512_unpacklo_ps(sums[0], sums[1]), _mm512_unpackhi_ps(sums[0], sums[1]));
    const __m512 cd =
        _mm512_add_ps(_mm512_unpacklo_ps(sums[2], sums[3]), _mm512_unpackhi_ps(sums[2], sums[3]));
    const __m512 all =
        _mm512_add_ps(_mm512_shuffle_ps(ab, cd, 0x44), _mm512_shuffle_ps(ab, cd, 0xEE));
    const __m256 half = _mm256_add_ps(_mm512_castps512_ps256(all), _mm512_extractf32x8_ps(all, 1));
    _mm_storeu_ps(out, _mm_add_ps(_mm256_castps256_ps128(half), _mm256_extractf128_ps(half, 1)));
  }
  static float max_lane(Float a) { return _mm512_reduce_max_ps(a); }
  static void round_int8(Float a, std::int8_t* out) {
    _mm_storeu_si128(reinterpret_cast<__m128i*>(out), _mm512_cvtepi32_epi8(_mm512_cvtps_epi32(a)));
  }

  /// Adds to each lane its partner, or subtracts where `negative` has the lane's bit.
  static Float butterfly(Float a, Float partner, __mmask16 negative) {
    return _mm512_add_ps(partner, _mm512_mask_sub_ps(a, negative, _mm512_setzero_ps(), a));
  }
  static Float hadamard(Float a) {
    a = butterfly(a, _mm512_permute_ps(a, 0xB1), 0xAAAA);
    a = butterfly(a, _mm512_permute_ps(a, 0x4E), 0xCCCC);
    a = butterfly(a, _mm512_shuffle_f32x4(a, a, 0xB1), 0xF0F0);
    return butterfly(a, _mm512_shuffle_f32x4(a, a, 0x4E), 0xFF00);
  }

  using Indices = __m512i;
  using Mask = __mmask16;
  static Indices load_indices(const std::int32_t* p) { return _mm512_loadu_si512(p); }
  static Indices load_indices_part(const std::int32_t* p, std::size_t n) {
    return _mm512_mask_loadu_epi32(_mm512_set1_epi32(-1), first(n), p);
  }
  static Mask no_lanes() { return 0; }
  static Mask either(Mask a, Mask b) { return static_cast<Mask>(a | b); }
  static bool any(Mask m) { return m != 0; }
  static Mask match(Indices indices, std::int32_t index) {
    return _mm512_cmpeq_epi32_mask(indices, _mm512_set1_epi32(index));
  }
  static Float keep(Mask m, Float x) { return _mm512_maskz_mov_ps(m, x); }
  static Float drop(Mask m, Float x) { return _mm512_maskz_mov_ps(static_cast<Mask>(~m), x); }

  /// The elements of a group, a byte each.
  template <int Bits>
  static __m512i elements(const std::uint8_t* group) {
    if constexpr (Bits == 8) return load_bytes(group);
    __m512i all = _mm512_setzero_si512();
    if constexpr ((Bits & 4) != 0) {
      const __m512i halves = _mm512_srlv_epi64(
          _mm512_broadcast_i64x4(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(group))),
          _mm512_setr_epi64(0, 0, 0, 0, 4, 4, 4, 4));
      all = _mm512_and_si512(halves, _mm512_set1_epi8(15));
    }
    if constexpr ((Bits & 2) != 0) {
      const __m512i pairs = _mm512_srlv_epi64(
          _mm512_broadcast_i32x4(
              _mm_loadu_si128(reinterpret_cast<const __m128i*>(group + offset_of_pairs(Bits)))),
          _mm512_setr_epi64(0, 0, 2, 2, 4, 4, 6, 6));
      const __m512i low = _mm512_and_si512(pairs, _mm512_set1_epi8(3));
      all = _mm512_or_si512(all, _mm512_slli_epi64(low, shift_of_pairs(Bits)));
    }
    if constexpr ((Bits & 1) != 0) {
      std::uint64_t ones;
      std::memcpy(&ones, group + offset_of_ones(Bits), sizeof ones);
      const __m512i bit = _mm512_set1_epi8(static_cast<char>(1 << shift_of_ones(Bits)));
      all = _mm512_or_si512(all, _mm512_maskz_mov_epi8(ones, bit));
    }
    return all;
  }
  template <int Bits, int R>
  static void dot_grid(const std::uint8_t* const* codes, const std::int8_t* q, std::size_t dims,
                       std::int32_t* out) {
    __m512i sums[R];
    for (int r = 0; r < R; ++r) sums[r] = _mm512_setzero_si512();
    std::size_t at = 0;
    for (std::size_t i = 0; i < dims; i += kGroup, at += group_bytes(Bits)) {
      const __m512i x = load_bytes(q + i);
      for (int r = 0; r < R; ++r) {
        sums[r] = _mm512_dpbusd_epi32(sums[r], elements<Bits>(codes[r] + at), x);
      }
    }
    sum_each(sums, out);
  }
  template <int Bits>
  static void unpack(const std::uint8_t* group, std::uint8_t* out) {
    _mm512_storeu_si512(out, elements<Bits>(group));
  }
  static void to_half(Float a, Half* out) {
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(out),
                        _mm512_cvtps_ph(a, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC));
  }

  using Int8 = Avx512Int8;
  using Int8Dot = Avx512Int8Dot;
  using Int8L1 = Avx512Int8L1;
  using Int8Norms = Avx512Int8Norms;
  using Bits = Avx512Bits;
};

}  // namespace
}  // namespace dvecdb::core
