// Days, clocks and the ranges of the date and time types, in PostgreSQL's units: days and
// microseconds since 2000-01-01.
#pragma once

#include <cstdint>
#include <limits>

namespace dvecdb::server::types {

inline constexpr std::int64_t usecs_per_second = 1000000;
inline constexpr std::int64_t usecs_per_minute = 60 * usecs_per_second;
inline constexpr std::int64_t usecs_per_hour = 60 * usecs_per_minute;
inline constexpr std::int64_t usecs_per_day = 24 * usecs_per_hour;
inline constexpr std::int64_t seconds_per_day = 86400;
inline constexpr std::int64_t days_per_month = 30;  // where an interval says "month"
inline constexpr std::int64_t months_per_year = 12;

// Julian days of 2000-01-01 and 1970-01-01.
inline constexpr std::int64_t postgres_epoch_julian = 2451545;
inline constexpr std::int64_t unix_epoch_julian = 2440588;
// Seconds from the Unix epoch to PostgreSQL's.
inline constexpr std::int64_t epoch_difference =
    (postgres_epoch_julian - unix_epoch_julian) * seconds_per_day;

inline constexpr std::int64_t date_minus_infinity = std::numeric_limits<std::int32_t>::min();
inline constexpr std::int64_t date_infinity = std::numeric_limits<std::int32_t>::max();
inline constexpr std::int64_t timestamp_minus_infinity = std::numeric_limits<std::int64_t>::min();
inline constexpr std::int64_t timestamp_infinity = std::numeric_limits<std::int64_t>::max();

// 4714-11-24 BC up to before 5874898-06-03, and up to before 294277-01-01.
inline constexpr std::int64_t first_date = -postgres_epoch_julian;
inline constexpr std::int64_t end_date = 2147483494 - postgres_epoch_julian;
inline constexpr std::int64_t first_timestamp = -211813488000000000;
inline constexpr std::int64_t end_timestamp = 9223371331200000000;

inline constexpr bool is_valid_date(std::int64_t days) {
  return days >= first_date && days < end_date;
}
inline constexpr bool is_valid_timestamp(std::int64_t usecs) {
  return usecs >= first_timestamp && usecs < end_timestamp;
}
inline constexpr bool is_finite_date(std::int64_t days) {
  return days != date_infinity && days != date_minus_infinity;
}
inline constexpr bool is_finite_timestamp(std::int64_t usecs) {
  return usecs != timestamp_infinity && usecs != timestamp_minus_infinity;
}

inline constexpr std::int64_t floor_div(std::int64_t a, std::int64_t b) {
  return a / b - (a % b != 0 && (a < 0) != (b < 0) ? 1 : 0);
}
inline constexpr std::int64_t floor_mod(std::int64_t a, std::int64_t b) {
  return a - floor_div(a, b) * b;
}

inline constexpr bool is_leap_year(std::int64_t year) {
  return floor_mod(year, 4) == 0 && (floor_mod(year, 100) != 0 || floor_mod(year, 400) == 0);
}
inline constexpr int days_in_month(std::int64_t year, int month) {
  constexpr int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return month == 2 && is_leap_year(year) ? 29 : days[month - 1];
}

// The proleptic Gregorian calendar with a year 0 (1 BC). Months and days beyond their range
// carry over, as the date functions rely on.
inline constexpr std::int64_t julian_day(std::int64_t year, std::int64_t month, std::int64_t day) {
  // Years start in March, so that the leap day is the last one.
  const std::int64_t shifted = month + 9;
  const std::int64_t y = year - 1 + floor_div(shifted, 12);
  const std::int64_t m = floor_mod(shifted, 12);
  const std::int64_t day_of_year = (153 * m + 2) / 5 + day - 1;
  return y * 365 + floor_div(y, 4) - floor_div(y, 100) + floor_div(y, 400) + day_of_year + 1721120;
}

// A point in time taken apart. `year` counts 1 BC as 0.
struct Civil {
  std::int64_t year = 0;
  int month = 1;
  int day = 1;
  std::int64_t hour = 0;
  int minute = 0;
  int second = 0;
  int microsecond = 0;
};

inline constexpr void set_julian_day(Civil& civil, std::int64_t julian) {
  const std::int64_t days = julian - 1721120;  // since 0000-03-01
  const std::int64_t era = floor_div(days, 146097);
  const std::int64_t day_of_era = days - era * 146097;
  const std::int64_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const std::int64_t day_of_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::int64_t m = (5 * day_of_year + 2) / 153;
  civil.day = static_cast<int>(day_of_year - (153 * m + 2) / 5 + 1);
  civil.month = static_cast<int>(m < 10 ? m + 3 : m - 9);
  civil.year = year_of_era + era * 400 + (civil.month <= 2 ? 1 : 0);
}

inline constexpr void set_time(Civil& civil, std::int64_t usecs) {
  civil.hour = usecs / usecs_per_hour;
  civil.minute = static_cast<int>(usecs / usecs_per_minute % 60);
  civil.second = static_cast<int>(usecs / usecs_per_second % 60);
  civil.microsecond = static_cast<int>(usecs % usecs_per_second);
}

inline constexpr std::int64_t time_of(const Civil& civil) {
  return ((civil.hour * 60 + civil.minute) * 60 + civil.second) * usecs_per_second +
         civil.microsecond;
}

inline constexpr std::int64_t date_of(const Civil& civil) {
  return julian_day(civil.year, civil.month, civil.day) - postgres_epoch_julian;
}

inline constexpr Civil civil_from_date(std::int64_t days) {
  Civil civil;
  set_julian_day(civil, days + postgres_epoch_julian);
  return civil;
}

// Of a timestamp without time zone, or one already moved into a zone.
inline constexpr Civil civil_from_timestamp(std::int64_t usecs) {
  const std::int64_t days = floor_div(usecs, usecs_per_day);
  Civil civil = civil_from_date(days);
  set_time(civil, usecs - days * usecs_per_day);
  return civil;
}

// Whether the date lies where Julian days are defined (4714-11 BC to 5874898-05).
inline constexpr bool is_valid_julian(const Civil& civil) {
  const bool after_start = civil.year > -4713 || (civil.year == -4713 && civil.month >= 11);
  const bool before_end = civil.year < 5874898 || (civil.year == 5874898 && civil.month < 6);
  return after_start && before_end;
}

// 0 is Sunday. `julian` may be any Julian day.
inline constexpr int day_of_week(std::int64_t julian) {
  return static_cast<int>(floor_mod(julian + 1, 7));
}

}  // namespace dvecdb::server::types
