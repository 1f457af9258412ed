#pragma once

#include <cstddef>

namespace dvecdb::core {

/// Room that print_shortest may need, in bytes: for float 15 ("-1.2345678e-38" and one spare), for
/// double 25.
inline constexpr std::size_t shortest_float_room = 16;
inline constexpr std::size_t shortest_double_room = 32;

/// Writes the shortest decimal form that reads back as `value`, as PostgreSQL prints `real` and
/// `double precision`: scientific when the exponent is below -4 or at least 6 (float) or 15
/// (double), with two digits of exponent at least; "NaN", "Infinity", "-Infinity". No terminating
/// NUL. Returns the end. Float is float or double. Pure and thread-safe.
template <class Float>
char* print_shortest(Float value, char* out);

}  // namespace dvecdb::core
