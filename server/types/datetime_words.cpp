#include "server/types/datetime_words.h"

#include <algorithm>
#include <iterator>

#include "server/types/scan.h"

namespace dvecdb::server::types {

namespace {

struct Entry {
  std::string_view name;
  WordKind kind;
  int value;
};

constexpr int value_of(ReservedWord word) {
  return static_cast<int>(word);
}
constexpr int value_of(DatetimeUnit unit) {
  return static_cast<int>(unit);
}

using enum WordKind;
using Unit = DatetimeUnit;

constexpr Entry date_words[] = {
    {"-infinity", reserved, value_of(ReservedWord::minus_infinity)},
    {"ad", era, 0},
    {"allballs", reserved, value_of(ReservedWord::midnight)},
    {"am", meridian, 0},
    {"apr", month, 4},
    {"april", month, 4},
    {"at", ignored, 0},
    {"aug", month, 8},
    {"august", month, 8},
    {"bc", era, 1},
    {"d", unit, value_of(Unit::day)},
    {"dec", month, 12},
    {"december", month, 12},
    {"dow", unit, value_of(Unit::day_of_week)},
    {"doy", unit, value_of(Unit::day_of_year)},
    {"dst", dst_modifier, 3600},
    {"epoch", reserved, value_of(ReservedWord::epoch)},
    {"feb", month, 2},
    {"february", month, 2},
    {"fri", weekday, 5},
    {"friday", weekday, 5},
    {"h", unit, value_of(Unit::hour)},
    {"infinity", reserved, value_of(ReservedWord::infinity)},
    {"isodow", unit, value_of(Unit::iso_day_of_week)},
    {"isoyear", unit, value_of(Unit::iso_year)},
    {"j", unit, value_of(Unit::julian)},
    {"jan", month, 1},
    {"january", month, 1},
    {"jd", unit, value_of(Unit::julian)},
    {"jul", month, 7},
    {"julian", unit, value_of(Unit::julian)},
    {"july", month, 7},
    {"jun", month, 6},
    {"june", month, 6},
    {"m", unit, value_of(Unit::month)},
    {"mar", month, 3},
    {"march", month, 3},
    {"may", month, 5},
    {"mm", unit, value_of(Unit::minute)},
    {"mon", weekday, 1},
    {"monday", weekday, 1},
    {"nov", month, 11},
    {"november", month, 11},
    {"now", reserved, value_of(ReservedWord::now)},
    {"oct", month, 10},
    {"october", month, 10},
    {"on", ignored, 0},
    {"pm", meridian, 1},
    {"s", unit, value_of(Unit::second)},
    {"sat", weekday, 6},
    {"saturday", weekday, 6},
    {"sep", month, 9},
    {"sept", month, 9},
    {"september", month, 9},
    {"sun", weekday, 0},
    {"sunday", weekday, 0},
    {"t", iso_time, value_of(Unit::iso_time)},
    {"thu", weekday, 4},
    {"thur", weekday, 4},
    {"thurs", weekday, 4},
    {"thursday", weekday, 4},
    {"today", reserved, value_of(ReservedWord::today)},
    {"tomorrow", reserved, value_of(ReservedWord::tomorrow)},
    {"tue", weekday, 2},
    {"tues", weekday, 2},
    {"tuesday", weekday, 2},
    {"wed", weekday, 3},
    {"wednesday", weekday, 3},
    {"weds", weekday, 3},
    {"y", unit, value_of(Unit::year)},
    {"yesterday", reserved, value_of(ReservedWord::yesterday)},
};

// Ten characters decide: "microsecon" stands for every longer spelling.
constexpr std::size_t unit_significant = 10;

constexpr Entry unit_words[] = {
    {"@", ignored, 0},
    {"ago", ago, 0},
    {"c", unit, value_of(Unit::century)},
    {"cent", unit, value_of(Unit::century)},
    {"centuries", unit, value_of(Unit::century)},
    {"century", unit, value_of(Unit::century)},
    {"d", unit, value_of(Unit::day)},
    {"day", unit, value_of(Unit::day)},
    {"days", unit, value_of(Unit::day)},
    {"dec", unit, value_of(Unit::decade)},
    {"decade", unit, value_of(Unit::decade)},
    {"decades", unit, value_of(Unit::decade)},
    {"decs", unit, value_of(Unit::decade)},
    {"h", unit, value_of(Unit::hour)},
    {"hour", unit, value_of(Unit::hour)},
    {"hours", unit, value_of(Unit::hour)},
    {"hr", unit, value_of(Unit::hour)},
    {"hrs", unit, value_of(Unit::hour)},
    {"m", unit, value_of(Unit::minute)},
    {"microsecon", unit, value_of(Unit::microsecond)},
    {"mil", unit, value_of(Unit::millennium)},
    {"millennia", unit, value_of(Unit::millennium)},
    {"millennium", unit, value_of(Unit::millennium)},
    {"millisecon", unit, value_of(Unit::millisecond)},
    {"mils", unit, value_of(Unit::millennium)},
    {"min", unit, value_of(Unit::minute)},
    {"mins", unit, value_of(Unit::minute)},
    {"minute", unit, value_of(Unit::minute)},
    {"minutes", unit, value_of(Unit::minute)},
    {"mon", unit, value_of(Unit::month)},
    {"mons", unit, value_of(Unit::month)},
    {"month", unit, value_of(Unit::month)},
    {"months", unit, value_of(Unit::month)},
    {"ms", unit, value_of(Unit::millisecond)},
    {"msec", unit, value_of(Unit::millisecond)},
    {"mseconds", unit, value_of(Unit::millisecond)},
    {"msecs", unit, value_of(Unit::millisecond)},
    {"qtr", unit, value_of(Unit::quarter)},
    {"quarter", unit, value_of(Unit::quarter)},
    {"s", unit, value_of(Unit::second)},
    {"sec", unit, value_of(Unit::second)},
    {"second", unit, value_of(Unit::second)},
    {"seconds", unit, value_of(Unit::second)},
    {"secs", unit, value_of(Unit::second)},
    {"timezone", unit, value_of(Unit::time_zone)},
    {"timezone_h", unit, value_of(Unit::time_zone_hour)},
    {"timezone_m", unit, value_of(Unit::time_zone_minute)},
    {"us", unit, value_of(Unit::microsecond)},
    {"usec", unit, value_of(Unit::microsecond)},
    {"usecond", unit, value_of(Unit::microsecond)},
    {"useconds", unit, value_of(Unit::microsecond)},
    {"usecs", unit, value_of(Unit::microsecond)},
    {"w", unit, value_of(Unit::week)},
    {"week", unit, value_of(Unit::week)},
    {"weeks", unit, value_of(Unit::week)},
    {"y", unit, value_of(Unit::year)},
    {"year", unit, value_of(Unit::year)},
    {"years", unit, value_of(Unit::year)},
    {"yr", unit, value_of(Unit::year)},
    {"yrs", unit, value_of(Unit::year)},
};

template <std::size_t Count>
Word find_word(const Entry (&entries)[Count], std::string_view name) {
  const auto* at = std::lower_bound(
      std::begin(entries), std::end(entries), name,
      [](const Entry& entry, std::string_view wanted) { return entry.name < wanted; });
  if (at == std::end(entries) || at->name != name) return {};
  return {at->kind, at->value};
}

bool is_date_separator(char c) {
  return c == '-' || c == '/' || c == '.';
}
bool is_alnum(char c) {
  return is_digit(c) || is_alpha(c);
}
bool is_punctuation(char c) {
  return c > ' ' && c < 0x7f && !is_alnum(c);
}

class Tokenizer {
 public:
  explicit Tokenizer(std::string_view text) : text_(text) {}

  std::optional<std::vector<Token>> run(std::size_t most_bytes) {
    constexpr std::size_t most_tokens = 25;
    std::vector<Token> tokens;
    std::size_t bytes = 0;
    while (at_ < text_.size()) {
      if (is_space(peek())) {
        ++at_;
        continue;
      }
      Token token{TokenKind::number, {}};
      if (!read(token)) return std::nullopt;
      if (token.text.empty()) continue;
      bytes += token.text.size() + 1;
      tokens.push_back(std::move(token));
      if (tokens.size() > most_tokens || bytes > most_bytes) return std::nullopt;
    }
    return tokens;
  }

 private:
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }

  template <typename Predicate>
  void take_while(Token& token, Predicate&& predicate) {
    while (at_ < text_.size() && predicate(text_[at_])) {
      token.text.push_back(lower_ascii(text_[at_++]));
    }
  }

  // Leaves the text empty for punctuation that is skipped; false for what cannot be.
  bool read(Token& token) {
    if (is_digit(peek())) {
      read_digits(token);
    } else if (peek() == '.') {
      token.text.push_back(text_[at_++]);
      take_while(token, is_digit);
    } else if (is_alpha(peek())) {
      read_word(token);
    } else if (peek() == '+' || peek() == '-') {
      return read_signed(token);
    } else if (is_punctuation(peek())) {
      ++at_;
    } else {
      return false;
    }
    return true;
  }

  void read_digits(Token& token) {
    take_while(token, is_digit);
    if (peek() == ':') {
      token.kind = TokenKind::time;
      take_while(token, [](char c) { return is_digit(c) || c == ':' || c == '.'; });
      return;
    }
    if (!is_date_separator(peek())) return;
    const char separator = text_[at_++];
    token.text.push_back(separator);
    if (!is_digit(peek())) {
      token.kind = TokenKind::date;
      take_while(token, [separator](char c) { return is_alnum(c) || c == separator; });
      return;
    }
    token.kind = separator == '.' ? TokenKind::number : TokenKind::date;
    take_while(token, is_digit);
    if (peek() != separator) return;
    token.kind = TokenKind::date;
    take_while(token, [separator](char c) { return is_digit(c) || c == separator; });
  }

  void read_word(Token& token) {
    token.kind = TokenKind::word;
    take_while(token, is_alpha);
    // A word glued to digits, dashes or slashes is a date or the name of a zone, unless it is
    // a word of dates by itself ("j2451187").
    bool is_date = is_date_separator(peek());
    if (!is_date && (peek() == '+' || is_digit(peek()))) {
      is_date = find_date_word(token.text).kind == WordKind::unknown;
    }
    if (!is_date) return;
    token.kind = TokenKind::date;
    take_while(token, [](char c) {
      return is_alnum(c) || c == '+' || c == '-' || c == '/' || c == '_' || c == '.' || c == ':';
    });
  }

  bool read_signed(Token& token) {
    token.text.push_back(text_[at_++]);
    while (is_space(peek())) ++at_;
    if (is_digit(peek())) {
      token.kind = TokenKind::offset;
      take_while(token, [](char c) { return is_digit(c) || c == ':' || c == '.' || c == '-'; });
      return true;
    }
    if (!is_alpha(peek())) return false;
    token.kind = TokenKind::special;
    take_while(token, is_alpha);
    return true;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

std::optional<std::vector<Token>> tokenize_datetime(std::string_view text, std::size_t most_bytes) {
  return Tokenizer(text).run(most_bytes);
}

Word find_date_word(std::string_view lower) {
  return find_word(date_words, lower);
}
Word find_unit_word(std::string_view lower) {
  return find_word(unit_words, lower.substr(0, unit_significant));
}

}  // namespace dvecdb::server::types
