#include <immintrin.h>

#include "core/distance/kernel_body.h"
#include "core/distance/word_bits.h"

namespace dvecdb::core {
namespace {

struct Avx2 {
  static constexpr std::size_t lanes = 8;
  static constexpr int chains = 4;
  static constexpr int chains_four = 2;
  static constexpr int tile_vectors = 2;
  static constexpr int tile_rows = 6;
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
    return _mm256_cvtph_ps(_mm256_castsi256_si128(load_bytes_part(p, n * sizeof(Half))));
  }
  /// Less than 32 bytes: whole words by a mask, and what is left of a word.
  static __m256i load_bytes_part(const void* p, std::size_t bytes) {
    const int words = static_cast<int>(bytes / 4);
    const __m256i lane = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    const __m256i whole = _mm256_maskload_epi32(static_cast<const int*>(p),
                                                _mm256_cmpgt_epi32(_mm256_set1_epi32(words), lane));
    const std::uint8_t* rest = static_cast<const std::uint8_t*>(p) + 4 * words;
    int word = 0;
    for (std::size_t i = 0; i < bytes % 4; ++i) word |= rest[i] << (8 * i);
    const __m256i last = _mm256_cmpeq_epi32(_mm256_set1_epi32(words), lane);
    return _mm256_or_si256(whole, _mm256_and_si256(last, _mm256_set1_epi32(word)));
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
  static void sum_four(const Float (&sums)[4], float* out) {
    const __m256 all =
        _mm256_hadd_ps(_mm256_hadd_ps(sums[0], sums[1]), _mm256_hadd_ps(sums[2], sums[3]));
    _mm_storeu_ps(out, _mm_add_ps(_mm256_castps256_ps128(all), _mm256_extractf128_ps(all, 1)));
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

  using Indices = __m256i;
  using Mask = __m256i;
  static Indices load_indices(const std::int32_t* p) { return load_bytes(p); }
  static Indices load_indices_part(const std::int32_t* p, std::size_t n) {
    const __m256i lane = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    const __m256i there = _mm256_cmpgt_epi32(_mm256_set1_epi32(static_cast<int>(n)), lane);
    return _mm256_or_si256(_mm256_maskload_epi32(p, there),
                           _mm256_andnot_si256(there, _mm256_set1_epi32(-1)));
  }
  static Mask no_lanes() { return _mm256_setzero_si256(); }
  static Mask either(Mask a, Mask b) { return _mm256_or_si256(a, b); }
  static bool any(Mask m) { return _mm256_testz_si256(m, m) == 0; }
  static Mask match(Indices indices, std::int32_t index) {
    return _mm256_cmpeq_epi32(indices, _mm256_set1_epi32(index));
  }
  static Float keep(Mask m, Float x) { return _mm256_and_ps(_mm256_castsi256_ps(m), x); }
  static Float drop(Mask m, Float x) { return _mm256_andnot_ps(_mm256_castsi256_ps(m), x); }

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
  /// The elements of half a group (0 or 1), a byte each.
  template <int Bits>
  static __m256i elements(const std::uint8_t* group, int half) {
    __m256i all = _mm256_setzero_si256();
    if constexpr ((Bits & 4) != 0) {
      const __m256i nibbles = _mm256_srl_epi64(load_bytes(group), _mm_cvtsi32_si128(4 * half));
      all = _mm256_and_si256(nibbles, _mm256_set1_epi8(15));
    }
    if constexpr ((Bits & 2) != 0) {
      const __m256i pairs = _mm256_srlv_epi64(
          _mm256_broadcastsi128_si256(
              _mm_loadu_si128(reinterpret_cast<const __m128i*>(group + offset_of_pairs(Bits)))),
          _mm256_setr_epi64x(4 * half, 4 * half, 4 * half + 2, 4 * half + 2));
      const __m256i low = _mm256_and_si256(pairs, _mm256_set1_epi8(3));
      all = _mm256_or_si256(all, _mm256_slli_epi64(low, shift_of_pairs(Bits)));
    }
    if constexpr ((Bits & 1) != 0) {
      std::int32_t ones;
      std::memcpy(&ones, group + offset_of_ones(Bits) + 4 * half, sizeof ones);
      const __m256i byte_of =
          _mm256_setr_epi64x(0, 0x0101010101010101, 0x0202020202020202, 0x0303030303030303);
      const __m256i bit_of = _mm256_set1_epi64x(static_cast<std::int64_t>(0x8040201008040201u));
      const __m256i bytes = _mm256_shuffle_epi8(_mm256_set1_epi32(ones), byte_of);
      const __m256i is_set = _mm256_cmpeq_epi8(_mm256_and_si256(bytes, bit_of), bit_of);
      const __m256i bit = _mm256_set1_epi8(static_cast<char>(1 << shift_of_ones(Bits)));
      all = _mm256_or_si256(all, _mm256_and_si256(is_set, bit));
    }
    return all;
  }
  template <int Bits>
  static std::int32_t one_grid(const std::uint8_t* code, const std::int8_t* q, std::size_t dims) {
    if constexpr (Bits == 8) return one_int8(code, q, dims);
    __m256i sum = _mm256_setzero_si256();
    for (std::size_t i = 0; i < dims; i += kGroup, code += group_bytes(Bits)) {
      for (int half = 0; half < 2; ++half) {
        const __m256i products =
            _mm256_maddubs_epi16(elements<Bits>(code, half), load_bytes(q + i + 32 * half));
        sum = _mm256_add_epi32(sum, _mm256_madd_epi16(products, _mm256_set1_epi16(1)));
      }
    }
    return sum_int32(sum);
  }
  template <int Bits, int R>
  static void dot_grid(const std::uint8_t* const* codes, const std::int8_t* q, std::size_t dims,
                       std::int32_t* out) {
    for (int r = 0; r < R; ++r) out[r] = one_grid<Bits>(codes[r], q, dims);
  }
  template <int Bits>
  static void unpack(const std::uint8_t* group, std::uint8_t* out) {
    for (int half = 0; half < 2; ++half) {
      const __m256i part =
          Bits == 8 ? load_bytes(group + 32 * half) : elements<Bits & 7>(group, half);
      _mm256_storeu_si256(reinterpret_cast<__m256i*>(out + 32 * half), part);
    }
  }
  static void to_half(Float a, Half* out) {
    _mm_storeu_si128(reinterpret_cast<__m128i*>(out),
                     _mm256_cvtps_ph(a, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC));
  }

  struct Int8Sums {
    using Element = std::int8_t;
    using Scalar = std::int32_t;
    using Register = __m256i;
    using Sum = __m256i;
    static constexpr std::size_t lanes = 32;
    static constexpr int chains = Avx2::chains;
    static constexpr int chains_four = Avx2::chains_four;

    static Sum zero() { return _mm256_setzero_si256(); }
    static Sum add(Sum a, Sum b) { return _mm256_add_epi32(a, b); }
    static std::int32_t sum(Sum a) { return sum_int32(a); }
    static void sum_four(const Sum (&sums)[4], std::int32_t* out) {
      const __m256i all = _mm256_hadd_epi32(_mm256_hadd_epi32(sums[0], sums[1]),
                                            _mm256_hadd_epi32(sums[2], sums[3]));
      _mm_storeu_si128(
          reinterpret_cast<__m128i*>(out),
          _mm_add_epi32(_mm256_castsi256_si128(all), _mm256_extracti128_si256(all, 1)));
    }
  };

  /// Widened to 16 bits: sums of two products of bytes exceed them.
  struct Int8 : Int8Sums {
    using Wide = std::int16_t;
    static constexpr std::size_t lanes = 16;

    static Register load(const std::int8_t* p) {
      return _mm256_cvtepi8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)));
    }
    static Register load_part(const std::int8_t* p, std::size_t n) {
      return _mm256_cvtepi8_epi16(_mm256_castsi256_si128(load_bytes_part(p, n)));
    }
    static Register load(const Wide* p) { return load_bytes(p); }
    static Register load_part(const Wide* p, std::size_t) { return load(p); }
    static void store(Wide* p, Register x) {
      _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), x);
    }
    static Sum squared_difference(Register x, Register y, Sum sum) {
      const Register d = _mm256_sub_epi16(x, y);
      return _mm256_add_epi32(sum, _mm256_madd_epi16(d, d));
    }
    static Sum product(Register x, Register y, Sum sum) {
      return _mm256_add_epi32(sum, _mm256_madd_epi16(x, y));
    }
  };
  using Int8Dot = SumOf<Int8, Product>;
  using Int8Norms = ProductsOf<Int8, CosineSums<std::int32_t>>;

  /// With sign bits flipped they are unsigned bytes, whose magnitudes of differences SAD sums.
  struct Int8L1 : SumOf<Int8Sums, Difference> {
    static __m256i load(const std::int8_t* p) { return load_bytes(p); }
    static __m256i load_part(const std::int8_t* p, std::size_t n) { return load_bytes_part(p, n); }
    static void step(__m256i x, __m256i y, __m256i& sum) {
      const __m256i signs = _mm256_set1_epi8(-128);
      sum = _mm256_add_epi32(
          sum, _mm256_sad_epu8(_mm256_xor_si256(x, signs), _mm256_xor_si256(y, signs)));
    }
  };

  struct Bits {
    using Words = WordBits;
    using Element = std::uint8_t;
    using Scalar = std::uint64_t;
    using Register = __m256i;
    using Sum = __m256i;
    static constexpr std::size_t lanes = 32;
    static constexpr int chains = 1;
    static constexpr int chains_four = 1;

    static Register load(const std::uint8_t* p) { return load_bytes(p); }
    static Register load_part(const std::uint8_t* p, std::size_t n) {
      return load_bytes_part(p, n);
    }
    static Sum zero() { return _mm256_setzero_si256(); }
    static Sum add(Sum a, Sum b) { return _mm256_add_epi64(a, b); }
    static std::uint64_t sum(Sum a) {
      const __m128i half = _mm_add_epi64(_mm256_castsi256_si128(a), _mm256_extracti128_si256(a, 1));
      return static_cast<std::uint64_t>(
          _mm_cvtsi128_si64(_mm_add_epi64(half, _mm_unpackhi_epi64(half, half))));
    }
    static void sum_four(const Sum (&sums)[4], std::uint64_t* out) {
      const __m256i ab = _mm256_add_epi64(_mm256_unpacklo_epi64(sums[0], sums[1]),
                                          _mm256_unpackhi_epi64(sums[0], sums[1]));
      const __m256i cd = _mm256_add_epi64(_mm256_unpacklo_epi64(sums[2], sums[3]),
                                          _mm256_unpackhi_epi64(sums[2], sums[3]));
      _mm256_storeu_si256(reinterpret_cast<__m256i*>(out),
                          _mm256_add_epi64(_mm256_permute2x128_si256(ab, cd, 0x20),
                                           _mm256_permute2x128_si256(ab, cd, 0x31)));
    }
    static Sum product(Register x, Register y, Sum sum) {
      return _mm256_add_epi64(sum, ones(_mm256_and_si256(x, y)));
    }
    static Sum difference(Register x, Register y, Sum sum) {
      return _mm256_add_epi64(sum, ones(_mm256_xor_si256(x, y)));
    }
    /// Of each 64-bit lane: a table of the ones in four bits.
    static __m256i ones(__m256i x) {
      const __m256i low_bits = _mm256_set1_epi8(15);
      const __m256i table = _mm256_setr_epi8(0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4,  //
                                             0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4);
      const __m256i low = _mm256_shuffle_epi8(table, _mm256_and_si256(x, low_bits));
      const __m256i high =
          _mm256_shuffle_epi8(table, _mm256_and_si256(_mm256_srli_epi16(x, 4), low_bits));
      return _mm256_sad_epu8(_mm256_add_epi8(low, high), _mm256_setzero_si256());
    }
  };
};

}  // namespace

const KernelTable kAvx2Kernels = kernel_table<Avx2>();

}  // namespace dvecdb::core
