#include <algorithm>

#include "server/functions/families.h"
#include "server/functions/numbers.h"
#include "server/types/oids.h"

namespace dvecdb::server::functions {

namespace {

using Unary = Numeric (*)(const Numeric&);
using Binary = Numeric (*)(const Numeric&, const Numeric&);

template <Unary F>
Value unary(const FunctionContext&, Arguments args) {
  return F(Numeric::of(args[0])).to_value();
}

template <Binary F>
Value binary(const FunctionContext&, Arguments args) {
  return F(Numeric::of(args[0]), Numeric::of(args[1])).to_value();
}

using Method = Numeric (Numeric::*)() const;

template <Method M>
Value method(const FunctionContext&, Arguments args) {
  return (Numeric::of(args[0]).*M)().to_value();
}

Value unchanged(const FunctionContext&, Arguments args) {
  return args[0];
}

Value sign(const FunctionContext&, Arguments args) {
  const Numeric n = Numeric::of(args[0]);
  return n.is_nan() ? args[0] : Numeric(n.sign()).to_value();
}

// As many places as the stored form has, before and after the point.
int bounded_places(const Value& value) {
  constexpr std::int64_t most_whole = 32768 * 4 + 1;
  return static_cast<int>(
      std::clamp<std::int64_t>(value.as_integer(), -most_whole, Numeric::max_scale));
}

Value round_to(const FunctionContext&, Arguments args) {
  Numeric r = Numeric::of(args[0]).rounded(bounded_places(args[1]));
  return r.checked().to_value();
}

Value truncate_to(const FunctionContext&, Arguments args) {
  return Numeric::of(args[0]).truncated(bounded_places(args[1])).to_value();
}

Value scale(const FunctionContext&, Arguments args) {
  const Numeric n = Numeric::of(args[0]);
  return n.is_finite() ? Value::integer(n.scale()) : Value::null();
}

Value min_scale(const FunctionContext&, Arguments args) {
  const Numeric n = Numeric::of(args[0]);
  return n.is_finite() ? Value::integer(n.min_scale()) : Value::null();
}

Value trim_scale(const FunctionContext&, Arguments args) {
  const Numeric n = Numeric::of(args[0]);
  return n.is_finite() ? n.truncated(n.min_scale()).to_value() : args[0];
}

Numeric increment(const Numeric& n) {
  return Numeric::add(n, Numeric(1));
}

Value factorial(const FunctionContext&, Arguments args) {
  return Numeric::factorial(args[0].as_integer()).to_value();
}

Value with_typmod(const FunctionContext& context, Arguments args) {
  const TypeRef type{types::oids::numeric, static_cast<std::int32_t>(args[1].as_integer())};
  return types::apply_typmod(context.io, type, args[0], false);
}

// The forms with one argument, which PostgreSQL defines in SQL.
Numeric decimal_logarithm(const Numeric& n) {
  return Numeric::log(Numeric(10), n);
}
Numeric round_to_integer(const Numeric& n) {
  return n.rounded(0);
}
Numeric truncate_to_integer(const Numeric& n) {
  return n.truncated(0);
}

constexpr ScalarEntry table[] = {
    {"log10_numeric", unary<decimal_logarithm>},
    {"round_numeric", unary<round_to_integer>},
    {"trunc_numeric", unary<truncate_to_integer>},
    {"numeric_add", binary<Numeric::add>},
    {"numeric_sub", binary<Numeric::sub>},
    {"numeric_mul", binary<Numeric::mul>},
    {"numeric_div", binary<Numeric::div>},
    {"numeric_div_trunc", binary<Numeric::div_trunc>},
    {"numeric_mod", binary<Numeric::mod>},
    {"numeric_gcd", binary<Numeric::gcd>},
    {"numeric_lcm", binary<Numeric::lcm>},
    {"numeric_power", binary<Numeric::power>},
    {"numeric_log", binary<Numeric::log>},
    {"numeric_sqrt", unary<Numeric::sqrt>},
    {"numeric_exp", unary<Numeric::exp>},
    {"numeric_ln", unary<Numeric::ln>},
    {"numeric_inc", unary<increment>},
    {"numeric_abs", method<&Numeric::absolute>},
    {"numeric_uminus", method<&Numeric::negated>},
    {"numeric_ceil", method<&Numeric::ceiling>},
    {"numeric_floor", method<&Numeric::floored>},
    {"numeric_uplus", unchanged},
    {"numeric_sign", sign},
    {"numeric_round", round_to},
    {"numeric_trunc", truncate_to},
    {"numeric_scale", scale},
    {"numeric_min_scale", min_scale},
    {"numeric_trim_scale", trim_scale},
    {"numeric_fac", factorial},
    {"numeric", with_typmod},
};

}  // namespace

ScalarTable numeric_functions() {
  return table;
}

}  // namespace dvecdb::server::functions
