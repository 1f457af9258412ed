// The clock, and waiting.
#include <fmt/format.h>

#include <chrono>

#include "server/functions/families.h"
#include "server/functions/numbers.h"
#include "server/types/calendar.h"
#include "server/types/datetime_text.h"
#include "server/types/interval.h"

namespace dvecdb::server::functions {

namespace {

std::int64_t clock_now() {
  const auto since_1970 = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::microseconds>(since_1970).count() -
         types::epoch_difference * types::usecs_per_second;
}

Value now(const FunctionContext& context, Arguments) {
  return Value::integer(context.environment.transaction_time());
}
Value statement_timestamp(const FunctionContext& context, Arguments) {
  return Value::integer(context.environment.statement_time());
}
Value clock_timestamp(const FunctionContext&, Arguments) {
  return Value::integer(clock_now());
}

// "Mon Nov 23 04:05:06.000007 2026 UTC"
Value timeofday(const FunctionContext& context, Arguments) {
  constexpr const char* weekdays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr const char* months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                    "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto zoned = types::to_zone(clock_now(), types::session_time_zone(context.io.time_zone));
  const types::Civil& c = zoned.civil;
  const int weekday = types::day_of_week(types::julian_day(c.year, c.month, c.day));
  return Value::text(fmt::format("{} {} {:02} {:02}:{:02}:{:02}.{:06} {:04} {}", weekdays[weekday],
                                 months[c.month - 1], c.day, c.hour, c.minute, c.second,
                                 c.microsecond, c.year, zoned.abbreviation));
}

void sleep_until(const FunctionContext& context, std::int64_t end) {
  const auto usecs = static_cast<double>(end - clock_now());
  if (usecs > 0) context.environment.sleep(usecs / 1e6);
}

Value pg_sleep(const FunctionContext& context, Arguments args) {
  const double seconds = args[0].as_real();
  if (seconds > 0) context.environment.sleep(seconds);
  return Value::text_view("");
}

Value pg_sleep_for(const FunctionContext& context, Arguments args) {
  const auto v = types::Interval::of(args[0]);
  const double days = static_cast<double>(v.months) * types::days_per_month + v.days;
  const double seconds =
      days * static_cast<double>(types::seconds_per_day) + static_cast<double>(v.usecs) / 1e6;
  if (seconds > 0) context.environment.sleep(seconds);
  return Value::text_view("");
}

Value pg_sleep_until(const FunctionContext& context, Arguments args) {
  sleep_until(context, args[0].as_integer());
  return Value::text_view("");
}

constexpr ScalarEntry table[] = {
    {"now", now},
    {"statement_timestamp", statement_timestamp},
    {"clock_timestamp", clock_timestamp},
    {"timeofday", timeofday},
    {"pg_sleep", pg_sleep},
    {"pg_sleep_for", pg_sleep_for},
    {"pg_sleep_until", pg_sleep_until},
};

}  // namespace

ScalarTable clock_functions() {
  return table;
}

}  // namespace dvecdb::server::functions
