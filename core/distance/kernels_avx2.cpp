#include <immintrin.h>

#include "core/distance/kernel_body.h"

namespace dvecdb::core {
namespace {

struct Avx2 {
  static constexpr std::size_t lanes = 8;
  static constexpr int unroll = 4;
  using Float = __m256;

  static Float zero() { return _mm256_setzero_ps(); }
  static Float set(float x) { return _mm256_set1_ps(x); }
  static Float load(const float* p) { return _mm256_loadu_ps(p); }
  static Float load(const Half* p) {
    return _mm256_cvtph_ps(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)));
  }
  static Float load_part(const float* p, std::size_t n) {
    const __m256i lane = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    return _mm256_maskload_ps(p, _mm256_cmpgt_epi32(_mm256_set1_epi32(static_cast<int>(n)), lane));
  }
  static Float load_part(const Half* p, std::size_t n) {
    Half whole[lanes];
    std::memcpy(whole, p, n * sizeof(Half));
    std::memset(static_cast<void*>(whole + n), 0, (lanes - n) * sizeof(Half));
    return load(whole);
  }
  static void store(float* p, Float x) { _mm256_storeu_ps(p, x); }
  static Float add(Float a, Float b) { return _mm256_add_ps(a, b); }
  static Float sub(Float a, Float b) { return _mm256_sub_ps(a, b); }
  static Float mul(Float a, Float b) { return _mm256_mul_ps(a, b); }
  static Float fma(Float a, Float b, Float c) { return _mm256_fmadd_ps(a, b, c); }
  static Float abs(Float a) { return _mm256_andnot_ps(_mm256_set1_ps(-0.0f), a); }
  static Float max(Float a, Float b) { return _mm256_max_ps(a, b); }
  static Float min(Float a, Float b) { return _mm256_min_ps(a, b); }
  static Float floor(Float a) { return _mm256_floor_ps(a); }
  static float sum(Float a) {
    __m128 half = _mm_add_ps(_mm256_castps256_ps128(a), _mm256_extractf128_ps(a, 1));
    half = _mm_add_ps(half, _mm_movehl_ps(half, half));
    return _mm_cvtss_f32(_mm_add_ss(half, _mm_movehdup_ps(half)));
  }
  static float max_lane(Float a) {
    __m128 half = _mm_max_ps(_mm256_castps256_ps128(a), _mm256_extractf128_ps(a, 1));
    half = _mm_max_ps(half, _mm_movehl_ps(half, half));
    return _mm_cvtss_f32(_mm_max_ss(half, _mm_movehdup_ps(half)));
  }
  static void round_int8(Float a, std::int8_t* out) {
    const __m256i wide = _mm256_cvtps_epi32(a);
    const __m128i words =
        _mm_packs_epi32(_mm256_castsi256_si128(wide), _mm256_extracti128_si256(wide, 1));
    _mm_storel_epi64(reinterpret_cast<__m128i*>(out), _mm_packs_epi16(words, words));
  }
  static Float hadamard(Float a) {
    const __m256 odd = _mm256_setr_ps(0.0f, -0.0f, 0.0f, -0.0f, 0.0f, -0.0f, 0.0f, -0.0f);
    const __m256 upper_pair = _mm256_setr_ps(0.0f, 0.0f, -0.0f, -0.0f, 0.0f, 0.0f, -0.0f, -0.0f);
    const __m256 upper_half = _mm256_setr_ps(0.0f, 0.0f, 0.0f, 0.0f, -0.0f, -0.0f, -0.0f, -0.0f);
    a = _mm256_add_ps(_mm256_permute_ps(a, 0xB1), _mm256_xor_ps(a, odd));
    a = _mm256_add_ps(_mm256_permute_ps(a, 0x4E), _mm256_xor_ps(a, upper_pair));
    return _mm256_add_ps(_mm256_permute2f128_ps(a, a, 1), _mm256_xor_ps(a, upper_half));
  }

  static __m256i load_bytes(const void* p) {
    return _mm256_loadu_si256(static_cast<const __m256i*>(p));
  }
  static std::int32_t sum_int32(__m256i a) {
    __m128i half = _mm_add_epi32(_mm256_castsi256_si128(a), _mm256_extracti128_si256(a, 1));
    half = _mm_add_epi32(half, _mm_shuffle_epi32(half, 0x4E));
    return _mm_cvtsi128_si32(_mm_add_epi32(half, _mm_shuffle_epi32(half, 0xB1)));
  }
  /// Codes of 8 bits are widened first: pairs of products of full range exceed 16 bits.
  static std::int32_t one_int8(const std::uint8_t* code, const std::int8_t* q, std::size_t dims) {
    __m256i sum = _mm256_setzero_si256();
    for (std::size_t i = 0; i < dims; i += 16) {
      const __m256i c =
          _mm256_cvtepu8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(code + i)));
      const __m256i x =
          _mm256_cvtepi8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(q + i)));
      sum = _mm256_add_epi32(sum, _mm256_madd_epi16(c, x));
    }
    return sum_int32(sum);
  }
  static __m256i dot_nibbles(const std::uint8_t* code, const std::int8_t* low_q,
                             const std::int8_t* high_q) {
    const __m256i low_bits = _mm256_set1_epi8(15);
    const __m256i pairs = load_bytes(code);
    const __m256i low = _mm256_and_si256(pairs, low_bits);
    const __m256i high = _mm256_and_si256(_mm256_srli_epi16(pairs, 4), low_bits);
    const __m256i products = _mm256_add_epi16(_mm256_maddubs_epi16(low, load_bytes(low_q)),
                                              _mm256_maddubs_epi16(high, load_bytes(high_q)));
    return _mm256_madd_epi16(products, _mm256_set1_epi16(1));
  }
  static std::int32_t one_int4(const std::uint8_t* code, const std::int8_t* q, std::size_t dims) {
    __m256i sum = _mm256_setzero_si256();
    std::size_t i = 0;
    for (; i + 128 <= dims; i += 128) {
      sum = _mm256_add_epi32(sum, dot_nibbles(code + i / 2, q + i, q + i + 64));
      sum = _mm256_add_epi32(sum, dot_nibbles(code + i / 2 + 32, q + i + 32, q + i + 96));
    }
    if (i < dims) sum = _mm256_add_epi32(sum, dot_nibbles(code + i / 2, q + i, q + i + 32));
    return sum_int32(sum);
  }
  template <int R>
  static void dot_int8(const std::uint8_t* const* codes, const std::int8_t* q, std::size_t dims,
                       std::int32_t* out) {
    for (int r = 0; r < R; ++r) out[r] = one_int8(codes[r], q, dims);
  }
  template <int R>
  static void dot_int4(const std::uint8_t* const* codes, const std::int8_t* q, std::size_t dims,
                       std::int32_t* out) {
    for (int r = 0; r < R; ++r) out[r] = one_int4(codes[r], q, dims);
  }
  static void to_half(Float a, Half* out) {
    _mm_storeu_si128(reinterpret_cast<__m128i*>(out),
                     _mm256_cvtps_ph(a, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC));
  }
  static void prefetch(const char* p) { _mm_prefetch(p, _MM_HINT_T0); }
};

}  // namespace

const KernelTable kAvx2Kernels = kernel_table<Avx2>();

}  // namespace dvecdb::core
