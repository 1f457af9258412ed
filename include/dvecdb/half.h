#pragma once

#include <cstddef>
#include <cstdint>

namespace dvecdb::core {

/// An IEEE 754 binary16 value as it is stored: the element of halfvec. It is a plain carrier of
/// sixteen bits; arithmetic happens in float32 after conversion.
struct Half {
  std::uint16_t bits = 0;

  friend bool operator==(Half, Half) = default;
};
static_assert(sizeof(Half) == 2);

/// Exact: every binary16 value, subnormals, infinities and NaN included, has a float32 form.
float to_float(Half value);

/// Rounds to nearest, ties to even. Values of magnitude 65520 and more become infinity,
/// those below half of the smallest subnormal become a zero of the same sign; NaN stays NaN.
Half to_half(float value);

/// Converts `count` elements. The ranges must not overlap.
void to_float(const Half* from, float* to, std::size_t count);
void to_half(const float* from, Half* to, std::size_t count);

}  // namespace dvecdb::core
