#include <immintrin.h>

#include "core/distance/kernel_body.h"

namespace dvecdb::core {
namespace {

struct Avx512 {
  static constexpr std::size_t lanes = 16;
  static constexpr int unroll = 4;
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

  template <int R>
  static void dot_int8(const std::uint8_t* const* codes, const std::int8_t* q, std::size_t dims,
                       std::int32_t* out) {
    __m512i sums[R];
    for (int r = 0; r < R; ++r) sums[r] = _mm512_setzero_si512();
    for (std::size_t i = 0; i < dims; i += 64) {
      const __m512i x = load_bytes(q + i);
      for (int r = 0; r < R; ++r) {
        sums[r] = _mm512_dpbusd_epi32(sums[r], load_bytes(codes[r] + i), x);
      }
    }
    sum_each(sums, out);
  }
  template <int R>
  static void dot_int4(const std::uint8_t* const* codes, const std::int8_t* q, std::size_t dims,
                       std::int32_t* out) {
    const __m512i low_bits = _mm512_set1_epi8(15);
    __m512i sums[R];
    for (int r = 0; r < R; ++r) sums[r] = _mm512_setzero_si512();
    std::size_t i = 0;
    for (; i + 128 <= dims; i += 128) {
      const __m512i low_x = load_bytes(q + i);
      const __m512i high_x = load_bytes(q + i + 64);
      for (int r = 0; r < R; ++r) {
        const __m512i pairs = load_bytes(codes[r] + i / 2);
        const __m512i high = _mm512_and_si512(_mm512_srli_epi16(pairs, 4), low_bits);
        sums[r] = _mm512_dpbusd_epi32(sums[r], _mm512_and_si512(pairs, low_bits), low_x);
        sums[r] = _mm512_dpbusd_epi32(sums[r], high, high_x);
      }
    }
    if (i < dims) {
      const __m256i low_half = _mm256_set1_epi8(15);
      for (int r = 0; r < R; ++r) {
        const __m256i pairs =
            _mm256_loadu_si256(reinterpret_cast<const __m256i*>(codes[r] + i / 2));
        const __m256i low = _mm256_and_si256(pairs, low_half);
        const __m256i high = _mm256_and_si256(_mm256_srli_epi16(pairs, 4), low_half);
        const __m512i both = _mm512_inserti64x4(_mm512_castsi256_si512(low), high, 1);
        sums[r] = _mm512_dpbusd_epi32(sums[r], both, load_bytes(q + i));
      }
    }
    sum_each(sums, out);
  }
  static void to_half(Float a, Half* out) {
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(out),
                        _mm512_cvtps_ph(a, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC));
  }
  static void prefetch(const char* p) { _mm_prefetch(p, _MM_HINT_T0); }
};

}  // namespace

const KernelTable kAvx512Kernels = kernel_table<Avx512>();

}  // namespace dvecdb::core
