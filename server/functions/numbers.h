// What the number families share: reading arguments, checked results, PostgreSQL's range errors.
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>

#include "server/functions/function.h"
#include "server/types/error.h"
#include "server/types/numeric.h"

namespace dvecdb::server::functions {

using types::Numeric;
using types::SqlError;
namespace sqlstate = types::sqlstate;

using Arguments = std::span<const Value>;

template <typename Integer>
constexpr std::string_view integer_name = sizeof(Integer) == 2
                                              ? "smallint"
                                              : (sizeof(Integer) == 4 ? "integer" : "bigint");

template <typename Integer>
[[noreturn]] void refuse_integer_range() {
  throw SqlError(sqlstate::numeric_value_out_of_range,
                 std::string(integer_name<Integer>) + " out of range");
}

template <typename Integer>
Value integer_result(std::int64_t v) {
  if (v < std::numeric_limits<Integer>::min() || v > std::numeric_limits<Integer>::max()) {
    refuse_integer_range<Integer>();
  }
  return Value::integer(v);
}

[[noreturn]] inline void refuse_division_by_zero() {
  throw SqlError(sqlstate::division_by_zero, "division by zero");
}
[[noreturn]] inline void refuse_overflow() {
  throw SqlError(sqlstate::numeric_value_out_of_range, "value out of range: overflow");
}
[[noreturn]] inline void refuse_underflow() {
  throw SqlError(sqlstate::numeric_value_out_of_range, "value out of range: underflow");
}

// The row store cannot keep a NaN as a number.
inline Value real_result(double v) {
  return std::isnan(v) ? Value::blob_view(Value::nan_blob) : Value::real(v);
}

}  // namespace dvecdb::server::functions
