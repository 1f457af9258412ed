// to_date() and to_timestamp() with a picture.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>

#include "server/functions/datetime_math.h"
#include "server/functions/datetime_picture.h"
#include "server/functions/families.h"
#include "server/functions/numbers.h"
#include "server/types/calendar.h"
#include "server/types/datetime_text.h"
#include "server/types/scan.h"

namespace dvecdb::server::functions {

namespace {

using namespace types;  // NOLINT: calendar.h's units

[[noreturn]] void refuse(std::string message, std::string detail = "", std::string hint = "",
                         std::string_view state = sqlstate::invalid_datetime_format) {
  throw SqlError(state, std::move(message)).detail(std::move(detail)).hint(std::move(hint));
}

// Everything a picture may name; 0 stands for what was not read, as PostgreSQL has it.
struct Read {
  int hour = 0, minute = 0, second = 0, seconds_of_day = 0;
  int millisecond = 0, microsecond = 0;
  int day_of_week = 0, day = 0, day_of_year = 0, month = 0;
  int year = 0, century = 0, julian = 0, week = 0, week_of_month = 0;
  int zone_hour = 0, zone_minute = 0;
  int zone_sign = 0;
  int year_digits = 0;
  bool is_12_hour = false, is_pm = false, is_bc = false;
};

enum class Convention { none, gregorian, iso };

class Scanner {
 public:
  Scanner(std::string_view input, const std::vector<DateNode>& nodes)
      : rest_(input), nodes_(nodes) {}

  Read run() {
    for (const DateNode& node : nodes_) {
      const bool is_exact = node.kind == DateNode::Kind::field && node.key == DateKey::exact;
      exact_ = exact_ || is_exact;
    }
    skip_spaces();
    for (index_ = 0; index_ < nodes_.size() && !rest_.empty(); ++index_) {
      const DateNode& node = nodes_[index_];
      if (node.kind != DateNode::Kind::character &&
          !(node.kind == DateNode::Kind::field && node.key == DateKey::exact)) {
        skip_spaces();
      }
      if (node.kind != DateNode::Kind::field) {
        match_character(node);
        continue;
      }
      if (node.key == DateKey::exact) continue;
      check_convention(node.key);
      read_field(node);
      if (!exact_) extra_skipped_ = 0;
      skip_spaces();
    }
    return read_;
  }

  bool is_iso() const { return convention_ == Convention::iso; }

 private:
  void skip_spaces() {
    if (exact_) return;
    while (!rest_.empty() && is_space(rest_[0])) {
      advance(1);
      ++extra_skipped_;
    }
  }

  void advance(std::size_t count) {
    if (count == 0 || rest_.empty()) return;
    count = std::min(count, rest_.size());
    last_ = rest_[count - 1];
    rest_.remove_prefix(count);
  }

  void skip_code_point() {
    std::size_t length = 1;
    while (length < rest_.size() && (rest_[length] & '\xC0') == '\x80') ++length;
    advance(length);
  }

  static bool is_separator(char c) { return c > ' ' && c < 0x7f && !is_alpha(c) && !is_digit(c); }

  // Literal characters need not be the same in the input; they only take their place.
  void match_character(const DateNode& node) {
    if (exact_) return skip_code_point();
    if (node.kind == DateNode::Kind::character) {
      if (extra_skipped_ > 0) {
        --extra_skipped_;
      } else {
        skip_code_point();
      }
      return;
    }
    --extra_skipped_;
    if (!rest_.empty() && (is_space(rest_[0]) || is_separator(rest_[0]))) {
      advance(1);
      ++extra_skipped_;
    }
  }

  void check_convention(DateKey key) {
    Convention wanted = Convention::none;
    switch (key) {
      case DateKey::iso_day_of_year:
      case DateKey::iso_day_of_week:
      case DateKey::iso_week:
      case DateKey::iso_year:
        wanted = Convention::iso;
        break;
      case DateKey::day_of_year:
      case DateKey::day:
      case DateKey::day_of_week:
      case DateKey::month:
      case DateKey::month_name:
      case DateKey::month_name_short:
      case DateKey::roman_month:
      case DateKey::week:
      case DateKey::week_of_month:
      case DateKey::year:
      case DateKey::year_comma:
        wanted = Convention::gregorian;
        break;
      default:
        return;
    }
    if (convention_ == Convention::none) convention_ = wanted;
    if (convention_ != wanted) {
      refuse("invalid combination of date conventions", "",
             "Do not mix Gregorian and ISO week date conventions in a formatting template.");
    }
  }

  // Whether what follows cannot be digits, so that a number may be longer or shorter.
  bool ends_before_next() const {
    if (nodes_[index_].ordinal != '\0') return true;
    if (index_ + 1 >= nodes_.size()) return true;
    const DateNode& next = nodes_[index_ + 1];
    if (next.kind == DateNode::Kind::field) return !next.is_numeric;
    return !(next.text.size() == 1 && is_digit(next.text[0]));
  }

  // Reads up to `length` digits (any number where the picture allows it); gives how many.
  int integer(const DateNode& node, std::size_t length, int& v) {
    while (!rest_.empty() && is_space(rest_[0])) advance(1);
    const std::string_view start = rest_;
    const bool any_length = node.fill || ends_before_next();
    const std::size_t used = std::min(length, rest_.size());
    if (!any_length && used < length) {
      refuse(fmt::format("source string too short for \"{}\" formatting field", node.keyword),
             fmt::format("Field requires {} characters, but only {} remain.", length, used),
             fixed_width_hint);
    }
    std::string_view digits = any_length ? rest_ : rest_.substr(0, length);
    const bool plus = !digits.empty() && digits[0] == '+';
    if (plus) digits.remove_prefix(1);
    std::int64_t parsed = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), parsed);
    const bool is_number = error != std::errc::invalid_argument;
    const std::size_t count =
        is_number ? static_cast<std::size_t>(end - digits.data()) + (plus ? 1 : 0) : 0;
    if (!any_length && count > 0 && count < length) {
      refuse(
          fmt::format("invalid value \"{}\" for \"{}\"", start.substr(0, length), node.keyword),
          fmt::format("Field requires {} characters, but only {} could be parsed.", length, count),
          fixed_width_hint);
    }
    if (count == 0) {
      refuse(fmt::format("invalid value \"{}\" for \"{}\"", start.substr(0, length), node.keyword),
             "Value must be an integer.");
    }
    constexpr std::int64_t least = std::numeric_limits<std::int32_t>::min();
    constexpr std::int64_t greatest = std::numeric_limits<std::int32_t>::max();
    if (error == std::errc::result_out_of_range || parsed < least || parsed > greatest) {
      refuse(fmt::format("value for \"{}\" in source string is out of range", node.keyword),
             fmt::format("Value must be in the range {} to {}.", least, greatest), "",
             sqlstate::datetime_field_overflow);
    }
    advance(count);
    set(node, static_cast<int>(parsed), v);
    return static_cast<int>(count);
  }

  void set(const DateNode& node, int parsed, int& v) {
    if (v != 0 && v != parsed) {
      refuse(fmt::format("conflicting values for \"{}\" field in formatting string", node.keyword),
             "This value contradicts a previous setting for the same field type.");
    }
    v = parsed;
  }

  void skip_ordinal(const DateNode& node) {
    if (node.ordinal != '\0') advance(2);
  }

  // A fraction of a second: fewer digits than the field has mean greater units.
  void fraction(const DateNode& node, int digits, int& v) {
    const int count = integer(node, static_cast<std::size_t>(digits), v);
    for (int i = count; i < digits; ++i) v *= 10;
    for (int i = digits; i < (node.key == DateKey::millisecond ? 3 : 6); ++i) v *= 10;
  }

  // The index of the name that the input starts with, in any case. `length`: of each name.
  int name(const DateNode& node, std::span<const std::string_view> names, std::size_t length) {
    for (std::size_t i = 0; i < names.size(); ++i) {
      const std::string_view candidate = names[i].substr(0, length);
      if (equals_ignore_case(rest_.substr(0, candidate.size()), candidate)) {
        advance(candidate.size());
        return static_cast<int>(i);
      }
    }
    // The message shows the first word.
    const std::size_t end = std::min(rest_.find_first_of(" \t\n\v\f\r"), rest_.size());
    refuse(fmt::format("invalid value \"{}\" for \"{}\"", rest_.substr(0, end), node.keyword),
           "The given value did not match any of the allowed values for this field.");
  }

  void read_field(const DateNode& node) {
    constexpr std::size_t whole_name = 16;
    switch (node.key) {
      case DateKey::am:
        read_.is_pm = name(node, meridian_names, whole_name) == 1;
        read_.is_12_hour = true;
        return;
      case DateKey::am_dots:
        read_.is_pm = name(node, dotted_meridian_names, whole_name) == 1;
        read_.is_12_hour = true;
        return;
      case DateKey::bc:
        read_.is_bc = name(node, era_names, whole_name) == 1;
        return;
      case DateKey::bc_dots:
        read_.is_bc = name(node, dotted_era_names, whole_name) == 1;
        return;
      case DateKey::month_name:
        return set(node, name(node, month_names, whole_name) + 1, read_.month);
      case DateKey::month_name_short:
        return set(node, name(node, month_names, 3) + 1, read_.month);
      case DateKey::day_name:
        return set(node, name(node, day_names, whole_name) + 1, read_.day_of_week);
      case DateKey::day_name_short:
        return set(node, name(node, day_names, 3) + 1, read_.day_of_week);
      case DateKey::roman_month:
        return set(node, roman_month(node), read_.month);
      case DateKey::zone_name:
      case DateKey::offset:
        refuse(fmt::format("formatting field \"{}\" is only supported in to_char", node.keyword),
               "", "", sqlstate::feature_not_supported);
      case DateKey::zone_hour:
        return zone_hour(node);
      default:
        read_number(node);
        return skip_ordinal(node);
    }
  }

  void read_number(const DateNode& node) {
    const std::size_t own_length = node.keyword.size();
    switch (node.key) {
      case DateKey::hour12:
        integer(node, 2, read_.hour);
        read_.is_12_hour = true;
        return;
      case DateKey::hour24:
        integer(node, 2, read_.hour);
        return;
      case DateKey::minute:
        integer(node, own_length, read_.minute);
        return;
      case DateKey::second:
        integer(node, own_length, read_.second);
        return;
      case DateKey::millisecond:
        return fraction(node, 3, read_.millisecond);
      case DateKey::microsecond:
        return fraction(node, 6, read_.microsecond);
      case DateKey::fraction:
        return fraction(node, node.digits, read_.microsecond);
      case DateKey::seconds_of_day:
        integer(node, own_length, read_.seconds_of_day);
        return;
      case DateKey::zone_minute:
        if (read_.zone_sign == 0) read_.zone_sign = 1;
        integer(node, 2, read_.zone_minute);
        return;
      case DateKey::month:
        integer(node, own_length, read_.month);
        return;
      case DateKey::day:
        integer(node, own_length, read_.day);
        return;
      case DateKey::day_of_year:
        integer(node, own_length, read_.day_of_year);
        return;
      case DateKey::iso_day_of_year:
        integer(node, 3, read_.day_of_year);
        return;
      case DateKey::day_of_week:
        integer(node, own_length, read_.day_of_week);
        return;
      case DateKey::iso_day_of_week:
        integer(node, 1, read_.day_of_week);
        // Sunday is the first day elsewhere.
        read_.day_of_week = read_.day_of_week >= 7 ? 1 : read_.day_of_week + 1;
        return;
      case DateKey::week:
      case DateKey::iso_week:
        integer(node, own_length, read_.week);
        return;
      case DateKey::quarter: {
        int ignored = 0;
        integer(node, own_length, ignored);
        return;
      }
      case DateKey::century:
        integer(node, own_length, read_.century);
        return;
      case DateKey::week_of_month:
        integer(node, own_length, read_.week_of_month);
        return;
      case DateKey::julian:
        integer(node, own_length, read_.julian);
        return;
      case DateKey::year_comma:
        return year_with_comma(node);
      default:
        return year(node);
    }
  }

  // Years of fewer than four digits are the ones nearest to 2020.
  void year(const DateNode& node) {
    const auto length = static_cast<std::size_t>(node.digits);
    int parsed = 0;
    const int count = integer(node, length, parsed);
    if (node.digits < 4 && count < 4) {
      if (parsed >= 0 && parsed < 70) {
        parsed += 2000;
      } else if (parsed >= 70 && parsed < 100) {
        parsed += 1900;
      } else if (parsed >= 100 && parsed < 520) {
        parsed += 2000;
      } else if (parsed >= 520 && parsed < 1000) {
        parsed += 1000;
      }
    }
    set(node, parsed, read_.year);
    read_.year_digits = node.digits;
  }

  void year_with_comma(const DateNode& node) {
    const auto comma = rest_.find(',');
    int thousands = 0;
    int rest = 0;
    const auto digits_at = [&](std::size_t at, std::size_t length, int& v) {
      const std::string_view digits = rest_.substr(std::min(at, rest_.size()), length);
      const auto result = std::from_chars(digits.data(), digits.data() + digits.size(), v);
      if (result.ec != std::errc()) {
        refuse("invalid input string for \"Y,YYY\"");
      }
      return static_cast<std::size_t>(result.ptr - digits.data());
    };
    if (comma == rest_.npos || digits_at(0, comma, thousands) != comma) {
      refuse("invalid input string for \"Y,YYY\"");
    }
    const std::size_t used = digits_at(comma + 1, 3, rest);
    advance(comma + 1 + used);
    constexpr int most_thousands = 2147482;
    if (thousands > most_thousands) {
      refuse("value for \"Y,YYY\" in source string is out of range", "", "",
             sqlstate::datetime_field_overflow);
    }
    set(node, thousands * 1000 + rest, read_.year);
    read_.year_digits = 4;
  }

  int roman_month(const DateNode& node) {
    // The longest names first: VIII before VII before VI.
    std::size_t best = std::size(roman_months);
    for (std::size_t i = 0; i < std::size(roman_months); ++i) {
      const std::string_view candidate = roman_months[i];
      if (!equals_ignore_case(rest_.substr(0, candidate.size()), candidate)) continue;
      if (best == std::size(roman_months) || candidate.size() > roman_months[best].size()) best = i;
    }
    if (best == std::size(roman_months)) return name(node, roman_months, 0x10) + 1;
    advance(roman_months[best].size());
    return static_cast<int>(best) + 1;
  }

  // The minus sign may have been taken for a separator.
  void zone_hour(const DateNode& node) {
    if (rest_[0] == '+' || rest_[0] == '-' || rest_[0] == ' ') {
      read_.zone_sign = rest_[0] == '-' ? -1 : 1;
      advance(1);
    } else {
      read_.zone_sign = extra_skipped_ > 0 && last_ == '-' ? -1 : 1;
    }
    integer(node, 2, read_.zone_hour);
  }

  static constexpr std::string_view meridian_names[] = {"am", "pm"};
  static constexpr std::string_view dotted_meridian_names[] = {"a.m.", "p.m."};
  static constexpr std::string_view era_names[] = {"ad", "bc"};
  static constexpr std::string_view dotted_era_names[] = {"a.d.", "b.c."};
  static constexpr const char* fixed_width_hint =
      "If your source string is not fixed-width, try using the \"FM\" modifier.";

  std::string_view rest_;
  const std::vector<DateNode>& nodes_;
  std::size_t index_ = 0;
  Read read_;
  Convention convention_ = Convention::none;
  bool exact_ = false;
  int extra_skipped_ = 0;  // spaces and separators beyond those in the picture
  char last_ = '\0';       // the character before rest_
};

// A point in time from what was read.
class Composer {
 public:
  Composer(const Read& read, bool is_iso, std::string_view input)
      : r_(read), is_iso_(is_iso), input_(input) {
    civil_.year = 0;
  }

  Civil run() {
    set_clock();
    set_year();
    set_days();
    check();
    return civil_;
  }

 private:
  void overflow() const { refuse_datetime(DatetimeFault::field_overflow, "timestamp", input_); }

  void set_clock() {
    std::int64_t hour = r_.hour;
    civil_.minute = r_.minute;
    civil_.second = r_.second;
    if (r_.seconds_of_day != 0) {
      if (hour == 0) hour = r_.seconds_of_day / 3600;
      if (civil_.minute == 0) civil_.minute = r_.seconds_of_day % 3600 / 60;
      if (civil_.second == 0) civil_.second = r_.seconds_of_day % 60;
    }
    if (r_.is_12_hour) {
      if (hour < 1 || hour > 12) {
        refuse(fmt::format("hour \"{}\" is invalid for the 12-hour clock", hour), "",
               "Use the 24-hour clock, or give an hour between 1 and 12.");
      }
      if (r_.is_pm && hour < 12) hour += 12;
      if (!r_.is_pm && hour == 12) hour = 0;
    }
    civil_.hour = hour;
    const std::int64_t usecs = std::int64_t{r_.millisecond} * 1000 + r_.microsecond;
    if (usecs < 0 || usecs >= usecs_per_second) overflow();
    civil_.microsecond = static_cast<int>(usecs);
  }

  void set_year() {
    const std::int64_t century = r_.is_bc ? -r_.century : r_.century;
    if (r_.year != 0 && r_.century != 0 && r_.year_digits <= 2) {
      // The last two digits within the century given.
      civil_.year = r_.year % 100;
      if (civil_.year != 0) {
        civil_.year += century < 0 ? century * 100 : (century - 1) * 100;
        if (century < 0) civil_.year += 1;
      } else {
        civil_.year = century * 100 + (century >= 0 ? 0 : 1);
      }
      has_year_ = true;
    } else if (r_.year != 0) {
      civil_.year = r_.is_bc ? -r_.year : r_.year;
      if (civil_.year < 0) ++civil_.year;
      has_year_ = true;
    } else if (r_.century != 0) {
      civil_.year = century >= 0 ? (century - 1) * 100 + 1 : century * 100 + 1;
      has_year_ = true;
    }
  }

  std::int64_t iso_week_start(std::int64_t week) const {
    const std::int64_t fourth = julian_day(civil_.year, 1, 4);
    return fourth - (day_of_week(fourth) + 6) % 7 + (week - 1) * 7;
  }

  void set_days() {
    std::int64_t day_of_year = r_.day_of_year;
    if (r_.julian != 0) set_julian_day(civil_, r_.julian);
    if (r_.week != 0 && is_iso_) {
      std::int64_t day = iso_week_start(r_.week);
      // Days of the week count from Sunday.
      if (r_.day_of_week != 0) day += r_.day_of_week > 1 ? r_.day_of_week - 2 : 6;
      set_julian_day(civil_, day);
    } else if (r_.week != 0) {
      day_of_year = (std::int64_t{r_.week} - 1) * 7 + 1;
    }
    if (r_.week_of_month != 0) civil_.day = clamp_day((std::int64_t{r_.week_of_month} - 1) * 7 + 1);
    if (r_.day != 0) civil_.day = r_.day;
    if (r_.month != 0) civil_.month = r_.month;
    if (day_of_year != 0 && (civil_.month <= 1 || civil_.day <= 1)) set_day_of_year(day_of_year);
  }

  static int clamp_day(std::int64_t day) {
    return static_cast<int>(std::clamp<std::int64_t>(day, -1000, 1000));
  }

  void set_day_of_year(std::int64_t day) {
    if (civil_.year == 0 && !r_.is_bc) {
      refuse("cannot calculate day of year without year information");
    }
    if (is_iso_) {
      set_julian_day(civil_, iso_week_start(1) + day - 1);
      return;
    }
    const std::int64_t days = is_leap_year(civil_.year) ? 366 : 365;
    if (day < 1 || day > days) {
      // Too far: the last month takes all that is left, and is then refused.
      civil_.month = day < 1 ? 1 : 12;
      civil_.day = clamp_day(day < 1 ? day : 32);
      if (day < 1) overflow();
      return;
    }
    Civil found;
    set_julian_day(found, julian_day(civil_.year, 1, 1) + day - 1);
    if (civil_.month <= 1) civil_.month = found.month;
    if (civil_.day <= 1) civil_.day = found.day;
  }

  void check() const {
    const bool has_date =
        civil_.month >= 1 && civil_.month <= 12 && civil_.day >= 1 &&
        civil_.day <= days_in_month(has_year_ || r_.julian != 0 ? civil_.year : 0, civil_.month);
    const bool has_time = civil_.hour >= 0 && civil_.hour < 24 && civil_.minute >= 0 &&
                          civil_.minute < 60 && civil_.second >= 0 && civil_.second < 60;
    if (!has_date || !has_time) overflow();
  }

  const Read& r_;
  bool is_iso_;
  std::string_view input_;
  Civil civil_;
  bool has_year_ = false;
};

struct Point {
  Civil civil;
  std::optional<std::int32_t> offset;
};

Point read_point(const Value& input, const Value& picture) {
  const auto nodes = parse_date_picture(picture.as_bytes());
  Scanner scanner(input.as_bytes(), nodes);
  const Read read = scanner.run();
  Point point;
  point.civil = Composer(read, scanner.is_iso(), input.as_bytes()).run();
  if (read.zone_sign != 0) {
    if (read.zone_hour < 0 || read.zone_hour > 15 || read.zone_minute < 0 ||
        read.zone_minute > 59) {
      refuse_datetime(DatetimeFault::zone_overflow, "timestamp", input.as_bytes());
    }
    point.offset = read.zone_sign * (read.zone_hour * 3600 + read.zone_minute * 60);
  }
  return point;
}

Value to_timestamp(const FunctionContext& context, Arguments args) {
  const Point point = read_point(args[0], args[1]);
  const std::int32_t offset =
      point.offset ? *point.offset
                   : session_time_zone(context.io.time_zone).offset_of_local(point.civil);
  std::int64_t usecs = 0;
  if (!is_valid_julian(point.civil) ||
      __builtin_mul_overflow(date_of(point.civil), usecs_per_day, &usecs)) {
    throw SqlError(sqlstate::datetime_field_overflow, "timestamp out of range");
  }
  return Value::integer(
      checked_timestamp(usecs + time_of(point.civil) - offset * usecs_per_second));
}

Value to_date(const FunctionContext&, Arguments args) {
  const Point point = read_point(args[0], args[1]);
  if (!is_valid_julian(point.civil) || !is_valid_date(date_of(point.civil))) {
    throw SqlError(sqlstate::datetime_field_overflow,
                   "date out of range: \"" + std::string(args[0].as_bytes()) + "\"");
  }
  return Value::integer(date_of(point.civil));
}

constexpr ScalarEntry table[] = {
    {"to_timestamp", to_timestamp},
    {"to_date", to_date},
};

}  // namespace

ScalarTable date_reading_functions() {
  return table;
}

}  // namespace dvecdb::server::functions
