#include "server/types/time_zone.h"

#include <algorithm>
#include <map>
#include <memory>
#include <mutex>

#include "server/types/error.h"
#include "server/types/scan.h"
#include "server/types/time_zone_file.h"

namespace dvecdb::server::types {

namespace {

std::int64_t unix_day(std::int64_t year, int month, int day) {
  return julian_day(year, month, day) - unix_epoch_julian;
}

// The instant of a rule's date in `year`, told in local time with `offset`.
std::int64_t rule_instant(const ZoneRuleDate& date, std::int64_t year, std::int32_t offset) {
  std::int64_t day = 0;
  switch (date.kind) {
    case ZoneRuleDate::Kind::month_week_day: {
      const int first_weekday = day_of_week(julian_day(year, date.month, 1));
      int month_day = 1 + (date.day - first_weekday + 7) % 7 + (date.week - 1) * 7;
      if (month_day > days_in_month(year, date.month)) month_day -= 7;
      day = unix_day(year, date.month, month_day);
      break;
    }
    case ZoneRuleDate::Kind::julian_without_leap:
      day = unix_day(year, 1, 1) + date.day - 1 + (is_leap_year(year) && date.day >= 60 ? 1 : 0);
      break;
    case ZoneRuleDate::Kind::day_of_year:
      day = unix_day(year, 1, 1) + date.day;
      break;
  }
  return day * seconds_per_day + date.time - offset;
}

// Every zone that was asked for, under its lower-case name; nullptr for names that are none.
class ZoneCache {
 public:
  const TimeZone* find(std::string_view name) {
    const std::string key = to_lower(name);
    const std::lock_guard lock(mutex_);
    auto at = zones_.find(key);
    if (at != zones_.end()) return at->second.get();
    // Names come from users: remember no more wrong ones than this.
    constexpr std::size_t most_names = 4096;
    if (zones_.size() >= most_names) std::erase_if(zones_, [](const auto& z) { return !z.second; });
    return zones_.emplace(key, load(name)).first->second.get();
  }

 private:
  static std::unique_ptr<TimeZone> load(std::string_view name) {
    if (equals_ignore_case(name, "UTC") || equals_ignore_case(name, "GMT")) {
      std::string canonical = equals_ignore_case(name, "UTC") ? "UTC" : "GMT";
      return std::make_unique<TimeZone>(canonical, std::vector<ZonePeriod>{{0, false, canonical}},
                                        std::vector<ZoneTransition>{}, std::nullopt);
    }
    if (auto from_file = load_zone_file(name)) return from_file;
    auto rule = parse_zone_rule(name);
    if (!rule) return nullptr;
    return std::make_unique<TimeZone>(std::string(name), std::vector<ZonePeriod>{},
                                      std::vector<ZoneTransition>{}, std::move(rule));
  }

  std::mutex mutex_;
  std::map<std::string, std::unique_ptr<TimeZone>, std::less<>> zones_;
};

}  // namespace

TimeZone::TimeZone(std::string name, std::vector<ZonePeriod> periods,
                   std::vector<ZoneTransition> transitions, std::optional<ZoneRule> rule)
    : name_(std::move(name)),
      periods_(std::move(periods)),
      transitions_(std::move(transitions)),
      rule_(std::move(rule)) {
  if (!rule_) return;
  // Periods first, so that times before all transitions keep the file's own first period.
  standard_ = static_cast<std::uint8_t>(periods_.size());
  periods_.push_back(rule_->standard);
  if (rule_->daylight) {
    daylight_ = static_cast<std::uint8_t>(periods_.size());
    periods_.push_back(*rule_->daylight);
  }
}

std::optional<ZoneTransition> TimeZone::next_by_rule(std::int64_t instant) const {
  if (!rule_ || !rule_->daylight) return std::nullopt;
  const Civil civil = civil_from_date(floor_div(instant - epoch_difference, seconds_per_day));
  std::optional<ZoneTransition> next;
  for (std::int64_t year = civil.year - 1; year <= civil.year + 1; ++year) {
    const ZoneTransition changes[] = {
        {rule_instant(rule_->start, year, rule_->standard.offset), daylight_},
        {rule_instant(rule_->end, year, rule_->daylight->offset), standard_}};
    for (const ZoneTransition& change : changes) {
      if (change.at > instant && (!next || change.at < next->at)) next = change;
    }
  }
  return next;
}

std::optional<ZoneTransition> TimeZone::next_transition(std::int64_t instant) const {
  const auto at = std::upper_bound(
      transitions_.begin(), transitions_.end(), instant,
      [](std::int64_t wanted, const ZoneTransition& transition) { return wanted < transition.at; });
  if (at != transitions_.end()) return *at;
  return next_by_rule(instant);
}

const ZonePeriod& TimeZone::period_at(std::int64_t instant) const {
  const auto after = std::upper_bound(
      transitions_.begin(), transitions_.end(), instant,
      [](std::int64_t wanted, const ZoneTransition& transition) { return wanted < transition.at; });
  if (after != transitions_.end() || !rule_) {
    if (after != transitions_.begin()) return periods_[(after - 1)->period];
    // Before the first change: the first standard time.
    for (const ZonePeriod& period : periods_) {
      if (!period.is_dst) return period;
    }
    return periods_.front();
  }
  // The rule's next change tells what holds until then.
  const auto next = next_by_rule(instant);
  if (!next) return periods_[standard_];
  return periods_[next->period == standard_ ? daylight_ : standard_];
}

std::int32_t TimeZone::offset_of_local(const Civil& local) const {
  if (!is_valid_julian(local)) return 0;
  const std::int64_t seconds = unix_day(local.year, local.month, local.day) * seconds_per_day +
                               local.hour * 3600 + local.minute * 60 + local.second;
  // Look for a change from a day before on: no offset is greater than a day.
  const std::int64_t start = seconds - seconds_per_day;
  const std::int32_t before = period_at(start).offset;
  const auto change = next_transition(start);
  if (!change) return before;
  const std::int32_t after = periods_[change->period].offset;
  const std::int64_t instant_before = seconds - before;
  const std::int64_t instant_after = seconds - after;
  if (instant_before < change->at && instant_after < change->at) return before;
  if (instant_before > change->at && instant_after >= change->at) return after;
  return instant_before > instant_after ? before : after;
}

std::optional<std::int32_t> TimeZone::fixed_offset() const {
  const std::int32_t offset = periods_.front().offset;
  for (const ZonePeriod& period : periods_) {
    if (period.offset != offset) return std::nullopt;
  }
  return offset;
}

const TimeZone* find_time_zone(std::string_view name) {
  static ZoneCache cache;
  return cache.find(name);
}

const TimeZone& utc() {
  static const TimeZone& zone = *find_time_zone("UTC");
  return zone;
}

const TimeZone& session_time_zone(std::string_view name) {
  if (name == "UTC") return utc();
  const TimeZone* zone = find_time_zone(name);
  if (zone == nullptr) {
    throw SqlError(sqlstate::invalid_parameter_value,
                   "time zone \"" + std::string(name) + "\" not recognized");
  }
  return *zone;
}

}  // namespace dvecdb::server::types
