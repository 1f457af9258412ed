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

/// Makes the compiler believe that `x` was changed.
template <class T>
[[gnu::always_inline]] inline void keep(T& x) {
#if defined(__x86_64__)
  asm volatile("" : "+x"(x));
#else
  asm volatile("" : "+w"(x));
#endif
}
template <class T>
[[gnu::always_inline]] inline void keep(T*& x) {
  asm volatile("" : "+r"(x));
}

double peak_fma(std::size_t rounds) {
  constexpr std::size_t kChains = 12;
  Floats factor = Floats{} + 0.5f;
  keep(factor);
  Floats x[kChains] = {};
  for (std::size_t round = 0; round < rounds; ++round) {
#pragma GCC unroll 12
    for (Floats& chain : x) {
      chain = chain * factor + factor;
      keep(chain);
    }
  }
  return static_cast<double>(rounds * kChains * kWidth) / 64;
}

double peak_load(std::size_t rounds) {
  constexpr std::size_t kCount = 16384 / kWidth;
  alignas(64) static Words words[kCount];
  for (Words& word : words) word = Words{} + 1;  // pages of their own, not the system's zero page
  Words a{}, b{}, c{}, d{};
  for (std::size_t round = 0; round < rounds; ++round) {
    asm volatile("" : : "r"(words) : "memory");
    for (std::size_t i = 0; i < kCount; i += 8) {
      a |= words[i];
      b |= words[i + 1];
      c |= words[i + 2];
      d |= words[i + 3];
      a |= words[i + 4];
      b |= words[i + 5];
      c |= words[i + 6];
      d |= words[i + 7];
    }
  }
  a |= b | c | d;
  keep(a);
  return static_cast<double>(rounds * sizeof words) / 64;
}

// ---- the arithmetic of the measures
//
// A Mix says what a kernel does with the registers that it loads: Raw as loaded, Wide and Sum; raw,
// widen, query (for the query alone), step; and how many registers of the row a step goes through.

template <class Register>
struct FloatMix {
  using Raw = Register;
  using Wide = Register;
  using Sum = Register;
  static constexpr double registers = sizeof(Register) / 64.0;
  static Raw raw() { return Raw{}; }
  static Wide widen(Raw x) { return x; }
  static void query(Wide, Sum&) {}
};

template <class Base>
struct L2 : Base {
  using Wide = typename Base::Wide;
  static void step(Wide x, Wide y, Wide& sum, Wide&) {
    const Wide d = x - y;
    sum = d * d + sum;
  }
};
template <class Base>
struct Dot : Base {
  using Wide = typename Base::Wide;
  static void step(Wide x, Wide y, Wide& sum, Wide&) { sum = x * y + sum; }
};
template <class Base>
struct Cosine : Base {
  using Wide = typename Base::Wide;
  static void query(Wide x, Wide& sum) { sum = x * x + sum; }
  static void step(Wide x, Wide y, Wide& dot, Wide& norm) {
    dot = x * y + dot;
    norm = y * y + norm;
  }
};
template <class Base>
struct L1 : Base {
  using Wide = typename Base::Wide;
  static void step(Wide x, Wide y, Wide& sum, Wide&) {
    typedef std::int32_t Bits __attribute__((vector_size(sizeof(Wide))));
    sum += (Wide)((Bits)(x - y) & (Bits{} + 0x7fffffff));
  }
};

#if defined(__F16C__)
/// Widened on the way from the first cache, which costs less than from a register.
template <class Floats>
struct HalfMix : FloatMix<Floats> {
  struct alignas(64) Halves {
    char bytes[sizeof(Floats) / 2];
  };
  using Raw = const Halves*;
  static Raw raw() {
    static const Halves zero{};
    return &zero;
  }
  static Floats widen(Raw x) {
    Floats out;
    asm volatile("vcvtph2ps %1, %0" : "=v"(out) : "m"(*x));
    return out;
  }
};
typedef float EightFloats __attribute__((vector_size(32)));
#endif

#if defined(__AVX512VNNI__) && defined(__AVX512BW__)
/// Bytes widened to 16 bits.
struct WordMix {
  using Raw = __m256i;
  using Wide = __m512i;
  using Sum = __m512i;
  static constexpr double registers = 0.5;
  static Raw raw() { return Raw{}; }
  static Wide widen(Raw x) { return _mm512_cvtepi8_epi16(x); }
  static void query(Wide, Sum&) {}
};
struct Int8L2 : WordMix {
  static void step(__m512i x, __m512i y, __m512i& sum, __m512i&) {
    const __m512i d = _mm512_sub_epi16(x, y);
    sum = _mm512_dpwssd_epi32(sum, d, d);
  }
};
struct Int8Cosine : WordMix {
  static void query(__m512i x, __m512i& sum) { sum = _mm512_dpwssd_epi32(sum, x, x); }
  static void step(__m512i x, __m512i y, __m512i& dot, __m512i& norm) {
    dot = _mm512_dpwssd_epi32(dot, x, y);
    norm = _mm512_dpwssd_epi32(norm, y, y);
  }
};
/// Whole bytes.
struct ByteMix {
  using Raw = __m512i;
  using Wide = __m512i;
  using Sum = __m512i;
  static constexpr double registers = 1;
  static Raw raw() { return Raw{}; }
  static Wide widen(Raw x) { return x; }
  static void query(Wide, Sum&) {}
  static __m512i flip(__m512i x) { return _mm512_xor_si512(x, _mm512_set1_epi8(-128)); }
};
struct Int8Dot : ByteMix {
  static void query(__m512i x, __m512i& sum) {
    sum = _mm512_dpbusd_epi32(sum, _mm512_set1_epi8(-128), x);
  }
  static void step(__m512i x, __m512i y, __m512i& sum, __m512i&) {
    sum = _mm512_dpbusd_epi32(sum, flip(y), x);
  }
};
struct Int8L1 : ByteMix {
  static Wide widen(Raw x) { return flip(x); }
  static void step(__m512i x, __m512i y, __m512i& sum, __m512i&) {
    sum = _mm512_add_epi32(sum, _mm512_sad_epu8(x, y));
  }
};
#if defined(__AVX512VPOPCNTDQ__)
struct Hamming : ByteMix {
  static void step(__m512i x, __m512i y, __m512i& sum, __m512i&) {
    sum = _mm512_add_epi64(sum, _mm512_popcnt_epi64(_mm512_xor_si512(x, y)));
  }
};
struct Jaccard : ByteMix {
  static void query(__m512i x, __m512i& sum) {
    sum = _mm512_add_epi64(sum, _mm512_popcnt_epi64(x));
  }
  static void step(__m512i x, __m512i y, __m512i& both, __m512i& ones) {
    both = _mm512_add_epi64(both, _mm512_popcnt_epi64(_mm512_and_si512(x, y)));
    ones = _mm512_add_epi64(ones, _mm512_popcnt_epi64(y));
  }
};
#endif
#endif

/// R rows at a time, with enough chains of additions that none is waited for.
template <class Mix, int R>
double mix(std::size_t rounds) {
  constexpr int kChains = R == 1 ? 6 : 2;
  typename Mix::Raw query = Mix::raw();
  typename Mix::Raw rows[R];
  for (typename Mix::Raw& row : rows) row = Mix::raw();
  typename Mix::Sum sums[kChains][R] = {};
  typename Mix::Sum more[kChains][R] = {};
  typename Mix::Sum shared[kChains] = {};
  for (std::size_t round = 0; round < rounds; ++round) {
#pragma GCC unroll 6
    for (int c = 0; c < kChains; ++c) {
      keep(query);
      const typename Mix::Wide x = Mix::widen(query);
      Mix::query(x, shared[c]);
#pragma GCC unroll 4
      for (int r = 0; r < R; ++r) {
        keep(rows[r]);
        Mix::step(x, Mix::widen(rows[r]), sums[c][r], more[c][r]);
      }
    }
  }
  for (int c = 0; c < kChains; ++c) {
    keep(shared[c]);
    for (int r = 0; r < R; ++r) {
      keep(sums[c][r]);
      keep(more[c][r]);
    }
  }
  return static_cast<double>(rounds) * kChains * R * Mix::registers;
}

template <class Mix>
void add_mix(const std::string& name, std::vector<Peak>& out) {
  out.push_back({name + "/one", mix<Mix, 1>});
  out.push_back({name + "/four", mix<Mix, 4>});
}

template <class Base>
void add_float_mixes(const std::string& element, std::vector<Peak>& out) {
  add_mix<L2<Base>>(element + "/l2", out);
  add_mix<Dot<Base>>(element + "/dot", out);
  add_mix<Cosine<Base>>(element + "/cosine", out);
  add_mix<L1<Base>>(element + "/l1", out);
}

}  // namespace

std::vector<Peak> port_peaks() {
  std::vector<Peak> out = {{"load", peak_load}, {"fma", peak_fma}};
  add_float_mixes<FloatMix<Floats>>("float", out);
  // Some processors widen halves faster by wide registers, some by narrow ones: the best counts.
#if defined(__AVX512F__)
  add_float_mixes<HalfMix<Floats>>("half", out);
#endif
#if defined(__F16C__)
  add_float_mixes<HalfMix<EightFloats>>("half", out);
#endif
#if defined(__AVX512VNNI__) && defined(__AVX512BW__)
  add_mix<Int8L2>("int8/l2", out);
  add_mix<Int8Dot>("int8/dot", out);
  add_mix<Int8Cosine>("int8/cosine", out);
  add_mix<Int8L1>("int8/l1", out);
#if defined(__AVX512VPOPCNTDQ__)
  add_mix<Hamming>("bit/hamming", out);
  add_mix<Jaccard>("bit/jaccard", out);
#endif
#endif
  return out;
}

void plain_read(const char* data, std::size_t bytes) {
  Words sums[4] = {};
  for (std::size_t at = 0; at < bytes; at += 4 * kWidth) {
    for (std::size_t line = 0; line < 4 * kWidth; line += 64) {
      __builtin_prefetch(data + at + 2048 + line, 0, 2);
    }
#pragma GCC unroll 4
    for (std::size_t j = 0; j < 4; ++j) {
      sums[j] |= *reinterpret_cast<const UnalignedWords*>(data + at + j * kWidth);
      keep(sums[j]);
    }
  }
}

}  // namespace dvecdb::bench
