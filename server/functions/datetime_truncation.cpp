// date_trunc() and date_bin().
#include "server/functions/datetime_math.h"
#include "server/functions/datetime_units.h"
#include "server/functions/families.h"
#include "server/functions/numbers.h"
#include "server/types/calendar.h"
#include "server/types/datetime_text.h"
#include "server/types/oids.h"

namespace dvecdb::server::functions {

namespace {

using namespace types;  // NOLINT: calendar.h's units
using Unit = DatetimeUnit;

// The first year of a span of `length` years; spans of the first kind start with a year 1.
std::int64_t first_year(std::int64_t year, std::int64_t length) {
  return floor_div(year - 1, length) * length + 1;
}

// Cuts what is below `unit`; false when the unit cannot be truncated to.
bool truncate(Civil& c, Unit unit) {
  switch (unit) {
    case Unit::microsecond:
      return true;
    case Unit::millisecond:
      c.microsecond = c.microsecond / 1000 * 1000;
      return true;
    case Unit::second:
      c.microsecond = 0;
      return true;
    case Unit::minute:
      c.second = c.microsecond = 0;
      return true;
    case Unit::hour:
      c.minute = c.second = c.microsecond = 0;
      return true;
    default:
      break;
  }
  set_time(c, 0);
  switch (unit) {
    case Unit::day:
      return true;
    case Unit::week: {
      const std::int64_t julian = julian_day(c.year, c.month, c.day);
      set_julian_day(c, julian - (day_of_week(julian) + 6) % 7);
      return true;
    }
    case Unit::month:
      c.day = 1;
      return true;
    case Unit::quarter:
      c.day = 1;
      c.month = (c.month - 1) / 3 * 3 + 1;
      return true;
    case Unit::year:
      break;
    case Unit::decade:
      c.year = floor_div(c.year, 10) * 10;
      break;
    case Unit::century:
      c.year = first_year(c.year, 100);
      break;
    case Unit::millennium:
      c.year = first_year(c.year, 1000);
      break;
    default:
      return false;
  }
  c.day = 1;
  c.month = 1;
  return true;
}

std::int64_t timestamp_of(const Civil& c) {
  return checked_timestamp(date_of(c) * usecs_per_day + time_of(c));
}

// Below the day the offset stays as it was, so that the repeated hour does not jump.
bool keeps_offset(Unit unit) {
  return unit <= Unit::hour;
}

Value timestamp_trunc(const FunctionContext& context, Arguments args) {
  const std::string_view name = args[0].as_bytes();
  const std::int64_t timestamp = args[1].as_integer();
  if (!is_finite_timestamp(timestamp)) return args[1];
  const Unit unit = find_trunc_unit(context, name, oids::timestamp);
  Civil civil = civil_from_timestamp(timestamp);
  if (!truncate(civil, unit)) refuse_unit(context, name, oids::timestamp);
  return Value::integer(timestamp_of(civil));
}

Value trunc_in_zone(const FunctionContext& context, Arguments args, const TimeZone& zone) {
  const std::string_view name = args[0].as_bytes();
  const std::int64_t timestamp = args[1].as_integer();
  const Unit unit = find_trunc_unit(context, name, oids::timestamptz);
  ZonedTime zoned = to_zone(timestamp, zone);
  if (!truncate(zoned.civil, unit)) refuse_unit(context, name, oids::timestamptz);
  const std::int32_t offset = keeps_offset(unit) ? zoned.offset : zone.offset_of_local(zoned.civil);
  const std::int64_t local = date_of(zoned.civil) * usecs_per_day + time_of(zoned.civil);
  return Value::integer(checked_timestamp(local - offset * usecs_per_second));
}

Value timestamptz_trunc(const FunctionContext& context, Arguments args) {
  if (!is_finite_timestamp(args[1].as_integer())) return args[1];
  return trunc_in_zone(context, args, session_time_zone(context.io.time_zone));
}

Value timestamptz_trunc_zone(const FunctionContext& context, Arguments args) {
  if (!is_finite_timestamp(args[1].as_integer())) return args[1];
  return trunc_in_zone(context, args, zone_named(args[2].as_bytes()));
}

Value interval_trunc(const FunctionContext& context, Arguments args) {
  const std::string_view name = args[0].as_bytes();
  const Unit unit = find_trunc_unit(context, name, oids::interval);
  Interval v = Interval::of(args[1]);
  const auto cut_time = [&](std::int64_t unit_usecs) {
    v.usecs = v.usecs / unit_usecs * unit_usecs;
    return v.to_value();
  };
  const auto cut_months = [&](std::int32_t unit_months) {
    return Interval{0, 0, v.months / unit_months * unit_months}.to_value();
  };
  switch (unit) {
    case Unit::microsecond:
      return args[1];
    case Unit::millisecond:
      return cut_time(1000);
    case Unit::second:
      return cut_time(usecs_per_second);
    case Unit::minute:
      return cut_time(usecs_per_minute);
    case Unit::hour:
      return cut_time(usecs_per_hour);
    case Unit::day:
      return Interval{0, v.days, v.months}.to_value();
    case Unit::month:
      return cut_months(1);
    case Unit::quarter:
      return cut_months(3);
    case Unit::year:
      return cut_months(12);
    case Unit::decade:
      return cut_months(120);
    case Unit::century:
      return cut_months(1200);
    case Unit::millennium:
      return cut_months(12000);
    case Unit::week:
      throw SqlError(sqlstate::feature_not_supported,
                     "unit \"week\" not supported for type interval")
          .detail("Months usually have fractional weeks.");
    default:
      refuse_unit(context, name, oids::interval);
  }
}

// (stride, timestamp, origin)
Value date_bin(const FunctionContext&, Arguments args) {
  const Interval stride = Interval::of(args[0]);
  const std::int64_t timestamp = args[1].as_integer();
  const std::int64_t origin = args[2].as_integer();
  if (!is_finite_timestamp(timestamp)) return args[1];
  const auto refuse = [](std::string_view state, const char* message) {
    throw SqlError(state, message);
  };
  if (!is_finite_timestamp(origin)) {
    refuse(sqlstate::datetime_field_overflow, "origin out of range");
  }
  if (stride.months != 0) {
    refuse(sqlstate::feature_not_supported,
           "timestamps cannot be binned into intervals containing months or years");
  }
  std::int64_t width = 0;
  if (__builtin_mul_overflow(std::int64_t{stride.days}, usecs_per_day, &width) ||
      __builtin_add_overflow(width, stride.usecs, &width)) {
    refuse_interval_range();
  }
  if (width <= 0) refuse(sqlstate::datetime_field_overflow, "stride must be greater than zero");
  std::int64_t distance = 0;
  if (__builtin_sub_overflow(timestamp, origin, &distance)) refuse_interval_range();
  const std::int64_t rest = floor_mod(distance, width);
  return Value::integer(checked_timestamp(timestamp - rest));
}

constexpr ScalarEntry table[] = {
    {"timestamp_trunc", timestamp_trunc},
    {"timestamptz_trunc", timestamptz_trunc},
    {"timestamptz_trunc_zone", timestamptz_trunc_zone},
    {"interval_trunc", interval_trunc},
    {"timestamp_bin", date_bin},
    {"timestamptz_bin", date_bin},
};

}  // namespace

ScalarTable datetime_truncation_functions() {
  return table;
}

}  // namespace dvecdb::server::functions
