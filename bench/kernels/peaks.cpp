#include "bench/kernels/peaks.h"

#include <cstdint>
#include <type_traits>

#if defined(__AVX512VNNI__) && defined(__AVX512BW__) && defined(__AVX512VL__)
#define DVECDB_BENCH_AVX512
#include "core/distance/isa_avx512.h"
#elif defined(__x86_64__)
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
// Lanes adds up those of a sum, and of four, as the product does; void where that is not counted.

#if defined(DVECDB_BENCH_AVX512)
using FloatLanes = core::Avx512;
using Int8Lanes = core::Avx512Int8;
using BitLanes = core::Avx512Bits;
#else
using FloatLanes = void;
#endif

template <class Register>
struct FloatMix {
  using Raw = Register;
  using Wide = Register;
  using Sum = Register;
  using Lanes = std::conditional_t<sizeof(Register) == 64, FloatLanes, void>;
  static constexpr bool norms = false;
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
  static constexpr bool norms = true;
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

#if defined(DVECDB_BENCH_AVX512)
struct ByteMix {
  using Raw = __m512i;
  using Wide = __m512i;
  using Sum = __m512i;
  using Lanes = Int8Lanes;
  static constexpr bool norms = false;
  static constexpr double registers = 1;
  static Raw raw() { return Raw{}; }
  static Wide widen(Raw x) { return x; }
  static void query(Wide, Sum&) {}
  static __m512i flip(__m512i x) { return _mm512_xor_si512(x, _mm512_set1_epi8(-128)); }
};
struct Int8L2 : ByteMix {
  static void step(__m512i x, __m512i y, __m512i& even, __m512i& odd) {
    const __m512i d = _mm512_sub_epi8(_mm512_max_epi8(x, y), _mm512_min_epi8(x, y));
    const __m512i low = _mm512_and_si512(d, _mm512_set1_epi16(255));
    const __m512i high = _mm512_srli_epi16(d, 8);
    even = _mm512_dpwssd_epi32(even, low, low);
    odd = _mm512_dpwssd_epi32(odd, high, high);
  }
};
struct Int8Dot : ByteMix {
  static void query(__m512i x, __m512i& sum) {
    sum = _mm512_dpbusd_epi32(sum, _mm512_set1_epi8(-128), x);
  }
  static void step(__m512i x, __m512i y, __m512i& sum, __m512i&) {
    sum = _mm512_dpbusd_epi32(sum, flip(y), x);
  }
};
struct Int8Cosine : ByteMix {
  static constexpr bool norms = true;
  static void query(__m512i x, __m512i& sum) {
    sum = _mm512_dpbusd_epi32(sum, flip(x), x);
    sum = _mm512_dpbusd_epi32(sum, _mm512_set1_epi8(-128), x);
  }
  static void step(__m512i x, __m512i y, __m512i& dot, __m512i& norm) {
    dot = _mm512_dpbusd_epi32(dot, flip(y), x);
    norm = _mm512_dpbusd_epi32(norm, flip(y), y);
    norm = _mm512_dpbusd_epi32(norm, _mm512_set1_epi8(-128), y);
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
  using Lanes = BitLanes;
  static void step(__m512i x, __m512i y, __m512i& sum, __m512i&) {
    sum = _mm512_add_epi64(sum, _mm512_popcnt_epi64(_mm512_xor_si512(x, y)));
  }
};
struct Jaccard : ByteMix {
  using Lanes = BitLanes;
  static constexpr bool norms = true;
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

/// The sums of a row (of four rows) across lanes.
template <class Mix, int R>
void finish(const typename Mix::Sum (&sums)[R], const typename Mix::Sum (&norms)[R],
            const typename Mix::Sum& query) {
  using Lanes = typename Mix::Lanes;
  if constexpr (!std::is_void_v<Lanes>) {
    decltype(Lanes::sum(query)) out[3][4];
    if constexpr (R == 1 && Mix::norms) {
      Lanes::sum_four({sums[0], norms[0], query, query}, out[0]);
    } else if constexpr (R == 1) {
      out[0][0] = Lanes::sum(sums[0]);
    } else {
      Lanes::sum_four(sums, out[0]);
      if constexpr (Mix::norms) {
        Lanes::sum_four(norms, out[1]);
        out[2][0] = Lanes::sum(query);
      }
    }
    asm volatile("" : : "m"(out));
  }
}

/// R rows at a time, in `Chains` partial sums.
template <class Mix, int R, int Chains>
void mix_rows(std::size_t rounds, std::size_t steps) {
  typename Mix::Raw query = Mix::raw();
  typename Mix::Raw rows[R];
  for (typename Mix::Raw& row : rows) row = Mix::raw();
  for (std::size_t round = 0; round < rounds; ++round) {
    typename Mix::Sum sums[Chains][R] = {};
    typename Mix::Sum more[Chains][R] = {};
    typename Mix::Sum shared[Chains] = {};
    for (std::size_t step = 0; step < steps; step += Chains) {
#pragma GCC unroll 8
      for (int c = 0; c < Chains; ++c) {
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
#pragma GCC unroll 8
    for (int c = 1; c < Chains; ++c) {
#pragma GCC unroll 4
      for (int r = 0; r < R; ++r) {
        sums[0][r] += sums[c][r];
        more[0][r] += more[c][r];
      }
      shared[0] += shared[c];
    }
#pragma GCC unroll 4
    for (int r = 0; r < R; ++r) {
      keep(sums[0][r]);
      keep(more[0][r]);
    }
    keep(shared[0]);
    finish<Mix, R>(sums[0], more[0], shared[0]);
  }
}

template <class Mix, int R, int Chains>
double mix(std::size_t rounds, std::size_t steps) {
  if (steps % Chains != 0) return 0;
  mix_rows<Mix, R, Chains>(rounds, steps);
  return static_cast<double>(rounds * R);
}

/// With few partial sums and with many: the best counts.
template <class Mix>
void add_mix(const std::string& name, std::vector<ArithmeticPeak>& out) {
  out.push_back({name + "/one", Mix::registers, mix<Mix, 1, 1>});
  out.push_back({name + "/one", Mix::registers, mix<Mix, 1, 2>});
  out.push_back({name + "/one", Mix::registers, mix<Mix, 1, 4>});
  out.push_back({name + "/one", Mix::registers, mix<Mix, 1, 8>});
  out.push_back({name + "/four", Mix::registers, mix<Mix, 4, 1>});
  out.push_back({name + "/four", Mix::registers, mix<Mix, 4, 2>});
}

template <class Base>
void add_float_mixes(const std::string& element, std::vector<ArithmeticPeak>& out) {
  add_mix<L2<Base>>(element + "/l2", out);
  add_mix<Dot<Base>>(element + "/dot", out);
  add_mix<Cosine<Base>>(element + "/cosine", out);
  add_mix<L1<Base>>(element + "/l1", out);
}

}  // namespace

std::vector<Peak> port_peaks() {
  return {{"load", peak_load}, {"fma", peak_fma}};
}

std::vector<ArithmeticPeak> arithmetic_peaks() {
  std::vector<ArithmeticPeak> out;
  add_float_mixes<FloatMix<Floats>>("float", out);
  // Some processors widen halves faster by wide registers, some by narrow ones: the best counts.
#if defined(__AVX512F__)
  add_float_mixes<HalfMix<Floats>>("half", out);
#endif
#if defined(__F16C__)
  add_float_mixes<HalfMix<EightFloats>>("half", out);
#endif
#if defined(DVECDB_BENCH_AVX512)
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

void plain_read(const char* data, std::size_t bytes, std::size_t ahead) {
  Words sums[4] = {};
  for (std::size_t at = 0; at < bytes; at += 4 * kWidth) {
    for (std::size_t line = 0; ahead != 0 && line < 4 * kWidth; line += 64) {
      __builtin_prefetch(data + at + ahead + line, 0, 2);
    }
#pragma GCC unroll 4
    for (std::size_t j = 0; j < 4; ++j) {
      sums[j] |= *reinterpret_cast<const UnalignedWords*>(data + at + j * kWidth);
      keep(sums[j]);
    }
  }
}

}  // namespace dvecdb::bench
