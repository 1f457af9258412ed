#pragma once

#include <immintrin.h>

#include "core/distance/kernel_body.h"

namespace dvecdb::core {
namespace {

struct Avx512 {
  static constexpr std::size_t lanes = 16;
  static constexpr int unroll = 4;
  static constexpr int unroll_four = 2;
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

  static __m512i load_bytes(const void* p) { return _mm512_loadu_si512(p); }
  static void sum_each(const __m512i (&sums)[1], std::int32_t* out) {
    *out = _mm512_reduce_add_epi32(sums[0]);
  }
  static void sum_each(const __m512i (&sums)[4], std::int32_t* out) {
    const __m512i ab = _mm512_add_epi32(_mm512_unpacklo_epi32(sums[0], sums[1]),
                                        _mm512_unpackhi_epi32(sums[0], sums[1]));
    const __m512i cd = _mm512_add_epi32(_mm512_unpacklo_epi32(sums[2], sums[3]),
                                        _mm512_unpackhi_epi32(sums[2], sums[3]));
    const __m512i all =
        _mm512_add_epi32(_mm512_unpacklo_epi64(ab, cd), _mm512_unpackhi_epi64(ab, cd));
    const __m256i half =
        _mm256_add_epi32(_mm512_castsi512_si256(all), _mm512_extracti64x4_epi64(all, 1));
    _mm_storeu_si128(
        reinterpret_cast<__m128i*>(out),
        _mm_add_epi32(_mm256_castsi256_si128(half), _mm256_extracti128_si256(half, 1)));
  }

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

  struct Int8Sums {
    using Element = std::int8_t;
    using Scalar = std::int32_t;
    using Register = __m512i;
    using Sum = __m512i;
    static constexpr std::size_t lanes = 64;
    static constexpr int unroll = Avx512::unroll;
    static constexpr int unroll_four = Avx512::unroll_four;

    static Sum zero() { return _mm512_setzero_si512(); }
    static Sum add(Sum a, Sum b) { return _mm512_add_epi32(a, b); }
    static std::int32_t sum(Sum a) { return _mm512_reduce_add_epi32(a); }
    static void sum_four(const Sum (&sums)[4], std::int32_t* out) { sum_each(sums, out); }
  };

  /// Widened to 16 bits, whose products VNNI sums in pairs.
  struct Int8 : Int8Sums {
    using Wide = std::int16_t;
    static constexpr std::size_t lanes = 32;

    static Register load(const std::int8_t* p) {
      return _mm512_cvtepi8_epi16(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)));
    }
    static Register load_part(const std::int8_t* p, std::size_t n) {
      return _mm512_cvtepi8_epi16(
          _mm256_maskz_loadu_epi8(static_cast<__mmask32>((1u << n) - 1), p));
    }
    static Register load(const Wide* p) { return load_bytes(p); }
    static Register load_part(const Wide* p, std::size_t) { return load(p); }
    static void store(Wide* p, Register x) { _mm512_storeu_si512(p, x); }
    static Sum squared_difference(Register x, Register y, Sum sum) {
      const Register d = _mm512_sub_epi16(x, y);
      return _mm512_dpwssd_epi32(sum, d, d);
    }
    static Sum product(Register x, Register y, Sum sum) { return _mm512_dpwssd_epi32(sum, x, y); }
  };

  /// 64 elements a register: with a row's sign bits flipped they are unsigned bytes, 128 too large,
  /// which VNNI multiplies with signed ones. The excess is a sum of the query alone.
  struct Int8Dot : SumOf<Int8Sums, Product> {
    using Shared = __m512i;

    static __m512i load(const std::int8_t* p) { return load_bytes(p); }
    static __m512i load_part(const std::int8_t* p, std::size_t n) {
      return _mm512_maskz_loadu_epi8((std::uint64_t{1} << n) - 1, p);
    }
    static __m512i flipped(__m512i x) { return _mm512_xor_si512(x, _mm512_set1_epi8(-128)); }
    using SumOf<Int8Sums, Product>::zero;
    using SumOf<Int8Sums, Product>::add;
    static void query(__m512i x, __m512i& excess) {
      excess = _mm512_dpbusd_epi32(excess, _mm512_set1_epi8(-128), x);
    }
    static void step(__m512i x, __m512i y, __m512i& sum) {
      sum = _mm512_dpbusd_epi32(sum, flipped(y), x);
    }
    static void finish(__m512i sum, __m512i excess, std::int32_t* out) {
      *out = Int8Sums::sum(_mm512_sub_epi32(sum, excess));
    }
    static void finish_four(const __m512i (&sums)[4], __m512i excess, std::int32_t* out) {
      __m512i exact[4];
      for (int r = 0; r < 4; ++r) exact[r] = _mm512_sub_epi32(sums[r], excess);
      sum_each(exact, out);
    }
  };

  /// Magnitudes of differences of unsigned bytes are what SAD sums.
  struct Int8L1 : Int8Dot {
    using Shared = Nothing;
    static void zero(__m512i& sum) { sum = Int8Sums::zero(); }
    static void zero(Nothing&) {}
    static void query(__m512i, Nothing&) {}
    static void step(__m512i x, __m512i y, __m512i& sum) {
      sum = _mm512_add_epi32(sum, _mm512_sad_epu8(flipped(x), flipped(y)));
    }
    using SumOf<Int8Sums, Product>::add;
    using SumOf<Int8Sums, Product>::finish;
    using SumOf<Int8Sums, Product>::finish_four;
  };

  struct Bits {
    using Element = std::uint8_t;
    using Scalar = std::uint64_t;
    using Register = __m512i;
    using Sum = __m512i;
    static constexpr std::size_t lanes = 64;
    static constexpr int unroll = 2;
    static constexpr int unroll_four = 1;

    static Register load(const std::uint8_t* p) { return load_bytes(p); }
    static Register load_part(const std::uint8_t* p, std::size_t n) {
      return _mm512_maskz_loadu_epi8((std::uint64_t{1} << n) - 1, p);
    }
    static Sum zero() { return _mm512_setzero_si512(); }
    static Sum add(Sum a, Sum b) { return _mm512_add_epi64(a, b); }
    static std::uint64_t sum(Sum a) {
      return static_cast<std::uint64_t>(_mm512_reduce_add_epi64(a));
    }
    static void sum_four(const Sum (&sums)[4], std::uint64_t* out) {
      const __m512i ab = _mm512_add_epi64(_mm512_unpacklo_epi64(sums[0], sums[1]),
                                          _mm512_unpackhi_epi64(sums[0], sums[1]));
      const __m512i cd = _mm512_add_epi64(_mm512_unpacklo_epi64(sums[2], sums[3]),
                                          _mm512_unpackhi_epi64(sums[2], sums[3]));
      const __m256i half_ab =
          _mm256_add_epi64(_mm512_castsi512_si256(ab), _mm512_extracti64x4_epi64(ab, 1));
      const __m256i half_cd =
          _mm256_add_epi64(_mm512_castsi512_si256(cd), _mm512_extracti64x4_epi64(cd, 1));
      _mm256_storeu_si256(reinterpret_cast<__m256i*>(out),
                          _mm256_add_epi64(_mm256_permute2x128_si256(half_ab, half_cd, 0x20),
                                           _mm256_permute2x128_si256(half_ab, half_cd, 0x31)));
    }
    /// Rows of 128 bits.
    static constexpr std::size_t packed = 16;
    static __m128i load_row(const std::uint8_t* row) {
      return _mm_loadu_si128(reinterpret_cast<const __m128i*>(row));
    }
    static Register repeat(const std::uint8_t* row) {
      return _mm512_broadcast_i32x4(load_row(row));
    }
    /// One load where the rows follow one another.
    static Register load_packed(const std::uint8_t* const* rows) {
      const bool in_order = (rows[1] == rows[0] + packed) & (rows[2] == rows[0] + 2 * packed) &
                            (rows[3] == rows[0] + 3 * packed);
      if (in_order) return load_bytes(rows[0]);
      const __m256i low =
          _mm256_inserti128_si256(_mm256_castsi128_si256(load_row(rows[0])), load_row(rows[1]), 1);
      const __m256i high =
          _mm256_inserti128_si256(_mm256_castsi128_si256(load_row(rows[2])), load_row(rows[3]), 1);
      return _mm512_inserti64x4(_mm512_castsi256_si512(low), high, 1);
    }
    static void sum_packed(Sum sums, std::uint64_t* out) {
      const __m512i all = _mm512_add_epi64(sums, _mm512_shuffle_epi32(sums, _MM_PERM_BADC));
      const __m512i even = _mm512_setr_epi64(0, 2, 4, 6, 0, 2, 4, 6);
      _mm256_storeu_si256(reinterpret_cast<__m256i*>(out),
                          _mm512_castsi512_si256(_mm512_permutexvar_epi64(even, all)));
    }
    static Sum product(Register x, Register y, Sum sum) {
      return _mm512_add_epi64(sum, ones(_mm512_and_si512(x, y)));
    }
    static Sum difference(Register x, Register y, Sum sum) {
      return _mm512_add_epi64(sum, ones(_mm512_xor_si512(x, y)));
    }
    /// Of each 64-bit lane.
    static __m512i ones(__m512i x) {
#if defined(__AVX512VPOPCNTDQ__)
      return _mm512_popcnt_epi64(x);
#else
      const __m512i low_bits = _mm512_set1_epi8(15);
      const __m512i table = _mm512_set4_epi32(0x04030302, 0x03020201, 0x03020201, 0x02010100);
      const __m512i low = _mm512_shuffle_epi8(table, _mm512_and_si512(x, low_bits));
      const __m512i high =
          _mm512_shuffle_epi8(table, _mm512_and_si512(_mm512_srli_epi16(x, 4), low_bits));
      return _mm512_sad_epu8(_mm512_add_epi8(low, high), _mm512_setzero_si512());
#endif
    }
  };
};

}  // namespace
}  // namespace dvecdb::core
