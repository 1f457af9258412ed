#include "server/functions/datetime_math.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "server/types/calendar.h"
#include "server/types/datetime_text.h"
#include "server/types/error.h"

namespace dvecdb::server::functions {

using namespace types;  // NOLINT: this file is about nothing else

namespace {

[[noreturn]] void refuse(const char* message) {
  throw SqlError(sqlstate::datetime_field_overflow, message);
}

// Months first, keeping the day where the month has it; then days.
void add_months_and_days(Civil& civil, const Interval& interval) {
  if (interval.months != 0) {
    const std::int64_t months = civil.year * 12 + civil.month - 1 + interval.months;
    civil.year = floor_div(months, 12);
    civil.month = static_cast<int>(floor_mod(months, 12)) + 1;
    civil.day = std::min(civil.day, days_in_month(civil.year, civil.month));
  }
  if (interval.days != 0) {
    set_julian_day(civil, julian_day(civil.year, civil.month, civil.day) + interval.days);
  }
  if (!is_valid_julian(civil)) refuse("timestamp out of range");
}

std::int64_t timestamp_of(const Civil& civil) {
  std::int64_t usecs = 0;
  if (__builtin_mul_overflow(date_of(civil), usecs_per_day, &usecs) ||
      __builtin_add_overflow(usecs, time_of(civil), &usecs)) {
    refuse("timestamp out of range");
  }
  return usecs;
}

std::int64_t add_usecs(std::int64_t timestamp, std::int64_t usecs) {
  std::int64_t sum = 0;
  if (__builtin_add_overflow(timestamp, usecs, &sum)) refuse("timestamp out of range");
  return checked_timestamp(sum);
}

double round_to_usecs(double v) {
  return std::rint(v * 1e6) / 1e6;
}

std::int32_t checked_int32(double v) {
  if (!(v >= std::numeric_limits<std::int32_t>::min() &&
        v <= std::numeric_limits<std::int32_t>::max())) {
    refuse_interval_range();
  }
  return static_cast<std::int32_t>(v);
}

std::int64_t checked_int64(double v) {
  constexpr double limit = 9223372036854775808.0;
  if (!(v >= -limit && v < limit)) refuse_interval_range();
  return static_cast<std::int64_t>(v);
}

// Fractions of months go to days (of 30), fractions of days to the time.
Interval spread(double months, double days, double usecs) {
  Interval r;
  r.months = checked_int32(months);
  r.days = checked_int32(days);
  const double month_days = round_to_usecs((months - r.months) * days_per_month);
  const auto whole_days = static_cast<std::int32_t>(month_days);
  double seconds = (days - r.days + month_days - whole_days) * seconds_per_day;
  seconds = round_to_usecs(seconds);
  std::int64_t more_days = whole_days;
  if (std::abs(seconds) >= seconds_per_day) {
    const auto carried = static_cast<std::int32_t>(seconds / seconds_per_day);
    more_days += carried;
    seconds -= static_cast<double>(carried * seconds_per_day);
  }
  r.days = checked_int32(static_cast<double>(r.days + more_days));
  r.usecs = checked_int64(std::rint(usecs + seconds * usecs_per_second));
  return r;
}

}  // namespace

std::int64_t checked_timestamp(std::int64_t usecs) {
  if (!is_valid_timestamp(usecs)) refuse("timestamp out of range");
  return usecs;
}

std::int64_t add_interval(std::int64_t timestamp, const Interval& interval) {
  if (!is_finite_timestamp(timestamp)) return timestamp;
  if (interval.months != 0 || interval.days != 0) {
    Civil civil = civil_from_timestamp(timestamp);
    add_months_and_days(civil, interval);
    timestamp = timestamp_of(civil);
  }
  return add_usecs(timestamp, interval.usecs);
}

std::int64_t add_interval(std::int64_t timestamptz, const Interval& interval,
                          const TimeZone& zone) {
  if (!is_finite_timestamp(timestamptz)) return timestamptz;
  if (interval.months != 0 || interval.days != 0) {
    Civil civil = to_zone(timestamptz, zone).civil;
    add_months_and_days(civil, interval);
    timestamptz = from_local(timestamp_of(civil), zone);
  }
  return add_usecs(timestamptz, interval.usecs);
}

Interval multiply(const Interval& v, double factor) {
  return spread(v.months * factor, v.days * factor, static_cast<double>(v.usecs) * factor);
}

Interval divide(const Interval& v, double divisor) {
  if (divisor == 0) throw SqlError(sqlstate::division_by_zero, "division by zero");
  return spread(v.months / divisor, v.days / divisor, static_cast<double>(v.usecs) / divisor);
}

namespace {

// Moves `per` units of `small` to one unit of `large`.
template <typename Small>
void carry(Small& small, std::int32_t& large, std::int64_t per) {
  const std::int64_t whole = small / per;
  std::int32_t sum = 0;
  if (__builtin_add_overflow(std::int64_t{large}, whole, &sum)) refuse_interval_range();
  large = sum;
  small = static_cast<Small>(small - whole * per);
}

// Takes one of `large` back when the signs differ.
template <typename Small>
void align_signs(Small& small, std::int32_t& large, std::int64_t per) {
  if (large > 0 && small < 0) {
    small = static_cast<Small>(small + per);
    --large;
  } else if (large < 0 && small > 0) {
    small = static_cast<Small>(small - per);
    ++large;
  }
}

}  // namespace

Interval justify_hours(const Interval& interval) {
  Interval v = interval;
  carry(v.usecs, v.days, usecs_per_day);
  align_signs(v.usecs, v.days, usecs_per_day);
  return v;
}

Interval justify_days(const Interval& interval) {
  Interval v = interval;
  carry(v.days, v.months, days_per_month);
  align_signs(v.days, v.months, days_per_month);
  return v;
}

Interval justify(const Interval& interval) {
  Interval v = interval;
  // Days of the same sign as the time may overflow together: move them to months first.
  if ((v.days > 0 && v.usecs > 0) || (v.days < 0 && v.usecs < 0)) {
    carry(v.days, v.months, days_per_month);
  }
  carry(v.usecs, v.days, usecs_per_day);
  carry(v.days, v.months, days_per_month);
  const bool rest_is_negative = v.days < 0 || (v.days == 0 && v.usecs < 0);
  const bool rest_is_positive = v.days > 0 || (v.days == 0 && v.usecs > 0);
  if (v.months > 0 && rest_is_negative) {
    v.days += days_per_month;
    --v.months;
  } else if (v.months < 0 && rest_is_positive) {
    v.days -= days_per_month;
    ++v.months;
  }
  align_signs(v.usecs, v.days, usecs_per_day);
  return v;
}

Interval difference(std::int64_t a, std::int64_t b) {
  if (!is_finite_timestamp(a) || !is_finite_timestamp(b)) {
    refuse("cannot subtract infinite timestamps");
  }
  Interval v;
  if (__builtin_sub_overflow(a, b, &v.usecs)) refuse_interval_range();
  return justify_hours(v);
}

Interval age(std::int64_t a, std::int64_t b) {
  if (!is_finite_timestamp(a) || !is_finite_timestamp(b)) refuse("timestamp out of range");
  const bool negative = a < b;
  const Civil later = civil_from_timestamp(negative ? b : a);
  const Civil earlier = civil_from_timestamp(negative ? a : b);
  std::int64_t usecs = time_of(later) - time_of(earlier);
  std::int64_t days = later.day - earlier.day;
  std::int64_t months = (later.year - earlier.year) * 12 + later.month - earlier.month;
  if (usecs < 0) {
    usecs += usecs_per_day;
    --days;
  }
  // Missing days come from the month of the earlier time.
  while (days < 0) {
    days += days_in_month(earlier.year, earlier.month);
    --months;
  }
  const Interval v{usecs, static_cast<std::int32_t>(days), static_cast<std::int32_t>(months)};
  return negative ? v.negated() : v;
}

std::int64_t date_to_timestamp(std::int64_t days) {
  if (!is_finite_date(days)) return days > 0 ? timestamp_infinity : timestamp_minus_infinity;
  if (days >= end_timestamp / usecs_per_day) refuse("date out of range for timestamp");
  return days * usecs_per_day;
}

std::int64_t timestamp_to_date(std::int64_t usecs) {
  if (!is_finite_timestamp(usecs)) return usecs > 0 ? date_infinity : date_minus_infinity;
  return floor_div(usecs, usecs_per_day);
}

std::int64_t date_to_timestamptz(std::int64_t days, const TimeZone& zone) {
  const std::int64_t local = date_to_timestamp(days);
  if (!is_finite_timestamp(local)) return local;
  const std::int64_t usecs =
      local - zone.offset_of_local(civil_from_timestamp(local)) * usecs_per_second;
  if (!is_valid_timestamp(usecs)) refuse("date out of range for timestamp");
  return usecs;
}

}  // namespace dvecdb::server::functions
