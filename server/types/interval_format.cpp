// Prints intervals in the four styles of IntervalStyle.
#include <fmt/format.h>

#include <cstdlib>

#include "server/types/calendar.h"
#include "server/types/datetime_text.h"
#include "server/types/interval.h"

namespace dvecdb::server::types {

namespace {

struct Parts {
  std::int64_t year, month, day, hour, minute;
  int second, microsecond;
};

Parts take_apart(const Interval& v) {
  Parts p{};
  p.year = v.months / months_per_year;
  p.month = v.months % months_per_year;
  p.day = v.days;
  p.hour = v.usecs / usecs_per_hour;
  p.minute = v.usecs / usecs_per_minute % 60;
  p.second = static_cast<int>(v.usecs / usecs_per_second % 60);
  p.microsecond = static_cast<int>(v.usecs % usecs_per_second);
  return p;
}

auto end_of(std::string& out) {
  return std::back_inserter(out);
}

// An int64 minimum has no negative.
std::uint64_t magnitude(std::int64_t v) {
  return v < 0 ? 0 - static_cast<std::uint64_t>(v) : static_cast<std::uint64_t>(v);
}

// "hh:mm:ss.fff" without a sign.
void append_clock(std::string& out, const Parts& p, bool two_digit_hour) {
  if (two_digit_hour) {
    fmt::format_to(end_of(out), "{:02}:{:02}:", magnitude(p.hour), magnitude(p.minute));
  } else {
    fmt::format_to(end_of(out), "{}:{:02}:", magnitude(p.hour), magnitude(p.minute));
  }
  append_seconds(out, p.second, p.microsecond, true);
}

// "1 year 2 mons -3 days 04:05:06": a plus sign where the part before was negative.
void append_postgres(std::string& out, const Interval& v) {
  const Parts p = take_apart(v);
  bool is_first = true;
  bool was_negative = false;
  const auto part = [&](std::int64_t value, std::string_view unit) {
    if (value == 0) return;
    fmt::format_to(end_of(out), "{}{}{} {}{}", is_first ? "" : " ",
                   was_negative && value > 0 ? "+" : "", value, unit, value != 1 ? "s" : "");
    was_negative = value < 0;
    is_first = false;
  };
  part(p.year, "year");
  part(p.month, "mon");
  part(p.day, "day");
  if (!is_first && v.usecs == 0) return;
  if (!is_first) out.push_back(' ');
  if (v.usecs < 0) {
    out.push_back('-');
  } else if (was_negative) {
    out.push_back('+');
  }
  append_clock(out, p, true);
}

// "@ 1 year 2 mons ago": the sign of the first part becomes "ago" for all.
void append_verbose(std::string& out, const Interval& v) {
  const Parts p = take_apart(v);
  bool is_first = true;
  bool is_ago = false;
  out.push_back('@');
  const auto part = [&](std::int64_t value, std::string_view unit) {
    if (value == 0) return;
    if (is_first) is_ago = value < 0;
    const bool minus = !is_first && (value < 0) != is_ago;
    is_first = false;
    fmt::format_to(end_of(out), " {}{} {}{}", minus ? "-" : "", magnitude(value), unit,
                   (minus || magnitude(value) != 1) ? "s" : "");
  };
  part(p.year, "year");
  part(p.month, "mon");
  part(p.day, "day");
  part(p.hour, "hour");
  part(p.minute, "min");
  if (p.second != 0 || p.microsecond != 0) {
    const bool negative = p.second < 0 || p.microsecond < 0;
    if (is_first) is_ago = negative;
    out += !is_first && negative != is_ago ? " -" : " ";
    is_first = false;
    append_seconds(out, p.second, p.microsecond, false);
    out += std::abs(p.second) != 1 || p.microsecond != 0 ? " secs" : " sec";
  }
  if (is_first) out += " 0";
  if (is_ago) out += " ago";
}

void append_sql_standard(std::string& out, const Interval& v) {
  const Parts p = take_apart(v);
  const bool has_negative = v.months < 0 || v.days < 0 || v.usecs < 0;
  const bool has_positive = v.months > 0 || v.days > 0 || v.usecs > 0;
  const bool has_year_month = v.months != 0;
  const bool has_day_time = v.days != 0 || v.usecs != 0;
  if (!has_negative && !has_positive) {
    out.push_back('0');
    return;
  }
  if ((has_negative && has_positive) || (has_year_month && has_day_time)) {
    // The standard has no form for this: every part shows its sign.
    fmt::format_to(end_of(out), "{}{}-{} {}{} {}", v.months < 0 ? '-' : '+', magnitude(p.year),
                   magnitude(p.month), v.days < 0 ? '-' : '+', magnitude(p.day),
                   v.usecs < 0 ? '-' : '+');
    append_clock(out, p, false);
    return;
  }
  if (has_negative) out.push_back('-');
  if (has_year_month) {
    fmt::format_to(end_of(out), "{}-{}", magnitude(p.year), magnitude(p.month));
    return;
  }
  if (v.days != 0) fmt::format_to(end_of(out), "{} ", magnitude(p.day));
  append_clock(out, p, false);
}

void append_iso(std::string& out, const Interval& v) {
  if (v == Interval{}) {
    out += "PT0S";
    return;
  }
  const Parts p = take_apart(v);
  const auto part = [&](std::int64_t value, char unit) {
    if (value != 0) fmt::format_to(end_of(out), "{}{}", value, unit);
  };
  out.push_back('P');
  part(p.year, 'Y');
  part(p.month, 'M');
  part(p.day, 'D');
  if (v.usecs == 0) return;
  out.push_back('T');
  part(p.hour, 'H');
  part(p.minute, 'M');
  if (p.second == 0 && p.microsecond == 0) return;
  if (p.second < 0 || p.microsecond < 0) out.push_back('-');
  append_seconds(out, p.second, p.microsecond, false);
  out.push_back('S');
}

}  // namespace

void append_interval(std::string& out, const IoContext& context, const Interval& interval) {
  switch (context.interval_style) {
    case IntervalStyle::postgres:
      return append_postgres(out, interval);
    case IntervalStyle::postgres_verbose:
      return append_verbose(out, interval);
    case IntervalStyle::sql_standard:
      return append_sql_standard(out, interval);
    case IntervalStyle::iso_8601:
      return append_iso(out, interval);
  }
}

}  // namespace dvecdb::server::types
