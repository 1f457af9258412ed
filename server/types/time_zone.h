// Time zones: those of the system's tz database, POSIX rules ("EST5EDT", "<+03>-3") and fixed
// offsets. Zones are read once, never change and live until the program ends; any thread may use
// them. Offsets are seconds east of Greenwich; instants are seconds since 1970.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/types/calendar.h"

namespace dvecdb::server::types {

struct ZonePeriod {
  std::int32_t offset = 0;
  bool is_dst = false;
  std::string abbreviation;
};

struct ZoneTransition {
  std::int64_t at = 0;
  std::uint8_t period = 0;  // index into periods
};

// When daylight saving starts or ends each year, as POSIX writes it.
struct ZoneRuleDate {
  enum class Kind : std::uint8_t { month_week_day, julian_without_leap, day_of_year };
  Kind kind = Kind::month_week_day;
  int month = 0;
  int week = 0;
  int day = 0;
  std::int32_t time = 7200;  // seconds after local midnight
};

struct ZoneRule {
  ZonePeriod standard;
  std::optional<ZonePeriod> daylight;
  ZoneRuleDate start;
  ZoneRuleDate end;
};

class TimeZone {
 public:
  TimeZone(std::string name, std::vector<ZonePeriod> periods,
           std::vector<ZoneTransition> transitions, std::optional<ZoneRule> rule);

  const std::string& name() const { return name_; }
  const ZonePeriod& period_at(std::int64_t instant) const;
  // The offset of a local time. One that happens twice is the later; one that is skipped is read
  // with the offset before the change.
  std::int32_t offset_of_local(const Civil& local) const;
  // The offset when it never changes.
  std::optional<std::int32_t> fixed_offset() const;

 private:
  std::optional<ZoneTransition> next_transition(std::int64_t instant) const;
  std::optional<ZoneTransition> next_by_rule(std::int64_t instant) const;

  std::string name_;
  std::vector<ZonePeriod> periods_;
  std::vector<ZoneTransition> transitions_;
  std::optional<ZoneRule> rule_;
  std::uint8_t standard_ = 0;  // the rule's periods among periods_
  std::uint8_t daylight_ = 0;
};

// Any case; nullptr when there is no such zone.
const TimeZone* find_time_zone(std::string_view name);
// The zone of a session setting; the setting was checked, so an unknown one is an internal error.
const TimeZone& session_time_zone(std::string_view name);
const TimeZone& utc();

// "EST5EDT,M3.2.0,M11.1.0"; nullopt when it is no rule.
std::optional<ZoneRule> parse_zone_rule(std::string_view text);

struct ZoneAbbreviation {
  std::string_view name;  // lower case
  std::int32_t offset;
  bool is_dst;
};
// PostgreSQL's default list; lower-case name. nullptr when it is not there.
const ZoneAbbreviation* find_zone_abbreviation(std::string_view name);

}  // namespace dvecdb::server::types
