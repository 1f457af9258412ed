// Through SIMDe, so that the same source runs (emulated) in the tests of other machines.
#define SIMDE_ENABLE_NATIVE_ALIASES
#include <simde/arm/neon.h>

#include "core/distance/kernel_body.h"

namespace dvecdb::core {
namespace {

struct Neon {
  static constexpr std::size_t lanes = 4;
  static constexpr int unroll = 4;
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

  static simde_int32x4_t dot16(simde_int32x4_t sum, simde_int8x16_t code, simde_int8x16_t q) {
    const simde_int16x8_t low = vmull_s8(vget_low_s8(code), vget_low_s8(q));
    const simde_int16x8_t high = vmull_s8(vget_high_s8(code), vget_high_s8(q));
    return vpadalq_s16(vpadalq_s16(sum, low), high);
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
  static simde_int32x4_t nibbles(simde_int32x4_t sum, const std::uint8_t* code,
                                 const std::int8_t* q, std::size_t half) {
    for (std::size_t i = 0; i < half; i += 16) {
      const simde_uint8x16_t pairs = vld1q_u8(code + i);
      const simde_uint8x16_t low = vandq_u8(pairs, vdupq_n_u8(15));
      const simde_uint8x16_t high = vshrq_n_u8(pairs, 4);
      sum = dot16(sum, vreinterpretq_s8_u8(low), vld1q_s8(q + i));
      sum = dot16(sum, vreinterpretq_s8_u8(high), vld1q_s8(q + i + half));
    }
    return sum;
  }
  static std::int32_t one_int4(const std::uint8_t* code, const std::int8_t* q, std::size_t dims) {
    simde_int32x4_t sum = vdupq_n_s32(0);
    std::size_t i = 0;
    for (; i + 128 <= dims; i += 128) sum = nibbles(sum, code + i / 2, q + i, 64);
    if (i < dims) sum = nibbles(sum, code + i / 2, q + i, 32);
    return vaddvq_s32(sum);
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
    float wide[lanes];
    store(wide, a);
    for (std::size_t i = 0; i < lanes; ++i) out[i].bits = float_to_half_bits(wide[i]);
  }
  static void prefetch(const char* p) {
    __builtin_prefetch(p);
  }
};

}  // namespace

const KernelTable kNeonKernels = kernel_table<Neon>();

}  // namespace dvecdb::core
