// to_char() of timestamps and intervals.
#include <fmt/format.h>

#include "server/functions/datetime_picture.h"
#include "server/functions/families.h"
#include "server/functions/numbers.h"
#include "server/types/calendar.h"
#include "server/types/datetime_text.h"
#include "server/types/interval.h"
#include "server/types/scan.h"

namespace dvecdb::server::functions {

namespace {

using namespace types;  // NOLINT: calendar.h's units

// What a picture is filled from. Intervals have no calendar.
struct Subject {
  Civil civil;
  bool is_interval = false;
  bool has_zone = false;
  std::int32_t offset = 0;
  std::string_view abbreviation;
};

class Printer {
 public:
  explicit Printer(const Subject& subject) : s_(subject), c_(subject.civil) {}

  std::string run(std::string_view picture) {
    for (const DateNode& node : parse_date_picture(picture)) {
      if (node.kind == DateNode::Kind::field) {
        print(node);
      } else {
        out_ += node.text;
      }
    }
    return std::move(out_);
  }

 private:
  void refuse_interval() const {
    if (!s_.is_interval) return;
    throw SqlError(sqlstate::invalid_datetime_format,
                   "invalid format specification for an interval value")
        .hint("Intervals are not tied to specific calendar dates.");
  }

  // A number with zeros in front, one place wider for a minus sign; then its ordinal suffix.
  void number(const DateNode& node, std::int64_t v, int width) {
    if (node.fill) width = 0;
    if (width > 0 && v < 0) ++width;
    text(node, fmt::format("{:0{}}", v, width));
  }

  // The same where a minus sign takes one of the places.
  void narrow_number(const DateNode& node, std::int64_t v, int width) {
    number(node, v, v < 0 ? width - 1 : width);
  }

  void text(const DateNode& node, const std::string& digits) {
    out_ += digits;
    if (node.ordinal != '\0') out_ += ordinal_suffix(digits, node.ordinal == 'T');
  }

  void letters(const DateNode& node, std::string_view upper) {
    for (const char c : upper) {
      out_.push_back(node.letters == LetterCase::lower ? lower_ascii(c) : c);
    }
  }

  // A name in the case of its keyword, padded to `width` unless FM.
  void name(const DateNode& node, std::string_view full, std::size_t length, std::size_t width) {
    std::string shown(full.substr(0, length));
    for (char& c : shown) {
      if (node.letters == LetterCase::upper) c = upper_ascii(c);
      if (node.letters == LetterCase::lower) c = lower_ascii(c);
    }
    if (!node.fill && !node.translate && shown.size() < width) shown.resize(width, ' ');
    out_ += shown;
  }

  std::int64_t julian() const { return julian_day(c_.year, c_.month, c_.day); }
  std::int64_t day_of_year() const { return julian() - julian_day(c_.year, 1, 1) + 1; }
  int weekday() const { return day_of_week(julian()); }
  int iso_weekday() const { return weekday() == 0 ? 7 : weekday(); }
  std::int64_t iso_thursday() const { return julian() - iso_weekday() + 4; }
  std::int64_t iso_year() const {
    Civil thursday;
    set_julian_day(thursday, iso_thursday());
    return thursday.year;
  }
  std::int64_t iso_week_start() const {
    const std::int64_t fourth = julian_day(iso_year(), 1, 4);
    return fourth - (day_of_week(fourth) + 6) % 7;
  }
  // Years count without a year 0, except in intervals.
  std::int64_t shown_year(std::int64_t year) const {
    return s_.is_interval || year > 0 ? year : 1 - year;
  }

  void print(const DateNode& node) {
    switch (node.key) {
      case DateKey::am_dots:
        return letters(node, is_pm() ? "P.M." : "A.M.");
      case DateKey::am:
        return letters(node, is_pm() ? "PM" : "AM");
      case DateKey::hour12:
        return number(node, c_.hour % 12 == 0 ? 12 : c_.hour % 12, 2);
      case DateKey::hour24:
        return number(node, c_.hour, 2);
      case DateKey::minute:
        return number(node, c_.minute, 2);
      case DateKey::second:
        return number(node, c_.second, 2);
      case DateKey::fraction:
        return print_fraction(node, node.digits);
      case DateKey::millisecond:
        return print_fraction(node, 3);
      case DateKey::microsecond:
        return print_fraction(node, 6);
      case DateKey::seconds_of_day:
        return text(node, std::to_string(c_.hour * 3600 + c_.minute * 60 + c_.second));
      case DateKey::zone_name:
      case DateKey::zone_hour:
      case DateKey::zone_minute:
      case DateKey::offset:
        refuse_interval();
        return print_zone(node);
      case DateKey::exact:
        return;
      default:
        return print_date(node);
    }
  }

  bool is_pm() const { return c_.hour % 24 >= 12; }

  void print_fraction(const DateNode& node, int digits) {
    int v = c_.microsecond;
    for (int i = digits; i < 6; ++i) v /= 10;
    text(node, fmt::format("{:0{}}", v, digits + (v < 0 ? 1 : 0)));
  }

  void print_zone(const DateNode& node) {
    const std::int32_t seconds = std::abs(s_.offset);
    const char sign = s_.offset < 0 ? '-' : '+';
    switch (node.key) {
      case DateKey::zone_name:
        for (const char c : s_.abbreviation) {
          out_.push_back(node.letters == LetterCase::lower ? lower_ascii(c) : c);
        }
        return;
      case DateKey::zone_hour:
        fmt::format_to(std::back_inserter(out_), "{}{:02}", sign, seconds / 3600);
        return;
      case DateKey::zone_minute:
        fmt::format_to(std::back_inserter(out_), "{:02}", seconds / 60 % 60);
        return;
      default:
        fmt::format_to(std::back_inserter(out_), "{}{:0{}}", sign, seconds / 3600,
                       node.fill ? 0 : 2);
        if (seconds / 60 % 60 != 0) {
          fmt::format_to(std::back_inserter(out_), ":{:02}", seconds / 60 % 60);
        }
    }
  }

  void print_date(const DateNode& node) {
    switch (node.key) {
      case DateKey::bc_dots:
        refuse_interval();
        return letters(node, c_.year <= 0 ? "B.C." : "A.D.");
      case DateKey::bc:
        refuse_interval();
        return letters(node, c_.year <= 0 ? "BC" : "AD");
      case DateKey::month_name:
        refuse_interval();
        return name(node, month_names[c_.month - 1], 9, 9);
      case DateKey::month_name_short:
        refuse_interval();
        return name(node, month_names[c_.month - 1], 3, 0);
      case DateKey::month:
        return number(node, c_.month, 2);
      case DateKey::day_name:
        refuse_interval();
        return name(node, day_names[weekday()], 9, 9);
      case DateKey::day_name_short:
        refuse_interval();
        return name(node, day_names[weekday()], 3, 0);
      case DateKey::day_of_year:
        return narrow_number(node, s_.is_interval ? interval_days() : day_of_year(), 3);
      case DateKey::iso_day_of_year:
        refuse_interval();
        return number(node, julian() - iso_week_start() + 1, 3);
      case DateKey::day:
        return narrow_number(node, c_.day, 2);
      case DateKey::day_of_week:
        refuse_interval();
        return number(node, weekday() + 1, 0);
      case DateKey::iso_day_of_week:
        refuse_interval();
        return number(node, iso_weekday(), 0);
      case DateKey::week:
        return narrow_number(node, ((s_.is_interval ? interval_days() : day_of_year()) - 1) / 7 + 1,
                             2);
      case DateKey::iso_week:
        refuse_interval();
        return number(node, (julian() - iso_week_start()) / 7 + 1, 2);
      case DateKey::week_of_month:
        return number(node, (c_.day - 1) / 7 + 1, 0);
      case DateKey::julian:
        refuse_interval();
        return number(node, julian(), 0);
      case DateKey::quarter:
        if (c_.month != 0) number(node, (c_.month - 1) / 3 + 1, 0);
        return;
      case DateKey::roman_month:
        return print_roman(node);
      default:
        return print_year(node);
    }
  }

  std::int64_t interval_days() const { return (c_.year * 12 + c_.month) * days_per_month + c_.day; }

  void print_roman(const DateNode& node) {
    if (c_.month == 0 && c_.year == 0) return;
    // Negative months of an interval count back from December; whole years end in it.
    std::int64_t index = c_.month - 1;
    if (c_.month < 0) index = c_.month + 12;
    if (c_.month == 0) index = c_.year >= 0 ? 11 : 0;
    std::string shown(roman_months[static_cast<std::size_t>(index)]);
    if (!node.fill) shown.resize(4, ' ');
    letters(node, shown);
  }

  void print_year(const DateNode& node) {
    const bool is_iso = node.key == DateKey::iso_year;
    if (is_iso) refuse_interval();
    const std::int64_t year = shown_year(is_iso ? iso_year() : c_.year);
    if (node.key == DateKey::century) return print_century(node);
    if (node.key == DateKey::year_comma) {
      const std::int64_t thousands = year / 1000;
      return text(node, fmt::format("{},{:03}", thousands, year - thousands * 1000));
    }
    constexpr std::int64_t moduli[] = {1, 10, 100, 1000};
    if (node.digits == 4) return number(node, year, 4);
    number(node, year % moduli[node.digits], node.digits);
  }

  void print_century(const DateNode& node) {
    const std::int64_t year = c_.year;
    std::int64_t century = 0;
    if (s_.is_interval) {
      century = year / 100;
    } else {
      century = year > 0 ? (year - 1) / 100 + 1 : year / 100 - 1;
    }
    number(node, century, century <= 99 && century >= -99 ? 2 : 0);
  }

  const Subject& s_;
  const Civil& c_;
  std::string out_;
};

Value print(const Subject& subject, const Value& picture) {
  if (picture.as_bytes().empty()) return Value::null();
  return Value::text(Printer(subject).run(picture.as_bytes()));
}

Value timestamp_to_char(const FunctionContext&, Arguments args) {
  if (!is_finite_timestamp(args[0].as_integer())) return Value::null();
  Subject subject;
  subject.civil = civil_from_timestamp(args[0].as_integer());
  return print(subject, args[1]);
}

Value timestamptz_to_char(const FunctionContext& context, Arguments args) {
  if (!is_finite_timestamp(args[0].as_integer())) return Value::null();
  const ZonedTime zoned = to_zone(args[0].as_integer(), session_time_zone(context.io.time_zone));
  return print({zoned.civil, false, true, zoned.offset, zoned.abbreviation}, args[1]);
}

Value interval_to_char(const FunctionContext&, Arguments args) {
  const Interval v = Interval::of(args[0]);
  Subject subject;
  subject.is_interval = true;
  subject.civil.year = v.months / 12;
  subject.civil.month = v.months % 12;
  subject.civil.day = v.days;
  set_time(subject.civil, v.usecs);
  return print(subject, args[1]);
}

constexpr ScalarEntry table[] = {
    {"timestamp_to_char", timestamp_to_char},
    {"timestamptz_to_char", timestamptz_to_char},
    {"interval_to_char", interval_to_char},
};

}  // namespace

ScalarTable date_printing_functions() {
  return table;
}

}  // namespace dvecdb::server::functions
