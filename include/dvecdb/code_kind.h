#pragma once

#include <cstdint>

namespace dvecdb::core {

/// What the graph is walked on. The final order always comes from the full vectors.
enum class CodeKind : std::uint8_t {
  automatic = 0,  ///< by metric and dimension, as measured
  half = 1,       ///< float16 elements: for L1, which has no rotated code
  int8 = 2,       ///< 8 bits an element after rotation
  int4 = 3,       ///< 4 bits an element after rotation, and so on below
  single = 4,     ///< float32 elements: exact, and small where dimensions are few
  int1 = 5,
  int2 = 6,
  int3 = 7,
  int5 = 8,
  int6 = 9,
  int7 = 10,
};

}  // namespace dvecdb::core
