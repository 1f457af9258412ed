// POSIX time zone rules: std offset [dst [offset] [,start[/time],end[/time]]].
#include <algorithm>
#include <charconv>

#include "server/types/scan.h"
#include "server/types/time_zone.h"

namespace dvecdb::server::types {

namespace {

class RuleParser {
 public:
  explicit RuleParser(std::string_view text) : text_(text) {}

  std::optional<ZoneRule> parse() {
    ZoneRule rule;
    if (!name(rule.standard.abbreviation) || !offset(rule.standard.offset)) return std::nullopt;
    if (text_.empty()) return rule;
    ZonePeriod daylight;
    daylight.is_dst = true;
    daylight.offset = rule.standard.offset + 3600;
    if (!name(daylight.abbreviation)) return std::nullopt;
    if (!text_.empty() && text_[0] != ',' && !offset(daylight.offset)) return std::nullopt;
    rule.daylight = daylight;
    // Without dates, those of the United States since 2007.
    if (text_.empty()) text_ = ",M3.2.0,M11.1.0";
    if (!take(',') || !date(rule.start) || !take(',') || !date(rule.end) || !text_.empty()) {
      return std::nullopt;
    }
    return rule;
  }

 private:
  bool take(char wanted) {
    if (text_.empty() || text_[0] != wanted) return false;
    text_.remove_prefix(1);
    return true;
  }

  bool number(int& v, int least, int greatest) {
    const auto [end, error] = std::from_chars(text_.data(), text_.data() + text_.size(), v);
    if (error != std::errc() || v < least || v > greatest) return false;
    text_.remove_prefix(static_cast<std::size_t>(end - text_.data()));
    return true;
  }

  bool name(std::string& out) {
    if (take('<')) {
      const auto close = text_.find('>');
      if (close == text_.npos) return false;
      out = text_.substr(0, close);
      text_.remove_prefix(close + 1);
      return !out.empty();
    }
    // It may be empty: "+03" alone is a zone.
    const std::size_t length = std::min(text_.find_first_of("0123456789,+-"), text_.size());
    out = text_.substr(0, length);
    text_.remove_prefix(length);
    return true;
  }

  // [+-]hh[:mm[:ss]] in seconds.
  bool clock(std::int32_t& seconds, int most_hours) {
    const bool negative = !text_.empty() && text_[0] == '-';
    if (!text_.empty() && (text_[0] == '-' || text_[0] == '+')) text_.remove_prefix(1);
    int hours = 0;
    int minutes = 0;
    int rest = 0;
    if (!number(hours, 0, most_hours)) return false;
    if (take(':') && !number(minutes, 0, 59)) return false;
    if (take(':') && !number(rest, 0, 60)) return false;
    seconds = (hours * 60 + minutes) * 60 + rest;
    if (negative) seconds = -seconds;
    return true;
  }

  // POSIX counts offsets to the west.
  bool offset(std::int32_t& east) {
    if (!clock(east, 24 * 7 - 1)) return false;
    east = -east;
    return true;
  }

  bool date(ZoneRuleDate& out) {
    if (take('M')) {
      out.kind = ZoneRuleDate::Kind::month_week_day;
      const bool ok = number(out.month, 1, 12) && take('.') && number(out.week, 1, 5) &&
                      take('.') && number(out.day, 0, 6);
      if (!ok) return false;
    } else if (take('J')) {
      out.kind = ZoneRuleDate::Kind::julian_without_leap;
      if (!number(out.day, 1, 365)) return false;
    } else {
      out.kind = ZoneRuleDate::Kind::day_of_year;
      if (!number(out.day, 0, 365)) return false;
    }
    return !take('/') || clock(out.time, 24 * 7 - 1);
  }

  std::string_view text_;
};

}  // namespace

std::optional<ZoneRule> parse_zone_rule(std::string_view text) {
  return RuleParser(text).parse();
}

}  // namespace dvecdb::server::types
