#include "bench/kernels/peaks.h"

#include <cstdint>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace dvecdb::bench {
namespace {

#if defined(__AVX512F__)
constexpr std::size_t kWidth = 64;
#elif defined(__AVX2__)
constexpr std::size_t kWidth = 32;
#else
constexpr std::size_t kWidth = 16;
#endif

typedef float Floats __attribute__((vector_size(kWidth)));
typedef std::int64_t Words __attribute__((vector_size(kWidth)));
typedef std::int64_t UnalignedWords __attribute__((vector_size(kWidth), aligned(8)));

#if defined(__x86_64__)
#define DVECDB_KEEP(x) asm volatile("" : "+x"(x))
#else
#define DVECDB_KEEP(x) asm volatile("" : "+w"(x))
#endif

constexpr std::size_t kChains = 12;

/// `step` on twelve independent registers: none waits for another.
template <class Register, class Step>
double chains(std::size_t rounds, Step step) {
  Register x[kChains] = {};
  for (std::size_t round = 0; round < rounds; ++round) {
#pragma GCC unroll 12
    for (std::size_t c = 0; c < kChains; ++c) {
      step(x[c]);
      DVECDB_KEEP(x[c]);
    }
  }
  return static_cast<double>(rounds * kChains * kWidth) / 64;
}

double peak_fma(std::size_t rounds) {
  Floats factor = Floats{} + 0.5f;
  DVECDB_KEEP(factor);
  return chains<Floats>(rounds, [&](Floats& x) { x = x * factor + factor; });
}

double peak_add(std::size_t rounds) {
  Floats more = Floats{} + 0.5f;
  DVECDB_KEEP(more);
  return chains<Floats>(rounds, [&](Floats& x) { x = x + more; });
}

double peak_load(std::size_t rounds) {
  constexpr std::size_t kCount = 16384 / kWidth;
  alignas(64) static Words words[kCount];
  Words sums[8] = {};
  for (std::size_t round = 0; round < rounds; ++round) {
    for (std::size_t i = 0; i < kCount; i += 8) {
#pragma GCC unroll 8
      for (std::size_t j = 0; j < 8; ++j) sums[j] |= words[i + j];
    }
    for (Words& sum : sums) DVECDB_KEEP(sum);
    asm volatile("" : : "r"(words) : "memory");
  }
  return static_cast<double>(rounds * sizeof words) / 64;
}

#if defined(__AVX512VNNI__) && defined(__AVX512BW__)
double peak_multiply_int8(std::size_t rounds) {
  __m512i other = _mm512_set1_epi8(3);
  DVECDB_KEEP(other);
  return chains<__m512i>(rounds, [&](__m512i& x) { x = _mm512_dpbusd_epi32(x, other, other); });
}
double peak_widen_half(std::size_t rounds) {
  return chains<__m512>(rounds, [](__m512& x) {
    x = _mm512_cvtph_ps(_mm512_castsi512_si256(_mm512_castps_si512(x)));
  });
}
double peak_widen_int8(std::size_t rounds) {
  return chains<__m512i>(rounds,
                         [](__m512i& x) { x = _mm512_cvtepi8_epi16(_mm512_castsi512_si256(x)); });
}
#elif defined(__AVX2__) && defined(__F16C__)
double peak_multiply_int8(std::size_t rounds) {
  __m256i other = _mm256_set1_epi8(3);
  DVECDB_KEEP(other);
  return chains<__m256i>(rounds, [&](__m256i& x) { x = _mm256_madd_epi16(x, other); });
}
double peak_widen_half(std::size_t rounds) {
  return chains<__m256>(rounds, [](__m256& x) {
    x = _mm256_cvtph_ps(_mm256_castsi256_si128(_mm256_castps_si256(x)));
  });
}
double peak_widen_int8(std::size_t rounds) {
  return chains<__m256i>(rounds,
                         [](__m256i& x) { x = _mm256_cvtepi8_epi16(_mm256_castsi256_si128(x)); });
}
#endif
#if defined(__AVX512VPOPCNTDQ__)
double peak_popcount(std::size_t rounds) {
  return chains<__m512i>(rounds, [](__m512i& x) { x = _mm512_popcnt_epi64(x); });
}
#endif

}  // namespace

std::vector<Peak> port_peaks() {
  return {
    {"load", peak_load}, {"fma", peak_fma}, {"add", peak_add},
#if defined(__AVX2__)
        {"widen_half", peak_widen_half}, {"widen_int8", peak_widen_int8},
        {"multiply_int8", peak_multiply_int8},
#endif
#if defined(__AVX512VPOPCNTDQ__)
        {"popcount", peak_popcount},
#endif
  };
}

void plain_read(const char* data, std::size_t bytes) {
  Words sums[8] = {};
  for (std::size_t at = 0; at < bytes; at += 8 * kWidth) {
    for (std::size_t line = 0; line < 8 * kWidth; line += 64) {
      __builtin_prefetch(data + at + 4096 + line);
    }
#pragma GCC unroll 8
    for (std::size_t j = 0; j < 8; ++j) {
      sums[j] |= *reinterpret_cast<const UnalignedWords*>(data + at + j * kWidth);
    }
  }
  for (Words& sum : sums) DVECDB_KEEP(sum);
}

}  // namespace dvecdb::bench
