#include "server/types/datetime_text.h"

#include <fmt/format.h>

#include <cstdlib>

#include "server/types/error.h"

namespace dvecdb::server::types {

namespace {

constexpr std::string_view weekday_names[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::string_view month_names[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                            "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

auto end_of(std::string& out) {
  return std::back_inserter(out);
}

// 1 BC is year 0 inside.
std::int64_t shown_year(const Civil& c) {
  return c.year > 0 ? c.year : 1 - c.year;
}

void append_year_month_day(std::string& out, const IoContext& context, const Civil& c) {
  const auto year = shown_year(c);
  const bool day_first = context.date_order == DateOrder::dmy;
  const int first = day_first ? c.day : c.month;
  const int second = day_first ? c.month : c.day;
  switch (context.date_style) {
    case DateStyle::iso:
      fmt::format_to(end_of(out), "{:04}-{:02}-{:02}", year, c.month, c.day);
      break;
    case DateStyle::sql:
      fmt::format_to(end_of(out), "{:02}/{:02}/{:04}", first, second, year);
      break;
    case DateStyle::german:
      fmt::format_to(end_of(out), "{:02}.{:02}.{:04}", c.day, c.month, year);
      break;
    case DateStyle::postgres:
      fmt::format_to(end_of(out), "{:02}-{:02}-{:04}", first, second, year);
      break;
  }
}

void append_clock(std::string& out, const Civil& c) {
  fmt::format_to(end_of(out), "{:02}:{:02}:", c.hour, c.minute);
  append_seconds(out, c.second, c.microsecond, true);
}

void append_postgres_timestamp(std::string& out, const IoContext& context, const Civil& c) {
  out += weekday_names[day_of_week(julian_day(c.year, c.month, c.day))];
  const auto month = month_names[c.month - 1];
  if (context.date_order == DateOrder::dmy) {
    fmt::format_to(end_of(out), " {:02} {} ", c.day, month);
  } else {
    fmt::format_to(end_of(out), " {} {:02} ", month, c.day);
  }
  append_clock(out, c);
  fmt::format_to(end_of(out), " {:04}", shown_year(c));
}

void append_zone(std::string& out, const IoContext& context, const ZonedTime& zoned) {
  if (context.date_style == DateStyle::iso) {
    append_offset(out, zoned.offset);
    return;
  }
  if (!zoned.abbreviation.empty()) {
    out.push_back(' ');
    out += zoned.abbreviation;
    return;
  }
  if (context.date_style == DateStyle::postgres) out.push_back(' ');
  append_offset(out, zoned.offset);
}

}  // namespace

void append_seconds(std::string& out, int seconds, int microseconds, bool two_digits) {
  if (two_digits) {
    fmt::format_to(end_of(out), "{:02}", std::abs(seconds));
  } else {
    out += std::to_string(std::abs(seconds));
  }
  if (microseconds == 0) return;
  fmt::format_to(end_of(out), ".{:06}", std::abs(microseconds));
  while (out.back() == '0') out.pop_back();
}

void append_offset(std::string& out, std::int32_t seconds_east) {
  const int seconds = std::abs(seconds_east);
  fmt::format_to(end_of(out), "{}{:02}", seconds_east < 0 ? '-' : '+', seconds / 3600);
  if (seconds % 3600 != 0) fmt::format_to(end_of(out), ":{:02}", seconds / 60 % 60);
  if (seconds % 60 != 0) fmt::format_to(end_of(out), ":{:02}", seconds % 60);
}

void append_date(std::string& out, const IoContext& context, std::int64_t days) {
  if (!is_finite_date(days)) {
    out += days > 0 ? "infinity" : "-infinity";
    return;
  }
  const Civil c = civil_from_date(days);
  append_year_month_day(out, context, c);
  if (c.year <= 0) out += " BC";
}

void append_time(std::string& out, std::int64_t usecs) {
  Civil c;
  set_time(c, usecs);
  append_clock(out, c);
}

void append_timestamp(std::string& out, const IoContext& context, std::int64_t usecs,
                      bool with_zone) {
  if (!is_finite_timestamp(usecs)) {
    out += usecs > 0 ? "infinity" : "-infinity";
    return;
  }
  ZonedTime zoned;
  if (with_zone) {
    zoned = to_zone(usecs, session_time_zone(context.time_zone));
  } else {
    zoned.civil = civil_from_timestamp(usecs);
  }
  if (context.date_style == DateStyle::postgres) {
    append_postgres_timestamp(out, context, zoned.civil);
  } else {
    append_year_month_day(out, context, zoned.civil);
    out.push_back(' ');
    append_clock(out, zoned.civil);
  }
  if (with_zone) append_zone(out, context, zoned);
  if (zoned.civil.year <= 0) out += " BC";
}

ZonedTime to_zone(std::int64_t timestamptz, const TimeZone& zone) {
  const std::int64_t instant = floor_div(timestamptz, usecs_per_second) + epoch_difference;
  const ZonePeriod& period = zone.period_at(instant);
  ZonedTime zoned;
  zoned.offset = period.offset;
  zoned.abbreviation = period.abbreviation;
  // Split first: the greatest timestamps leave the range when they move.
  const std::int64_t days = floor_div(timestamptz, usecs_per_day);
  const std::int64_t time = timestamptz - days * usecs_per_day + period.offset * usecs_per_second;
  const std::int64_t carry = floor_div(time, usecs_per_day);
  zoned.civil = civil_from_date(days + carry);
  set_time(zoned.civil, time - carry * usecs_per_day);
  return zoned;
}

namespace {

std::int64_t checked_timestamp(const Civil& c, std::int32_t offset) {
  std::int64_t usecs = 0;
  const bool overflows =
      __builtin_mul_overflow(date_of(c), usecs_per_day, &usecs) ||
      __builtin_add_overflow(usecs, time_of(c) - offset * usecs_per_second, &usecs);
  if (overflows || !is_valid_timestamp(usecs)) {
    throw SqlError(sqlstate::datetime_field_overflow, "timestamp out of range");
  }
  return usecs;
}

}  // namespace

std::int64_t to_local(std::int64_t timestamptz, const TimeZone& zone) {
  if (!is_finite_timestamp(timestamptz)) return timestamptz;
  return checked_timestamp(to_zone(timestamptz, zone).civil, 0);
}

std::int64_t from_local(std::int64_t timestamp, const TimeZone& zone) {
  if (!is_finite_timestamp(timestamp)) return timestamp;
  const Civil civil = civil_from_timestamp(timestamp);
  return checked_timestamp(civil, zone.offset_of_local(civil));
}

std::int64_t parse_date(const IoContext& context, std::string_view text) {
  const ParsedDatetime parsed = parse_datetime(context, text, "date");
  switch (parsed.kind) {
    case ParsedDatetime::Kind::infinity:
      return date_infinity;
    case ParsedDatetime::Kind::minus_infinity:
      return date_minus_infinity;
    case ParsedDatetime::Kind::epoch:
      return unix_epoch_julian - postgres_epoch_julian;
    case ParsedDatetime::Kind::fields:
      break;
  }
  const bool in_range = is_valid_julian(parsed.civil) && is_valid_date(date_of(parsed.civil));
  if (!in_range) {
    throw SqlError(sqlstate::datetime_field_overflow,
                   "date out of range: \"" + std::string(text) + "\"");
  }
  return date_of(parsed.civil);
}

std::int64_t parse_timestamp(const IoContext& context, std::string_view text, bool with_zone) {
  const ParsedDatetime parsed =
      parse_datetime(context, text, with_zone ? "timestamp with time zone" : "timestamp");
  switch (parsed.kind) {
    case ParsedDatetime::Kind::infinity:
      return timestamp_infinity;
    case ParsedDatetime::Kind::minus_infinity:
      return timestamp_minus_infinity;
    case ParsedDatetime::Kind::epoch:
      return -epoch_difference * usecs_per_second;
    case ParsedDatetime::Kind::fields:
      break;
  }
  try {
    if (is_valid_julian(parsed.civil)) {
      return checked_timestamp(parsed.civil, with_zone ? parsed.offset : 0);
    }
  } catch (const SqlError&) {
  }
  throw SqlError(sqlstate::datetime_field_overflow,
                 "timestamp out of range: \"" + std::string(text) + "\"");
}

std::int64_t round_to_precision(std::int64_t usecs, int precision) {
  constexpr std::int64_t units[] = {1000000, 100000, 10000, 1000, 100, 10, 1};
  if (precision < 0 || precision >= 6) return usecs;
  const std::int64_t unit = units[precision];
  const std::int64_t half = unit / 2;
  return usecs >= 0 ? (usecs + half) / unit * unit : -((-usecs + half) / unit * unit);
}

}  // namespace dvecdb::server::types
