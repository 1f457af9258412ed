// PostgreSQL's shortest text of floating-point numbers (extra_float_digits >= 1).
#pragma once

#include <string>

namespace dvecdb::server::types {

// Appends "1.5", "1e-05", "1.234567e+06", "NaN", "Infinity", "-0".
void append_float4(std::string& out, float value);
void append_float8(std::string& out, double value);

}  // namespace dvecdb::server::types
