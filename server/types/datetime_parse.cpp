// Reads dates and times: tokens one by one into fields, each field at most once, with what is
// known so far deciding what a bare number means.
#include <algorithm>
#include <charconv>
#include <cmath>

#include "server/types/datetime_text.h"
#include "server/types/datetime_words.h"
#include "server/types/error.h"
#include "server/types/scan.h"

namespace dvecdb::server::types {

namespace {

// Which fields have been seen.
enum Field : unsigned {
  year_field = 1U << 0,
  month_field = 1U << 1,
  day_field = 1U << 2,
  hour_field = 1U << 3,
  minute_field = 1U << 4,
  second_field = 1U << 5,
  fraction_field = 1U << 6,
  day_of_year_field = 1U << 7,
  zone_field = 1U << 8,
  dst_field = 1U << 9,
  meridian_field = 1U << 10,
  era_field = 1U << 11,
  weekday_field = 1U << 12,
  reserved_field = 1U << 13,  // epoch, infinity: the other fields are read and ignored
};
constexpr unsigned date_fields = year_field | month_field | day_field;
constexpr unsigned second_fields = second_field | fraction_field;
constexpr unsigned time_fields = hour_field | minute_field | second_fields;

enum class Meridian { none, am, pm };

[[noreturn]] void fail(DatetimeFault fault = DatetimeFault::bad_format) {
  throw fault;
}

// The integer at the start of `text`; `rest` gets what follows it.
int read_int(std::string_view text, std::string_view& rest) {
  int v = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), v);
  if (error == std::errc::result_out_of_range) fail(DatetimeFault::field_overflow);
  if (error != std::errc()) fail();
  rest = text.substr(static_cast<std::size_t>(end - text.data()));
  return v;
}

// Two or more digits that are known to be digits.
int to_int(std::string_view digits) {
  std::string_view rest;
  return digits.empty() ? 0 : read_int(digits, rest);
}

// ".25" in microseconds.
int read_fraction(std::string_view text) {
  if (text.size() == 1) return 0;
  double fraction = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), fraction);
  if (error != std::errc() || end != text.data() + text.size()) fail();
  return static_cast<int>(std::rint(fraction * 1000000));
}

std::int32_t read_offset(std::string_view text) {
  if (text.empty() || (text[0] != '+' && text[0] != '-')) fail();
  constexpr int most_hours = 15;
  const auto read = [](std::string_view digits, std::string_view& rest) {
    int v = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), v);
    if (error == std::errc::result_out_of_range) fail(DatetimeFault::zone_overflow);
    rest = digits.substr(static_cast<std::size_t>(end - digits.data()));
    return v;
  };
  std::string_view rest;
  int hours = read(text.substr(1), rest);
  int minutes = 0;
  int seconds = 0;
  if (!rest.empty() && rest[0] == ':') {
    minutes = read(rest.substr(1), rest);
    if (!rest.empty() && rest[0] == ':') seconds = read(rest.substr(1), rest);
  } else if (rest.empty() && text.size() > 3) {
    minutes = hours % 100;
    hours /= 100;
  }
  const bool in_range = hours >= 0 && hours <= most_hours && minutes >= 0 && minutes < 60 &&
                        seconds >= 0 && seconds < 60;
  if (!in_range) fail(DatetimeFault::zone_overflow);
  if (!rest.empty()) fail();
  const int offset = (hours * 60 + minutes) * 60 + seconds;
  return text[0] == '-' ? -offset : offset;
}

bool time_overflows(const Civil& c) {
  if (c.hour < 0 || c.hour > 24 || c.minute < 0 || c.minute > 59 || c.second < 0 || c.second > 60 ||
      c.microsecond < 0 || c.microsecond > 1000000) {
    return true;
  }
  return time_of(c) > usecs_per_day;
}

class Decoder {
 public:
  Decoder(const IoContext& context, const std::vector<Token>& tokens, bool time_only)
      : context_(context), tokens_(tokens), time_only_(time_only) {}

  ParsedDatetime run() {
    for (index_ = 0; index_ < tokens_.size(); ++index_) {
      const unsigned found = decode_token(tokens_[index_]);
      if ((found & seen_) != 0) fail();
      seen_ |= found;
    }
    check_date();
    apply_meridian();
    if (time_only_) {
      finish_time();
    } else if (parsed_.kind == ParsedDatetime::Kind::fields) {
      finish_datetime();
    }
    return parsed_;
  }

 private:
  // What a time of day has "seen" as far as bare numbers are concerned: its date.
  unsigned seen_for_numbers() const { return time_only_ ? seen_ | date_fields : seen_; }

  unsigned decode_token(const Token& token) {
    switch (token.kind) {
      case TokenKind::date:
        return decode_date_token(token.text);
      case TokenKind::time:
        if (label_) {
          if (*label_ != DatetimeUnit::iso_time) fail();
          label_.reset();
        }
        return decode_clock(token.text);
      case TokenKind::offset:
        parsed_.offset = read_offset(token.text);
        return zone_field;
      case TokenKind::number:
        return label_ ? decode_labeled(token.text) : decode_number_token(token.text);
      case TokenKind::word:
      case TokenKind::special:
        return decode_word(token.text);
    }
    return 0;
  }

  // --- date tokens

  unsigned decode_date_token(const std::string& text) {
    if (time_only_) return decode_date_in_time(text);
    if (label_ == DatetimeUnit::julian) {
      std::string_view rest;
      const int day = read_int(text, rest);
      if (day < 0) fail(DatetimeFault::field_overflow);
      set_julian_day(civil(), day);
      is_julian_ = true;
      label_.reset();
      parsed_.offset = read_offset(rest);
      return date_fields | time_fields | zone_field;
    }
    const bool has_date = (seen_ & (month_field | day_field)) == (month_field | day_field);
    if (!label_ && !has_date) return decode_date(text);
    if (!is_digit(text[0]) && !label_) return decode_zone_name(text);
    if (label_ && *label_ != DatetimeUnit::iso_time) fail();
    label_.reset();
    return decode_time_and_offset(text);
  }

  unsigned decode_date_in_time(const std::string& text) {
    const auto& tokens = tokens_;
    const bool before_time =
        index_ == 0 && tokens.size() >= 2 &&
        (tokens.back().kind == TokenKind::date || tokens[1].kind == TokenKind::time);
    if (before_time) return decode_date(text);
    if (!is_digit(text[0])) return decode_zone_name(text);
    label_.reset();
    return decode_time_and_offset(text);
  }

  // hhmmss-zz
  unsigned decode_time_and_offset(const std::string& text) {
    if ((seen_ & time_fields) == time_fields) fail();
    const auto dash = text.find('-');
    if (dash == text.npos) fail();
    parsed_.offset = read_offset(std::string_view(text).substr(dash));
    return decode_run(text.substr(0, dash), seen_for_numbers()) | zone_field;
  }

  unsigned decode_zone_name(std::string_view name) {
    zone_ = find_time_zone(name);
    if (zone_ == nullptr) {
      throw SqlError(sqlstate::invalid_parameter_value,
                     "time zone \"" + std::string(name) + "\" not recognized");
    }
    return zone_field;
  }

  // The parts of 1999-01-08, jan/8/1999, 8.1.1999: months by name first.
  unsigned decode_date(std::string_view text) {
    std::vector<std::string_view> parts;
    while (!text.empty()) {
      while (!text.empty() && !is_digit(text[0]) && !is_alpha(text[0])) text.remove_prefix(1);
      if (text.empty()) fail();
      const bool digits = is_digit(text[0]);
      std::size_t length = 0;
      while (length < text.size() && (digits ? is_digit(text[length]) : is_alpha(text[length]))) {
        ++length;
      }
      parts.push_back(text.substr(0, length));
      text.remove_prefix(std::min(length + 1, text.size()));
    }
    unsigned found = 0;
    bool text_month = false;
    for (std::string_view& part : parts) {
      if (!is_alpha(part[0])) continue;
      const Word word = find_date_word(part);
      if (word.kind == WordKind::ignored) continue;
      if (word.kind != WordKind::month || ((seen_ | found) & month_field) != 0) fail();
      civil().month = word.value;
      text_month = true;
      found |= month_field;
      part = {};
    }
    for (const std::string_view part : parts) {
      if (part.empty()) continue;
      if (!is_digit(part[0])) fail();
      const unsigned field = decode_number(part, text_month, seen_ | found);
      if (((seen_ | found) & field) != 0) fail();
      found |= field;
    }
    if (((seen_ | found) & ~(day_of_year_field | zone_field)) != date_fields) fail();
    return found;
  }

  // --- numbers

  unsigned decode_labeled(std::string_view text) {
    const DatetimeUnit label = *label_;
    label_.reset();
    std::string_view rest;
    const int v = read_int(text, rest);
    const bool may_have_fraction = label == DatetimeUnit::julian ||
                                   label == DatetimeUnit::iso_time || label == DatetimeUnit::second;
    if (!rest.empty() && (rest[0] != '.' || !may_have_fraction)) fail();
    switch (label) {
      case DatetimeUnit::year:
        civil().year = v;
        return year_field;
      case DatetimeUnit::month:
        // After a month and an hour, "m" must mean minutes.
        if ((seen_ & month_field) != 0 && (seen_ & hour_field) != 0) {
          civil().minute = v;
          return minute_field;
        }
        civil().month = v;
        return month_field;
      case DatetimeUnit::day:
        civil().day = v;
        return day_field;
      case DatetimeUnit::hour:
        civil().hour = v;
        return hour_field;
      case DatetimeUnit::minute:
        civil().minute = v;
        return minute_field;
      case DatetimeUnit::second:
        civil().second = v;
        if (rest.empty()) return second_field;
        civil().microsecond = read_fraction(rest);
        return second_fields;
      case DatetimeUnit::julian:
        return decode_julian(v, rest);
      case DatetimeUnit::iso_time: {
        const unsigned found = decode_run(text, seen_ | date_fields);
        if (found != time_fields) fail();
        return found;
      }
      default:
        fail();
    }
  }

  unsigned decode_julian(int day, std::string_view fraction) {
    if (day < 0) fail(DatetimeFault::field_overflow);
    set_julian_day(civil(), day);
    is_julian_ = true;
    if (fraction.empty()) return date_fields;
    double part = 0;
    if (fraction.size() > 1) {
      const auto* end = fraction.data() + fraction.size();
      const auto result = std::from_chars(fraction.data(), end, part);
      if (result.ec != std::errc() || result.ptr != end) fail();
    }
    set_time(civil(), static_cast<std::int64_t>(part * static_cast<double>(usecs_per_day)));
    return date_fields | time_fields;
  }

  unsigned decode_number_token(const std::string& text) {
    const auto point = text.find('.');
    const bool has_point = point != text.npos;
    if (time_only_) {
      if (has_point) {
        const bool may_be_date =
            index_ == 0 && tokens_.size() >= 2 && tokens_.back().kind == TokenKind::date;
        if (may_be_date) return decode_date(text);
        if (point <= 2) fail();
        return decode_run(text, seen_for_numbers());
      }
      if (text.size() > 4) return decode_run(text, seen_for_numbers());
      return decode_number(text, false, seen_for_numbers());
    }
    if (has_point && (seen_ & date_fields) == 0) return decode_date(text);
    if (has_point && point > 2) return decode_run(text, seen_);
    const bool is_complete = (seen_ & date_fields) != 0 && (seen_ & time_fields) != 0;
    if (text.size() >= 6 && !is_complete) return decode_run(text, seen_);
    return decode_number(text, has_text_month_, seen_);
  }

  // One number whose meaning follows from what is known already and from DateOrder.
  unsigned decode_number(std::string_view text, bool text_month, unsigned seen) {
    std::string_view rest;
    const int v = read_int(text, rest);
    if (!rest.empty()) {
      if (rest[0] != '.') fail();
      if (text.size() - rest.size() > 2) return decode_run(text, seen | date_fields);
      civil().microsecond = read_fraction(rest);
    }
    const bool is_day_of_year =
        text.size() == 3 && (seen & date_fields) == year_field && v >= 1 && v <= 366;
    if (is_day_of_year) {
      day_of_year_ = v;
      return day_of_year_field | month_field | day_field;
    }
    const unsigned field = guess_field(text.size(), text_month, seen);
    if (field == 0) return decode_run(text, seen);
    switch (field) {
      case year_field:
        civil().year = v;
        is_two_digits_ = text.size() <= 2;
        break;
      case month_field:
        civil().month = v;
        break;
      default:
        if (takes_back_year(text.size(), text_month, seen)) {
          // The first number was the day after all: 08-jan-1999 where years come first.
          civil().day = static_cast<int>(civil().year);
          civil().year = v;
          is_two_digits_ = false;
        } else {
          civil().day = v;
        }
    }
    return field;
  }

  bool takes_back_year(std::size_t length, bool text_month, unsigned seen) const {
    return text_month && (seen & date_fields) == (year_field | month_field) && length >= 3 &&
           is_two_digits_;
  }

  // 0: the date is complete, so it is a time.
  unsigned guess_field(std::size_t length, bool text_month, unsigned seen) const {
    const bool year_first = context_.date_order == DateOrder::ymd;
    switch (seen & date_fields) {
      case 0:
        if (length >= 3 || year_first) return year_field;
        return context_.date_order == DateOrder::dmy ? day_field : month_field;
      case year_field:
      case day_field:
        return month_field;
      case month_field:
        return text_month && (length >= 3 || year_first) ? year_field : day_field;
      case year_field | month_field:
        return day_field;
      case month_field | day_field:
        return year_field;
      case date_fields:
        return 0;
      default:
        fail();
    }
  }

  // Digits run together: yymmdd, yyyymmdd, hhmm, hhmmss, hhmmss.fff
  unsigned decode_run(std::string_view text, unsigned seen) {
    const auto point = text.find('.');
    if (point != text.npos) {
      civil().microsecond = read_fraction(text.substr(point));
      text = text.substr(0, point);
    } else if ((seen & date_fields) != date_fields && text.size() >= 6) {
      const std::size_t n = text.size();
      civil().day = to_int(text.substr(n - 2));
      civil().month = to_int(text.substr(n - 4, 2));
      civil().year = to_int(text.substr(0, n - 4));
      if (n - 4 == 2) is_two_digits_ = true;
      return date_fields;
    }
    if ((seen & time_fields) == time_fields) fail();
    if (text.size() != 6 && text.size() != 4) fail();
    civil().hour = to_int(text.substr(0, 2));
    civil().minute = to_int(text.substr(2, 2));
    civil().second = text.size() == 6 ? to_int(text.substr(4, 2)) : 0;
    return time_fields;
  }

  // hh:mm[:ss[.fff]]; mm:ss.fff with two parts and a fraction.
  unsigned decode_clock(std::string_view text) {
    std::string_view rest;
    Civil& c = civil();
    c.hour = read_int(text, rest);
    if (rest.empty() || rest[0] != ':') fail();
    c.minute = read_int(rest.substr(1), rest);
    c.second = 0;
    c.microsecond = 0;
    if (!rest.empty() && rest[0] == '.') {
      c.microsecond = read_fraction(rest);
      c.second = c.minute;
      c.minute = static_cast<int>(c.hour);
      c.hour = 0;
    } else if (!rest.empty()) {
      if (rest[0] != ':') fail();
      c.second = read_int(rest.substr(1), rest);
      if (!rest.empty() && rest[0] != '.') fail();
      if (!rest.empty()) c.microsecond = read_fraction(rest);
    }
    const bool in_range = c.hour >= 0 && c.minute >= 0 && c.minute <= 59 && c.second >= 0 &&
                          c.second <= 60 && c.microsecond >= 0 && c.microsecond <= 1000000;
    if (!in_range) fail(DatetimeFault::field_overflow);
    if (!time_only_ && time_overflows(c)) fail(DatetimeFault::field_overflow);
    return time_fields;
  }

  // --- words

  unsigned decode_word(const std::string& text) {
    if (const ZoneAbbreviation* zone = find_zone_abbreviation(text)) {
      parsed_.offset = zone->offset;
      return zone_field;
    }
    const Word word = find_date_word(text);
    switch (word.kind) {
      case WordKind::ignored:
        return 0;
      case WordKind::reserved:
        return decode_reserved(static_cast<ReservedWord>(word.value));
      case WordKind::month:
        return decode_month_word(word.value);
      case WordKind::dst_modifier:
        parsed_.offset += word.value;
        return dst_field;
      case WordKind::meridian:
        meridian_ = word.value != 0 ? Meridian::pm : Meridian::am;
        return meridian_field;
      case WordKind::era:
        is_bc_ = word.value != 0;
        return era_field;
      case WordKind::weekday:
        if (time_only_) fail();
        return weekday_field;
      case WordKind::unit:
        label_ = static_cast<DatetimeUnit>(word.value);
        return 0;
      case WordKind::iso_time:
        check_iso_time();
        label_ = DatetimeUnit::iso_time;
        return 0;
      default:
        zone_ = find_time_zone(text);
        if (zone_ == nullptr) fail();
        return zone_field;
    }
  }

  void check_iso_time() const {
    if (!time_only_ && (seen_ & date_fields) != date_fields) fail();
    if (index_ + 1 >= tokens_.size()) fail();
    const TokenKind next = tokens_[index_ + 1].kind;
    if (next != TokenKind::number && next != TokenKind::time && next != TokenKind::date) fail();
  }

  unsigned decode_month_word(int month) {
    if (time_only_) fail();
    // A number taken for the month was the day: "8 jan".
    unsigned found = month_field;
    const bool had_number = (seen_ & month_field) != 0 && !has_text_month_ &&
                            (seen_ & day_field) == 0 && civil().month >= 1 && civil().month <= 31;
    if (had_number) {
      civil().day = civil().month;
      found = day_field;
    }
    has_text_month_ = true;
    civil().month = month;
    return found;
  }

  static bool depends_on_clock(ReservedWord word) {
    return word == ReservedWord::now || word == ReservedWord::today ||
           word == ReservedWord::tomorrow || word == ReservedWord::yesterday;
  }

  unsigned decode_reserved(ReservedWord word) {
    const TimeZone& zone = session_time_zone(context_.time_zone);
    if (context_.reads_clock != nullptr && depends_on_clock(word)) *context_.reads_clock = true;
    switch (word) {
      case ReservedWord::now: {
        const ZonedTime now = to_zone(context_.transaction_time, zone);
        if (time_only_) {
          set_time(civil(), time_of(now.civil));
          return time_fields;
        }
        civil() = now.civil;
        parsed_.offset = now.offset;
        return date_fields | time_fields | zone_field;
      }
      case ReservedWord::midnight:
        set_time(civil(), 0);
        parsed_.offset = 0;
        return time_fields | zone_field;
      case ReservedWord::yesterday:
      case ReservedWord::today:
      case ReservedWord::tomorrow: {
        if (time_only_) fail();
        const ZonedTime now = to_zone(context_.transaction_time, zone);
        const int shift = static_cast<int>(word) - static_cast<int>(ReservedWord::today);
        const Civil& date = now.civil;
        set_julian_day(civil(), julian_day(date.year, date.month, date.day) + shift);
        return date_fields;
      }
      case ReservedWord::epoch:
        parsed_.kind = ParsedDatetime::Kind::epoch;
        break;
      case ReservedWord::infinity:
        parsed_.kind = ParsedDatetime::Kind::infinity;
        break;
      case ReservedWord::minus_infinity:
        parsed_.kind = ParsedDatetime::Kind::minus_infinity;
        break;
    }
    if (time_only_) fail();
    return reserved_field;
  }

  // --- the whole

  void check_date() {
    Civil& c = civil();
    if ((seen_ & year_field) != 0 && !is_julian_) {
      if (c.year < 0 || (c.year == 0 && (is_bc_ || !is_two_digits_))) {
        fail(DatetimeFault::field_overflow);
      }
      if (is_bc_) {
        c.year = 1 - c.year;
      } else if (is_two_digits_) {
        c.year += c.year < 70 ? 2000 : (c.year < 100 ? 1900 : 0);
      }
    }
    if ((seen_ & day_of_year_field) != 0) {
      set_julian_day(c, julian_day(c.year, 1, 1) + day_of_year_ - 1);
    }
    if ((seen_ & month_field) != 0 && (c.month < 1 || c.month > 12)) {
      fail(DatetimeFault::month_day_overflow);
    }
    if ((seen_ & day_field) != 0 && (c.day < 1 || c.day > 31)) {
      fail(DatetimeFault::month_day_overflow);
    }
    if ((seen_ & date_fields) == date_fields && c.day > days_in_month(c.year, c.month)) {
      fail(DatetimeFault::field_overflow);
    }
  }

  void apply_meridian() {
    if (meridian_ == Meridian::none) return;
    Civil& c = civil();
    if (c.hour > 12) fail(DatetimeFault::field_overflow);
    if (meridian_ == Meridian::am && c.hour == 12) c.hour = 0;
    if (meridian_ == Meridian::pm && c.hour != 12) c.hour += 12;
  }

  void finish_datetime() {
    if ((seen_ & date_fields) != date_fields) fail();
    if (zone_ != nullptr) {
      if ((seen_ & dst_field) != 0) fail();
      parsed_.offset = zone_->offset_of_local(civil());
    }
    if ((seen_ & zone_field) != 0) return;
    if ((seen_ & dst_field) != 0) fail();
    parsed_.offset = session_time_zone(context_.time_zone).offset_of_local(civil());
  }

  void finish_time() {
    if (time_overflows(civil())) fail(DatetimeFault::field_overflow);
    if ((seen_ & time_fields) != time_fields) fail();
    const bool has_date = (seen_ & date_fields) == date_fields;
    if (zone_ != nullptr) {
      if ((seen_ & dst_field) != 0) fail();
      const auto fixed = zone_->fixed_offset();
      if (!fixed && !has_date) fail();
      parsed_.offset = fixed ? *fixed : zone_->offset_of_local(civil());
    }
    if ((seen_ & zone_field) != 0) return;
    if ((seen_ & dst_field) != 0) fail();
    const TimeZone& zone = session_time_zone(context_.time_zone);
    Civil when = civil();
    if (!has_date) {
      if ((seen_ & date_fields) != 0) fail();
      const Civil today = to_zone(context_.transaction_time, zone).civil;
      when.year = today.year;
      when.month = today.month;
      when.day = today.day;
    }
    parsed_.offset = zone.offset_of_local(when);
  }

  Civil& civil() { return parsed_.civil; }

  const IoContext& context_;
  const std::vector<Token>& tokens_;
  const bool time_only_;
  std::size_t index_ = 0;
  ParsedDatetime parsed_;
  unsigned seen_ = 0;
  std::optional<DatetimeUnit> label_;  // a unit that names the next number
  const TimeZone* zone_ = nullptr;
  Meridian meridian_ = Meridian::none;
  int day_of_year_ = 0;
  bool is_bc_ = false;
  bool is_two_digits_ = false;
  bool is_julian_ = false;
  bool has_text_month_ = false;
};

ParsedDatetime decode(const IoContext& context, std::string_view text, std::string_view type_name,
                      bool time_only) {
  constexpr std::size_t most_bytes = 128;
  const auto tokens = tokenize_datetime(text, most_bytes);
  if (!tokens) refuse_datetime(DatetimeFault::bad_format, type_name, text);
  try {
    return Decoder(context, *tokens, time_only).run();
  } catch (const DatetimeFault fault) {
    refuse_datetime(fault, type_name, text);
  }
}

}  // namespace

void refuse_datetime(DatetimeFault fault, std::string_view type_name, std::string_view text) {
  const std::string quoted = "\"" + std::string(text) + "\"";
  switch (fault) {
    case DatetimeFault::field_overflow:
      throw SqlError(sqlstate::datetime_field_overflow,
                     "date/time field value out of range: " + quoted);
    case DatetimeFault::month_day_overflow:
      throw SqlError(sqlstate::datetime_field_overflow,
                     "date/time field value out of range: " + quoted)
          .hint("Perhaps you need a different \"datestyle\" setting.");
    case DatetimeFault::interval_overflow:
      throw SqlError(sqlstate::interval_field_overflow,
                     "interval field value out of range: " + quoted);
    case DatetimeFault::zone_overflow:
      throw SqlError(sqlstate::invalid_time_zone_displacement_value,
                     "time zone displacement out of range: " + quoted);
    case DatetimeFault::bad_format:
      break;
  }
  throw SqlError(sqlstate::invalid_datetime_format,
                 "invalid input syntax for type " + std::string(type_name) + ": " + quoted);
}

ParsedDatetime parse_datetime(const IoContext& context, std::string_view text,
                              std::string_view type_name) {
  return decode(context, text, type_name, false);
}

ParsedDatetime parse_time_of_day(const IoContext& context, std::string_view text,
                                 std::string_view type_name) {
  return decode(context, text, type_name, true);
}

}  // namespace dvecdb::server::types
