// Rounding, powers, logarithms, trigonometry, histograms and random numbers on double precision.
#include <numbers>

#include "server/functions/families.h"
#include "server/functions/numbers.h"

namespace dvecdb::server::functions {

namespace {

[[noreturn]] void refuse_input() {
  throw SqlError(sqlstate::numeric_value_out_of_range, "input is out of range");
}

using Real = double (*)(double);

template <Real F>
Value apply(const FunctionContext&, Arguments args) {
  return real_result(F(args[0].as_real()));
}

template <double (*F)(double, double)>
Value apply_two(const FunctionContext&, Arguments args) {
  return real_result(F(args[0].as_real(), args[1].as_real()));
}

double sign(double x) {
  return std::isnan(x) ? x : (x > 0 ? 1.0 : (x < 0 ? -1.0 : 0.0));
}

double square_root(double x) {
  if (x < 0) {
    throw SqlError(sqlstate::invalid_argument_for_power_function,
                   "cannot take square root of a negative number");
  }
  return std::sqrt(x);
}

double exponential(double x) {
  const double r = std::exp(x);
  if (std::isinf(r) && !std::isinf(x)) refuse_overflow();
  if (r == 0 && !std::isinf(x)) refuse_underflow();
  return r;
}

void check_logarithm(double x) {
  if (x == 0) {
    throw SqlError(sqlstate::invalid_argument_for_logarithm, "cannot take logarithm of zero");
  }
  if (x < 0) {
    throw SqlError(sqlstate::invalid_argument_for_logarithm,
                   "cannot take logarithm of a negative number");
  }
}

double natural_logarithm(double x) {
  check_logarithm(x);
  return std::log(x);
}

double decimal_logarithm(double x) {
  check_logarithm(x);
  return std::log10(x);
}

double power(double x, double y) {
  if (x == 0 && y < 0) {
    throw SqlError(sqlstate::invalid_argument_for_power_function,
                   "zero raised to a negative power is undefined");
  }
  if (x < 0 && std::isfinite(y) && std::floor(y) != y) {
    throw SqlError(sqlstate::invalid_argument_for_power_function,
                   "a negative number raised to a non-integer power yields a complex result");
  }
  const double r = std::pow(x, y);
  const bool finite = std::isfinite(x) && std::isfinite(y);
  if (std::isinf(r) && finite) refuse_overflow();
  if (r == 0 && finite && x != 0) refuse_underflow();
  return r;
}

template <Real F>
double periodic(double x) {
  if (std::isinf(x)) refuse_input();
  return F(x);
}

template <Real F>
double on_unit_interval(double x) {
  if (x < -1 || x > 1) refuse_input();
  return F(x);
}

double cotangent(double x) {
  return 1.0 / std::tan(x);
}

double inverse_cosh(double x) {
  if (x < 1) refuse_input();
  return std::acosh(x);
}

// --- degrees: exact where the answer is a round number

constexpr double radians_per_degree = std::numbers::pi / 180;

double sine_to_30(double x) {
  static const double unit = std::sin(30 * radians_per_degree);
  return std::sin(x * radians_per_degree) / unit / 2;
}

double cosine_to_60(double x) {
  static const double unit = 1 - std::cos(60 * radians_per_degree);
  return 1 - (1 - std::cos(x * radians_per_degree)) / unit / 2;
}

double sine_to_90(double x) {
  return x <= 30 ? sine_to_30(x) : cosine_to_60(90 - x);
}
double cosine_to_90(double x) {
  return x <= 60 ? cosine_to_60(x) : sine_to_30(90 - x);
}

// An angle brought into the first quadrant, with the sign that each function takes there.
struct Quadrant {
  double angle;
  double sine_sign = 1;
  double cosine_sign = 1;
};

Quadrant reduce(double degrees) {
  if (std::isinf(degrees)) refuse_input();
  Quadrant q{std::fmod(degrees, 360.0)};
  if (q.angle < 0) {
    q.angle = -q.angle;
    q.sine_sign = -q.sine_sign;
  }
  if (q.angle > 180) {
    q.angle = 360 - q.angle;
    q.sine_sign = -q.sine_sign;
  }
  if (q.angle > 90) {
    q.angle = 180 - q.angle;
    q.cosine_sign = -q.cosine_sign;
  }
  return q;
}

double sine_degrees(double x) {
  const Quadrant q = reduce(x);
  return q.sine_sign * sine_to_90(q.angle);
}

double cosine_degrees(double x) {
  const Quadrant q = reduce(x);
  return q.cosine_sign * cosine_to_90(q.angle);
}

double tangent_degrees(double x) {
  static const double unit = sine_to_90(45) / cosine_to_90(45);
  const Quadrant q = reduce(x);
  const double r =
      q.sine_sign * q.cosine_sign * (sine_to_90(q.angle) / cosine_to_90(q.angle) / unit);
  return r == 0 ? 0 : r;  // never -0
}

double cotangent_degrees(double x) {
  static const double unit = cosine_to_90(45) / sine_to_90(45);
  const Quadrant q = reduce(x);
  const double r =
      q.sine_sign * q.cosine_sign * (cosine_to_90(q.angle) / sine_to_90(q.angle) / unit);
  return r == 0 ? 0 : r;
}

double arcsine_of_positive(double x) {
  static const double arcsine_of_half = std::asin(0.5);
  static const double arccosine_of_half = std::acos(0.5);
  if (x <= 0.5) return std::asin(x) / arcsine_of_half * 30;
  return 90 - std::acos(x) / arccosine_of_half * 60;
}

double arccosine_of_positive(double x) {
  static const double arcsine_of_half = std::asin(0.5);
  static const double arccosine_of_half = std::acos(0.5);
  if (x <= 0.5) return 90 - std::asin(x) / arcsine_of_half * 30;
  return std::acos(x) / arccosine_of_half * 60;
}

double arcsine_degrees(double x) {
  return x >= 0 ? arcsine_of_positive(x) : -arcsine_of_positive(-x);
}

double arccosine_degrees(double x) {
  return x >= 0 ? arccosine_of_positive(x) : 90 + arcsine_of_positive(-x);
}

double arctangent_unit() {
  static const double unit = std::atan(1.0);
  return unit;
}
double arctangent_degrees(double x) {
  return std::atan(x) / arctangent_unit() * 45;
}
double arctangent_two_degrees(double y, double x) {
  return std::atan2(y, x) / arctangent_unit() * 45;
}

double to_degrees(double x) {
  const double r = x / radians_per_degree;
  if (std::isinf(r) && !std::isinf(x)) refuse_overflow();
  return r;
}

double to_radians(double x) {
  const double r = x * radians_per_degree;
  if (r == 0 && x != 0) refuse_underflow();
  return r;
}

Value pi(const FunctionContext&, Arguments) {
  return Value::real(std::numbers::pi);
}

Value random(const FunctionContext& context, Arguments) {
  return Value::real(context.environment.random());
}

Value set_seed(const FunctionContext& context, Arguments args) {
  const double seed = args[0].as_real();
  if (!(seed >= -1 && seed <= 1)) {
    std::string text = std::to_string(seed);
    if (std::isnan(seed)) text = "nan";
    throw SqlError(sqlstate::invalid_parameter_value,
                   "setseed parameter " + text + " is out of allowed range [-1,1]");
  }
  context.environment.seed_random(seed);
  return Value::text_view("");
}

// --- width_bucket

[[noreturn]] void refuse_histogram(const char* message) {
  throw SqlError(sqlstate::invalid_argument_for_width_bucket, message);
}

Value bucket_after_last(std::int64_t count) {
  return integer_result<std::int32_t>(count + 1);
}

Value float_bucket(const FunctionContext&, Arguments args) {
  const double x = args[0].as_real();
  const double low = args[1].as_real();
  const double high = args[2].as_real();
  const std::int64_t count = args[3].as_integer();
  if (count <= 0) refuse_histogram("count must be greater than zero");
  if (std::isnan(x) || std::isnan(low) || std::isnan(high)) {
    refuse_histogram("operand, lower bound, and upper bound cannot be NaN");
  }
  if (std::isinf(low) || std::isinf(high)) {
    refuse_histogram("lower and upper bounds must be finite");
  }
  if (low == high) refuse_histogram("lower bound cannot equal upper bound");
  const bool ascending = low < high;
  if (ascending ? x < low : x > low) return Value::integer(0);
  if (ascending ? x >= high : x <= high) return bucket_after_last(count);
  const double width = high - low;
  // Halves where the width of the range overflows.
  const double part = std::isinf(width) ? (x / 2 - low / 2) / (high / 2 - low / 2) * count
                                        : static_cast<double>(count) * (x - low) / width;
  return Value::integer(static_cast<std::int64_t>(part) + 1);
}

Value numeric_bucket(const FunctionContext&, Arguments args) {
  const Numeric x = Numeric::of(args[0]);
  const Numeric low = Numeric::of(args[1]);
  const Numeric high = Numeric::of(args[2]);
  const std::int64_t count = args[3].as_integer();
  if (count <= 0) refuse_histogram("count must be greater than zero");
  if (x.is_nan() || low.is_nan() || high.is_nan()) {
    refuse_histogram("operand, lower bound, and upper bound cannot be NaN");
  }
  if (low.is_infinite() || high.is_infinite()) {
    refuse_histogram("lower and upper bounds must be finite");
  }
  const int direction = Numeric::compare(low, high);
  if (direction == 0) refuse_histogram("lower bound cannot equal upper bound");
  const int from_low = Numeric::compare(x, low);
  if (from_low != 0 && (from_low < 0) == (direction < 0)) return Value::integer(0);
  const int from_high = Numeric::compare(x, high);
  if (from_high == 0 || (from_high > 0) == (direction < 0)) return bucket_after_last(count);
  const Numeric above = Numeric::mul(Numeric::sub(x, low), Numeric(count));
  const Numeric bucket = Numeric::div_trunc(above, Numeric::sub(high, low));
  return Value::integer(bucket.to_int64().value_or(0) + 1);
}

constexpr ScalarEntry table[] = {
    {"dround", apply<std::nearbyint>},
    {"dceil", apply<std::ceil>},
    {"dfloor", apply<std::floor>},
    {"dtrunc", apply<std::trunc>},
    {"dsign", apply<sign>},
    {"dsqrt", apply<square_root>},
    {"dcbrt", apply<std::cbrt>},
    {"dpow", apply_two<power>},
    {"dexp", apply<exponential>},
    {"dlog1", apply<natural_logarithm>},
    {"dlog10", apply<decimal_logarithm>},
    {"dsin", apply<periodic<std::sin>>},
    {"dcos", apply<periodic<std::cos>>},
    {"dtan", apply<periodic<std::tan>>},
    {"dcot", apply<periodic<cotangent>>},
    {"dasin", apply<on_unit_interval<std::asin>>},
    {"dacos", apply<on_unit_interval<std::acos>>},
    {"datan", apply<std::atan>},
    {"datan2", apply_two<std::atan2>},
    {"dsinh", apply<std::sinh>},
    {"dcosh", apply<std::cosh>},
    {"dtanh", apply<std::tanh>},
    {"dasinh", apply<std::asinh>},
    {"dacosh", apply<inverse_cosh>},
    {"datanh", apply<on_unit_interval<std::atanh>>},
    {"dsind", apply<sine_degrees>},
    {"dcosd", apply<cosine_degrees>},
    {"dtand", apply<tangent_degrees>},
    {"dcotd", apply<cotangent_degrees>},
    {"dasind", apply<on_unit_interval<arcsine_degrees>>},
    {"dacosd", apply<on_unit_interval<arccosine_degrees>>},
    {"datand", apply<arctangent_degrees>},
    {"datan2d", apply_two<arctangent_two_degrees>},
    {"degrees", apply<to_degrees>},
    {"radians", apply<to_radians>},
    {"dpi", pi},
    {"drandom", random},
    {"setseed", set_seed},
    {"width_bucket_float8", float_bucket},
    {"width_bucket_numeric", numeric_bucket},
};

}  // namespace

ScalarTable math_functions() {
  return table;
}

}  // namespace dvecdb::server::functions
