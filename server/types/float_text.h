// Text forms of real and double precision.
#pragma once

#include <string>
#include <string_view>

namespace dvecdb::server::types {

// Throw SqlError 22P02 for what is no number and 22003 for what does not fit.
double parse_float8(std::string_view text);
float parse_float4(std::string_view text);

// extra_float_digits > 0: the shortest form that reads back as the same number; else 15 (or 6)
// significant digits and as many more, or fewer, as it says.
void append_float8(std::string& out, double v, int extra_float_digits = 1);
void append_float4(std::string& out, float v, int extra_float_digits = 1);

}  // namespace dvecdb::server::types
