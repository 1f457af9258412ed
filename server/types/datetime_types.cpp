// date, time, timetz, timestamp, timestamptz: handlers over datetime_text.h.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "server/types/binary.h"
#include "server/types/datetime_text.h"
#include "server/types/error.h"
#include "server/types/oids.h"
#include "server/types/scan.h"
#include "server/types/timetz.h"
#include "server/types/type_handler.h"

namespace dvecdb::server::types {

namespace {

[[noreturn]] void refuse_range(const char* message) {
  throw SqlError(sqlstate::datetime_field_overflow, message);
}

// --- date

Value date_input(const IoContext& context, TypeRef, std::string_view text) {
  return Value::integer(parse_date(context, text));
}
void date_output(const IoContext& context, TypeRef, const Value& value, std::string& out) {
  append_date(out, context, value.as_integer());
}
Value date_receive(const IoContext&, TypeRef, std::string_view bytes) {
  BinaryReader reader(bytes);
  const std::int64_t days = reader.i32();
  reader.finish();
  if (is_finite_date(days) && !is_valid_date(days)) refuse_range("date out of range");
  return Value::integer(days);
}
void date_send(const IoContext&, TypeRef, const Value& value, std::string& out) {
  append_u32(out, static_cast<std::uint32_t>(value.as_integer()));
}

// --- time

Value time_input(const IoContext& context, TypeRef, std::string_view text) {
  return Value::integer(time_of(parse_time_of_day(context, text, "time").civil));
}
void time_output(const IoContext&, TypeRef, const Value& value, std::string& out) {
  append_time(out, value.as_integer());
}
Value time_receive(const IoContext&, TypeRef, std::string_view bytes) {
  BinaryReader reader(bytes);
  const std::int64_t usecs = reader.i64();
  reader.finish();
  if (usecs < 0 || usecs > usecs_per_day) refuse_range("time out of range");
  return Value::integer(usecs);
}
void eight_bytes_send(const IoContext&, TypeRef, const Value& value, std::string& out) {
  append_u64(out, static_cast<std::uint64_t>(value.as_integer()));
}

// --- timetz

Value timetz_input(const IoContext& context, TypeRef, std::string_view text) {
  const ParsedDatetime parsed = parse_time_of_day(context, text, "time with time zone");
  return TimeTz{time_of(parsed.civil), -parsed.offset}.to_value();
}
void timetz_output(const IoContext&, TypeRef, const Value& value, std::string& out) {
  const TimeTz time = TimeTz::of(value);
  append_time(out, time.usecs);
  append_offset(out, -time.west);
}
Value timetz_receive(const IoContext&, TypeRef, std::string_view bytes) {
  BinaryReader reader(bytes);
  TimeTz time;
  time.usecs = reader.i64();
  time.west = reader.i32();
  reader.finish();
  if (time.usecs < 0 || time.usecs > usecs_per_day) refuse_range("time out of range");
  constexpr int most_offset = 16 * 3600;
  if (time.west <= -most_offset || time.west >= most_offset) {
    throw SqlError(sqlstate::invalid_time_zone_displacement_value,
                   "time zone displacement out of range");
  }
  return time.to_value();
}
void bytes_send(const IoContext&, TypeRef, const Value& value, std::string& out) {
  out += value.as_bytes();
}
int timetz_compare(const IoContext&, Oid, const Value& a, const Value& b) {
  return TimeTz::compare(TimeTz::of(a), TimeTz::of(b));
}
std::string timetz_sort_key(const IoContext&, Oid, const Value& value) {
  return TimeTz::of(value).sort_key();
}

// --- timestamp, timestamptz

template <bool WithZone>
Value timestamp_input(const IoContext& context, TypeRef, std::string_view text) {
  return Value::integer(parse_timestamp(context, text, WithZone));
}
template <bool WithZone>
void timestamp_output(const IoContext& context, TypeRef, const Value& value, std::string& out) {
  append_timestamp(out, context, value.as_integer(), WithZone);
}
Value timestamp_receive(const IoContext&, TypeRef, std::string_view bytes) {
  BinaryReader reader(bytes);
  const std::int64_t usecs = reader.i64();
  reader.finish();
  if (is_finite_timestamp(usecs) && !is_valid_timestamp(usecs)) {
    refuse_range("timestamp out of range");
  }
  return Value::integer(usecs);
}

// --- precision

constexpr int most_precision = 6;

template <bool WithZone>
std::int32_t parse_precision(const std::string_view* args, std::size_t count,
                             std::string_view name) {
  int v = -1;
  if (count != 1) throw SqlError(sqlstate::invalid_parameter_value, "invalid type modifier");
  const std::string_view digits = trim_space(args[0]);
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), v);
  if (error != std::errc() || end != digits.data() + digits.size()) {
    throw SqlError(sqlstate::invalid_text_representation,
                   fmt::format("invalid input syntax for type integer: \"{}\"", args[0]));
  }
  if (v < 0) {
    throw SqlError(sqlstate::invalid_parameter_value,
                   fmt::format("{}({}){} precision must not be negative", name, v,
                               WithZone ? " WITH TIME ZONE" : ""));
  }
  // PostgreSQL warns here and goes on with the greatest.
  return std::min(v, most_precision);
}

template <bool WithZone>
std::int32_t time_parse_typmod(const std::string_view* args, std::size_t count) {
  return parse_precision<WithZone>(args, count, "TIME");
}
template <bool WithZone>
std::int32_t timestamp_parse_typmod(const std::string_view* args, std::size_t count) {
  return parse_precision<WithZone>(args, count, "TIMESTAMP");
}

template <bool WithZone>
std::string format_precision(std::int32_t typmod) {
  return fmt::format("({}){}", typmod, WithZone ? " with time zone" : " without time zone");
}

Value time_apply_typmod(const IoContext&, TypeRef type, const Value& value, bool) {
  return Value::integer(round_to_precision(value.as_integer(), type.typmod));
}
Value timetz_apply_typmod(const IoContext&, TypeRef type, const Value& value, bool) {
  TimeTz time = TimeTz::of(value);
  time.usecs = round_to_precision(time.usecs, type.typmod);
  return time.to_value();
}
Value timestamp_apply_typmod(const IoContext&, TypeRef type, const Value& value, bool) {
  if (!is_finite_timestamp(value.as_integer())) return value;
  return Value::integer(round_to_precision(value.as_integer(), type.typmod));
}

constexpr TypeHandler handlers[] = {
    {.oid = oids::date,
     .input = date_input,
     .output = date_output,
     .receive = date_receive,
     .send = date_send},
    {.oid = oids::time,
     .input = time_input,
     .output = time_output,
     .receive = time_receive,
     .send = eight_bytes_send,
     .parse_typmod = time_parse_typmod<false>,
     .format_typmod = format_precision<false>,
     .apply_typmod = time_apply_typmod},
    {.oid = oids::timetz,
     .input = timetz_input,
     .output = timetz_output,
     .receive = timetz_receive,
     .send = bytes_send,
     .ordering = Ordering::sort_key,
     .compare = timetz_compare,
     .sort_key = timetz_sort_key,
     .parse_typmod = time_parse_typmod<true>,
     .format_typmod = format_precision<true>,
     .apply_typmod = timetz_apply_typmod},
    {.oid = oids::timestamp,
     .input = timestamp_input<false>,
     .output = timestamp_output<false>,
     .receive = timestamp_receive,
     .send = eight_bytes_send,
     .parse_typmod = timestamp_parse_typmod<false>,
     .format_typmod = format_precision<false>,
     .apply_typmod = timestamp_apply_typmod},
    {.oid = oids::timestamptz,
     .input = timestamp_input<true>,
     .output = timestamp_output<true>,
     .receive = timestamp_receive,
     .send = eight_bytes_send,
     .parse_typmod = timestamp_parse_typmod<true>,
     .format_typmod = format_precision<true>,
     .apply_typmod = timestamp_apply_typmod},
};

}  // namespace

TypeHandlers datetime_types() {
  return handlers;
}

}  // namespace dvecdb::server::types
