// Arithmetic of dates, times and intervals that several families use. All throw SqlError 22008
// out of range; infinite timestamps stay as they are.
#pragma once

#include <cstdint>
#include <string_view>

#include "server/types/interval.h"
#include "server/types/time_zone.h"

namespace dvecdb::server::functions {

using types::Interval;
using types::TimeZone;

std::int64_t add_interval(std::int64_t timestamp, const Interval& interval);
// Months and days are added to the local time in the zone, so that noon stays noon.
std::int64_t add_interval(std::int64_t timestamptz, const Interval& interval, const TimeZone& zone);

Interval multiply(const Interval& interval, double factor);
Interval divide(const Interval& interval, double divisor);

// 24 hours become a day; 30 days a month; both, with equal signs.
Interval justify_hours(const Interval& interval);
Interval justify_days(const Interval& interval);
Interval justify(const Interval& interval);

// a - b in days and time; throws for infinite ones.
Interval difference(std::int64_t a, std::int64_t b);
// a - b in years, months, days and time. Both are local times.
Interval age(std::int64_t a, std::int64_t b);

// Throws "timestamp out of range" and "date out of range".
std::int64_t checked_timestamp(std::int64_t usecs);
std::int64_t date_to_timestamp(std::int64_t days);
std::int64_t timestamp_to_date(std::int64_t usecs);
std::int64_t date_to_timestamptz(std::int64_t days, const TimeZone& zone);

// AT TIME ZONE with a name: an abbreviation, a zone or a POSIX rule; when `takes_offsets`, also a
// numeric offset ("+2", "-03:30"). Throws 22023 'time zone "x" not recognized'.
std::int64_t from_zone_named(std::int64_t timestamp, std::string_view name, bool takes_offsets);
std::int64_t to_zone_named(std::int64_t timestamptz, std::string_view name);
// The same as a zone that lives as long as the program.
const TimeZone& zone_named(std::string_view name);
// Seconds east at an instant.
std::int32_t offset_now(std::string_view name, std::int64_t timestamptz);

}  // namespace dvecdb::server::functions
