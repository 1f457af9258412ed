#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "server/types/binary.h"
#include "server/types/calendar.h"
#include "server/types/datetime_text.h"
#include "server/types/error.h"
#include "server/types/interval.h"
#include "server/types/oids.h"
#include "server/types/scan.h"
#include "server/types/type_handler.h"

namespace dvecdb::server::types {

namespace {

constexpr int full_precision = 0xffff;
constexpr int most_precision = 6;

int range_of(std::int32_t typmod) {
  return typmod < 0 ? interval_range::full : (typmod >> 16) & 0x7fff;
}
int precision_of(std::int32_t typmod) {
  return typmod & 0xffff;
}

Value interval_input(const IoContext& context, TypeRef type, std::string_view text) {
  return parse_interval(context, text, range_of(type.typmod)).to_value();
}
void interval_output(const IoContext& context, TypeRef, const Value& value, std::string& out) {
  append_interval(out, context, Interval::of(value));
}
Value interval_receive(const IoContext&, TypeRef, std::string_view bytes) {
  BinaryReader reader(bytes);
  Interval v;
  v.usecs = reader.i64();
  v.days = reader.i32();
  v.months = reader.i32();
  reader.finish();
  return v.to_value();
}
void interval_send(const IoContext&, TypeRef, const Value& value, std::string& out) {
  out += value.as_bytes();
}
int interval_compare(const IoContext&, Oid, const Value& a, const Value& b) {
  return Interval::compare(Interval::of(a), Interval::of(b));
}
std::string interval_sort_key(const IoContext&, Oid, const Value& value) {
  return Interval::of(value).sort_key();
}

struct RangeName {
  int range;
  std::string_view name;
};
namespace range = interval_range;
constexpr RangeName range_names[] = {
    {range::year, "year"},
    {range::month, "month"},
    {range::day, "day"},
    {range::hour, "hour"},
    {range::minute, "minute"},
    {range::second, "second"},
    {range::year | range::month, "year to month"},
    {range::day | range::hour, "day to hour"},
    {range::day | range::hour | range::minute, "day to minute"},
    {range::day | range::hour | range::minute | range::second, "day to second"},
    {range::hour | range::minute, "hour to minute"},
    {range::hour | range::minute | range::second, "hour to second"},
    {range::minute | range::second, "minute to second"},
};

int parse_argument(std::string_view text) {
  int v = 0;
  const std::string_view digits = trim_space(text);
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), v);
  if (error != std::errc() || end != digits.data() + digits.size()) {
    throw SqlError(sqlstate::invalid_text_representation,
                   fmt::format("invalid input syntax for type integer: \"{}\"", text));
  }
  return v;
}

// Arguments are the field mask and the precision, as the grammar gives them.
std::int32_t interval_parse_typmod(const std::string_view* args, std::size_t count) {
  if (count < 1 || count > 2) {
    throw SqlError(sqlstate::invalid_parameter_value, "invalid INTERVAL type modifier");
  }
  const int fields = parse_argument(args[0]);
  bool is_known = fields == interval_range::full;
  for (const RangeName& known : range_names) is_known = is_known || known.range == fields;
  if (!is_known) {
    throw SqlError(sqlstate::invalid_parameter_value, "invalid INTERVAL type modifier");
  }
  if (count == 1) {
    return fields == interval_range::full ? -1 : (fields << 16 | full_precision);
  }
  const int precision = parse_argument(args[1]);
  if (precision < 0) {
    throw SqlError(sqlstate::invalid_parameter_value,
                   fmt::format("INTERVAL({}) precision must not be negative", precision));
  }
  return fields << 16 | std::min(precision, most_precision);
}

std::string interval_format_typmod(std::int32_t typmod) {
  std::string out;
  for (const RangeName& known : range_names) {
    if (known.range == range_of(typmod)) out = fmt::format(" {}", known.name);
  }
  if (precision_of(typmod) != full_precision) {
    fmt::format_to(std::back_inserter(out), "({})", precision_of(typmod));
  }
  return out;
}

// Cuts what lies below the modifier's last field.
void cut_to_range(Interval& v, int fields) {
  if (fields == interval_range::full || (fields & interval_range::second) != 0) return;
  if ((fields & interval_range::minute) != 0) {
    v.usecs = v.usecs / usecs_per_minute * usecs_per_minute;
  } else if ((fields & interval_range::hour) != 0) {
    v.usecs = v.usecs / usecs_per_hour * usecs_per_hour;
  } else {
    v.usecs = 0;
    if ((fields & interval_range::day) != 0) return;
    v.days = 0;
    if ((fields & interval_range::month) != 0) return;
    v.months = v.months / static_cast<int>(months_per_year) * static_cast<int>(months_per_year);
  }
}

Value interval_apply_typmod(const IoContext&, TypeRef type, const Value& value, bool) {
  Interval v = Interval::of(value);
  cut_to_range(v, range_of(type.typmod));
  v.usecs = round_to_precision(v.usecs, precision_of(type.typmod));
  return v.to_value();
}

constexpr TypeHandler handlers[] = {
    {.oid = oids::interval,
     .input = interval_input,
     .output = interval_output,
     .receive = interval_receive,
     .send = interval_send,
     .ordering = Ordering::sort_key,
     .compare = interval_compare,
     .sort_key = interval_sort_key,
     .parse_typmod = interval_parse_typmod,
     .format_typmod = interval_format_typmod,
     .apply_typmod = interval_apply_typmod},
};

}  // namespace

TypeHandlers interval_types() {
  return handlers;
}

}  // namespace dvecdb::server::types
