#pragma once

// The arithmetic of bits (ops.h).

#include "core/distance/avx512_bytes.h"
#include "core/distance/word_bits.h"

namespace dvecdb::core {
namespace {

struct Avx512Bits {
  using Words = WordBits;
  using Element = std::uint8_t;
  using Scalar = std::uint64_t;
  using Register = __m512i;
  using Sum = __m512i;
  static constexpr std::size_t lanes = 64;
  static constexpr int chains = 1;
  static constexpr int chains_four = 1;

  static Register load(const std::uint8_t* p) { return load_bytes(p); }
  static Register load_part(const std::uint8_t* p, std::size_t n) { return load_first_bytes(p, n); }
  static Sum zero() { return _mm512_setzero_si512(); }
  static Sum add(Sum a, Sum b) { return _mm512_add_epi64(a, b); }
  static std::uint64_t sum(Sum a) { return static_cast<std::uint64_t>(_mm512_reduce_add_epi64(a)); }
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
  static Register repeat(const std::uint8_t* row) { return _mm512_broadcast_i32x4(load_row(row)); }
  /// Whether eight rows follow one another.
  static bool in_order(const std::uint8_t* const* rows) {
    const __m512i first = _mm512_set1_epi64(reinterpret_cast<std::intptr_t>(rows[0]));
    const __m512i steps = _mm512_setr_epi64(0, packed, 2 * packed, 3 * packed, 4 * packed,
                                            5 * packed, 6 * packed, 7 * packed);
    return _mm512_cmpneq_epi64_mask(load_bytes(rows), _mm512_add_epi64(first, steps)) == 0;
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
  static void sum_packed(Sum low, Sum high, std::uint64_t* out) {
    const __m512i even = _mm512_setr_epi64(0, 2, 4, 6, 8, 10, 12, 14);
    const __m512i odd = _mm512_setr_epi64(1, 3, 5, 7, 9, 11, 13, 15);
    _mm512_storeu_si512(out, _mm512_add_epi64(_mm512_permutex2var_epi64(low, even, high),
                                              _mm512_permutex2var_epi64(low, odd, high)));
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

}  // namespace
}  // namespace dvecdb::core
