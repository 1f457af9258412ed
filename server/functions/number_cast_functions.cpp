// Casts between the number types, truth values and oids.
#include "server/functions/families.h"
#include "server/functions/numbers.h"
#include "server/types/float_text.h"

namespace dvecdb::server::functions {

namespace {

template <typename Integer>
Value integer_to_integer(const FunctionContext&, Arguments args) {
  return integer_result<Integer>(args[0].as_integer());
}

// An unsigned integer of 64 bits too great for oid is refused under oid's name.
Value int8_to_oid(const FunctionContext&, Arguments args) {
  const std::int64_t v = args[0].as_integer();
  if (v < 0 || v > std::numeric_limits<std::uint32_t>::max()) {
    throw SqlError(sqlstate::numeric_value_out_of_range, "OID out of range");
  }
  return args[0];
}

Value unchanged(const FunctionContext&, Arguments args) {
  return args[0];
}

Value integer_to_bool(const FunctionContext&, Arguments args) {
  return Value::boolean(args[0].as_integer() != 0);
}

Value bool_to_text(const FunctionContext&, Arguments args) {
  return Value::text_view(args[0].as_boolean() ? "true" : "false");
}

Value integer_to_float8(const FunctionContext&, Arguments args) {
  return Value::real(static_cast<double>(args[0].as_integer()));
}

Value integer_to_float4(const FunctionContext&, Arguments args) {
  return Value::real(static_cast<double>(static_cast<float>(args[0].as_integer())));
}

Value integer_to_numeric(const FunctionContext&, Arguments args) {
  return Value::text(std::to_string(args[0].as_integer()));
}

// To the nearest, halves to the even one.
template <typename Integer>
Value float_to_integer(const FunctionContext&, Arguments args) {
  const double v = std::nearbyint(args[0].as_real());
  const auto least = static_cast<double>(std::numeric_limits<Integer>::min());
  if (!(v >= least && v < -least)) refuse_integer_range<Integer>();
  return Value::integer(static_cast<std::int64_t>(v));
}

Value float8_to_float4(const FunctionContext&, Arguments args) {
  const double v = args[0].as_real();
  const auto narrow = static_cast<float>(v);
  if (std::isinf(narrow) && !std::isinf(v)) refuse_overflow();
  if (narrow == 0 && v != 0) refuse_underflow();
  return real_result(static_cast<double>(narrow));
}

template <int Digits>
Value float_to_numeric(const FunctionContext&, Arguments args) {
  return Numeric::from_double(args[0].as_real(), Digits).to_value();
}

Value numeric_to_float8(const FunctionContext&, Arguments args) {
  return real_result(types::parse_float8(args[0].as_bytes()));
}

Value numeric_to_float4(const FunctionContext&, Arguments args) {
  return real_result(static_cast<double>(types::parse_float4(args[0].as_bytes())));
}

template <typename Integer>
Value numeric_to_integer(const FunctionContext&, Arguments args) {
  const Numeric n = Numeric::of(args[0]);
  if (!n.is_finite()) {
    throw SqlError(sqlstate::feature_not_supported, std::string("cannot convert ") +
                                                        (n.is_nan() ? "NaN" : "infinity") + " to " +
                                                        std::string(integer_name<Integer>));
  }
  const auto v = n.to_int64();
  if (!v) refuse_integer_range<Integer>();
  return integer_result<Integer>(*v);
}

constexpr ScalarEntry table[] = {
    {"i2toi4", unchanged},
    {"int28", unchanged},
    {"int48", unchanged},
    {"oidtoi8", unchanged},
    {"bool_int4", unchanged},
    {"ftod", unchanged},
    {"i4toi2", integer_to_integer<std::int16_t>},
    {"int82", integer_to_integer<std::int16_t>},
    {"int84", integer_to_integer<std::int32_t>},
    {"i8tooid", int8_to_oid},
    {"int4_bool", integer_to_bool},
    {"booltext", bool_to_text},
    {"i2tod", integer_to_float8},
    {"i4tod", integer_to_float8},
    {"i8tod", integer_to_float8},
    {"i2tof", integer_to_float4},
    {"i4tof", integer_to_float4},
    {"i8tof", integer_to_float4},
    {"int2_numeric", integer_to_numeric},
    {"int4_numeric", integer_to_numeric},
    {"int8_numeric", integer_to_numeric},
    {"dtoi2", float_to_integer<std::int16_t>},
    {"dtoi4", float_to_integer<std::int32_t>},
    {"dtoi8", float_to_integer<std::int64_t>},
    {"ftoi2", float_to_integer<std::int16_t>},
    {"ftoi4", float_to_integer<std::int32_t>},
    {"ftoi8", float_to_integer<std::int64_t>},
    {"dtof", float8_to_float4},
    {"float8_numeric", float_to_numeric<15>},
    {"float4_numeric", float_to_numeric<6>},
    {"numeric_float8", numeric_to_float8},
    {"numeric_float4", numeric_to_float4},
    {"numeric_int2", numeric_to_integer<std::int16_t>},
    {"numeric_int4", numeric_to_integer<std::int32_t>},
    {"numeric_int8", numeric_to_integer<std::int64_t>},
};

}  // namespace

ScalarTable number_cast_functions() {
  return table;
}

}  // namespace dvecdb::server::functions
