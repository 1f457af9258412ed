// extract() as numeric and date_part() as double precision: one field of a date, time or interval.
#include "server/functions/datetime_math.h"
#include "server/functions/datetime_units.h"
#include "server/functions/families.h"
#include "server/functions/numbers.h"
#include "server/types/calendar.h"
#include "server/types/datetime_text.h"
#include "server/types/oids.h"
#include "server/types/timetz.h"

namespace dvecdb::server::functions {

namespace {

using namespace types;  // NOLINT: calendar.h's units
using Unit = DatetimeUnit;

// A field both ways: PostgreSQL rounds the two differently.
struct Part {
  Value exact;
  double real = 0;
  bool is_null = false;

  static Part null() {
    Part part;
    part.is_null = true;
    return part;
  }
  static Part integer(std::int64_t v) {
    return {Value::text(std::to_string(v)), static_cast<double>(v)};
  }
  // units / 10^scale
  static Part decimal(std::int64_t units, int scale, double real) {
    const Numeric divisor = Numeric::power(Numeric(10), Numeric(scale));
    return {Numeric::div_scaled(Numeric(units), divisor, scale, true).to_value(), real};
  }
  static Part infinity(bool positive) {
    constexpr double inf = std::numeric_limits<double>::infinity();
    return {Value::text(positive ? "Infinity" : "-Infinity"), positive ? inf : -inf};
  }
};

Value as_numeric(const Part& part) {
  return part.is_null ? Value::null() : part.exact;
}
Value as_float(const Part& part) {
  return part.is_null ? Value::null() : real_result(part.real);
}

// Fields of a time of day or of an interval's time; false when `unit` is none.
bool time_part(Unit unit, std::int64_t usecs, Part& part) {
  const std::int64_t second_usecs = usecs % usecs_per_minute;
  const std::int64_t whole = second_usecs / usecs_per_second;
  const auto fraction = static_cast<double>(second_usecs % usecs_per_second);
  switch (unit) {
    case Unit::microsecond:
      part = Part::integer(second_usecs);
      return true;
    case Unit::millisecond:
      part =
          Part::decimal(second_usecs, 3, static_cast<double>(whole) * 1000.0 + fraction / 1000.0);
      return true;
    case Unit::second:
      part = Part::decimal(second_usecs, 6, static_cast<double>(whole) + fraction / 1000000.0);
      return true;
    case Unit::minute:
      part = Part::integer(usecs / usecs_per_minute % 60);
      return true;
    case Unit::hour:
      part = Part::integer(usecs / usecs_per_hour);
      return true;
    default:
      return false;
  }
}

// The Thursday of a week lies in the year that the week belongs to.
struct IsoWeek {
  std::int64_t year;
  int week;
};

IsoWeek iso_week(std::int64_t julian) {
  const std::int64_t thursday = julian - (day_of_week(julian) + 6) % 7 + 3;
  Civil civil;
  set_julian_day(civil, thursday);
  return {civil.year, static_cast<int>((thursday - julian_day(civil.year, 1, 1)) / 7 + 1)};
}

// Years, counted without a year 0.
std::int64_t shown_year(std::int64_t year) {
  return year > 0 ? year : year - 1;
}

// Fields of a date; false when `unit` is none.
bool date_part(Unit unit, const Civil& c, Part& part) {
  const std::int64_t julian = julian_day(c.year, c.month, c.day);
  const std::int64_t y = c.year;
  std::int64_t v = 0;
  switch (unit) {
    case Unit::day:
      v = c.day;
      break;
    case Unit::month:
      v = c.month;
      break;
    case Unit::quarter:
      v = (c.month - 1) / 3 + 1;
      break;
    case Unit::week:
      v = iso_week(julian).week;
      break;
    case Unit::year:
      v = shown_year(y);
      break;
    case Unit::decade:
      v = y >= 0 ? y / 10 : -((8 - (y - 1)) / 10);
      break;
    case Unit::century:
      v = y > 0 ? (y + 99) / 100 : -((99 - (y - 1)) / 100);
      break;
    case Unit::millennium:
      v = y > 0 ? (y + 999) / 1000 : -((999 - (y - 1)) / 1000);
      break;
    case Unit::iso_year:
      v = shown_year(iso_week(julian).year);
      break;
    case Unit::day_of_week:
      v = day_of_week(julian);
      break;
    case Unit::iso_day_of_week:
      v = day_of_week(julian) == 0 ? 7 : day_of_week(julian);
      break;
    case Unit::day_of_year:
      v = julian - julian_day(y, 1, 1) + 1;
      break;
    default:
      return false;
  }
  part = Part::integer(v);
  return true;
}

// Infinite dates: a field that goes round has no value, one that grows is infinite.
Part part_of_infinity(const FunctionContext& context, Unit unit, std::string_view name, Oid type,
                      bool positive) {
  switch (unit) {
    case Unit::year:
    case Unit::decade:
    case Unit::century:
    case Unit::millennium:
    case Unit::julian:
    case Unit::iso_year:
    case Unit::epoch:
      return Part::infinity(positive);
    case Unit::day:
    case Unit::month:
    case Unit::quarter:
    case Unit::week:
    case Unit::day_of_week:
    case Unit::iso_day_of_week:
    case Unit::day_of_year:
      return Part::null();
    case Unit::microsecond:
    case Unit::millisecond:
    case Unit::second:
    case Unit::minute:
    case Unit::hour:
      if (type == oids::date) refuse_unit(context, name, type);
      return Part::null();
    case Unit::time_zone:
    case Unit::time_zone_hour:
    case Unit::time_zone_minute:
      if (type == oids::date) refuse_unit(context, name, type);
      return Part::null();
    default:
      refuse_unit(context, name, type);
  }
}

bool zone_part(Unit unit, std::int32_t offset, Part& part) {
  switch (unit) {
    case Unit::time_zone:
      part = Part::integer(offset);
      return true;
    case Unit::time_zone_hour:
      part = Part::integer(offset / 3600);
      return true;
    case Unit::time_zone_minute:
      part = Part::integer(offset / 60 % 60);
      return true;
    default:
      return false;
  }
}

Part julian_part(const Civil& c) {
  const std::int64_t day = julian_day(c.year, c.month, c.day);
  const std::int64_t usecs = time_of(c);
  const Numeric fraction = Numeric::div(Numeric(usecs), Numeric(usecs_per_day));
  const double seconds = static_cast<double>(usecs / usecs_per_second) +
                         static_cast<double>(usecs % usecs_per_second) / 1000000.0;
  return {Numeric::add(Numeric(day), fraction).to_value(),
          static_cast<double>(day) + seconds / static_cast<double>(seconds_per_day)};
}

Part epoch_part(std::int64_t timestamp) {
  const Int128 usecs = static_cast<Int128>(timestamp) + epoch_difference * usecs_per_second;
  const Numeric exact =
      Numeric::div_scaled(Numeric::from_int128(usecs), Numeric(usecs_per_second), 6, true);
  return {exact.to_value(), static_cast<double>(usecs) / 1000000.0};
}

Part timestamp_part(const FunctionContext& context, Arguments args, Oid type) {
  const std::string_view name = args[0].as_bytes();
  const std::int64_t timestamp = args[1].as_integer();
  const Unit unit = find_extract_unit(context, name, type);
  if (!is_finite_timestamp(timestamp)) {
    return part_of_infinity(context, unit, name, type, timestamp > 0);
  }
  if (unit == Unit::epoch) return epoch_part(timestamp);
  ZonedTime zoned;
  if (type == oids::timestamptz) {
    zoned = to_zone(timestamp, session_time_zone(context.io.time_zone));
  } else {
    zoned.civil = civil_from_timestamp(timestamp);
  }
  if (unit == Unit::julian) return julian_part(zoned.civil);
  Part part;
  if (time_part(unit, time_of(zoned.civil), part) || date_part(unit, zoned.civil, part)) {
    return part;
  }
  if (type == oids::timestamptz && zone_part(unit, zoned.offset, part)) return part;
  refuse_unit(context, name, type);
}

Part date_only_part(const FunctionContext& context, Arguments args, Oid type) {
  const std::string_view name = args[0].as_bytes();
  const std::int64_t days = args[1].as_integer();
  const Unit unit = find_extract_unit(context, name, type);
  if (!is_finite_date(days)) return part_of_infinity(context, unit, name, type, days > 0);
  if (unit == Unit::julian) return Part::integer(days + postgres_epoch_julian);
  if (unit == Unit::epoch) return Part::integer(days * seconds_per_day + epoch_difference);
  Part part;
  if (!date_part(unit, civil_from_date(days), part)) refuse_unit(context, name, type);
  return part;
}

Part time_only_part(const FunctionContext& context, Arguments args, Oid type) {
  const std::string_view name = args[0].as_bytes();
  const Unit unit = find_extract_unit(context, name, type);
  TimeTz time;
  if (type == oids::timetz) {
    time = TimeTz::of(args[1]);
  } else {
    time.usecs = args[1].as_integer();
  }
  Part part;
  if (time_part(unit, time.usecs, part)) return part;
  if (type == oids::timetz && zone_part(unit, -time.west, part)) return part;
  if (unit != Unit::epoch) refuse_unit(context, name, type);
  return Part::decimal(time.utc_usecs(), 6,
                       static_cast<double>(time.usecs) / 1000000.0 + time.west);
}

// Years of 365.25 days, months of 30.
Part interval_epoch(const Interval& v) {
  const std::int64_t years = v.months / 12;
  const std::int64_t months = v.months % 12;
  const std::int64_t quarter_days =
      years * 1461 + months * days_per_month * 4 + std::int64_t{v.days} * 4;
  const std::int64_t seconds = quarter_days * (seconds_per_day / 4);
  const Int128 usecs = static_cast<Int128>(seconds) * usecs_per_second + v.usecs;
  const Numeric exact =
      Numeric::div_scaled(Numeric::from_int128(usecs), Numeric(usecs_per_second), 6, true);
  double real = static_cast<double>(v.usecs) / 1000000.0;
  real += 365.25 * static_cast<double>(seconds_per_day) * static_cast<double>(years);
  real += static_cast<double>(days_per_month * seconds_per_day) * static_cast<double>(months);
  real += static_cast<double>(seconds_per_day) * v.days;
  return {exact.to_value(), real};
}

Part interval_part(const FunctionContext& context, Arguments args, Oid type) {
  const std::string_view name = args[0].as_bytes();
  const Interval v = Interval::of(args[1]);
  const Unit unit = find_extract_unit(context, name, type);
  const std::int64_t years = v.months / 12;
  Part part;
  if (time_part(unit, v.usecs, part)) return part;
  switch (unit) {
    case Unit::day:
      return Part::integer(v.days);
    case Unit::month:
      return Part::integer(v.months % 12);
    case Unit::quarter:
      return Part::integer(v.months % 12 / 3 + 1);
    case Unit::year:
      return Part::integer(years);
    case Unit::decade:
      return Part::integer(years / 10);
    case Unit::century:
      return Part::integer(years / 100);
    case Unit::millennium:
      return Part::integer(years / 1000);
    case Unit::epoch:
      return interval_epoch(v);
    default:
      refuse_unit(context, name, type);
  }
}

using PartOf = Part (*)(const FunctionContext&, Arguments, Oid);

template <PartOf F, Oid Type>
Value extract(const FunctionContext& context, Arguments args) {
  return as_numeric(F(context, args, Type));
}

template <PartOf F, Oid Type>
Value date_part_of(const FunctionContext& context, Arguments args) {
  return as_float(F(context, args, Type));
}

// date_part() of a date looks at its midnight.
Value date_part_of_date(const FunctionContext& context, Arguments args) {
  const Value midnight[] = {args[0], Value::integer(date_to_timestamp(args[1].as_integer()))};
  return as_float(timestamp_part(context, Arguments(midnight, 2), oids::timestamp));
}

constexpr ScalarEntry table[] = {
    {"extract_date", extract<date_only_part, oids::date>},
    {"extract_time", extract<time_only_part, oids::time>},
    {"extract_timetz", extract<time_only_part, oids::timetz>},
    {"extract_timestamp", extract<timestamp_part, oids::timestamp>},
    {"extract_timestamptz", extract<timestamp_part, oids::timestamptz>},
    {"extract_interval", extract<interval_part, oids::interval>},
    {"time_part", date_part_of<time_only_part, oids::time>},
    {"timetz_part", date_part_of<time_only_part, oids::timetz>},
    {"timestamp_part", date_part_of<timestamp_part, oids::timestamp>},
    {"timestamptz_part", date_part_of<timestamp_part, oids::timestamptz>},
    {"interval_part", date_part_of<interval_part, oids::interval>},
    {"date_part_date", date_part_of_date},
};

}  // namespace

ScalarTable datetime_field_functions() {
  return table;
}

}  // namespace dvecdb::server::functions
