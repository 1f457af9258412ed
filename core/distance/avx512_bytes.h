#pragma once

// What registers of bytes have in common, whatever the bytes are.

#include <immintrin.h>

#include <cstddef>
#include <cstdint>

namespace dvecdb::core {
namespace {

inline __m512i load_bytes(const void* p) {
  return _mm512_loadu_si512(p);
}
/// The first n bytes, fewer than 64, and zeros.
inline __m512i load_first_bytes(const void* p, std::size_t n) {
  return _mm512_maskz_loadu_epi8(_bzhi_u64(~std::uint64_t{0}, static_cast<unsigned>(n)), p);
}
inline void sum_each(const __m512i (&sums)[1], std::int32_t* out) {
  *out = _mm512_reduce_add_epi32(sums[0]);
}
inline void sum_each(const __m512i (&sums)[4], std::int32_t* out) {
  const __m512i ab = _mm512_add_epi32(_mm512_unpacklo_epi32(sums[0], sums[1]),
                                      _mm512_unpackhi_epi32(sums[0], sums[1]));
  const __m512i cd = _mm512_add_epi32(_mm512_unpacklo_epi32(sums[2], sums[3]),
                                      _mm512_unpackhi_epi32(sums[2], sums[3]));
  const __m512i all =
      _mm512_add_epi32(_mm512_unpacklo_epi64(ab, cd), _mm512_unpackhi_epi64(ab, cd));
  const __m256i half =
      _mm256_add_epi32(_mm512_castsi512_si256(all), _mm512_extracti64x4_epi64(all, 1));
  _mm_storeu_si128(reinterpret_cast<__m128i*>(out),
                   _mm_add_epi32(_mm256_castsi256_si128(half), _mm256_extracti128_si256(half, 1)));
}

}  // namespace
}  // namespace dvecdb::core
