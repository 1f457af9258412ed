// to_char() of numbers and to_number().
#include <fmt/format.h>

#include <algorithm>

#include "server/functions/datetime_picture.h"
#include "server/functions/families.h"
#include "server/functions/number_picture.h"
#include "server/functions/numbers.h"
#include "server/types/oids.h"
#include "server/types/scan.h"

namespace dvecdb::server::functions {

namespace {

using Anchor = NumberPicture::Anchor;

// The digits to show, without a sign, and the blanks in front of them.
struct Digits {
  std::string text;
  bool is_negative = false;
  int blanks = 0;
};

// Walks over the picture; each place takes a blank, a zero or the next character of the number.
class Printer {
 public:
  Printer(const NumberPicture& picture, Digits digits) : p_(picture), d_(std::move(digits)) {
    anchor_ = p_.anchor;
    bracket_ = p_.bracket && !(p_.fill && !d_.is_negative);
    if (p_.plus || p_.minus) {
      // The picture has a place of its own for the sign.
      is_sign_done_ = !(p_.plus && !p_.minus);
    } else {
      is_sign_done_ = !d_.is_negative && p_.fill && anchor_ == Anchor::none;
      if (anchor_ == Anchor::before && p_.before == p_.anchor_digits) anchor_ = Anchor::after;
    }
    last_place_ = p_.after + p_.before - 1;
    if (p_.fill && p_.has_point) find_last_relevant();
    if (!is_sign_done_ && d_.blanks == 0) ++last_place_;
  }

  std::string run() {
    for (const NumberNode& node : p_.nodes) print(node);
    return std::move(out_);
  }

 private:
  // FM drops zeros at the end of the fraction, unless the picture has a 0 there.
  void find_last_relevant() {
    const auto point = d_.text.find('.');
    if (point == d_.text.npos) return;
    std::size_t last = d_.text.find_last_not_of('0');
    if (last < point) last = point;
    if (p_.zero_end > d_.blanks) {
      const auto kept =
          std::min(d_.text.size() - 1, static_cast<std::size_t>(p_.zero_end - d_.blanks));
      last = std::max(last, kept);
    }
    last_relevant_ = last;
  }

  bool last_relevant_is_point() const {
    return last_relevant_ != npos && d_.text[last_relevant_] == '.';
  }

  // 0.5 under 9.9 shows a blank for its zero.
  bool is_hidden_zero() const {
    return p_.zero_start == 0 && at_ == 0 && d_.text[0] == '0' && p_.after != 0;
  }

  void print(const NumberNode& node) {
    switch (node.key) {
      case NumberKey::nine:
      case NumberKey::zero:
      case NumberKey::point:
        return print_place(node.key);
      case NumberKey::comma:
      case NumberKey::group:
        if (has_digit_) {
          out_.push_back(',');
        } else if (!p_.fill) {
          out_.push_back(' ');
        }
        return;
      case NumberKey::currency:
        out_.push_back(' ');
        return;
      case NumberKey::minus:
        return print_sign_place(d_.is_negative, '-');
      case NumberKey::plus:
        return print_sign_place(!d_.is_negative, '+');
      case NumberKey::sign:
        out_.push_back(d_.is_negative ? '-' : '+');
        return;
      case NumberKey::ordinal:
        if (d_.text[0] == '#' || d_.is_negative || p_.has_point) return;
        out_ += ordinal_suffix(d_.text, !node.is_lower);
        return;
      case NumberKey::literal:
        out_ += node.text;
        return;
      default:
        return;
    }
  }

  void print_sign_place(bool applies, char sign) {
    if (applies) {
      out_.push_back(sign);
    } else if (!p_.fill) {
      out_.push_back(' ');
    }
  }

  // The sign comes where the number starts.
  void print_leading_sign() {
    const bool starts = place_ >= d_.blanks || (p_.zero_start != 0 && p_.zero_start - 1 == place_);
    if (is_sign_done_ || !starts) return;
    if (is_hidden_zero() && !last_relevant_is_point()) return;
    if (anchor_ != Anchor::none) {
      if (anchor_ != Anchor::before) return;
      out_.push_back(d_.is_negative ? '-' : '+');
    } else if (bracket_) {
      out_.push_back(d_.is_negative ? '<' : ' ');
    } else if (d_.is_negative) {
      out_.push_back('-');
    } else if (!p_.fill) {
      out_.push_back(' ');
    }
    is_sign_done_ = true;
  }

  void print_place(NumberKey key) {
    has_digit_ = false;
    print_leading_sign();
    const bool is_zero_place = p_.zero_start != 0 && p_.zero_start - 1 <= place_;
    if (place_ < d_.blanks && !is_zero_place) {
      if (!p_.fill) out_.push_back(' ');
    } else if (place_ < d_.blanks) {
      out_.push_back('0');
      has_digit_ = true;
    } else if (at_ < d_.text.size()) {
      print_character(key);
      ++at_;
    }
    print_trailing_sign();
    ++place_;
  }

  void print_character(NumberKey key) {
    if (d_.text[at_] == '.') {
      // A point that nothing follows is shown under FM alone.
      if (!last_relevant_is_point() || p_.fill) out_.push_back('.');
      return;
    }
    if (last_relevant_ != npos && at_ > last_relevant_ && key != NumberKey::zero) return;
    if (is_hidden_zero()) {
      if (!p_.fill) {
        out_.push_back(' ');
      } else if (last_relevant_is_point()) {
        out_.push_back('0');
      }
      return;
    }
    out_.push_back(d_.text[at_]);
    has_digit_ = true;
  }

  void print_trailing_sign() {
    int end = last_place_ + (d_.blanks != 0 ? 1 : 0) + (p_.has_point ? 1 : 0);
    if (last_relevant_ != npos && last_relevant_ == at_) end = place_;
    if (place_ + 1 != end) return;
    if (is_sign_done_ && bracket_) {
      out_.push_back(d_.is_negative ? '>' : ' ');
    } else if (anchor_ == Anchor::after) {
      out_.push_back(d_.is_negative ? '-' : '+');
    }
  }

  static constexpr std::size_t npos = std::string::npos;

  const NumberPicture& p_;
  Digits d_;
  std::string out_;
  Anchor anchor_;
  bool bracket_;
  bool is_sign_done_ = false;
  bool has_digit_ = false;  // the last place showed a digit
  int place_ = 0;           // places walked over
  int last_place_ = 0;
  std::size_t at_ = 0;  // the next character of the number
  std::size_t last_relevant_ = npos;
};

std::string roman(std::int64_t v) {
  if (v < 1 || v > 3999) return std::string(15, '#');
  struct Numeral {
    int value;
    std::string_view letters;
  };
  constexpr Numeral numerals[] = {{1000, "M"}, {900, "CM"}, {500, "D"}, {400, "CD"}, {100, "C"},
                                  {90, "XC"},  {50, "L"},   {40, "XL"}, {10, "X"},   {9, "IX"},
                                  {5, "V"},    {4, "IV"},   {1, "I"}};
  std::string out;
  for (const Numeral& numeral : numerals) {
    for (; v >= numeral.value; v -= numeral.value) out += numeral.letters;
  }
  return out;
}

std::string print_roman(const NumberPicture& picture, std::int64_t v) {
  std::string out;
  for (const NumberNode& node : picture.nodes) {
    if (node.key == NumberKey::literal) out += node.text;
    if (node.key != NumberKey::roman) continue;
    std::string shown = roman(v);
    if (node.is_lower) shown = types::to_lower(shown);
    if (!picture.fill) shown.insert(0, shown.size() < 15 ? 15 - shown.size() : 0, ' ');
    out += shown;
  }
  return out;
}

// A number's text "-123.45" laid out: blanks for missing digits, # for too many.
std::string print_plain(NumberPicture picture, std::string_view number) {
  Digits digits;
  digits.is_negative = !number.empty() && number[0] == '-';
  if (digits.is_negative) number.remove_prefix(1);
  digits.text = number;
  const int length = static_cast<int>(std::min(number.find('.'), number.size()));
  if (length < picture.before) digits.blanks = picture.before - length;
  if (length > picture.before) {
    digits.text.assign(static_cast<std::size_t>(picture.before + picture.after + 1), '#');
    digits.text[static_cast<std::size_t>(picture.before)] = '.';
  }
  return Printer(picture, std::move(digits)).run();
}

std::string scientific_of_special(const NumberPicture& picture) {
  std::string out(static_cast<std::size_t>(picture.before + picture.after + 6), '#');
  out[0] = ' ';
  out[static_cast<std::size_t>(picture.before) + 1] = '.';
  return out;
}

std::string scientific(const NumberPicture& picture, double v) {
  if (!std::isfinite(v)) return scientific_of_special(picture);
  std::string out = fmt::format("{:+.{}e}", v, picture.after);
  if (out[0] == '+') out[0] = ' ';
  return out;
}

std::string scientific(const NumberPicture& picture, const Numeric& v) {
  if (!v.is_finite()) return scientific_of_special(picture);
  int exponent = 0;
  if (!v.is_zero()) {
    exponent = v.weight() * 4;
    for (int first = v.digits().front(); first >= 10; first /= 10) ++exponent;
  }
  const Numeric ten_power = Numeric::parse(fmt::format("1e{}", exponent));
  const Numeric mantissa = Numeric::div_scaled(v, ten_power, picture.after, true);
  return fmt::format("{}{}e{}{:02}", v.is_negative() ? "" : " ", mantissa.to_string(),
                     exponent < 0 ? '-' : '+', std::abs(exponent));
}

Numeric shifted(const NumberPicture& picture, const Numeric& v) {
  return Numeric::mul(v, Numeric::parse(fmt::format("1e{}", picture.shift)));
}

std::string print_numeric(NumberPicture picture, Numeric v) {
  if (picture.is_shifted) {
    v = shifted(picture, v);
    picture.before += picture.shift;
  }
  return print_plain(picture, v.rounded(picture.after).to_string());
}

Value numeric_to_char(const FunctionContext&, Arguments args) {
  if (args[1].as_bytes().empty()) return Value::text("");
  const NumberPicture picture = parse_number_picture(args[1].as_bytes());
  const Numeric v = Numeric::of(args[0]);
  if (picture.is_roman) {
    const auto whole = v.is_finite() ? v.to_int64() : std::nullopt;
    return Value::text(print_roman(picture, whole.value_or(0)));
  }
  if (picture.is_scientific) return Value::text(scientific(picture, v));
  return Value::text(print_numeric(picture, v));
}

Value integer_to_char(const FunctionContext&, Arguments args) {
  if (args[1].as_bytes().empty()) return Value::text("");
  const NumberPicture picture = parse_number_picture(args[1].as_bytes());
  const std::int64_t v = args[0].as_integer();
  if (picture.is_roman) return Value::text(print_roman(picture, v));
  if (picture.is_scientific) return Value::text(scientific(picture, Numeric(v)));
  return Value::text(print_numeric(picture, Numeric(v)));
}

// Shows no more digits than the type has.
template <int MostDigits>
Value float_to_char(const FunctionContext&, Arguments args) {
  if (args[1].as_bytes().empty()) return Value::text("");
  NumberPicture picture = parse_number_picture(args[1].as_bytes());
  double v = args[0].as_real();
  if (picture.is_roman) {
    const bool fits = std::abs(v) < 1e6;
    return Value::text(
        print_roman(picture, fits ? static_cast<std::int64_t>(std::nearbyint(v)) : 0));
  }
  if (picture.is_scientific) return Value::text(scientific(picture, v));
  if (picture.is_shifted) {
    v *= std::pow(10, picture.shift);
    picture.before += picture.shift;
  }
  std::string whole = fmt::format("{:.0f}", std::abs(v));
  if (std::isinf(v)) whole = "Infinity";
  if (std::isnan(v)) whole = "NaN";
  picture.after = std::clamp(MostDigits - static_cast<int>(whole.size()), 0, picture.after);
  if (std::isinf(v) && v < 0) whole.insert(0, 1, '-');
  if (std::isfinite(v)) whole = fmt::format("{:.{}f}", v, picture.after);
  return Value::text(print_plain(picture, whole));
}

// Reads a number the way the picture tells it; characters that are no data are passed over.
class Scanner {
 public:
  Scanner(const NumberPicture& picture, std::string_view input) : p_(picture), rest_(input) {}

  std::string run() {
    for (const NumberNode& node : p_.nodes) {
      if (rest_.empty()) break;
      read(node);
    }
    if (!digits_.empty() && digits_.back() == '.') digits_.pop_back();
    return std::string(1, sign_) + digits_;
  }

  int before() const { return before_; }
  int after() const { return after_; }

 private:
  void read(const NumberNode& node) {
    switch (node.key) {
      case NumberKey::nine:
      case NumberKey::zero:
      case NumberKey::point:
        return read_place(node.key);
      case NumberKey::comma:
      case NumberKey::group:
        if (rest_[0] == ',' && (before_ + after_ > 0 || !p_.fill)) rest_.remove_prefix(1);
        return;
      case NumberKey::minus:
        return read_sign_place("-");
      case NumberKey::plus:
        return read_sign_place("+");
      case NumberKey::sign:
        return read_sign_place("+-");
      case NumberKey::ordinal:
        return skip_other(2);
      case NumberKey::literal:
      case NumberKey::currency:
        return skip_other(1);
      default:
        return;
    }
  }

  void read_sign_place(std::string_view signs) {
    if (signs.find(rest_[0]) != signs.npos) {
      sign_ = rest_[0];
      rest_.remove_prefix(1);
    } else {
      skip_other(1);
    }
  }

  void skip_other(int count) {
    constexpr std::string_view data = "0123456789.,+-";
    while (count-- > 0 && !rest_.empty() && data.find(rest_[0]) == data.npos) {
      std::size_t length = 1;
      while (length < rest_.size() && (rest_[length] & '\xC0') == '\x80') ++length;
      rest_.remove_prefix(length);
    }
  }

  void read_place(NumberKey key) {
    if (rest_[0] == ' ') rest_.remove_prefix(1);
    if (rest_.empty()) return;
    const bool is_first = sign_ == ' ' && before_ + after_ == 0;
    if (is_first && key != NumberKey::point) read_leading_sign();
    if (rest_.empty()) return;
    bool is_read = false;
    if (types::is_digit(rest_[0])) {
      if (has_point_ && after_ == p_.after) return;
      digits_.push_back(rest_[0]);
      ++(has_point_ ? after_ : before_);
      is_read = true;
    } else if (p_.has_point && !has_point_ && rest_[0] == '.') {
      digits_.push_back('.');
      has_point_ = true;
      is_read = true;
    }
    if (sign_ == ' ' && before_ + after_ > 0) read_trailing_sign(is_read);
    if (!rest_.empty()) rest_.remove_prefix(1);
  }

  void read_leading_sign() {
    const bool anchored = p_.anchor != Anchor::none;
    if (anchored && !(p_.anchor == Anchor::before)) return;
    const char c = rest_[0];
    if (c == '-' || (!anchored && p_.bracket && c == '<')) {
      sign_ = '-';
    } else if (c == '+') {
      sign_ = '+';
    } else {
      return;
    }
    rest_.remove_prefix(1);
  }

  // "5.01-": right behind the last digit.
  void read_trailing_sign(bool is_read) {
    if (p_.anchor != Anchor::none) {
      if (!is_read || rest_.size() < 2 || types::is_digit(rest_[1])) return;
      if (rest_[1] != '-' && rest_[1] != '+') return;
      sign_ = rest_[1];
      rest_.remove_prefix(1);
    } else if (!is_read && !p_.plus && (!p_.minus || p_.has_point) &&
               (rest_[0] == '-' || rest_[0] == '+')) {
      sign_ = rest_[0];
    }
  }

  const NumberPicture& p_;
  std::string_view rest_;
  std::string digits_;
  char sign_ = ' ';
  int before_ = 0;
  int after_ = 0;
  bool has_point_ = false;
};

Value to_number(const FunctionContext&, Arguments args) {
  if (args[1].as_bytes().empty()) return Value::null();
  const NumberPicture picture = parse_number_picture(args[1].as_bytes());
  if (picture.is_roman) {
    throw SqlError(sqlstate::feature_not_supported, "\"RN\" not supported for input");
  }
  if (picture.is_scientific) {
    throw SqlError(sqlstate::feature_not_supported, "\"EEEE\" not supported for input");
  }
  Scanner scanner(picture, args[0].as_bytes());
  const std::string text = scanner.run();
  Numeric v = Numeric::parse(text).rounded(scanner.after());
  if (picture.is_shifted) {
    v = Numeric::div(v, Numeric::parse(fmt::format("1e{}", picture.shift)));
  }
  return v.to_value();
}

constexpr ScalarEntry table[] = {
    {"numeric_to_char", numeric_to_char},  {"int4_to_char", integer_to_char},
    {"int8_to_char", integer_to_char},     {"float4_to_char", float_to_char<6>},
    {"float8_to_char", float_to_char<15>}, {"numeric_to_number", to_number},
};

}  // namespace

ScalarTable number_picture_functions() {
  return table;
}

}  // namespace dvecdb::server::functions
