// PostgreSQL's numeric: decimal numbers of any length, with the same result scales, limits and
// special values. Values are immutable once made; distinct values may be used by any thread.
// Operations throw SqlError (22003, 22012, 2201F ...) as the SQL operators do.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/types/value.h"

namespace dvecdb::server::types {

// Wide enough for sums of any number of int8; a compiler's extension.
__extension__ typedef __int128 Int128;
__extension__ typedef unsigned __int128 Uint128;

class Numeric {
 public:
  static constexpr int max_scale = 16383;         // digits after the point that can be stored
  static constexpr int max_display_scale = 1000;  // digits after the point that division chooses
  static constexpr int min_significant = 16;      // significant digits that division gives at least

  Numeric() = default;  // 0
  explicit Numeric(std::int64_t v) : Numeric(from_int128(v)) {}
  static Numeric nan() { return special(Kind::nan); }
  static Numeric infinity() { return special(Kind::infinity); }
  static Numeric negative_infinity() { return special(Kind::negative_infinity); }
  static Numeric from_int128(Int128 v);
  // By way of `digits` significant decimal digits, as PostgreSQL casts (15 for double precision,
  // 6 for real).
  static Numeric from_double(double v, int digits);
  // The input function's grammar, blanks around allowed. Throws 22P02 and 22003.
  static Numeric parse(std::string_view text);
  static Numeric receive(std::string_view bytes);
  static Numeric of(const Value& value) { return parse(value.as_bytes()); }

  std::string to_string() const;
  Value to_value() const { return Value::text(to_string()); }
  void send(std::string& out) const;
  // Bytes whose order is that of the numbers; equal for 1.0 and 1.00.
  std::string sort_key() const;

  bool is_nan() const { return kind_ == Kind::nan; }
  bool is_infinite() const { return kind_ == Kind::infinity || kind_ == Kind::negative_infinity; }
  bool is_finite() const { return kind_ == Kind::finite; }
  bool is_zero() const { return is_finite() && digits_.empty(); }
  bool is_negative() const { return negative_ || kind_ == Kind::negative_infinity; }
  bool is_integer() const;
  // -1, 0 or 1; NaN counts as 1.
  int sign() const { return is_zero() ? 0 : (is_negative() ? -1 : 1); }
  int scale() const { return scale_; }
  // The decimal digits after the point up to the last that is not 0.
  int min_scale() const;
  // Exponent of base 10,000 of the first digit, and the digits: for estimates.
  int weight() const { return weight_; }
  const std::vector<std::int16_t>& digits() const { return digits_; }

  Numeric negated() const;
  Numeric absolute() const;
  // Half away from zero; a negative scale rounds before the point.
  Numeric rounded(int scale) const;
  // Digits beyond `scale` are cut; missing ones are shown as zeros.
  Numeric truncated(int scale) const;
  Numeric ceiling() const;
  Numeric floored() const;

  // Rounded to the nearest integer; nullopt when it does not fit. Finite numbers only.
  std::optional<std::int64_t> to_int64() const;
  // The nearest double; infinite when out of range.
  double to_double() const;

  // <0, 0, >0; NaN equals NaN and is greater than all else.
  static int compare(const Numeric& a, const Numeric& b);
  // The same for stored forms, without building numbers.
  static int compare_text(std::string_view a, std::string_view b);

  static Numeric add(const Numeric& a, const Numeric& b);
  static Numeric sub(const Numeric& a, const Numeric& b);
  static Numeric mul(const Numeric& a, const Numeric& b);
  static Numeric div(const Numeric& a, const Numeric& b);
  // The quotient cut to an integer, and the remainder with the dividend's sign.
  static Numeric div_trunc(const Numeric& a, const Numeric& b);
  static Numeric mod(const Numeric& a, const Numeric& b);
  static Numeric gcd(const Numeric& a, const Numeric& b);
  static Numeric lcm(const Numeric& a, const Numeric& b);
  static Numeric factorial(std::int64_t n);
  static Numeric sqrt(const Numeric& a);
  static Numeric exp(const Numeric& a);
  static Numeric ln(const Numeric& a);
  static Numeric log(const Numeric& base, const Numeric& a);
  static Numeric power(const Numeric& base, const Numeric& exponent);

  // Finite operands, with the scale of the result given: products are rounded half away from
  // zero to it, quotients rounded or cut.
  static Numeric mul_scaled(const Numeric& a, const Numeric& b, int scale);
  static Numeric div_scaled(const Numeric& a, const Numeric& b, int scale, bool round);
  static Numeric sqrt_scaled(const Numeric& a, int scale);
  // The scale that div() gives: at least min_significant digits, and no fewer after the point than
  // the operands have. `b` is not 0.
  static int division_scale(const Numeric& a, const Numeric& b);

  // Refuses what does not fit the stored form: "value overflows numeric format".
  const Numeric& checked() const;

 private:
  enum class Kind : std::uint8_t { finite, nan, infinity, negative_infinity };

  static Numeric special(Kind kind) {
    Numeric r;
    r.kind_ = kind;
    return r;
  }
  void assign(bool negative, Uint128 magnitude);
  void normalize();
  static std::optional<Numeric> parse_special(std::string_view text);
  static std::optional<Numeric> parse_finite(std::string_view text);

  static int compare_magnitude(const Numeric& a, const Numeric& b);
  static Numeric add_magnitude(const Numeric& a, const Numeric& b);
  static Numeric sub_magnitude(const Numeric& a, const Numeric& b);  // |a| >= |b|
  static Numeric exp_scaled(const Numeric& a, int scale);
  static Numeric ln_scaled(const Numeric& a, int scale);
  static int estimate_ln_weight(const Numeric& a);
  static Numeric power_integer(const Numeric& base, int exponent);
  static Numeric power_finite(const Numeric& base, const Numeric& exponent);
  static Numeric power_special(const Numeric& base, const Numeric& exponent);

  Kind kind_ = Kind::finite;
  bool negative_ = false;
  std::int32_t weight_ = 0;
  std::int32_t scale_ = 0;
  std::vector<std::int16_t> digits_;  // base 10,000, no zeros at either end
};

}  // namespace dvecdb::server::types
