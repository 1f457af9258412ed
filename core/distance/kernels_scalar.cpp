#include "core/distance/kernel_body.h"
#include "core/distance/word_bits.h"

namespace dvecdb::core {
namespace {

// Eight floats in an array: plain C++, the reference that every machine runs. The compiler may
// make of it what the baseline allows.
struct Scalar {
  static constexpr std::size_t lanes = 8;
  static constexpr int chains = 1;
  static constexpr int chains_four = 1;
  static constexpr int tile_vectors = 1;
  static constexpr int tile_rows = 2;
  struct Float {
    float v[lanes];
  };

  template <class F>
  static Float each(F f) {
    Float out;
    for (std::size_t i = 0; i < lanes; ++i) out.v[i] = f(i);
    return out;
  }
  static Float zero() { return set(0); }
  static Float set(float x) {
    return each([&](std::size_t) { return x; });
  }
  static Float load(const float* p) {
    return each([&](std::size_t i) { return p[i]; });
  }
  static Float load(const Half* p) {
    return each([&](std::size_t i) { return half_bits_to_float(p[i].bits); });
  }
  static Float load_part(const float* p, std::size_t n) {
    return each([&](std::size_t i) { return i < n ? p[i] : 0.0f; });
  }
  static Float load_part(const Half* p, std::size_t n) {
    return each([&](std::size_t i) { return i < n ? half_bits_to_float(p[i].bits) : 0.0f; });
  }
  static void store(float* p, Float x) { std::memcpy(p, x.v, sizeof x.v); }
  static Float add(Float a, Float b) {
    return each([&](std::size_t i) { return a.v[i] + b.v[i]; });
  }
  static Float sub(Float a, Float b) {
    return each([&](std::size_t i) { return a.v[i] - b.v[i]; });
  }
  static Float mul(Float a, Float b) {
    return each([&](std::size_t i) { return a.v[i] * b.v[i]; });
  }
  static Float fma(Float a, Float b, Float c) {
    return each([&](std::size_t i) { return a.v[i] * b.v[i] + c.v[i]; });
  }
  static Float abs(Float a) {
    return each([&](std::size_t i) { return __builtin_fabsf(a.v[i]); });
  }
  static Float max(Float a, Float b) {
    return each([&](std::size_t i) { return a.v[i] > b.v[i] ? a.v[i] : b.v[i]; });
  }
  static Float min(Float a, Float b) {
    return each([&](std::size_t i) { return a.v[i] < b.v[i] ? a.v[i] : b.v[i]; });
  }
  static Float floor(Float a) {
    return each([&](std::size_t i) { return __builtin_floorf(a.v[i]); });
  }
  static float sum(Float a) {
    return ((a.v[0] + a.v[4]) + (a.v[2] + a.v[6])) + ((a.v[1] + a.v[5]) + (a.v[3] + a.v[7]));
  }
  static void sum_four(const Float (&sums)[4], float* out) {
    for (int r = 0; r < 4; ++r) out[r] = sum(sums[r]);
  }
  static float max_lane(Float a) {
    float out = a.v[0];
    for (float x : a.v) out = x > out ? x : out;
    return out;
  }
  static void round_int8(Float a, std::int8_t* out) {
    for (std::size_t i = 0; i < lanes; ++i) {
      out[i] = static_cast<std::int8_t>(__builtin_lrintf(a.v[i]));
    }
  }
  struct Indices {
    std::int32_t v[lanes];
  };
  using Mask = std::uint32_t;  // a bit a lane
  static Indices load_indices(const std::int32_t* p) {
    Indices out;
    std::memcpy(out.v, p, sizeof out.v);
    return out;
  }
  static Indices load_indices_part(const std::int32_t* p, std::size_t n) {
    Indices out;
    for (std::size_t i = 0; i < lanes; ++i) out.v[i] = i < n ? p[i] : -1;
    return out;
  }
  static Mask no_lanes() { return 0; }
  static Mask either(Mask a, Mask b) { return a | b; }
  static bool any(Mask m) { return m != 0; }
  static Mask match(Indices indices, std::int32_t index) {
    Mask out = 0;
    for (std::size_t i = 0; i < lanes; ++i) out |= Mask{indices.v[i] == index} << i;
    return out;
  }
  static Float keep(Mask m, Float x) {
    return each([&](std::size_t i) { return (m >> i & 1) != 0 ? x.v[i] : 0.0f; });
  }
  static Float drop(Mask m, Float x) { return keep(~m, x); }

  static Float hadamard(Float a) {
    for (std::size_t half = 1; half < lanes; half *= 2) {
      a = each([&](std::size_t i) {
        return i & half ? a.v[i - half] - a.v[i] : a.v[i] + a.v[i + half];
      });
    }
    return a;
  }
  template <int Bits>
  static int element(const std::uint8_t* group, std::size_t i) {
    if constexpr (Bits == 8) return group[i];
    int all = 0;
    if constexpr ((Bits & 4) != 0) all = group[i % 32] >> (i / 32 * 4) & 15;
    if constexpr ((Bits & 2) != 0) {
      const int pair = group[offset_of_pairs(Bits) + i % 16] >> (i / 16 * 2) & 3;
      all |= pair << shift_of_pairs(Bits);
    }
    if constexpr ((Bits & 1) != 0) {
      all |= (group[offset_of_ones(Bits) + i / 8] >> (i % 8) & 1) << shift_of_ones(Bits);
    }
    return all;
  }
  template <int Bits, int R>
  static void dot_grid(const std::uint8_t* const* codes, const std::int8_t* q, std::size_t dims,
                       std::int32_t* out) {
    for (int r = 0; r < R; ++r) {
      std::int32_t sum = 0;
      for (std::size_t i = 0; i < dims; ++i) {
        sum += element<Bits>(codes[r] + i / kGroup * group_bytes(Bits), i % kGroup) * q[i];
      }
      out[r] = sum;
    }
  }
  template <int Bits>
  static void unpack(const std::uint8_t* group, std::uint8_t* out) {
    for (std::size_t i = 0; i < kGroup; ++i) {
      out[i] = static_cast<std::uint8_t>(element<Bits>(group, i));
    }
  }
  static void to_half(Float a, Half* out) {
    for (std::size_t i = 0; i < lanes; ++i) out[i].bits = float_to_half_bits(a.v[i]);
  }

  struct Int8 {
    using Element = std::int8_t;
    using Scalar = std::int32_t;
    static constexpr std::size_t lanes = 16;
    static constexpr int chains = 1;
    static constexpr int chains_four = 1;
    struct Register {
      std::int8_t v[lanes];
    };
    using Sum = std::int32_t;

    static Register load(const std::int8_t* p) {
      Register out;
      std::memcpy(out.v, p, lanes);
      return out;
    }
    static Register load_part(const std::int8_t* p, std::size_t n) {
      Register out{};
      std::memcpy(out.v, p, n);
      return out;
    }
    static Sum zero() { return 0; }
    static Sum add(Sum a, Sum b) { return a + b; }
    static std::int32_t sum(Sum a) { return a; }
    static void sum_four(const Sum (&sums)[4], std::int32_t* out) {
      std::memcpy(out, sums, sizeof sums);
    }
    template <class Term>
    static Sum add_terms(Register x, Register y, Sum sum, Term term) {
      for (std::size_t i = 0; i < lanes; ++i) sum += term(x.v[i], y.v[i]);
      return sum;
    }
    static Sum squared_difference(Register x, Register y, Sum sum) {
      return add_terms(x, y, sum, [](int a, int b) { return (a - b) * (a - b); });
    }
    static Sum product(Register x, Register y, Sum sum) {
      return add_terms(x, y, sum, [](int a, int b) { return a * b; });
    }
    static Sum difference(Register x, Register y, Sum sum) {
      return add_terms(x, y, sum, [](int a, int b) { return a < b ? b - a : a - b; });
    }
  };
  using Int8Dot = SumOf<Int8, Product>;
  using Int8L1 = SumOf<Int8, Difference>;
  using Int8Norms = ProductsOf<Int8, CosineSums<std::int32_t>>;

  using Bits = WordBits;
};

}  // namespace

const KernelTable kScalarKernels = kernel_table<Scalar>();

}  // namespace dvecdb::core
