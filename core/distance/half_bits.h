#pragma once

#include <cstdint>
#include <cstring>

#include "dvecdb/half.h"

// Conversions by integer arithmetic, for machines without an instruction for them. Static, so
// that each instruction set's file keeps its own.
namespace dvecdb::core {

static inline float half_bits_to_float(std::uint16_t half) {
  const std::uint32_t sign = static_cast<std::uint32_t>(half & 0x8000u) << 16;
  const std::uint32_t magnitude = half & 0x7fffu;
  std::uint32_t bits;
  if (magnitude >= 0x7c00u) {  // infinity, NaN
    bits = sign | 0x7f800000u | ((magnitude & 0x3ffu) << 13);
  } else if (magnitude >= 0x400u) {
    bits = sign | ((magnitude << 13) + 0x38000000u);
  } else {  // zero, subnormal: the value is magnitude * 2^-24, exact in float32
    const float value = static_cast<float>(magnitude) * 5.9604644775390625e-8f;
    std::memcpy(&bits, &value, sizeof bits);
    bits |= sign;
  }
  float out;
  std::memcpy(&out, &bits, sizeof out);
  return out;
}

static inline std::uint16_t float_to_half_bits(float value) {
  std::uint32_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  const std::uint16_t sign = static_cast<std::uint16_t>((bits >> 16) & 0x8000u);
  bits &= 0x7fffffffu;
  std::uint32_t out;
  if (bits > 0x7f800000u) {
    out = 0x7e00u | ((bits >> 13) & 0x3ffu);
  } else if (bits >= 0x477ff000u) {  // 65520 and more
    out = 0x7c00u;
  } else if (bits >= 0x38800000u) {  // normal: rebias, then round to even
    out = (bits - 0x38000000u + 0xfffu + ((bits >> 13) & 1u)) >> 13;
  } else {  // adding 0.5 shifts the subnormal's bits to the end of the mantissa, rounded to even
    float magnitude;
    std::memcpy(&magnitude, &bits, sizeof magnitude);
    magnitude += 0.5f;
    std::memcpy(&out, &magnitude, sizeof out);
    out -= 0x3f000000u;
  }
  return static_cast<std::uint16_t>(sign | out);
}

}  // namespace dvecdb::core
