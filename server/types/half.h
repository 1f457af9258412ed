// IEEE 754 binary16, as halfvec stores it.
#pragma once

#include <cstdint>

namespace dvecdb::server::types {

// Rounds to nearest, ties to even; too large becomes infinity.
std::uint16_t half_from_float(float value);
float float_from_half(std::uint16_t half);

inline bool half_is_nan(std::uint16_t half) {
  return (half & 0x7fff) > 0x7c00;
}
inline bool half_is_infinite(std::uint16_t half) {
  return (half & 0x7fff) == 0x7c00;
}
inline bool half_is_zero(std::uint16_t half) {
  return (half & 0x7fff) == 0;
}

}  // namespace dvecdb::server::types
