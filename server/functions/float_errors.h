// The errors of floating-point arithmetic.
#pragma once

#include "server/types/error.h"

namespace dvecdb::server::functions {

[[noreturn]] inline void throw_float_overflow() {
  throw types::SqlError(types::sqlstate::numeric_value_out_of_range,
                        "value out of range: overflow");
}

[[noreturn]] inline void throw_float_underflow() {
  throw types::SqlError(types::sqlstate::numeric_value_out_of_range,
                        "value out of range: underflow");
}

}  // namespace dvecdb::server::functions
