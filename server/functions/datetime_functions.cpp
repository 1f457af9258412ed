// Arithmetic of dates, times, timestamps; comparisons across them; overlaps; construction.
#include <fmt/format.h>

#include <deque>

#include "server/functions/datetime_math.h"
#include "server/functions/families.h"
#include "server/functions/numbers.h"
#include "server/types/calendar.h"
#include "server/types/datetime_text.h"
#include "server/types/oids.h"
#include "server/types/timetz.h"

namespace dvecdb::server::functions {

namespace {

using namespace types;  // NOLINT: calendar.h's units

[[noreturn]] void refuse(const std::string& message) {
  throw SqlError(sqlstate::datetime_field_overflow, message);
}

const TimeZone& zone_of(const FunctionContext& context) {
  return session_time_zone(context.io.time_zone);
}

Interval interval_at(Arguments args, std::size_t index) {
  return Interval::of(args[index]);
}

// --- date

Value date_plus(std::int64_t days, std::int64_t more) {
  if (!is_finite_date(days)) return Value::integer(days);
  const std::int64_t sum = days + more;
  if (!is_valid_date(sum)) refuse("date out of range");
  return Value::integer(sum);
}

Value date_pli(const FunctionContext&, Arguments args) {
  return date_plus(args[0].as_integer(), args[1].as_integer());
}
Value date_mii(const FunctionContext&, Arguments args) {
  return date_plus(args[0].as_integer(), -args[1].as_integer());
}
Value integer_pl_date(const FunctionContext&, Arguments args) {
  return date_plus(args[1].as_integer(), args[0].as_integer());
}

Value date_mi(const FunctionContext&, Arguments args) {
  const std::int64_t a = args[0].as_integer();
  const std::int64_t b = args[1].as_integer();
  if (!is_finite_date(a) || !is_finite_date(b)) refuse("cannot subtract infinite dates");
  return Value::integer(static_cast<std::int32_t>(a - b));
}

// --- plus and minus an interval. First says which argument is the interval.

enum class Sign { plus, minus };

template <Sign S>
Interval signed_interval(const Value& value) {
  const Interval v = Interval::of(value);
  return S == Sign::plus ? v : v.negated();
}

template <Sign S>
Value timestamp_shift(const FunctionContext&, Arguments args) {
  return Value::integer(add_interval(args[0].as_integer(), signed_interval<S>(args[1])));
}

template <Sign S>
Value timestamptz_shift(const FunctionContext& context, Arguments args) {
  return Value::integer(
      add_interval(args[0].as_integer(), signed_interval<S>(args[1]), zone_of(context)));
}

template <Sign S>
Value date_shift(const FunctionContext&, Arguments args) {
  const std::int64_t timestamp = date_to_timestamp(args[0].as_integer());
  return Value::integer(add_interval(timestamp, signed_interval<S>(args[1])));
}

// Only the time of the interval counts, around the clock.
template <Sign S>
std::int64_t shift_clock(std::int64_t usecs, const Interval& interval) {
  const std::int64_t step = interval.usecs % usecs_per_day;
  return floor_mod(S == Sign::plus ? usecs + step : usecs - step, usecs_per_day);
}

template <Sign S>
Value time_shift(const FunctionContext&, Arguments args) {
  return Value::integer(shift_clock<S>(args[0].as_integer(), interval_at(args, 1)));
}

template <Sign S>
Value timetz_shift(const FunctionContext&, Arguments args) {
  TimeTz time = TimeTz::of(args[0]);
  time.usecs = shift_clock<S>(time.usecs, interval_at(args, 1));
  return time.to_value();
}

// The same with the interval first.
template <ScalarFunction F>
Value swapped(const FunctionContext& context, Arguments args) {
  const Value turned[] = {args[1], args[0]};
  Value result = F(context, Arguments(turned, 2));
  result.own();
  return result;
}

// --- differences

Value timestamp_mi(const FunctionContext&, Arguments args) {
  return difference(args[0].as_integer(), args[1].as_integer()).to_value();
}

Value time_mi_time(const FunctionContext&, Arguments args) {
  return Interval{args[0].as_integer() - args[1].as_integer(), 0, 0}.to_value();
}

Value timestamp_age(const FunctionContext&, Arguments args) {
  return age(args[0].as_integer(), args[1].as_integer()).to_value();
}

Value timestamptz_age(const FunctionContext& context, Arguments args) {
  const TimeZone& zone = zone_of(context);
  return age(to_local(args[0].as_integer(), zone), to_local(args[1].as_integer(), zone)).to_value();
}

// Midnight of the current day in the session's zone, as a local time.
std::int64_t today(const FunctionContext& context) {
  const std::int64_t now = to_local(context.environment.transaction_time(), zone_of(context));
  return floor_div(now, usecs_per_day) * usecs_per_day;
}

Value age_today(const FunctionContext& context, Arguments args) {
  return age(today(context), args[0].as_integer()).to_value();
}

Value age_today_zoned(const FunctionContext& context, Arguments args) {
  return age(today(context), to_local(args[0].as_integer(), zone_of(context))).to_value();
}

// --- joining a date and a time

Value date_and_time(const FunctionContext&, Arguments args) {
  const std::int64_t day = date_to_timestamp(args[0].as_integer());
  if (!is_finite_timestamp(day)) return Value::integer(day);
  return Value::integer(checked_timestamp(day + args[1].as_integer()));
}

Value date_and_timetz(const FunctionContext&, Arguments args) {
  const std::int64_t day = date_to_timestamp(args[0].as_integer());
  if (!is_finite_timestamp(day)) return Value::integer(day);
  return Value::integer(checked_timestamp(day + TimeTz::of(args[1]).utc_usecs()));
}

Value date_and_local_time(const FunctionContext& context, Arguments args) {
  const Value local = date_and_time(context, args);
  return Value::integer(from_local(local.as_integer(), zone_of(context)));
}

// --- comparisons across types

// A date or local time as an instant; what is out of range keeps its side of the range.
std::int64_t instant_of_date(std::int64_t days) {
  if (is_finite_date(days) && days >= end_timestamp / usecs_per_day) return end_timestamp;
  return date_to_timestamp(days);
}

std::int64_t instant_of_local(std::int64_t local, const TimeZone& zone) {
  if (!is_finite_timestamp(local) || local == end_timestamp) return local;
  return local - zone.offset_of_local(civil_from_timestamp(local)) * usecs_per_second;
}

enum class Kind { date, timestamp, timestamptz };

template <Kind K>
std::int64_t comparable(const FunctionContext& context, const Value& value, bool as_instant) {
  if constexpr (K == Kind::timestamptz) return value.as_integer();
  const std::int64_t local =
      K == Kind::date ? instant_of_date(value.as_integer()) : value.as_integer();
  return as_instant ? instant_of_local(local, zone_of(context)) : local;
}

template <Kind A, Kind B>
int order(const FunctionContext& context, Arguments args) {
  constexpr bool as_instant = A == Kind::timestamptz || B == Kind::timestamptz;
  const std::int64_t a = comparable<A>(context, args[0], as_instant);
  const std::int64_t b = comparable<B>(context, args[1], as_instant);
  return a < b ? -1 : (a > b ? 1 : 0);
}

template <Kind A, Kind B, bool (*Holds)(int)>
Value relate(const FunctionContext& context, Arguments args) {
  return Value::boolean(Holds(order<A, B>(context, args)));
}

template <Kind A, Kind B>
Value three_way(const FunctionContext& context, Arguments args) {
  return Value::integer(order<A, B>(context, args));
}

bool is_eq(int o) {
  return o == 0;
}
bool is_ne(int o) {
  return o != 0;
}
bool is_lt(int o) {
  return o < 0;
}
bool is_le(int o) {
  return o <= 0;
}
bool is_gt(int o) {
  return o > 0;
}
bool is_ge(int o) {
  return o >= 0;
}

// --- overlaps: not strict; a missing end makes a span of one moment, or of unknown length

using Order = int (*)(const Value&, const Value&);

int integer_order(const Value& a, const Value& b) {
  return a.as_integer() < b.as_integer() ? -1 : (a.as_integer() > b.as_integer() ? 1 : 0);
}
int timetz_order(const Value& a, const Value& b) {
  return TimeTz::compare(TimeTz::of(a), TimeTz::of(b));
}

// Start and end in order; false when both are unknown. A single unknown becomes the end.
template <Order O>
bool arrange(Value& start, Value& end) {
  if (start.is_null()) {
    if (end.is_null()) return false;
    std::swap(start, end);
  } else if (!end.is_null() && O(start, end) > 0) {
    std::swap(start, end);
  }
  return true;
}

template <Order O>
Value overlaps_of(Value start1, Value end1, Value start2, Value end2) {
  if (!arrange<O>(start1, end1) || !arrange<O>(start2, end2)) return Value::null();
  const int starts = O(start1, start2);
  if (starts == 0) {
    return end1.is_null() || end2.is_null() ? Value::null() : Value::boolean(true);
  }
  if (starts < 0) {
    std::swap(start1, start2);
    std::swap(end1, end2);
  }
  // The first span starts later: it overlaps when that is before the second one's end.
  if (end2.is_null()) return Value::null();
  if (O(start1, end2) < 0) return Value::boolean(true);
  return end1.is_null() ? Value::null() : Value::boolean(false);
}

template <Order O>
Value overlaps(const FunctionContext&, Arguments args) {
  return overlaps_of<O>(args[0], args[1], args[2], args[3]);
}

// Ends given as lengths: added to their starts with Plus.
template <ScalarFunction Plus, bool First, bool Second>
Value overlaps_lengths(const FunctionContext& context, Arguments args) {
  const auto end = [&](std::size_t start) {
    if (args[start].is_null() || args[start + 1].is_null()) return Value::null();
    return Plus(context, args.subspan(start, 2));
  };
  return overlaps_of<integer_order>(args[0], First ? end(0) : args[1], args[2],
                                    Second ? end(2) : args[3]);
}

// --- construction

std::string shown_date(std::int64_t year, std::int64_t month, std::int64_t day) {
  return fmt::format("{}-{:02}-{:02}", year, month, day);
}

std::string shown_clock(const Value& hour, const Value& minute, const Value& second) {
  const double s = second.as_real();
  const std::string seconds = std::isnan(s) ? "NaN" : fmt::format("{:02g}", s);
  return fmt::format("{}:{:02}:{}", hour.as_integer(), minute.as_integer(), seconds);
}

// A negative year is BC. `shown` is the year for messages.
Civil civil_of_date(std::int64_t year, std::int64_t month, std::int64_t day, std::int64_t shown) {
  const bool is_valid_month = month >= 1 && month <= 12;
  const std::int64_t inner_year = year < 0 ? year + 1 : year;
  const bool is_valid = year != 0 && is_valid_month && day >= 1 &&
                        day <= days_in_month(inner_year, static_cast<int>(month));
  if (!is_valid) {
    refuse("date field value out of range: " + shown_date(shown, month, day));
  }
  Civil civil;
  civil.year = inner_year;
  civil.month = static_cast<int>(month);
  civil.day = static_cast<int>(day);
  if (!is_valid_julian(civil) || !is_valid_date(date_of(civil))) {
    refuse("date out of range: " + shown_date(shown, month, day));
  }
  return civil;
}

std::int64_t usecs_of_clock(const Value& hour, const Value& minute, const Value& second) {
  const std::int64_t h = hour.as_integer();
  const std::int64_t m = minute.as_integer();
  const double s = second.as_real();
  const std::int64_t whole = h * 60 + m;
  bool is_valid = h >= 0 && h <= 24 && m >= 0 && m <= 59 && s >= 0 && s <= 60;
  const std::int64_t usecs =
      is_valid ? whole * usecs_per_minute + static_cast<std::int64_t>(std::rint(s * 1e6)) : 0;
  is_valid = is_valid && usecs <= usecs_per_day;
  if (!is_valid) {
    refuse("time field value out of range: " + shown_clock(hour, minute, second));
  }
  return usecs;
}

Value make_date(const FunctionContext&, Arguments args) {
  // PostgreSQL's messages count the years of this one with a year 0.
  const std::int64_t year = args[0].as_integer();
  return Value::integer(date_of(
      civil_of_date(year, args[1].as_integer(), args[2].as_integer(), year < 0 ? year + 1 : year)));
}

Value make_time(const FunctionContext&, Arguments args) {
  return Value::integer(usecs_of_clock(args[0], args[1], args[2]));
}

std::int64_t local_of(Arguments args) {
  const std::int64_t year = args[0].as_integer();
  const Civil civil = civil_of_date(year, args[1].as_integer(), args[2].as_integer(), year);
  const std::int64_t time = usecs_of_clock(args[3], args[4], args[5]);
  std::int64_t usecs = 0;
  if (__builtin_mul_overflow(date_of(civil), usecs_per_day, &usecs) ||
      __builtin_add_overflow(usecs, time, &usecs) || !is_valid_timestamp(usecs)) {
    refuse(
        "timestamp out of range: " + shown_date(year, args[1].as_integer(), args[2].as_integer()) +
        " " + shown_clock(args[3], args[4], args[5]));
  }
  return usecs;
}

Value make_timestamp(const FunctionContext&, Arguments args) {
  return Value::integer(local_of(args));
}

Value make_timestamptz(const FunctionContext& context, Arguments args) {
  return Value::integer(from_local(local_of(args), zone_of(context)));
}

Value make_timestamptz_at_zone(const FunctionContext&, Arguments args) {
  return Value::integer(from_zone_named(local_of(args), args[6].as_bytes(), true));
}

constexpr auto timestamp_plus = timestamp_shift<Sign::plus>;
constexpr auto timestamptz_plus = timestamptz_shift<Sign::plus>;
constexpr auto time_plus = time_shift<Sign::plus>;

constexpr ScalarEntry table[] = {
    {"date_pli", date_pli},
    {"date_mii", date_mii},
    {"date_mi", date_mi},
    {"integer_pl_date", integer_pl_date},
    {"date_pl_interval", date_shift<Sign::plus>},
    {"date_mi_interval", date_shift<Sign::minus>},
    {"interval_pl_date", swapped<date_shift<Sign::plus>>},
    {"timestamp_pl_interval", timestamp_plus},
    {"timestamp_mi_interval", timestamp_shift<Sign::minus>},
    {"interval_pl_timestamp", swapped<timestamp_shift<Sign::plus>>},
    {"timestamptz_pl_interval", timestamptz_plus},
    {"timestamptz_mi_interval", timestamptz_shift<Sign::minus>},
    {"interval_pl_timestamptz", swapped<timestamptz_shift<Sign::plus>>},
    {"time_pl_interval", time_plus},
    {"time_mi_interval", time_shift<Sign::minus>},
    {"interval_pl_time", swapped<time_shift<Sign::plus>>},
    {"timetz_pl_interval", timetz_shift<Sign::plus>},
    {"timetz_mi_interval", timetz_shift<Sign::minus>},
    {"interval_pl_timetz", swapped<timetz_shift<Sign::plus>>},
    {"timestamp_mi", timestamp_mi},
    {"time_mi_time", time_mi_time},
    {"timestamp_age", timestamp_age},
    {"timestamptz_age", timestamptz_age},
    {"age_today_timestamp", age_today},
    {"age_today_timestamptz", age_today_zoned},
    {"datetime_timestamp", date_and_time},
    {"timedate_pl", swapped<date_and_time>},
    {"datetimetz_timestamptz", date_and_timetz},
    {"timetzdate_pl", swapped<date_and_timetz>},
    {"datetime_timestamptz_sql", date_and_local_time},
    {"overlaps_time", overlaps<integer_order>},
    {"overlaps_timestamp", overlaps<integer_order>},
    {"overlaps_timetz", overlaps<timetz_order>},
    {"overlaps_timestamp_lengths", overlaps_lengths<timestamp_plus, true, true>},
    {"overlaps_timestamp_first_length", overlaps_lengths<timestamp_plus, true, false>},
    {"overlaps_timestamp_second_length", overlaps_lengths<timestamp_plus, false, true>},
    {"overlaps_timestamptz_lengths", overlaps_lengths<timestamptz_plus, true, true>},
    {"overlaps_timestamptz_first_length", overlaps_lengths<timestamptz_plus, true, false>},
    {"overlaps_timestamptz_second_length", overlaps_lengths<timestamptz_plus, false, true>},
    {"overlaps_time_lengths", overlaps_lengths<time_plus, true, true>},
    {"overlaps_time_first_length", overlaps_lengths<time_plus, true, false>},
    {"overlaps_time_second_length", overlaps_lengths<time_plus, false, true>},
    {"make_date", make_date},
    {"make_time", make_time},
    {"make_timestamp", make_timestamp},
    {"make_timestamptz", make_timestamptz},
    {"make_timestamptz_at_timezone", make_timestamptz_at_zone},
};

class CrossTable {
 public:
  CrossTable() {
    entries_.assign(std::begin(table), std::end(table));
    add<Kind::date, Kind::timestamp>("date_", "_timestamp");
    add<Kind::date, Kind::timestamptz>("date_", "_timestamptz");
    add<Kind::timestamp, Kind::date>("timestamp_", "_date");
    add<Kind::timestamptz, Kind::date>("timestamptz_", "_date");
    add<Kind::timestamp, Kind::timestamptz>("timestamp_", "_timestamptz");
    add<Kind::timestamptz, Kind::timestamp>("timestamptz_", "_timestamp");
  }
  const std::vector<ScalarEntry>& entries() const { return entries_; }

 private:
  template <Kind A, Kind B>
  void add(const std::string& prefix, const std::string& suffix) {
    add_one(prefix + "eq" + suffix, relate<A, B, is_eq>);
    add_one(prefix + "ne" + suffix, relate<A, B, is_ne>);
    add_one(prefix + "lt" + suffix, relate<A, B, is_lt>);
    add_one(prefix + "le" + suffix, relate<A, B, is_le>);
    add_one(prefix + "gt" + suffix, relate<A, B, is_gt>);
    add_one(prefix + "ge" + suffix, relate<A, B, is_ge>);
    add_one(prefix + "cmp" + suffix, three_way<A, B>);
  }
  void add_one(std::string symbol, ScalarFunction function) {
    symbols_.push_back(std::move(symbol));
    entries_.push_back({symbols_.back(), function});
  }

  std::deque<std::string> symbols_;
  std::vector<ScalarEntry> entries_;
};

}  // namespace

ScalarTable datetime_functions() {
  static const CrossTable all;
  return all.entries();
}

}  // namespace dvecdb::server::functions
