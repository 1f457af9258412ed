// Casts between date, time and timestamp types, to a precision, and AT TIME ZONE.
#include "server/functions/datetime_math.h"
#include "server/functions/families.h"
#include "server/functions/numbers.h"
#include "server/types/calendar.h"
#include "server/types/datetime_text.h"
#include "server/types/oids.h"
#include "server/types/scan.h"
#include "server/types/timetz.h"

namespace dvecdb::server::functions {

namespace {

using namespace types;  // NOLINT: calendar.h's units

const TimeZone& zone_of(const FunctionContext& context) {
  return session_time_zone(context.io.time_zone);
}

Value date_to_timestamp_value(const FunctionContext&, Arguments args) {
  return Value::integer(date_to_timestamp(args[0].as_integer()));
}
Value date_to_timestamptz_value(const FunctionContext& context, Arguments args) {
  return Value::integer(date_to_timestamptz(args[0].as_integer(), zone_of(context)));
}
Value timestamp_to_date_value(const FunctionContext&, Arguments args) {
  return Value::integer(timestamp_to_date(args[0].as_integer()));
}
Value timestamptz_to_date(const FunctionContext& context, Arguments args) {
  return Value::integer(timestamp_to_date(to_local(args[0].as_integer(), zone_of(context))));
}
Value timestamp_to_timestamptz(const FunctionContext& context, Arguments args) {
  return Value::integer(from_local(args[0].as_integer(), zone_of(context)));
}
Value timestamptz_to_timestamp(const FunctionContext& context, Arguments args) {
  return Value::integer(to_local(args[0].as_integer(), zone_of(context)));
}

// An infinite timestamp has no time of day.
Value time_of_timestamp(std::int64_t local) {
  if (!is_finite_timestamp(local)) return Value::null();
  return Value::integer(floor_mod(local, usecs_per_day));
}
Value timestamp_to_time(const FunctionContext&, Arguments args) {
  return time_of_timestamp(args[0].as_integer());
}
Value timestamptz_to_time(const FunctionContext& context, Arguments args) {
  return time_of_timestamp(to_local(args[0].as_integer(), zone_of(context)));
}
Value timestamptz_to_timetz(const FunctionContext& context, Arguments args) {
  if (!is_finite_timestamp(args[0].as_integer())) return Value::null();
  const ZonedTime zoned = to_zone(args[0].as_integer(), zone_of(context));
  return TimeTz{types::time_of(zoned.civil), -zoned.offset}.to_value();
}

Value timetz_to_time(const FunctionContext&, Arguments args) {
  return Value::integer(TimeTz::of(args[0]).usecs);
}
// A bare time gets the offset that holds today.
Value time_to_timetz(const FunctionContext& context, Arguments args) {
  const TimeZone& zone = zone_of(context);
  const std::int64_t today =
      timestamp_to_date(to_local(context.environment.transaction_time(), zone));
  Civil civil = civil_from_date(today);
  set_time(civil, args[0].as_integer());
  return TimeTz{args[0].as_integer(), -zone.offset_of_local(civil)}.to_value();
}

Value time_to_interval(const FunctionContext&, Arguments args) {
  return Interval{args[0].as_integer(), 0, 0}.to_value();
}
Value interval_to_time(const FunctionContext&, Arguments args) {
  return Value::integer(floor_mod(Interval::of(args[0]).usecs, usecs_per_day));
}

// to_timestamp(double precision): seconds since 1970.
Value seconds_to_timestamptz(const FunctionContext&, Arguments args) {
  const double seconds = args[0].as_real();
  const auto refuse = [&]() {
    std::string shown;
    output_text(IoContext{}, {oids::float8, -1}, args[0], shown);
    throw SqlError(sqlstate::datetime_field_overflow, "timestamp out of range: \"" + shown + "\"");
  };
  if (std::isnan(seconds)) {
    throw SqlError(sqlstate::datetime_field_overflow, "timestamp cannot be NaN");
  }
  if (std::isinf(seconds)) {
    return Value::integer(seconds > 0 ? timestamp_infinity : timestamp_minus_infinity);
  }
  constexpr double first = -210866803200.0;  // 4714-11-24 BC
  constexpr double end = 9224318016000.0;    // 294277-01-01
  if (seconds < first || seconds >= end) refuse();
  const double since_2000 = seconds - static_cast<double>(epoch_difference);
  const auto usecs = static_cast<std::int64_t>(std::rint(since_2000 * 1e6));
  if (!is_valid_timestamp(usecs)) refuse();
  return Value::integer(usecs);
}

// --- precision: (value, typmod)

template <Oid Type>
Value scale(const FunctionContext& context, Arguments args) {
  const auto typmod = static_cast<std::int32_t>(args[1].as_integer());
  return apply_typmod(context.io, {Type, typmod}, args[0], true);
}

// --- AT TIME ZONE

// The zone in an interval; it must be hours, minutes and seconds alone.
std::int32_t offset_of_interval(const FunctionContext& context, const Value& value) {
  const Interval v = Interval::of(value);
  if (v.months != 0 || v.days != 0) {
    std::string shown;
    output_text(context.io, {oids::interval, -1}, value, shown);
    throw SqlError(sqlstate::invalid_parameter_value,
                   "interval time zone \"" + shown + "\" must not include months or days");
  }
  return static_cast<std::int32_t>(v.usecs / usecs_per_second);
}

Value shifted(const FunctionContext& context, Arguments args, int direction) {
  const std::int64_t timestamp = args[1].as_integer();
  if (!is_finite_timestamp(timestamp)) return args[1];
  const std::int64_t seconds = offset_of_interval(context, args[0]);
  return Value::integer(checked_timestamp(timestamp + direction * seconds * usecs_per_second));
}

Value timestamp_at_zone(const FunctionContext&, Arguments args) {
  return Value::integer(from_zone_named(args[1].as_integer(), args[0].as_bytes(), false));
}
Value timestamptz_at_zone(const FunctionContext&, Arguments args) {
  return Value::integer(to_zone_named(args[1].as_integer(), args[0].as_bytes()));
}
Value timestamp_at_offset(const FunctionContext& context, Arguments args) {
  return shifted(context, args, -1);
}
Value timestamptz_at_offset(const FunctionContext& context, Arguments args) {
  return shifted(context, args, 1);
}

Value move_timetz(const TimeTz& time, std::int32_t offset) {
  const std::int64_t local = time.utc_usecs() + offset * usecs_per_second;
  return TimeTz{floor_mod(local, usecs_per_day), -offset}.to_value();
}
Value timetz_at_zone(const FunctionContext& context, Arguments args) {
  const std::int32_t offset =
      offset_now(args[0].as_bytes(), context.environment.transaction_time());
  return move_timetz(TimeTz::of(args[1]), offset);
}
Value timetz_at_offset(const FunctionContext& context, Arguments args) {
  return move_timetz(TimeTz::of(args[1]), offset_of_interval(context, args[0]));
}

constexpr ScalarEntry table[] = {
    {"date_timestamp", date_to_timestamp_value},
    {"date_timestamptz", date_to_timestamptz_value},
    {"timestamp_date", timestamp_to_date_value},
    {"timestamptz_date", timestamptz_to_date},
    {"timestamp_timestamptz", timestamp_to_timestamptz},
    {"timestamptz_timestamp", timestamptz_to_timestamp},
    {"timestamp_time", timestamp_to_time},
    {"timestamptz_time", timestamptz_to_time},
    {"timestamptz_timetz", timestamptz_to_timetz},
    {"timetz_time", timetz_to_time},
    {"time_timetz", time_to_timetz},
    {"time_interval", time_to_interval},
    {"interval_time", interval_to_time},
    {"float8_timestamptz", seconds_to_timestamptz},
    {"time_scale", scale<oids::time>},
    {"timetz_scale", scale<oids::timetz>},
    {"timestamp_scale", scale<oids::timestamp>},
    {"timestamptz_scale", scale<oids::timestamptz>},
    {"interval_scale", scale<oids::interval>},
    {"timestamp_zone", timestamp_at_zone},
    {"timestamptz_zone", timestamptz_at_zone},
    {"timestamp_izone", timestamp_at_offset},
    {"timestamptz_izone", timestamptz_at_offset},
    {"timetz_zone", timetz_at_zone},
    {"timetz_izone", timetz_at_offset},
};

}  // namespace

ScalarTable datetime_cast_functions() {
  return table;
}

}  // namespace dvecdb::server::functions
