// Roots, powers, logarithms. Each works with guard digits beyond the scale of its result.
#include <algorithm>
#include <cmath>
#include <limits>

#include "server/types/error.h"
#include "server/types/numeric.h"

namespace dvecdb::server::types {

namespace {

constexpr int digits_per_base = 4;
constexpr int guard_digits = 8;
constexpr double log10_of_e = 0.434294481903252;
// exp() beyond this leaves the range of numeric, or is 0 at any scale.
constexpr double exp_limit = 6000;

[[noreturn]] void refuse_overflow() {
  throw SqlError(sqlstate::numeric_value_out_of_range, "value overflows numeric format");
}

[[noreturn]] void refuse_logarithm(const Numeric& a) {
  throw SqlError(
      sqlstate::invalid_argument_for_logarithm,
      a.is_zero() ? "cannot take logarithm of zero" : "cannot take logarithm of a negative number");
}

int bounded_scale(int scale, int at_least) {
  return std::min(std::max({scale, at_least, 0}), Numeric::max_display_scale);
}

const Numeric& half() {
  static const Numeric value = Numeric::parse("0.5");
  return value;
}

bool is_odd(const Numeric& whole) {
  return !Numeric::mod(whole, Numeric(2)).is_zero();
}

}  // namespace

Numeric Numeric::sqrt_scaled(const Numeric& a, int scale) {
  if (a.digits_.empty()) return Numeric().truncated(scale);
  // The first estimate comes from the leading digits: a = lead * 10000^even.
  double lead = 0;
  double unit = 1;
  for (std::size_t i = 0; i < a.digits_.size() && i < 5; ++i, unit /= 10000) {
    lead += a.digits_[i] * unit;
  }
  int even = a.weight_;
  if (even % 2 != 0) {
    lead *= 10000;
    --even;
  }
  Numeric root = parse_finite(std::to_string(std::sqrt(lead))).value();
  root.weight_ += even / 2;

  // Newton's steps double the correct digits; each works with no more than it can get right.
  constexpr int beyond = 10;
  const int whole_digits = (even / 2 + 1) * digits_per_base;
  const int wanted = std::max(scale + whole_digits, 1) + beyond;
  int correct = 6;
  while (true) {
    const int digits = std::min(correct * 2, wanted) + 4;
    const int step_scale = digits - whole_digits;
    const Numeric quotient = div_scaled(a, root, step_scale, false);
    root = mul_scaled(add(root, quotient), half(), step_scale + 1);
    if (correct >= wanted) break;
    correct *= 2;
  }
  return root.rounded(scale + beyond).rounded(scale);
}

Numeric Numeric::sqrt(const Numeric& a) {
  if (a.is_nan()) return a;
  if (a.is_negative()) {
    throw SqlError(sqlstate::invalid_argument_for_power_function,
                   "cannot take square root of a negative number");
  }
  if (a.is_infinite()) return a;
  const int weight = (a.weight_ + 1) * digits_per_base / 2 - 1;
  return sqrt_scaled(a, bounded_scale(min_significant - weight, a.scale_));
}

Numeric Numeric::exp_scaled(const Numeric& a, int scale) {
  const double value = a.to_double();
  if (std::abs(value) >= exp_limit) {
    if (value > 0) refuse_overflow();
    return Numeric().truncated(scale);
  }
  // exp(a) = exp(a / 2^halvings) ^ (2^halvings)
  int halvings = 0;
  for (double v = std::abs(value); v > 0.01; v /= 2) ++halvings;
  const int result_digits = static_cast<int>(value * log10_of_e);
  const int significant =
      std::max(1 + result_digits + scale + halvings / 3, 0) + guard_digits + digits_per_base;
  Numeric x = a;
  if (halvings > 0) x = div_scaled(a, Numeric(std::int64_t{1} << halvings), significant, true);
  Numeric sum = add(Numeric(1), x);
  Numeric term = x;
  for (int n = 2; !term.is_zero(); ++n) {
    term = div_scaled(mul_scaled(term, x, significant), Numeric(n), significant, true);
    sum = add(sum, term);
  }
  for (; halvings > 0; --halvings) {
    const int step_scale = std::max(significant - sum.weight_ * 2 * digits_per_base, 0);
    sum = mul_scaled(sum, sum, step_scale);
  }
  return sum.rounded(scale);
}

Numeric Numeric::exp(const Numeric& a) {
  if (a.is_nan() || (a.is_infinite() && !a.is_negative())) return a;
  if (a.is_infinite()) return {};
  const double digits = std::clamp(a.to_double() * log10_of_e, -2000.0, 2000.0);
  Numeric r = exp_scaled(a, bounded_scale(min_significant - static_cast<int>(digits), a.scale_));
  r.checked();
  return r;
}

// The decimal exponent of the first digit of ln(a), nearly.
int Numeric::estimate_ln_weight(const Numeric& a) {
  if (a.sign() <= 0) return 0;
  if (compare_text("0.9", a.to_string()) <= 0 && compare_text(a.to_string(), "1.1") <= 0) {
    const Numeric distance = sub(a, Numeric(1));
    if (distance.digits_.empty()) return 0;
    return distance.weight_ * digits_per_base + static_cast<int>(std::log10(distance.digits_[0]));
  }
  double digits = a.digits_[0];
  int weight = a.weight_ * digits_per_base;
  if (a.digits_.size() > 1) {
    digits = digits * 10000 + a.digits_[1];
    weight -= digits_per_base;
  }
  const double logarithm = std::log(digits) + weight * 2.302585092994046;
  return static_cast<int>(std::log10(std::abs(logarithm)));
}

Numeric Numeric::ln_scaled(const Numeric& a, int scale) {
  static const Numeric low = parse("0.9");
  static const Numeric high = parse("1.1");
  // ln(a) = 2^roots * ln(a ^ (1 / 2^roots)); every root halves the distance to 1.
  Numeric x = a;
  Numeric factor(2);
  int lost_digits = 2;
  while (compare(x, low) <= 0 || compare(x, high) >= 0) {
    const int whole = x.weight_ * digits_per_base / 2;
    x = sqrt_scaled(x, std::max(scale - whole, 0) + guard_digits * 2);
    factor = mul_scaled(factor, Numeric(2), 0);
    ++lost_digits;
  }
  // ln(x) = 2 atanh((x - 1) / (x + 1))
  const int step_scale = scale + guard_digits + lost_digits / 3 + digits_per_base;
  const Numeric z = div_scaled(sub(x, Numeric(1)), add(x, Numeric(1)), step_scale, true);
  const Numeric z_squared = mul_scaled(z, z, step_scale);
  Numeric sum = z;
  Numeric power = z;
  for (int n = 3;; n += 2) {
    power = mul_scaled(power, z_squared, step_scale);
    const Numeric term = div_scaled(power, Numeric(n), step_scale, true);
    if (term.is_zero()) break;
    sum = add(sum, term);
  }
  return mul_scaled(sum, factor, scale);
}

Numeric Numeric::ln(const Numeric& a) {
  if (a.is_nan()) return a;
  if (a.sign() <= 0) refuse_logarithm(a);
  if (a.is_infinite()) return a;
  return ln_scaled(a, bounded_scale(min_significant - estimate_ln_weight(a), a.scale_));
}

Numeric Numeric::log(const Numeric& base, const Numeric& a) {
  if (base.is_nan() || a.is_nan()) return nan();
  for (const Numeric* operand : {&base, &a}) {
    if (operand->sign() <= 0) refuse_logarithm(*operand);
  }
  if (base.is_infinite()) return a.is_infinite() ? nan() : Numeric();
  if (a.is_infinite()) return a;
  const int base_weight = estimate_ln_weight(base);
  const int a_weight = estimate_ln_weight(a);
  const int weight = a_weight - base_weight;
  const int scale = bounded_scale(min_significant - weight, std::max(base.scale_, a.scale_));
  const Numeric ln_base = ln_scaled(base, scale + weight - base_weight + guard_digits);
  const Numeric ln_a = ln_scaled(a, scale + weight - a_weight + guard_digits);
  return div_scaled(ln_a, ln_base, scale, true);
}

Numeric Numeric::power_integer(const Numeric& base, int exponent) {
  const int scale = bounded_scale(min_significant, base.scale_);
  if (exponent == 0) return Numeric(1).truncated(scale);
  if (exponent == 1) return base.rounded(scale);
  if (exponent == -1) return div_scaled(Numeric(1), base, scale, true);
  if (exponent == 2) return mul_scaled(base, base, scale);
  if (base.digits_.empty()) return Numeric().truncated(scale);

  // The decimal exponent of the result, from the leading digits.
  double lead = base.digits_[0];
  int weight = base.weight_ * digits_per_base;
  for (std::size_t i = 1; i < base.digits_.size() && i * digits_per_base < 16; ++i) {
    lead = lead * 10000 + base.digits_[i];
    weight -= digits_per_base;
  }
  const double digits = (std::log10(lead) + weight) * exponent;
  if (digits > (32767 + 1) * digits_per_base) refuse_overflow();
  if (digits + 1 < -scale) return Numeric().truncated(scale);

  const bool invert = exponent < 0;
  auto left = static_cast<unsigned>(std::abs(static_cast<std::int64_t>(exponent)));
  const int significant = 1 + scale + static_cast<int>(digits) +
                          static_cast<int>(std::log(static_cast<double>(left))) + guard_digits;
  // Products keep the digits that count in the result and no more.
  const auto step = [&](const Numeric& a, const Numeric& b) {
    int step_scale = significant - (a.weight_ + b.weight_) * digits_per_base;
    step_scale = std::max(std::min(step_scale, a.scale_ + b.scale_), 0);
    return mul_scaled(a, b, step_scale);
  };
  Numeric square = base;
  Numeric r = (left & 1) != 0 ? base : Numeric(1);
  while ((left >>= 1) > 0) {
    square = step(square, square);
    if ((left & 1) != 0) r = step(square, r);
    if (square.weight_ <= 32767 && r.weight_ <= 32767) continue;
    if (!invert) refuse_overflow();
    return Numeric().truncated(scale);
  }
  return invert ? div_scaled(Numeric(1), r, scale, true) : r.rounded(scale);
}

Numeric Numeric::power_finite(const Numeric& base, const Numeric& exponent) {
  if (exponent.is_integer()) {
    const auto whole = exponent.to_int64();
    if (whole && *whole >= std::numeric_limits<int>::min() &&
        *whole <= std::numeric_limits<int>::max()) {
      return power_integer(base, static_cast<int>(*whole));
    }
  }
  if (base.is_zero()) return Numeric().truncated(min_significant);
  const bool negate = base.negative_ && is_odd(exponent);
  const Numeric magnitude = base.absolute();

  const int ln_weight = estimate_ln_weight(magnitude);
  int ln_scale = std::max(guard_digits - ln_weight, 0);
  Numeric product = mul_scaled(ln_scaled(magnitude, ln_scale), exponent, ln_scale);
  const double value = product.to_double();
  if (std::abs(value) > 2000 * 3.01) {
    if (value > 0) refuse_overflow();
    return Numeric().truncated(max_display_scale);
  }
  const int digits = static_cast<int>(value * log10_of_e);
  const int scale = bounded_scale(min_significant - digits, std::max(base.scale_, exponent.scale_));
  const int significant = std::max(scale + digits, 0);
  ln_scale = std::max(significant - ln_weight + guard_digits, 0);
  product = mul_scaled(ln_scaled(magnitude, ln_scale), exponent, ln_scale);
  const Numeric r = exp_scaled(product, scale);
  return negate ? r.negated() : r;
}

// What pow() of the C library says about infinities and NaN.
Numeric Numeric::power_special(const Numeric& base, const Numeric& exponent) {
  static const Numeric one(1);
  if (base.is_nan()) return exponent.is_zero() ? one : base;
  if (exponent.is_nan()) return compare(base, one) == 0 ? one : exponent;
  if (compare(base, one) == 0 || exponent.is_zero()) return one;
  if (base.is_zero()) return {};
  if (exponent.is_infinite()) {
    if (compare(base, Numeric(-1)) == 0) return one;
    const bool grows = compare(base.absolute(), one) > 0;
    return grows == (exponent.sign() > 0) ? infinity() : Numeric();
  }
  if (exponent.is_negative()) return {};
  return base.is_negative() && is_odd(exponent) ? negative_infinity() : infinity();
}

Numeric Numeric::power(const Numeric& base, const Numeric& exponent) {
  if (!base.is_nan() && !exponent.is_nan()) {
    if (base.is_zero() && exponent.is_negative()) {
      throw SqlError(sqlstate::invalid_argument_for_power_function,
                     "zero raised to a negative power is undefined");
    }
    if (base.is_negative() && exponent.is_finite() && !exponent.is_integer()) {
      throw SqlError(sqlstate::invalid_argument_for_power_function,
                     "a negative number raised to a non-integer power yields a complex result");
    }
  }
  if (!base.is_finite() || !exponent.is_finite()) return power_special(base, exponent);
  Numeric r = power_finite(base, exponent);
  r.checked();
  return r;
}

}  // namespace dvecdb::server::types
