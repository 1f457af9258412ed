// Arithmetic of dates, times and intervals that several families use. All throw SqlError 22008
// out of range; infinite timestamps stay as they are.
#pragma once

#include <cstdint>

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

}  // namespace dvecdb::server::functions
