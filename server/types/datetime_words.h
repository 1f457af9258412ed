// The tokens of date, time and interval text, and the words that stand for fields of them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dvecdb::server::types {

enum class DatetimeUnit : std::uint8_t {
  microsecond,
  millisecond,
  second,
  minute,
  hour,
  day,
  week,
  month,
  quarter,
  year,
  decade,
  century,
  millennium,
  julian,
  day_of_year,
  day_of_week,
  iso_day_of_week,
  iso_year,
  epoch,
  time_zone,
  time_zone_hour,
  time_zone_minute,
  iso_time,  // the T between date and time
};

enum class TokenKind : std::uint8_t {
  number,   // 12, 12.5
  word,     // jan
  date,     // 1999-01-08, jan-08, america/new_york
  time,     // 10:20:30.5
  offset,   // +02:00, -5
  special,  // -infinity
};

struct Token {
  TokenKind kind;
  std::string text;  // words in lower case
};

// nullopt for characters that no date has, or more than a date could need.
std::optional<std::vector<Token>> tokenize_datetime(std::string_view text, std::size_t most_bytes);

enum class WordKind : std::uint8_t {
  unknown,
  ignored,
  reserved,
  month,
  weekday,
  dst_modifier,
  meridian,
  era,
  unit,
  iso_time,
  ago,
};

enum class ReservedWord : std::uint8_t {
  now,
  yesterday,
  today,
  tomorrow,
  midnight,
  epoch,
  infinity,
  minus_infinity,
};

// `value`: a month's or weekday's number, 1 for PM or BC, a ReservedWord or a DatetimeUnit.
struct Word {
  WordKind kind = WordKind::unknown;
  int value = 0;
};

// Words of dates ("jan", "now"), and of intervals and field names ("weeks", "ago").
Word find_date_word(std::string_view lower);
Word find_unit_word(std::string_view lower);

}  // namespace dvecdb::server::types
