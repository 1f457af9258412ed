// Arithmetic and bits of smallint, integer and bigint, and of their mixtures.
#include <numeric>

#include "server/functions/families.h"
#include "server/functions/numbers.h"

namespace dvecdb::server::functions {

namespace {

enum class Operation { add, sub, mul };

template <typename Integer, Operation O>
Value arithmetic(const FunctionContext&, Arguments args) {
  const std::int64_t x = args[0].as_integer();
  const std::int64_t y = args[1].as_integer();
  std::int64_t v = 0;
  bool overflows = false;
  if constexpr (O == Operation::add) overflows = __builtin_add_overflow(x, y, &v);
  if constexpr (O == Operation::sub) overflows = __builtin_sub_overflow(x, y, &v);
  if constexpr (O == Operation::mul) overflows = __builtin_mul_overflow(x, y, &v);
  if (overflows) refuse_integer_range<Integer>();
  return integer_result<Integer>(v);
}

template <typename Integer>
Value divide(const FunctionContext&, Arguments args) {
  const std::int64_t x = args[0].as_integer();
  const std::int64_t y = args[1].as_integer();
  if (y == 0) refuse_division_by_zero();
  if (y == -1 && x == std::numeric_limits<std::int64_t>::min()) refuse_integer_range<Integer>();
  return integer_result<Integer>(x / y);
}

Value modulo(const FunctionContext&, Arguments args) {
  const std::int64_t y = args[1].as_integer();
  if (y == 0) refuse_division_by_zero();
  return Value::integer(y == -1 ? 0 : args[0].as_integer() % y);
}

template <typename Integer>
Value negate(const FunctionContext&, Arguments args) {
  const std::int64_t x = args[0].as_integer();
  if (x == std::numeric_limits<Integer>::min()) refuse_integer_range<Integer>();
  return Value::integer(-x);
}

template <typename Integer>
Value absolute(const FunctionContext& context, Arguments args) {
  return args[0].as_integer() < 0 ? negate<Integer>(context, args) : args[0];
}

Value unchanged(const FunctionContext&, Arguments args) {
  return args[0];
}

template <typename Integer, int Step>
Value step(const FunctionContext&, Arguments args) {
  std::int64_t v = 0;
  if (__builtin_add_overflow(args[0].as_integer(), std::int64_t{Step}, &v)) {
    refuse_integer_range<Integer>();
  }
  return integer_result<Integer>(v);
}

std::uint64_t magnitude(std::int64_t v) {
  return v < 0 ? 0 - static_cast<std::uint64_t>(v) : static_cast<std::uint64_t>(v);
}

template <typename Integer>
Value common_divisor(const FunctionContext&, Arguments args) {
  const std::uint64_t v =
      std::gcd(magnitude(args[0].as_integer()), magnitude(args[1].as_integer()));
  if (v > static_cast<std::uint64_t>(std::numeric_limits<Integer>::max())) {
    refuse_integer_range<Integer>();
  }
  return Value::integer(static_cast<std::int64_t>(v));
}

template <typename Integer>
Value common_multiple(const FunctionContext& context, Arguments args) {
  if (args[0].as_integer() == 0 || args[1].as_integer() == 0) return Value::integer(0);
  const auto divisor =
      static_cast<std::uint64_t>(common_divisor<Integer>(context, args).as_integer());
  std::uint64_t v = 0;
  const bool overflows = __builtin_mul_overflow(magnitude(args[0].as_integer()) / divisor,
                                                magnitude(args[1].as_integer()), &v);
  if (overflows || v > static_cast<std::uint64_t>(std::numeric_limits<Integer>::max())) {
    refuse_integer_range<Integer>();
  }
  return Value::integer(static_cast<std::int64_t>(v));
}

Value bit_and(const FunctionContext&, Arguments args) {
  return Value::integer(args[0].as_integer() & args[1].as_integer());
}
Value bit_or(const FunctionContext&, Arguments args) {
  return Value::integer(args[0].as_integer() | args[1].as_integer());
}
Value bit_xor(const FunctionContext&, Arguments args) {
  return Value::integer(args[0].as_integer() ^ args[1].as_integer());
}
Value bit_not(const FunctionContext&, Arguments args) {
  return Value::integer(~args[0].as_integer());
}

// The count wraps at the width of the machine's shift: 32 bits for smallint too.
template <typename Integer>
constexpr std::int64_t shift_mask = sizeof(Integer) == 8 ? 63 : 31;

template <typename Integer>
Value shift_left(const FunctionContext&, Arguments args) {
  const auto bits = static_cast<std::uint64_t>(args[0].as_integer());
  const auto count = args[1].as_integer() & shift_mask<Integer>;
  return Value::integer(static_cast<Integer>(bits << count));
}

template <typename Integer>
Value shift_right(const FunctionContext&, Arguments args) {
  return Value::integer(args[0].as_integer() >> (args[1].as_integer() & shift_mask<Integer>));
}

using Int2 = std::int16_t;
using Int4 = std::int32_t;
using Int8 = std::int64_t;

constexpr ScalarEntry table[] = {
    {"int2pl", arithmetic<Int2, Operation::add>},
    {"int2mi", arithmetic<Int2, Operation::sub>},
    {"int2mul", arithmetic<Int2, Operation::mul>},
    {"int2div", divide<Int2>},
    {"int4pl", arithmetic<Int4, Operation::add>},
    {"int4mi", arithmetic<Int4, Operation::sub>},
    {"int4mul", arithmetic<Int4, Operation::mul>},
    {"int4div", divide<Int4>},
    {"int8pl", arithmetic<Int8, Operation::add>},
    {"int8mi", arithmetic<Int8, Operation::sub>},
    {"int8mul", arithmetic<Int8, Operation::mul>},
    {"int8div", divide<Int8>},
    {"int24pl", arithmetic<Int4, Operation::add>},
    {"int24mi", arithmetic<Int4, Operation::sub>},
    {"int24mul", arithmetic<Int4, Operation::mul>},
    {"int24div", divide<Int4>},
    {"int42pl", arithmetic<Int4, Operation::add>},
    {"int42mi", arithmetic<Int4, Operation::sub>},
    {"int42mul", arithmetic<Int4, Operation::mul>},
    {"int42div", divide<Int4>},
    {"int28pl", arithmetic<Int8, Operation::add>},
    {"int28mi", arithmetic<Int8, Operation::sub>},
    {"int28mul", arithmetic<Int8, Operation::mul>},
    {"int28div", divide<Int8>},
    {"int82pl", arithmetic<Int8, Operation::add>},
    {"int82mi", arithmetic<Int8, Operation::sub>},
    {"int82mul", arithmetic<Int8, Operation::mul>},
    {"int82div", divide<Int8>},
    {"int48pl", arithmetic<Int8, Operation::add>},
    {"int48mi", arithmetic<Int8, Operation::sub>},
    {"int48mul", arithmetic<Int8, Operation::mul>},
    {"int48div", divide<Int8>},
    {"int84pl", arithmetic<Int8, Operation::add>},
    {"int84mi", arithmetic<Int8, Operation::sub>},
    {"int84mul", arithmetic<Int8, Operation::mul>},
    {"int84div", divide<Int8>},
    {"int2mod", modulo},
    {"int4mod", modulo},
    {"int8mod", modulo},
    {"int2um", negate<Int2>},
    {"int4um", negate<Int4>},
    {"int8um", negate<Int8>},
    {"int2up", unchanged},
    {"int4up", unchanged},
    {"int8up", unchanged},
    {"int2abs", absolute<Int2>},
    {"int4abs", absolute<Int4>},
    {"int8abs", absolute<Int8>},
    {"int4inc", step<Int4, 1>},
    {"int8inc", step<Int8, 1>},
    {"int8dec", step<Int8, -1>},
    {"int4gcd", common_divisor<Int4>},
    {"int8gcd", common_divisor<Int8>},
    {"int4lcm", common_multiple<Int4>},
    {"int8lcm", common_multiple<Int8>},
    {"int2and", bit_and},
    {"int4and", bit_and},
    {"int8and", bit_and},
    {"int2or", bit_or},
    {"int4or", bit_or},
    {"int8or", bit_or},
    {"int2xor", bit_xor},
    {"int4xor", bit_xor},
    {"int8xor", bit_xor},
    {"int2not", bit_not},
    {"int4not", bit_not},
    {"int8not", bit_not},
    {"int2shl", shift_left<Int2>},
    {"int4shl", shift_left<Int4>},
    {"int8shl", shift_left<Int8>},
    {"int2shr", shift_right<Int2>},
    {"int4shr", shift_right<Int4>},
    {"int8shr", shift_right<Int8>},
    {"booland_statefunc", bit_and},
    {"boolor_statefunc", bit_or},
};

}  // namespace

ScalarTable integer_functions() {
  return table;
}

}  // namespace dvecdb::server::functions
