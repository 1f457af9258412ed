#include "server/functions/datetime_math.h"
#include "server/functions/families.h"
#include "server/functions/numbers.h"
#include "server/types/calendar.h"

namespace dvecdb::server::functions {

namespace {

Interval at(Arguments args, std::size_t index) {
  return Interval::of(args[index]);
}

Value interval_um(const FunctionContext&, Arguments args) {
  return at(args, 0).negated().to_value();
}
Value interval_pl(const FunctionContext&, Arguments args) {
  return Interval::add(at(args, 0), at(args, 1)).to_value();
}
Value interval_mi(const FunctionContext&, Arguments args) {
  return Interval::sub(at(args, 0), at(args, 1)).to_value();
}
Value interval_mul(const FunctionContext&, Arguments args) {
  return multiply(at(args, 0), args[1].as_real()).to_value();
}
Value mul_d_interval(const FunctionContext&, Arguments args) {
  return multiply(at(args, 1), args[0].as_real()).to_value();
}
Value interval_div(const FunctionContext&, Arguments args) {
  return divide(at(args, 0), args[1].as_real()).to_value();
}

template <Interval (*F)(const Interval&)>
Value apply(const FunctionContext&, Arguments args) {
  return F(at(args, 0)).to_value();
}

Value date_is_finite(const FunctionContext&, Arguments args) {
  return Value::boolean(types::is_finite_date(args[0].as_integer()));
}
Value timestamp_is_finite(const FunctionContext&, Arguments args) {
  return Value::boolean(types::is_finite_timestamp(args[0].as_integer()));
}
Value interval_is_finite(const FunctionContext&, Arguments) {
  return Value::boolean(true);
}

// years, months, weeks, days, hours, minutes, seconds
Value make_interval(const FunctionContext&, Arguments args) {
  const double seconds = args[6].as_real();
  if (!std::isfinite(seconds)) types::refuse_interval_range();
  const std::int64_t months = args[0].as_integer() * 12 + args[1].as_integer();
  const std::int64_t days = args[2].as_integer() * 7 + args[3].as_integer();
  const double usecs = std::rint(seconds * 1e6);
  std::int64_t time =
      args[4].as_integer() * types::usecs_per_hour + args[5].as_integer() * types::usecs_per_minute;
  constexpr double limit = 9.2e18;
  if (months != static_cast<std::int32_t>(months) || days != static_cast<std::int32_t>(days) ||
      std::abs(usecs) > limit ||
      __builtin_add_overflow(time, static_cast<std::int64_t>(usecs), &time)) {
    types::refuse_interval_range();
  }
  return Interval{time, static_cast<std::int32_t>(days), static_cast<std::int32_t>(months)}
      .to_value();
}

constexpr ScalarEntry table[] = {
    {"interval_um", interval_um},
    {"interval_pl", interval_pl},
    {"interval_mi", interval_mi},
    {"interval_mul", interval_mul},
    {"mul_d_interval", mul_d_interval},
    {"interval_div", interval_div},
    {"interval_justify_hours", apply<justify_hours>},
    {"interval_justify_days", apply<justify_days>},
    {"interval_justify_interval", apply<justify>},
    {"date_finite", date_is_finite},
    {"timestamp_finite", timestamp_is_finite},
    {"interval_finite", interval_is_finite},
    {"make_interval", make_interval},
};

}  // namespace

ScalarTable interval_functions() {
  return table;
}

}  // namespace dvecdb::server::functions
