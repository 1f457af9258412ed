// Reads intervals: PostgreSQL's and the SQL standard's forms from the last token to the first (so
// that a unit is known before its number), ISO 8601's from the first.
#include <charconv>
#include <cmath>
#include <limits>

#include "server/types/calendar.h"
#include "server/types/datetime_text.h"
#include "server/types/datetime_words.h"
#include "server/types/error.h"
#include "server/types/interval.h"
#include "server/types/scan.h"

namespace dvecdb::server::types {

namespace {

using Unit = DatetimeUnit;

[[noreturn]] void fail(DatetimeFault fault = DatetimeFault::bad_format) {
  throw fault;
}
[[noreturn]] void overflow() {
  fail(DatetimeFault::field_overflow);
}

// A whole number and the fraction after it, both with the sign.
struct Amount {
  std::int64_t whole = 0;
  double fraction = 0;
};

std::int64_t read_int64(std::string_view text, std::string_view& rest) {
  const bool plus = !text.empty() && text[0] == '+';
  if (plus) text.remove_prefix(1);
  std::int64_t v = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), v);
  if (error == std::errc::result_out_of_range) overflow();
  rest = text.substr(static_cast<std::size_t>(end - text.data()));
  return v;  // 0 for ".5" and "-.5"
}

// ".5" as 0.5; a lone point is 0.
double read_fraction(std::string_view text) {
  if (text.size() == 1) return 0;
  double v = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), v);
  if (error != std::errc() || end != text.data() + text.size()) fail();
  return v;
}

// Sums up the parts of an interval, refusing what does not fit.
class Sum {
 public:
  void add(const Amount& amount, Unit unit) {
    switch (unit) {
      case Unit::microsecond:
        return add_time(amount, 1);
      case Unit::millisecond:
        return add_time(amount, 1000);
      case Unit::second:
        return add_time(amount, usecs_per_second);
      case Unit::minute:
        return add_time(amount, usecs_per_minute);
      case Unit::hour:
        return add_time(amount, usecs_per_hour);
      case Unit::day:
        add_days(amount.whole, 1);
        return add_fraction_of_usecs(amount.fraction, usecs_per_day);
      case Unit::week:
        add_days(amount.whole, 7);
        return add_fraction_of_days(amount.fraction, 7);
      case Unit::month:
        add_months(amount.whole, 1);
        return add_fraction_of_days(amount.fraction, days_per_month);
      case Unit::year:
        return add_years(amount, 1);
      case Unit::decade:
        return add_years(amount, 10);
      case Unit::century:
        return add_years(amount, 100);
      case Unit::millennium:
        return add_years(amount, 1000);
      default:
        fail();
    }
  }

  void add_usecs(std::int64_t usecs) {
    if (__builtin_add_overflow(usecs_, usecs, &usecs_)) overflow();
  }

  void negate() {
    std::int64_t zero = 0;
    if (__builtin_sub_overflow(zero, usecs_, &usecs_)) overflow();
    if (days_ == std::numeric_limits<std::int32_t>::min()) overflow();
    if (months_ == std::numeric_limits<std::int32_t>::min()) overflow();
    if (years_ == std::numeric_limits<std::int32_t>::min()) overflow();
    days_ = -days_;
    months_ = -months_;
    years_ = -years_;
  }

  Interval result() const {
    const std::int64_t months = years_ * months_per_year + months_;
    if (months != static_cast<std::int32_t>(months)) refuse_interval_range();
    return {usecs_, static_cast<std::int32_t>(days_), static_cast<std::int32_t>(months)};
  }

 private:
  void add_time(const Amount& amount, std::int64_t scale) {
    std::int64_t usecs = 0;
    if (__builtin_mul_overflow(amount.whole, scale, &usecs)) overflow();
    add_usecs(usecs);
    add_fraction_of_usecs(amount.fraction, scale);
  }

  static void add_to_int32(std::int64_t& sum, std::int64_t v, std::int64_t scale) {
    if (__builtin_mul_overflow(v, scale, &v) || __builtin_add_overflow(sum, v, &sum)) overflow();
    if (sum != static_cast<std::int32_t>(sum)) overflow();
  }
  void add_days(std::int64_t v, std::int64_t scale) { add_to_int32(days_, v, scale); }
  void add_months(std::int64_t v, std::int64_t scale) { add_to_int32(months_, v, scale); }

  void add_years(const Amount& amount, std::int64_t scale) {
    add_to_int32(years_, amount.whole, scale);
    const double months =
        std::rint(amount.fraction * static_cast<double>(scale) * double{months_per_year});
    add_months(static_cast<std::int64_t>(months), 1);
  }

  void add_fraction_of_days(double fraction, std::int64_t scale) {
    if (fraction == 0) return;
    const double days = fraction * static_cast<double>(scale);
    const auto whole = static_cast<std::int64_t>(days);
    add_days(whole, 1);
    add_fraction_of_usecs(days - static_cast<double>(whole), usecs_per_day);
  }

  void add_fraction_of_usecs(double fraction, std::int64_t scale) {
    if (fraction == 0) return;
    const double exact = fraction * static_cast<double>(scale);
    auto usecs = static_cast<std::int64_t>(exact);
    const double rest = exact - static_cast<double>(usecs);
    if (rest > 0.5) ++usecs;
    if (rest < -0.5) --usecs;
    add_usecs(usecs);
  }

  std::int64_t usecs_ = 0;
  std::int64_t days_ = 0;
  std::int64_t months_ = 0;
  std::int64_t years_ = 0;
};

// The unit of a number that has none, by the modifier's last field.
Unit last_unit(int range) {
  using namespace interval_range;
  if (range == full || (range & second) != 0) return Unit::second;
  if ((range & minute) != 0) return Unit::minute;
  if ((range & hour) != 0) return Unit::hour;
  if ((range & day) != 0) return Unit::day;
  if ((range & month) != 0) return Unit::month;
  return (range & year) != 0 ? Unit::year : Unit::second;
}

class Decoder {
 public:
  Decoder(const std::vector<Token>& tokens, int range, bool leading_sign_counts)
      : tokens_(tokens), range_(range) {
    if (leading_sign_counts) all_negative_ = has_only_leading_minus();
  }

  Interval run() {
    for (std::size_t i = tokens_.size(); i-- > 0;) {
      const unsigned found = decode(tokens_[i]);
      if ((found & seen_) != 0) fail();
      seen_ |= found;
    }
    if (seen_ == 0) fail();
    if (is_ago_) sum_.negate();
    return sum_.result();
  }

 private:
  static unsigned bit(Unit unit) { return 1U << static_cast<unsigned>(unit); }
  static constexpr unsigned second_bits = 1U << static_cast<unsigned>(Unit::second) |
                                          1U << static_cast<unsigned>(Unit::millisecond) |
                                          1U << static_cast<unsigned>(Unit::microsecond);
  static constexpr unsigned clock_bits = second_bits | 1U << static_cast<unsigned>(Unit::minute) |
                                         1U << static_cast<unsigned>(Unit::hour);

  // The SQL standard's "-1 1:00:00" is negative as a whole.
  bool has_only_leading_minus() const {
    if (tokens_.empty() || tokens_[0].text[0] != '-') return false;
    for (std::size_t i = 1; i < tokens_.size(); ++i) {
      if (tokens_[i].text[0] == '-' || tokens_[i].text[0] == '+') return false;
    }
    return true;
  }

  unsigned decode(const Token& token) {
    switch (token.kind) {
      case TokenKind::time:
        unit_ = Unit::day;
        return decode_clock(token.text, false);
      case TokenKind::offset:
        if (token.text.find(':') != token.text.npos) {
          const std::string_view clock = std::string_view(token.text).substr(1);
          if (is_clock(clock)) {
            unit_ = Unit::day;
            return decode_clock(clock, token.text[0] == '-');
          }
        }
        return decode_number(token.text);
      case TokenKind::date:
      case TokenKind::number:
        return decode_number(token.text);
      case TokenKind::word:
      case TokenKind::special:
        return decode_word(token.text);
    }
    return 0;
  }

  unsigned decode_word(std::string_view text) {
    const Word word = find_unit_word(text);
    switch (word.kind) {
      case WordKind::unit:
        unit_ = static_cast<Unit>(word.value);
        return 0;
      case WordKind::ago:
        is_ago_ = true;
        unit_.reset();
        return 0;
      case WordKind::ignored:
        return 0;
      default:
        break;
    }
    const Word date_word = find_date_word(text);
    if (date_word.kind == WordKind::ignored) return 0;
    if (date_word.kind != WordKind::unit) fail();
    unit_ = static_cast<Unit>(date_word.value);
    return 0;
  }

  // hh:mm[:ss[.fff]] in microseconds; mm:ss[.fff] where the modifier or a fraction says so.
  std::int64_t read_clock(std::string_view text) const {
    std::string_view rest;
    std::int64_t hours = read_int64(text, rest);
    std::int64_t seconds = 0;
    double fraction = 0;
    if (rest.empty() || rest[0] != ':') fail();
    std::int64_t minutes = read_int64(rest.substr(1), rest);
    const bool shifts = range_ == (interval_range::minute | interval_range::second);
    if ((rest.empty() && shifts) || (!rest.empty() && rest[0] == '.')) {
      seconds = minutes;
      minutes = hours;
      hours = 0;
    } else if (!rest.empty()) {
      if (rest[0] != ':') fail();
      seconds = read_int64(rest.substr(1), rest);
    }
    if (!rest.empty() && rest[0] != '.') fail();
    if (!rest.empty()) fraction = read_fraction(rest);
    const bool in_range =
        hours >= 0 && minutes >= 0 && minutes <= 59 && seconds >= 0 && seconds <= 60;
    if (!in_range) overflow();
    std::int64_t usecs = 0;
    if (__builtin_mul_overflow(hours, usecs_per_hour, &usecs)) overflow();
    const std::int64_t below_hour = minutes * usecs_per_minute + seconds * usecs_per_second +
                                    static_cast<std::int64_t>(std::rint(fraction * 1000000));
    if (__builtin_add_overflow(usecs, below_hour, &usecs)) overflow();
    return usecs;
  }

  bool is_clock(std::string_view text) const {
    try {
      read_clock(text);
      return true;
    } catch (const DatetimeFault) {
      return false;
    }
  }

  unsigned decode_clock(std::string_view text, bool negative) {
    const std::int64_t usecs = read_clock(text);
    sum_.add_usecs(negative || all_negative_ ? -usecs : usecs);
    return clock_bits;
  }

  unsigned decode_number(std::string_view text) {
    if (!unit_) unit_ = last_unit(range_);
    const bool negative = text[0] == '-';
    std::string_view rest;
    Amount amount;
    amount.whole = read_int64(text, rest);
    if (!rest.empty() && rest[0] == '-') {
      read_years_and_months(amount, rest, negative);
    } else if (!rest.empty() && rest[0] == '.') {
      amount.fraction = read_fraction(rest);
      if (negative) amount.fraction = -amount.fraction;
    } else if (!rest.empty()) {
      fail();
    }
    if (all_negative_) {
      amount.whole = -std::abs(amount.whole);
      amount.fraction = -std::abs(amount.fraction);
    }
    const Unit unit = *unit_;
    sum_.add(amount, unit);
    if (unit == Unit::minute || unit == Unit::hour) unit_ = Unit::day;
    if (unit == Unit::second && amount.fraction != 0) return second_bits;
    return bit(unit);
  }

  // "1-2": years and months.
  void read_years_and_months(Amount& amount, std::string_view text, bool negative) {
    std::string_view rest;
    std::int64_t months = read_int64(text.substr(1), rest);
    if (months < 0 || months >= months_per_year) overflow();
    if (!rest.empty()) fail();
    if (negative) months = -months;
    unit_ = Unit::month;
    if (__builtin_mul_overflow(amount.whole, months_per_year, &amount.whole)) overflow();
    if (__builtin_add_overflow(amount.whole, months, &amount.whole)) overflow();
  }

  const std::vector<Token>& tokens_;
  const int range_;
  Sum sum_;
  unsigned seen_ = 0;
  std::optional<Unit> unit_;
  bool is_ago_ = false;
  bool all_negative_ = false;
};

// P1Y2M3DT4H5M6.7S, P0001-02-03T04:05:06, P00010203T040506
class IsoDecoder {
 public:
  explicit IsoDecoder(std::string_view text) : text_(text) {}

  Interval run() {
    if (text_.size() < 2 || text_[0] != 'P') fail();
    text_.remove_prefix(1);
    while (!text_.empty()) {
      if (text_[0] == 'T') {
        is_time_ = true;
        has_field_ = false;
        text_.remove_prefix(1);
        continue;
      }
      std::size_t digits = 0;
      const Amount amount = number(digits);
      const char designator = next();
      is_first_ = !has_field_;
      has_field_ = true;
      if (is_time_) {
        time_field(amount, designator, digits);
      } else {
        date_field(amount, designator, digits);
      }
    }
    return sum_.result();
  }

 private:
  Amount number(std::size_t& digits) {
    std::size_t length = 0;
    while (length < text_.size() && (is_digit(text_[length]) || text_[length] == '.' ||
                                     (length == 0 && (text_[0] == '-' || text_[0] == '+')))) {
      ++length;
    }
    const std::string_view word = text_.substr(0, length);
    const bool has_digit = word.find_first_of("0123456789") != word.npos;
    if (!has_digit) fail();
    text_.remove_prefix(length);
    const bool negative = word[0] == '-';
    std::string_view rest;
    Amount amount;
    amount.whole = read_int64(word, rest);
    const std::size_t sign = word[0] == '-' || word[0] == '+' ? 1 : 0;
    digits = word.size() - rest.size() - sign;
    if (!rest.empty()) {
      if (rest[0] == '-') rest.remove_prefix(1);
      amount.fraction = read_fraction(rest);
      if (negative) amount.fraction = -amount.fraction;
      has_fraction_ = true;
    } else {
      has_fraction_ = false;
    }
    return amount;
  }

  void date_field(const Amount& amount, char designator, std::size_t digits) {
    switch (designator) {
      case 'Y':
        return sum_.add(amount, Unit::year);
      case 'M':
        return sum_.add(amount, Unit::month);
      case 'W':
        return sum_.add(amount, Unit::week);
      case 'D':
        return sum_.add(amount, Unit::day);
      case 'T':
      case '\0':
        return basic_date(amount, designator, digits);
      case '-':
        return extended_date(amount);
      default:
        fail();
    }
  }

  // yyyymmdd; any other count of digits is years.
  void basic_date(const Amount& amount, char designator, std::size_t digits) {
    constexpr std::size_t date_digits = 8;
    if (digits == date_digits && !has_fraction_ && is_first_) {
      sum_.add({amount.whole / 10000, 0}, Unit::year);
      sum_.add({amount.whole / 100 % 100, 0}, Unit::month);
      sum_.add({amount.whole % 100, 0}, Unit::day);
    } else {
      sum_.add(amount, Unit::year);
    }
    start_time(designator);
  }

  // yyyy-mm-dd
  void extended_date(const Amount& years) {
    if (!is_first_) fail();
    sum_.add(years, Unit::year);
    std::size_t digits = 0;
    sum_.add(number(digits), Unit::month);
    if (text_.empty() || text_[0] == 'T') return start_time(next());
    if (next() != '-') fail();
    sum_.add(number(digits), Unit::day);
    start_time(next());
  }

  void start_time(char designator) {
    if (designator != 'T' && designator != '\0') fail();
    if (designator == 'T') {
      is_time_ = true;
      has_field_ = false;
    }
  }

  char next() {
    if (text_.empty()) return '\0';
    const char c = text_[0];
    text_.remove_prefix(1);
    return c;
  }

  void time_field(const Amount& amount, char designator, std::size_t digits) {
    switch (designator) {
      case 'H':
        return sum_.add(amount, Unit::hour);
      case 'M':
        return sum_.add(amount, Unit::minute);
      case 'S':
        return sum_.add(amount, Unit::second);
      case '\0':
        return basic_time(amount, digits);
      case ':':
        return extended_time(amount);
      default:
        fail();
    }
  }

  // hhmmss[.fff]; any other count of digits is hours.
  void basic_time(const Amount& amount, std::size_t digits) {
    constexpr std::size_t time_digits = 6;
    if (digits != time_digits || !is_first_) return sum_.add(amount, Unit::hour);
    sum_.add({amount.whole / 10000, 0}, Unit::hour);
    sum_.add({amount.whole / 100 % 100, 0}, Unit::minute);
    sum_.add({amount.whole % 100, amount.fraction}, Unit::second);
  }

  // hh:mm[:ss[.fff]]
  void extended_time(const Amount& hours) {
    if (!is_first_) fail();
    sum_.add(hours, Unit::hour);
    std::size_t digits = 0;
    sum_.add(number(digits), Unit::minute);
    if (text_.empty()) return;
    if (next() != ':') fail();
    sum_.add(number(digits), Unit::second);
    if (!text_.empty()) fail();
  }

  std::string_view text_;
  Sum sum_;
  bool is_time_ = false;
  bool has_field_ = false;  // of the date, then of the time
  bool is_first_ = true;
  bool has_fraction_ = false;
};

Interval decode(const IoContext& context, std::string_view text, int range) {
  constexpr std::size_t most_bytes = 256;
  const auto tokens = tokenize_datetime(text, most_bytes);
  try {
    if (!tokens) fail();
    const bool sql_sign = context.interval_style == IntervalStyle::sql_standard;
    return Decoder(*tokens, range, sql_sign).run();
  } catch (const DatetimeFault fault) {
    if (fault != DatetimeFault::bad_format) throw;
  }
  return IsoDecoder(text).run();
}

}  // namespace

Interval parse_interval(const IoContext& context, std::string_view text, int range) {
  try {
    return decode(context, text, range);
  } catch (const DatetimeFault fault) {
    const bool is_range = fault == DatetimeFault::field_overflow;
    refuse_datetime(is_range ? DatetimeFault::interval_overflow : fault, "interval", text);
  }
}

}  // namespace dvecdb::server::types
