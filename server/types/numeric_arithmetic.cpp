// Exact arithmetic: sums, products, quotients. Results carry the scales that PostgreSQL gives.
#include <algorithm>
#include <cstdlib>

#include "server/types/error.h"
#include "server/types/numeric.h"

namespace dvecdb::server::types {

namespace {

constexpr int base = 10000;
constexpr int digits_per_base = 4;

[[noreturn]] void refuse_division_by_zero() {
  throw SqlError(sqlstate::division_by_zero, "division by zero");
}

using Digits = std::vector<std::int32_t>;

// Both digits start at the most significant. The quotient of numerator / divisor, one digit for
// each position from the divisor's length on; Knuth's algorithm D. `divisor` has no leading zero.
Digits divide_digits(Digits numerator, Digits divisor) {
  if (divisor.size() == 1) {
    Digits quotient(numerator.size());
    std::int64_t rest = 0;
    for (std::size_t i = 0; i < numerator.size(); ++i) {
      rest = rest * base + numerator[i];
      quotient[i] = static_cast<std::int32_t>(rest / divisor[0]);
      rest %= divisor[0];
    }
    return quotient;
  }
  const auto scale_up = [](Digits& digits, std::int32_t factor) {
    std::int32_t carry = 0;
    for (std::size_t i = digits.size(); i-- > 0;) {
      carry += digits[i] * factor;
      digits[i] = carry % base;
      carry /= base;
    }
  };
  const std::int32_t factor = base / (divisor[0] + 1);
  numerator.insert(numerator.begin(), 0);
  scale_up(numerator, factor);
  scale_up(divisor, factor);

  const std::size_t n = divisor.size();
  const std::size_t count = numerator.size() - n;
  Digits quotient(count);
  for (std::size_t i = 0; i < count; ++i) {
    const std::int64_t head = std::int64_t{numerator[i]} * base + numerator[i + 1];
    std::int64_t guess = std::min<std::int64_t>(head / divisor[0], base - 1);
    while ((head - guess * divisor[0]) * base + numerator[i + 2] < guess * divisor[1] &&
           head - guess * divisor[0] < base) {
      --guess;
    }
    std::int32_t borrow = 0;
    const auto digit = static_cast<std::int32_t>(guess);
    for (std::size_t j = n; j-- > 0;) {
      std::int32_t v = numerator[i + j + 1] - digit * divisor[j] - borrow;
      borrow = v < 0 ? (-v + base - 1) / base : 0;
      numerator[i + j + 1] = v + borrow * base;
    }
    numerator[i] -= borrow;
    quotient[i] = digit;
    if (numerator[i] >= 0) continue;
    // The guess was one too high: add the divisor back.
    --quotient[i];
    std::int32_t carry = 0;
    for (std::size_t j = n; j-- > 0;) {
      carry += numerator[i + j + 1] + divisor[j];
      numerator[i + j + 1] = carry % base;
      carry /= base;
    }
    numerator[i] += carry;
  }
  return quotient;
}

}  // namespace

Numeric Numeric::add_magnitude(const Numeric& a, const Numeric& b) {
  if (a.digits_.empty()) return b;
  if (b.digits_.empty()) return a;
  Numeric r;
  r.scale_ = std::max(a.scale_, b.scale_);
  r.weight_ = std::max(a.weight_, b.weight_) + 1;
  const int last_a = a.weight_ - static_cast<int>(a.digits_.size()) + 1;
  const int last_b = b.weight_ - static_cast<int>(b.digits_.size()) + 1;
  const int last = std::min(last_a, last_b);
  r.digits_.resize(static_cast<std::size_t>(r.weight_ - last + 1));
  int carry = 0;
  for (int place = last; place <= r.weight_; ++place) {
    if (place >= last_a && place <= a.weight_) {
      carry += a.digits_[static_cast<std::size_t>(a.weight_ - place)];
    }
    if (place >= last_b && place <= b.weight_) {
      carry += b.digits_[static_cast<std::size_t>(b.weight_ - place)];
    }
    r.digits_[static_cast<std::size_t>(r.weight_ - place)] =
        static_cast<std::int16_t>(carry % base);
    carry /= base;
  }
  r.normalize();
  return r;
}

Numeric Numeric::sub_magnitude(const Numeric& a, const Numeric& b) {
  Numeric r;
  r.scale_ = std::max(a.scale_, b.scale_);
  if (b.digits_.empty()) {
    r.weight_ = a.weight_;
    r.digits_ = a.digits_;
    return r;
  }
  r.weight_ = a.weight_;
  const int last_a = a.weight_ - static_cast<int>(a.digits_.size()) + 1;
  const int last_b = b.weight_ - static_cast<int>(b.digits_.size()) + 1;
  const int last = std::min(last_a, last_b);
  r.digits_.resize(static_cast<std::size_t>(r.weight_ - last + 1));
  int borrow = 0;
  for (int place = last; place <= r.weight_; ++place) {
    int v = -borrow;
    if (place >= last_a) v += a.digits_[static_cast<std::size_t>(a.weight_ - place)];
    if (place >= last_b && place <= b.weight_) {
      v -= b.digits_[static_cast<std::size_t>(b.weight_ - place)];
    }
    borrow = v < 0 ? 1 : 0;
    r.digits_[static_cast<std::size_t>(r.weight_ - place)] =
        static_cast<std::int16_t>(v + borrow * base);
  }
  r.normalize();
  return r;
}

Numeric Numeric::add(const Numeric& a, const Numeric& b) {
  if (a.is_nan() || b.is_nan()) return nan();
  if (a.is_infinite() && b.is_infinite()) return a.kind_ == b.kind_ ? a : nan();
  if (a.is_infinite()) return a;
  if (b.is_infinite()) return b;
  Numeric r;
  if (a.negative_ == b.negative_) {
    r = add_magnitude(a, b);
    r.negative_ = a.negative_;
  } else {
    const int order = compare_magnitude(a, b);
    const Numeric& greater = order >= 0 ? a : b;
    r = sub_magnitude(greater, order >= 0 ? b : a);
    r.negative_ = greater.negative_ && !r.digits_.empty();
  }
  if (r.digits_.empty()) r.negative_ = false;
  r.scale_ = std::max(a.scale_, b.scale_);
  r.checked();
  return r;
}

Numeric Numeric::sub(const Numeric& a, const Numeric& b) {
  return add(a, b.negated());
}

Numeric Numeric::mul_scaled(const Numeric& a, const Numeric& b, int scale) {
  Numeric r;
  r.scale_ = std::max(scale, 0);
  if (a.digits_.empty() || b.digits_.empty()) return r;
  std::vector<std::int64_t> columns(a.digits_.size() + b.digits_.size(), 0);
  for (std::size_t i = 0; i < a.digits_.size(); ++i) {
    const std::int64_t digit = a.digits_[i];
    if (digit == 0) continue;
    std::int64_t* column = &columns[i + 1];
    for (std::size_t j = 0; j < b.digits_.size(); ++j) column[j] += digit * b.digits_[j];
  }
  r.weight_ = a.weight_ + b.weight_ + 1;
  r.negative_ = a.negative_ != b.negative_;
  r.digits_.resize(columns.size());
  std::int64_t carry = 0;
  for (std::size_t i = columns.size(); i-- > 0;) {
    carry += columns[i];
    r.digits_[i] = static_cast<std::int16_t>(carry % base);
    carry /= base;
  }
  r.normalize();
  return r.rounded(scale);
}

Numeric Numeric::mul(const Numeric& a, const Numeric& b) {
  if (a.is_nan() || b.is_nan()) return nan();
  if (a.is_infinite() || b.is_infinite()) {
    const int sign = a.sign() * b.sign();
    return sign == 0 ? nan() : (sign < 0 ? negative_infinity() : infinity());
  }
  Numeric r = mul_scaled(a, b, std::min(a.scale_ + b.scale_, max_scale));
  r.checked();
  return r;
}

Numeric Numeric::div_scaled(const Numeric& a, const Numeric& b, int scale, bool round) {
  if (b.digits_.empty()) refuse_division_by_zero();
  Numeric r;
  r.scale_ = std::max(scale, 0);
  if (a.digits_.empty()) return r;
  // Enough quotient digits for the scale and one more to round by.
  const int weight = a.weight_ - b.weight_;
  const int after_point = (scale + digits_per_base) / digits_per_base + 1;
  const int wanted = std::max(weight + 1 + after_point, 1);
  Digits numerator(a.digits_.begin(), a.digits_.end());
  Digits divisor(b.digits_.begin(), b.digits_.end());
  numerator.resize(divisor.size() + static_cast<std::size_t>(wanted), 0);
  const Digits quotient = divide_digits(std::move(numerator), std::move(divisor));
  // A divisor of one digit gives a quotient digit at its own position already.
  r.weight_ = weight;
  r.negative_ = a.negative_ != b.negative_;
  r.digits_.assign(quotient.begin(), quotient.end());
  r.normalize();
  return round ? r.rounded(scale) : r.truncated(scale);
}

int Numeric::division_scale(const Numeric& a, const Numeric& b) {
  int weight = a.weight_ - b.weight_;
  const int first_a = a.digits_.empty() ? 0 : a.digits_.front();
  if (first_a <= b.digits_.front()) --weight;
  const int scale = min_significant - weight * digits_per_base;
  return std::min(std::max({scale, a.scale_, b.scale_, 0}), max_display_scale);
}

Numeric Numeric::div(const Numeric& a, const Numeric& b) {
  if (a.is_nan() || b.is_nan()) return nan();
  if (a.is_infinite()) {
    if (b.is_infinite()) return nan();
    if (b.is_zero()) refuse_division_by_zero();
    return a.sign() * b.sign() < 0 ? negative_infinity() : infinity();
  }
  if (b.is_infinite()) return {};
  if (b.is_zero()) refuse_division_by_zero();
  Numeric r = div_scaled(a, b, division_scale(a, b), true);
  r.checked();
  return r;
}

Numeric Numeric::div_trunc(const Numeric& a, const Numeric& b) {
  if (!a.is_finite() || !b.is_finite()) return div(a, b);
  if (b.is_zero()) refuse_division_by_zero();
  Numeric r = div_scaled(a, b, 0, false);
  r.checked();
  return r;
}

Numeric Numeric::mod(const Numeric& a, const Numeric& b) {
  if (a.is_nan() || b.is_nan()) return nan();
  if (b.is_zero()) refuse_division_by_zero();
  if (a.is_infinite()) return nan();
  if (b.is_infinite()) return a;
  const Numeric whole = div_scaled(a, b, 0, false);
  return sub(a, mul_scaled(whole, b, b.scale_)).truncated(std::max(a.scale_, b.scale_));
}

Numeric Numeric::gcd(const Numeric& a, const Numeric& b) {
  if (!a.is_finite() || !b.is_finite()) return nan();
  const int scale = std::max(a.scale_, b.scale_);
  Numeric x = a.absolute();
  Numeric y = b.absolute();
  while (!y.is_zero()) {
    Numeric rest = mod(x, y);
    x = std::move(y);
    y = std::move(rest);
  }
  return x.truncated(scale);
}

Numeric Numeric::lcm(const Numeric& a, const Numeric& b) {
  if (!a.is_finite() || !b.is_finite()) return nan();
  const int scale = std::max(a.scale_, b.scale_);
  if (a.is_zero() || b.is_zero()) return Numeric().truncated(scale);
  const Numeric part = div_scaled(a, gcd(a, b), 0, false);
  Numeric r = mul_scaled(part, b, b.scale_).absolute().truncated(scale);
  r.checked();
  return r;
}

Numeric Numeric::factorial(std::int64_t n) {
  if (n < 0) {
    throw SqlError(sqlstate::numeric_value_out_of_range,
                   "factorial of a negative number is undefined");
  }
  constexpr std::int64_t greatest = 32177;  // 32178! has more digits than can be stored
  if (n > greatest) {
    throw SqlError(sqlstate::numeric_value_out_of_range, "value overflows numeric format");
  }
  Numeric r(1);
  for (std::int64_t i = 2; i <= n; ++i) r = mul_scaled(r, Numeric(i), 0);
  return r;
}

}  // namespace dvecdb::server::types
