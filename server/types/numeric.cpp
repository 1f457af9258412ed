#include "server/types/numeric.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>

#include "server/types/binary.h"
#include "server/types/error.h"
#include "server/types/scan.h"

namespace dvecdb::server::types {

namespace {

constexpr int base = 10000;
constexpr int digits_per_base = 4;
constexpr int max_weight = 32767;

constexpr int power_of_ten[] = {1, 10, 100, 1000};

constexpr std::uint16_t sign_negative = 0x4000;
constexpr std::uint16_t sign_nan = 0xC000;
constexpr std::uint16_t sign_infinity = 0xD000;
constexpr std::uint16_t sign_negative_infinity = 0xF000;

[[noreturn]] void refuse_syntax(std::string_view text) {
  throw SqlError(sqlstate::invalid_text_representation,
                 fmt::format("invalid input syntax for type numeric: \"{}\"", text));
}

[[noreturn]] void refuse_overflow() {
  throw SqlError(sqlstate::numeric_value_out_of_range, "value overflows numeric format");
}

[[noreturn]] void refuse_binary(std::string_view part) {
  throw SqlError(sqlstate::invalid_binary_representation,
                 fmt::format("invalid {} in external \"numeric\" value", part));
}

int floor_div(int a, int b) {
  return a >= 0 ? a / b : -((-a + b - 1) / b);
}

// The parts of a decimal literal: its digits without the point, and where the point is.
struct Literal {
  bool negative = false;
  std::string digits;
  int weight = 0;  // decimal exponent of the first digit
  int scale = 0;
};

// Reads the [+-]digits after the e.
std::optional<int> parse_exponent(std::string_view text) {
  if (!text.empty() && text[0] == '+') text.remove_prefix(1);
  if (text.empty() || text[0] == '+') return std::nullopt;
  int exponent = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), exponent);
  if (error == std::errc::invalid_argument || end != text.data() + text.size()) return std::nullopt;
  constexpr int limit = std::numeric_limits<int>::max() / 2;
  if (error != std::errc() || exponent >= limit || exponent <= -limit) refuse_overflow();
  return exponent;
}

std::optional<Literal> parse_literal(std::string_view text) {
  Literal literal;
  std::size_t at = 0;
  if (at < text.size() && (text[at] == '+' || text[at] == '-'))
    literal.negative = text[at++] == '-';
  bool has_point = false;
  std::size_t before_point = 0;
  for (; at < text.size(); ++at) {
    if (is_digit(text[at])) {
      literal.digits.push_back(text[at]);
      if (has_point) {
        ++literal.scale;
      } else {
        ++before_point;
      }
    } else if (text[at] == '.' && !has_point) {
      has_point = true;
    } else {
      break;
    }
  }
  if (literal.digits.empty()) return std::nullopt;
  literal.weight = static_cast<int>(before_point) - 1;
  if (at == text.size()) return literal;
  if (text[at] != 'e' && text[at] != 'E') return std::nullopt;
  const auto exponent = parse_exponent(text.substr(at + 1));
  if (!exponent) return std::nullopt;
  literal.weight += *exponent;
  literal.scale = std::max(0, literal.scale - *exponent);
  return literal;
}

}  // namespace

void Numeric::assign(bool negative, Uint128 magnitude) {
  negative_ = negative;
  digits_.clear();
  for (; magnitude != 0; magnitude /= base) {
    digits_.push_back(static_cast<std::int16_t>(magnitude % base));
  }
  weight_ = static_cast<int>(digits_.size()) - 1;
  std::reverse(digits_.begin(), digits_.end());
  normalize();
}

void Numeric::normalize() {
  std::size_t leading = 0;
  while (leading < digits_.size() && digits_[leading] == 0) ++leading;
  if (leading > 0) digits_.erase(digits_.begin(), digits_.begin() + static_cast<long>(leading));
  weight_ -= static_cast<int>(leading);
  while (!digits_.empty() && digits_.back() == 0) digits_.pop_back();
  if (digits_.empty()) {
    negative_ = false;
    weight_ = 0;
  }
}

Numeric Numeric::from_int128(Int128 v) {
  Numeric r;
  r.assign(v < 0, v < 0 ? 0 - static_cast<Uint128>(v) : static_cast<Uint128>(v));
  return r;
}

Numeric Numeric::from_double(double v, int digits) {
  if (std::isnan(v)) return nan();
  if (std::isinf(v)) return v < 0 ? negative_infinity() : infinity();
  return parse(fmt::format("{:.{}g}", v, digits));
}

std::optional<Numeric> Numeric::parse_special(std::string_view text) {
  if (equals_ignore_case(text, "nan")) return nan();
  const bool has_sign = !text.empty() && (text[0] == '+' || text[0] == '-');
  const bool negative = has_sign && text[0] == '-';
  const std::string_view word = has_sign ? text.substr(1) : text;
  if (equals_ignore_case(word, "infinity") || equals_ignore_case(word, "inf")) {
    return negative ? negative_infinity() : infinity();
  }
  return std::nullopt;
}

std::optional<Numeric> Numeric::parse_finite(std::string_view text) {
  const auto literal = parse_literal(text);
  if (!literal) return std::nullopt;
  Numeric r;
  r.negative_ = literal->negative;
  r.scale_ = literal->scale;
  r.weight_ = floor_div(literal->weight, digits_per_base);
  // Blanks in front of the first group fill it up to four decimal digits.
  int lead = digits_per_base - 1 - (literal->weight - r.weight_ * digits_per_base);
  int group = 0;
  int filled = lead;
  for (const char digit : literal->digits) {
    group = group * 10 + (digit - '0');
    if (++filled == digits_per_base) {
      r.digits_.push_back(static_cast<std::int16_t>(group));
      group = 0;
      filled = 0;
    }
  }
  if (filled > 0) {
    r.digits_.push_back(static_cast<std::int16_t>(group * power_of_ten[digits_per_base - filled]));
  }
  r.normalize();
  return r;
}

Numeric Numeric::parse(std::string_view text) {
  const std::string_view trimmed = trim_space(text);
  if (auto special_value = parse_special(trimmed)) return *special_value;
  auto finite = parse_finite(trimmed);
  if (!finite) refuse_syntax(text);
  finite->checked();
  return *std::move(finite);
}

const Numeric& Numeric::checked() const {
  if (scale_ > max_scale || (!digits_.empty() && weight_ > max_weight)) refuse_overflow();
  return *this;
}

std::string Numeric::to_string() const {
  switch (kind_) {
    case Kind::nan:
      return "NaN";
    case Kind::infinity:
      return "Infinity";
    case Kind::negative_infinity:
      return "-Infinity";
    case Kind::finite:
      break;
  }
  const auto digit_at = [this](int index) -> int {
    const bool present = index >= 0 && index < static_cast<int>(digits_.size());
    return present ? digits_[static_cast<std::size_t>(index)] : 0;
  };
  std::string out;
  if (negative_) out.push_back('-');
  if (weight_ < 0) {
    out.push_back('0');
  } else {
    out += std::to_string(digit_at(0));
    for (int i = 1; i <= weight_; ++i)
      fmt::format_to(std::back_inserter(out), "{:04}", digit_at(i));
  }
  if (scale_ > 0) {
    out.push_back('.');
    const std::size_t end = out.size() + static_cast<std::size_t>(scale_);
    for (int i = weight_ + 1; out.size() < end; ++i) {
      fmt::format_to(std::back_inserter(out), "{:04}", digit_at(i));
    }
    out.resize(end);
  }
  return out;
}

void Numeric::send(std::string& out) const {
  std::uint16_t sign = negative_ ? sign_negative : 0;
  if (kind_ == Kind::nan) sign = sign_nan;
  if (kind_ == Kind::infinity) sign = sign_infinity;
  if (kind_ == Kind::negative_infinity) sign = sign_negative_infinity;
  append_u16(out, static_cast<std::uint16_t>(digits_.size()));
  append_u16(out, static_cast<std::uint16_t>(weight_));
  append_u16(out, sign);
  constexpr std::uint16_t infinity_scale = 0x20;  // what PostgreSQL sends there; it means nothing
  append_u16(out, is_infinite() ? infinity_scale : static_cast<std::uint16_t>(scale_));
  for (const std::int16_t digit : digits_) append_u16(out, static_cast<std::uint16_t>(digit));
}

Numeric Numeric::receive(std::string_view bytes) {
  BinaryReader reader(bytes);
  const std::uint16_t count = reader.u16();
  Numeric r;
  r.weight_ = reader.i16();
  const std::uint16_t sign = reader.u16();
  r.scale_ = reader.u16();
  if (sign != 0 && sign != sign_negative && sign != sign_nan && sign != sign_infinity &&
      sign != sign_negative_infinity) {
    refuse_binary("sign");
  }
  if (r.scale_ > max_scale) refuse_binary("scale");
  r.digits_.reserve(reader.left() / 2 < count ? reader.left() / 2 : count);
  for (int i = 0; i < count; ++i) {
    const std::int16_t digit = reader.i16();
    if (digit < 0 || digit >= base) refuse_binary("digit");
    r.digits_.push_back(digit);
  }
  reader.finish();
  if (sign == sign_nan) return nan();
  if (sign == sign_infinity) return infinity();
  if (sign == sign_negative_infinity) return negative_infinity();
  r.negative_ = sign == sign_negative;
  r.normalize();
  return r.truncated(r.scale_);
}

std::string Numeric::sort_key() const {
  switch (kind_) {
    case Kind::nan:
      return "\xff";
    case Kind::infinity:
      return "\xfe";
    case Kind::negative_infinity:
      return std::string(1, '\0');
    case Kind::finite:
      break;
  }
  if (is_zero()) return "\x80";
  std::string key;
  append_u8(key, 0xC0);
  append_u32(key, static_cast<std::uint32_t>(weight_) ^ 0x80000000U);
  for (const std::int16_t digit : digits_) append_u16(key, static_cast<std::uint16_t>(digit + 1));
  append_u16(key, 0);
  if (negative_) {
    for (char& byte : key) byte = static_cast<char>(~byte);
  }
  return key;
}

bool Numeric::is_integer() const {
  return is_finite() && static_cast<int>(digits_.size()) <= weight_ + 1;
}

int Numeric::min_scale() const {
  if (digits_.empty()) return 0;
  const int groups = static_cast<int>(digits_.size()) - weight_ - 1;
  if (groups <= 0) return 0;
  int digits = groups * digits_per_base;
  for (int last = digits_.back(); last % 10 == 0; last /= 10) --digits;
  return digits;
}

Numeric Numeric::negated() const {
  Numeric r = *this;
  if (kind_ == Kind::infinity) return negative_infinity();
  if (kind_ == Kind::negative_infinity) return infinity();
  r.negative_ = is_finite() && !digits_.empty() && !negative_;
  return r;
}

Numeric Numeric::absolute() const {
  return is_negative() ? negated() : *this;
}

Numeric Numeric::truncated(int scale) const {
  if (!is_finite()) return *this;
  Numeric r = *this;
  r.scale_ = std::max(scale, 0);
  const int kept = (weight_ + 1) * digits_per_base + scale;  // decimal digits that stay
  if (kept <= 0) {
    r.digits_.clear();
  } else if (kept < static_cast<int>(digits_.size()) * digits_per_base) {
    r.digits_.resize(static_cast<std::size_t>((kept + digits_per_base - 1) / digits_per_base));
    const int cut = kept % digits_per_base;
    if (cut != 0) {
      const int unit = power_of_ten[digits_per_base - cut];
      r.digits_.back() = static_cast<std::int16_t>(r.digits_.back() - r.digits_.back() % unit);
    }
  }
  r.normalize();
  return r;
}

Numeric Numeric::rounded(int scale) const {
  if (!is_finite()) return *this;
  const int kept = (weight_ + 1) * digits_per_base + scale;
  if (kept < 0 || kept >= static_cast<int>(digits_.size()) * digits_per_base) {
    return truncated(scale);
  }
  const int next_digit = digits_[static_cast<std::size_t>(kept / digits_per_base)] /
                         power_of_ten[digits_per_base - 1 - kept % digits_per_base] % 10;
  Numeric r = truncated(scale);
  if (next_digit < 5) return r;
  // One unit in the last kept place: 10^-scale.
  Numeric unit;
  unit.weight_ = floor_div(-scale, digits_per_base);
  unit.digits_.push_back(
      static_cast<std::int16_t>(power_of_ten[-scale - unit.weight_ * digits_per_base]));
  unit.negative_ = negative_;
  r = add_magnitude(r, unit);
  r.negative_ = negative_;
  r.scale_ = std::max(scale, 0);
  return r;
}

Numeric Numeric::floored() const {
  if (!is_finite()) return *this;
  Numeric r = truncated(0);
  return negative_ && !is_integer() ? sub(r, Numeric(1)) : r;
}

Numeric Numeric::ceiling() const {
  if (!is_finite()) return *this;
  Numeric r = truncated(0);
  return !negative_ && !is_integer() ? add(r, Numeric(1)) : r;
}

std::optional<std::int64_t> Numeric::to_int64() const {
  const Numeric whole = rounded(0);
  if (whole.digits_.empty()) return 0;
  if (whole.weight_ > 5) return std::nullopt;
  Int128 v = 0;
  for (int i = 0; i <= whole.weight_; ++i) {
    const bool present = i < static_cast<int>(whole.digits_.size());
    v = v * base + (present ? whole.digits_[static_cast<std::size_t>(i)] : 0);
  }
  if (whole.negative_) v = -v;
  if (v < std::numeric_limits<std::int64_t>::min() ||
      v > std::numeric_limits<std::int64_t>::max()) {
    return std::nullopt;
  }
  return static_cast<std::int64_t>(v);
}

double Numeric::to_double() const {
  switch (kind_) {
    case Kind::nan:
      return std::numeric_limits<double>::quiet_NaN();
    case Kind::infinity:
      return std::numeric_limits<double>::infinity();
    case Kind::negative_infinity:
      return -std::numeric_limits<double>::infinity();
    case Kind::finite:
      break;
  }
  return std::strtod(to_string().c_str(), nullptr);
}

int Numeric::compare_magnitude(const Numeric& a, const Numeric& b) {
  if (a.digits_.empty() || b.digits_.empty()) {
    return static_cast<int>(!a.digits_.empty()) - static_cast<int>(!b.digits_.empty());
  }
  if (a.weight_ != b.weight_) return a.weight_ < b.weight_ ? -1 : 1;
  if (a.digits_ == b.digits_) return 0;
  return std::lexicographical_compare(a.digits_.begin(), a.digits_.end(), b.digits_.begin(),
                                      b.digits_.end())
             ? -1
             : 1;
}

int Numeric::compare(const Numeric& a, const Numeric& b) {
  const auto rank = [](const Numeric& n) {
    if (n.is_nan()) return 2;
    if (n.is_infinite()) return n.is_negative() ? -1 : 1;
    return 0;
  };
  const int rank_a = rank(a);
  const int rank_b = rank(b);
  if (rank_a != 0 || rank_b != 0) return rank_a < rank_b ? -1 : (rank_a > rank_b ? 1 : 0);
  if (a.sign() != b.sign()) return a.sign() < b.sign() ? -1 : 1;
  const int order = compare_magnitude(a, b);
  return a.negative_ ? -order : order;
}

int Numeric::compare_text(std::string_view a, std::string_view b) {
  if (a == b) return 0;
  const auto is_plain = [](std::string_view text) {
    return !text.empty() &&
           (is_digit(text[0]) || (text[0] == '-' && text.size() > 1 && is_digit(text[1])));
  };
  if (!is_plain(a) || !is_plain(b)) return compare(parse(a), parse(b));
  struct Parts {
    bool negative;
    std::string_view whole;
    std::string_view fraction;
  };
  // Stored forms have no zeros in front of the whole part; those at the end do not count.
  const auto split = [](std::string_view text) {
    Parts parts{text[0] == '-', text, {}};
    if (parts.negative) parts.whole.remove_prefix(1);
    if (const auto point = parts.whole.find('.'); point != std::string_view::npos) {
      parts.fraction = parts.whole.substr(point + 1);
      parts.whole = parts.whole.substr(0, point);
      while (!parts.fraction.empty() && parts.fraction.back() == '0') {
        parts.fraction.remove_suffix(1);
      }
    }
    return parts;
  };
  const Parts x = split(a);
  const Parts y = split(b);
  if (x.negative != y.negative) return x.negative ? -1 : 1;
  int order = 0;
  if (x.whole.size() != y.whole.size()) {
    order = x.whole.size() < y.whole.size() ? -1 : 1;
  } else {
    order = x.whole.compare(y.whole);
    if (order == 0) order = x.fraction.compare(y.fraction);
  }
  return x.negative ? -order : order;
}

}  // namespace dvecdb::server::types
