// Formatting pictures of dates ("YYYY-MM-DD HH24:MI"), taken apart once for both directions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace dvecdb::server::functions {

enum class DateKey : std::uint8_t {
  bc_dots,  // B.C.
  bc,
  am_dots,  // A.M.
  am,
  century,   // CC
  day_name,  // DAY, DY
  day_name_short,
  day_of_year,  // DDD
  day,          // DD
  day_of_week,  // D
  fraction,     // FF1 to FF6; `digits`
  exact,        // FX
  hour24,
  hour12,
  iso_day_of_year,
  iso_day_of_week,
  iso_week,
  iso_year,  // `digits` of it
  julian,
  minute,
  month,
  month_name,
  month_name_short,
  millisecond,
  offset,  // OF
  quarter,
  roman_month,
  seconds_of_day,
  second,
  zone_hour,
  zone_minute,
  zone_name,
  microsecond,
  week,
  week_of_month,
  year_comma,  // Y,YYY
  year,        // `digits` of it
};

// How the letters of a keyword were written; names follow it.
enum class LetterCase : std::uint8_t { upper, capital, lower };

struct DateNode {
  enum class Kind : std::uint8_t { field, separator, space, character };
  Kind kind = Kind::character;
  // Of a field:
  DateKey key = DateKey::exact;
  std::string_view keyword;  // as written, for messages
  int digits = 0;            // of year, iso_year, fraction
  LetterCase letters = LetterCase::upper;
  bool is_numeric = false;  // reads digits
  bool fill = false;        // FM: no padding
  bool translate = false;   // TM
  char ordinal = '\0';      // 'T' for TH, 't' for th
  // Of the others: the character, one code point.
  std::string_view text;
};

// The nodes borrow from `picture`.
std::vector<DateNode> parse_date_picture(std::string_view picture);

// "st", "nd", "rd", "th" after a number.
std::string_view ordinal_suffix(std::string_view number, bool upper);

inline constexpr std::string_view month_names[] = {"January",   "February", "March",    "April",
                                                   "May",       "June",     "July",     "August",
                                                   "September", "October",  "November", "December"};
inline constexpr std::string_view day_names[] = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                                 "Thursday", "Friday", "Saturday"};
inline constexpr std::string_view roman_months[] = {"I",   "II",   "III", "IV", "V",  "VI",
                                                    "VII", "VIII", "IX",  "X",  "XI", "XII"};

}  // namespace dvecdb::server::functions
