// Text forms of date, time, timestamp and their variants with a zone.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "server/types/calendar.h"
#include "server/types/time_zone.h"
#include "server/types/type_io.h"

namespace dvecdb::server::types {

// Why a date, time or interval could not be read.
enum class DatetimeFault : std::uint8_t {
  bad_format,
  field_overflow,
  month_day_overflow,  // may be the wrong DateStyle
  interval_overflow,
  zone_overflow,
};
// Throws the SqlError that PostgreSQL words for the fault.
[[noreturn]] void refuse_datetime(DatetimeFault fault, std::string_view type_name,
                                  std::string_view text);

struct ParsedDatetime {
  enum class Kind : std::uint8_t { fields, epoch, infinity, minus_infinity };
  Kind kind = Kind::fields;
  Civil civil;
  std::int32_t offset = 0;  // seconds east; the session's zone when the text names none
};

// Throw SqlError as the input function of `type_name` would.
ParsedDatetime parse_datetime(const IoContext& context, std::string_view text,
                              std::string_view type_name);
// A time of day; `kind` is always fields.
ParsedDatetime parse_time_of_day(const IoContext& context, std::string_view text,
                                 std::string_view type_name);

// Whole values from text, without modifiers.
std::int64_t parse_date(const IoContext& context, std::string_view text);
std::int64_t parse_timestamp(const IoContext& context, std::string_view text, bool with_zone);

void append_date(std::string& out, const IoContext& context, std::int64_t days);
void append_time(std::string& out, std::int64_t usecs);
void append_timestamp(std::string& out, const IoContext& context, std::int64_t usecs,
                      bool with_zone);
// "+02", "-03:30", "+00:19:32"
void append_offset(std::string& out, std::int32_t seconds_east);
// "05" and ".25": seconds with as many decimals as they need.
void append_seconds(std::string& out, int seconds, int microseconds, bool two_digits);

// A timestamp with time zone as seen in a zone, and back. Infinite ones stay as they are;
// throws 22008 out of range.
struct ZonedTime {
  Civil civil;
  std::int32_t offset = 0;
  std::string_view abbreviation;
};
ZonedTime to_zone(std::int64_t timestamptz, const TimeZone& zone);
std::int64_t to_local(std::int64_t timestamptz, const TimeZone& zone);
std::int64_t from_local(std::int64_t timestamp, const TimeZone& zone);

// Rounds microseconds to `precision` decimals, half away from zero.
std::int64_t round_to_precision(std::int64_t usecs, int precision);

}  // namespace dvecdb::server::types
