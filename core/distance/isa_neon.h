#pragma once

// Through SIMDe, so that the same source runs (emulated) in the tests of other machines.
#define SIMDE_ENABLE_NATIVE_ALIASES
#include <simde/arm/neon.h>

#include "core/distance/kernel_body.h"

namespace dvecdb::core {
namespace {

struct Neon {
  static constexpr std::size_t lanes = 4;
  static constexpr int chains = 4;
  static constexpr int chains_four = 2;
  static constexpr int tile_vectors = 4;
  static constexpr int tile_rows = 6;
  using Float = simde_float32x4_t;

  static Float zero() { return vdupq_n_f32(0.0f); }
  static Float set(float x) { return vdupq_n_f32(x); }
  static Float load(const float* p) { return vld1q_f32(p); }
  static Float load(const Half* p) {
#if defined(__aarch64__)
    return vcvt_f32_f16(vreinterpret_f16_u16(vld1_u16(reinterpret_cast<const uint16_t*>(p))));
#else
    float wide[lanes];
    for (std::size_t i = 0; i < lanes; ++i) wide[i] = half_bits_to_float(p[i].bits);
    return load(wide);
#endif
  }
  template <class T>
  static Float load_part(const T* p, std::size_t n) {
    T whole[lanes] = {};
    std::memcpy(static_cast<void*>(whole), p, n * sizeof(T));
    return load(whole);
  }
  static void store(float* p, Float x) {
    vst1q_f32(p, x);
  }
  static Float add(Float a, Float b) {
    return vaddq_f32(a, b);
  }
  static Float sub(Float a, Float b) {
    return vsubq_f32(a, b);
  }
  static Float mul(Float a, Float b) {
    return vmulq_f32(a, b);
  }
  static Float fma(Float a, Float b, Float c) {
    return vfmaq_f32(c, a, b);
  }
  static Float abs(Float a) {
    return vabsq_f32(a);
  }
  static Float max(Float a, Float b) {
    return vmaxq_f32(a, b);
  }
  static Float min(Float a, Float b) {
    return vminq_f32(a, b);
  }
  static Float floor(Float a) {
    return vrndmq_f32(a);
  }
  static float sum(Float a) {
    return vaddvq_f32(a);
  }
  static void sum_four(const Float (&sums)[4], float* out) {
    vst1q_f32(out, vpaddq_f32(vpaddq_f32(sums[0], sums[1]), vpaddq_f32(sums[2], sums[3])));
  }
  static float max_lane(Float a) {
    return vmaxvq_f32(a);
  }
  static void round_int8(Float a, std::int8_t* out) {
    const simde_int16x4_t words = vmovn_s32(vcvtq_s32_f32(vrndnq_f32(a)));
    const simde_int8x8_t bytes = vmovn_s16(vcombine_s16(words, words));
    std::int8_t both[8];
    vst1_s8(both, bytes);
    std::memcpy(out, both, lanes);
  }
  static Float hadamard(Float a) {
    const float odd[lanes] = {1, -1, 1, -1};
    const float upper[lanes] = {1, 1, -1, -1};
    a = vfmaq_f32(vrev64q_f32(a), a, load(odd));
    return vfmaq_f32(vextq_f32(a, a, 2), a, load(upper));
  }

  using Indices = simde_int32x4_t;
  using Mask = simde_uint32x4_t;
  static Indices load_indices(const std::int32_t* p) {
    return vld1q_s32(p);
  }
  static Indices load_indices_part(const std::int32_t* p, std::size_t n) {
    std::int32_t whole[lanes] = {-1, -1, -1, -1};
    std::memcpy(whole, p, n * sizeof(std::int32_t));
    return vld1q_s32(whole);
  }
  static Mask no_lanes() {
    return vdupq_n_u32(0);
  }
  static Mask either(Mask a, Mask b) {
    return vorrq_u32(a, b);
  }
  static bool any(Mask m) {
    return vmaxvq_u32(m) != 0;
  }
  static Mask match(Indices indices, std::int32_t index) {
    return vceqq_s32(indices, vdupq_n_s32(index));
  }
  static Float keep(Mask m, Float x) {
    return vreinterpretq_f32_u32(vandq_u32(m, vreinterpretq_u32_f32(x)));
  }
  static Float drop(Mask m, Float x) {
    return vreinterpretq_f32_u32(vbicq_u32(vreinterpretq_u32_f32(x), m));
  }

  static simde_int32x4_t dot16(simde_int32x4_t sum, simde_int8x16_t code, simde_int8x16_t q) {
#if defined(DVECDB_DOTPROD)
    return vdotq_s32(sum, code, q);
#else
    const simde_int16x8_t low = vmull_s8(vget_low_s8(code), vget_low_s8(q));
    const simde_int16x8_t high = vmull_s8(vget_high_s8(code), vget_high_s8(q));
    return vpadalq_s16(vpadalq_s16(sum, low), high);
#endif
  }
  /// A code of 8 bits is 128 more than a signed byte; the excess is 128 times the sum of q.
  static std::int32_t one_int8(const std::uint8_t* code, const std::int8_t* q, std::size_t dims) {
    simde_int32x4_t sum = vdupq_n_s32(0);
    simde_int32x4_t excess = vdupq_n_s32(0);
    for (std::size_t i = 0; i < dims; i += 16) {
      const simde_int8x16_t x = vld1q_s8(q + i);
      const simde_uint8x16_t c = veorq_u8(vld1q_u8(code + i), vdupq_n_u8(0x80));
      sum = dot16(sum, vreinterpretq_s8_u8(c), x);
      excess = vpadalq_s16(excess, vpaddlq_s8(x));
    }
    return vaddvq_s32(sum) + 128 * vaddvq_s32(excess);
  }
  /// The elements of a quarter (0 to 3) of a group, a byte each.
  template <int Bits>
  static simde_uint8x16_t elements(const std::uint8_t* group, int quarter) {
    simde_uint8x16_t all = vdupq_n_u8(0);
    if constexpr ((Bits & 4) != 0) {
      const simde_uint8x16_t nibbles = vld1q_u8(group + 16 * (quarter & 1));
      all = quarter < 2 ? vandq_u8(nibbles, vdupq_n_u8(15)) : vshrq_n_u8(nibbles, 4);
    }
    if constexpr ((Bits & 2) != 0) {
      const simde_int8x16_t down = vdupq_n_s8(static_cast<std::int8_t>(-2 * quarter));
      const simde_uint8x16_t pairs = vshlq_u8(vld1q_u8(group + offset_of_pairs(Bits)), down);
      const simde_uint8x16_t low = vandq_u8(pairs, vdupq_n_u8(3));
      all = vorrq_u8(all, vshlq_n_u8(low, shift_of_pairs(Bits)));
    }
    if constexpr ((Bits & 1) != 0) {
      const std::uint8_t* ones = group + offset_of_ones(Bits) + 2 * quarter;
      const std::uint8_t bit_of[16] = {1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128};
      const simde_uint8x16_t bytes = vcombine_u8(vdup_n_u8(ones[0]), vdup_n_u8(ones[1]));
      const simde_uint8x16_t is_set = vtstq_u8(bytes, vld1q_u8(bit_of));
      all = vorrq_u8(all, vandq_u8(is_set, vdupq_n_u8(1 << shift_of_ones(Bits))));
    }
    return all;
  }
  template <int Bits>
  static std::int32_t one_grid(const std::uint8_t* code, const std::int8_t* q, std::size_t dims) {
    if constexpr (Bits == 8) return one_int8(code, q, dims);
    simde_int32x4_t sum = vdupq_n_s32(0);
    for (std::size_t i = 0; i < dims; i += kGroup, code += group_bytes(Bits)) {
      for (int quarter = 0; quarter < 4; ++quarter) {
        sum = dot16(sum, vreinterpretq_s8_u8(elements<Bits>(code, quarter)),
                    vld1q_s8(q + i + 16 * quarter));
      }
    }
    return vaddvq_s32(sum);
  }
  template <int Bits, int R>
  static void dot_grid(const std::uint8_t* const* codes, const std::int8_t* q, std::size_t dims,
                       std::int32_t* out) {
    for (int r = 0; r < R; ++r) out[r] = one_grid<Bits>(codes[r], q, dims);
  }
  template <int Bits>
  static void unpack(const std::uint8_t* group, std::uint8_t* out) {
    for (int quarter = 0; quarter < 4; ++quarter) {
      const simde_uint8x16_t part =
          Bits == 8 ? vld1q_u8(group + 16 * quarter) : elements<Bits & 7>(group, quarter);
      vst1q_u8(out + 16 * quarter, part);
    }
  }
  static void to_half(Float a, Half* out) {
    float wide[lanes];
    store(wide, a);
    for (std::size_t i = 0; i < lanes; ++i) out[i].bits = float_to_half_bits(wide[i]);
  }

  struct Int8 {
    using Element = std::int8_t;
    using Scalar = std::int32_t;
    using Register = simde_int8x16_t;
    using Sum = simde_int32x4_t;
    static constexpr std::size_t lanes = 16;
    static constexpr int chains = Neon::chains;
    static constexpr int chains_four = Neon::chains_four;

    static Register load(const std::int8_t* p) { return vld1q_s8(p); }
    static Register load_part(const std::int8_t* p, std::size_t n) {
      std::int8_t whole[lanes] = {};
      std::memcpy(whole, p, n);
      return load(whole);
    }
    static Sum zero() { return vdupq_n_s32(0); }
    static Sum add(Sum a, Sum b) { return vaddq_s32(a, b); }
    static std::int32_t sum(Sum a) { return vaddvq_s32(a); }
    static void sum_four(const Sum (&sums)[4], std::int32_t* out) {
      vst1q_s32(out, vpaddq_s32(vpaddq_s32(sums[0], sums[1]), vpaddq_s32(sums[2], sums[3])));
    }
    static simde_uint8x16_t distance(Register x, Register y) {
      return vreinterpretq_u8_s8(vabdq_s8(x, y));
    }
    static Sum squared_difference(Register x, Register y, Sum sum) {
      const simde_uint8x16_t d = distance(x, y);
#if defined(DVECDB_DOTPROD)
      return vreinterpretq_s32_u32(vdotq_u32(vreinterpretq_u32_s32(sum), d, d));
#else
      const simde_uint16x8_t low = vmull_u8(vget_low_u8(d), vget_low_u8(d));
      const simde_uint16x8_t high = vmull_u8(vget_high_u8(d), vget_high_u8(d));
      return vreinterpretq_s32_u32(vpadalq_u16(vpadalq_u16(vreinterpretq_u32_s32(sum), low), high));
#endif
    }
    static Sum product(Register x, Register y, Sum sum) {
      return dot16(sum, x, y);
    }
    static Sum difference(Register x, Register y, Sum sum) {
      return vreinterpretq_s32_u32(
          vpadalq_u16(vreinterpretq_u32_s32(sum), vpaddlq_u8(distance(x, y))));
    }
  };
  using Int8Dot = SumOf<Int8, Product>;
  using Int8L1 = SumOf<Int8, Difference>;
  using Int8Norms = ProductsOf<Int8, CosineSums<std::int32_t>>;

  struct Bits {
    using Element = std::uint8_t;
    using Scalar = std::uint64_t;
    using Register = simde_uint8x16_t;
    using Sum = simde_uint64x2_t;
    static constexpr std::size_t lanes = 16;
    static constexpr int chains = 2;
    static constexpr int chains_four = 1;

    static Register load(const std::uint8_t* p) { return vld1q_u8(p); }
    static Register load_part(const std::uint8_t* p, std::size_t n) {
      std::uint8_t whole[lanes] = {};
      std::memcpy(whole, p, n);
      return load(whole);
    }
    static Sum zero() { return vdupq_n_u64(0); }
    static Sum add(Sum a, Sum b) { return vaddq_u64(a, b); }
    static std::uint64_t sum(Sum a) { return vaddvq_u64(a); }
    static void sum_four(const Sum (&sums)[4], std::uint64_t* out) {
      vst1q_u64(out, vpaddq_u64(sums[0], sums[1]));
      vst1q_u64(out + 2, vpaddq_u64(sums[2], sums[3]));
    }
    static Sum add_ones(Register x, Sum sum) {
      return vpadalq_u32(sum, vpaddlq_u16(vpaddlq_u8(vcntq_u8(x))));
    }
    static Sum product(Register x, Register y, Sum sum) { return add_ones(vandq_u8(x, y), sum); }
    static Sum difference(Register x, Register y, Sum sum) { return add_ones(veorq_u8(x, y), sum); }
  };
};

}  // namespace
}  // namespace dvecdb::core
