// Arithmetic of real and double precision. Results are refused where PostgreSQL refuses them:
// infinite from finite operands, or zero from operands that are not.
#include "server/functions/families.h"
#include "server/functions/numbers.h"

namespace dvecdb::server::functions {

namespace {

template <typename Float>
Float argument(Arguments args, std::size_t index) {
  return static_cast<Float>(args[index].as_real());
}

template <typename Float>
Value checked(Float v, bool may_overflow, bool may_underflow) {
  if (std::isinf(v) && may_overflow) refuse_overflow();
  if (v == 0 && may_underflow) refuse_underflow();
  return real_result(static_cast<double>(v));
}

template <typename Float>
Value add(const FunctionContext&, Arguments args) {
  const auto x = argument<Float>(args, 0);
  const auto y = argument<Float>(args, 1);
  return checked<Float>(x + y, !std::isinf(x) && !std::isinf(y), false);
}

template <typename Float>
Value subtract(const FunctionContext&, Arguments args) {
  const auto x = argument<Float>(args, 0);
  const auto y = argument<Float>(args, 1);
  return checked<Float>(x - y, !std::isinf(x) && !std::isinf(y), false);
}

template <typename Float>
Value multiply(const FunctionContext&, Arguments args) {
  const auto x = argument<Float>(args, 0);
  const auto y = argument<Float>(args, 1);
  return checked<Float>(x * y, !std::isinf(x) && !std::isinf(y), x != 0 && y != 0);
}

template <typename Float>
Value divide(const FunctionContext&, Arguments args) {
  const auto x = argument<Float>(args, 0);
  const auto y = argument<Float>(args, 1);
  if (y == 0 && !std::isnan(x)) refuse_division_by_zero();
  return checked<Float>(x / y, !std::isinf(x), x != 0 && !std::isinf(y));
}

Value negate(const FunctionContext&, Arguments args) {
  return real_result(-args[0].as_real());
}
Value absolute(const FunctionContext&, Arguments args) {
  return real_result(std::abs(args[0].as_real()));
}
Value unchanged(const FunctionContext&, Arguments args) {
  return args[0];
}

constexpr ScalarEntry table[] = {
    {"float4pl", add<float>},
    {"float4mi", subtract<float>},
    {"float4mul", multiply<float>},
    {"float4div", divide<float>},
    {"float8pl", add<double>},
    {"float8mi", subtract<double>},
    {"float8mul", multiply<double>},
    {"float8div", divide<double>},
    {"float48pl", add<double>},
    {"float48mi", subtract<double>},
    {"float48mul", multiply<double>},
    {"float48div", divide<double>},
    {"float84pl", add<double>},
    {"float84mi", subtract<double>},
    {"float84mul", multiply<double>},
    {"float84div", divide<double>},
    {"float4um", negate},
    {"float8um", negate},
    {"float4up", unchanged},
    {"float8up", unchanged},
    {"float4abs", absolute},
    {"float8abs", absolute},
};

}  // namespace

ScalarTable float_functions() {
  return table;
}

}  // namespace dvecdb::server::functions
