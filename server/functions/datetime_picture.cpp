#include "server/functions/datetime_picture.h"

#include "server/types/scan.h"

namespace dvecdb::server::functions {

namespace {

using types::is_alpha;
using types::is_digit;
using types::is_space;

struct Keyword {
  std::string_view name;  // upper case
  DateKey key;
  int digits;
  bool is_numeric;
  bool has_capital;  // "Month" is a spelling of its own
};

constexpr Keyword keywords[] = {
    {"A.D.", DateKey::bc_dots, 0, false, false},
    {"B.C.", DateKey::bc_dots, 0, false, false},
    {"AD", DateKey::bc, 0, false, false},
    {"BC", DateKey::bc, 0, false, false},
    {"A.M.", DateKey::am_dots, 0, false, false},
    {"P.M.", DateKey::am_dots, 0, false, false},
    {"AM", DateKey::am, 0, false, false},
    {"PM", DateKey::am, 0, false, false},
    {"CC", DateKey::century, 0, true, false},
    {"DAY", DateKey::day_name, 0, false, true},
    {"DY", DateKey::day_name_short, 0, false, true},
    {"DDD", DateKey::day_of_year, 0, true, false},
    {"DD", DateKey::day, 0, true, false},
    {"D", DateKey::day_of_week, 0, true, false},
    {"FF1", DateKey::fraction, 1, false, false},
    {"FF2", DateKey::fraction, 2, false, false},
    {"FF3", DateKey::fraction, 3, false, false},
    {"FF4", DateKey::fraction, 4, false, false},
    {"FF5", DateKey::fraction, 5, false, false},
    {"FF6", DateKey::fraction, 6, false, false},
    {"FX", DateKey::exact, 0, false, false},
    {"HH24", DateKey::hour24, 0, true, false},
    {"HH12", DateKey::hour12, 0, true, false},
    {"HH", DateKey::hour12, 0, true, false},
    {"IDDD", DateKey::iso_day_of_year, 0, true, false},
    {"ID", DateKey::iso_day_of_week, 0, true, false},
    {"IW", DateKey::iso_week, 0, true, false},
    {"IYYY", DateKey::iso_year, 4, true, false},
    {"IYY", DateKey::iso_year, 3, true, false},
    {"IY", DateKey::iso_year, 2, true, false},
    {"I", DateKey::iso_year, 1, true, false},
    {"J", DateKey::julian, 0, true, false},
    {"MI", DateKey::minute, 0, true, false},
    {"MM", DateKey::month, 0, true, false},
    {"MONTH", DateKey::month_name, 0, false, true},
    {"MON", DateKey::month_name_short, 0, false, true},
    {"MS", DateKey::millisecond, 0, true, false},
    {"OF", DateKey::offset, 0, false, false},
    {"Q", DateKey::quarter, 0, true, false},
    {"RM", DateKey::roman_month, 0, false, false},
    {"SSSSS", DateKey::seconds_of_day, 0, true, false},
    {"SSSS", DateKey::seconds_of_day, 0, true, false},
    {"SS", DateKey::second, 0, true, false},
    {"TZH", DateKey::zone_hour, 0, false, false},
    {"TZM", DateKey::zone_minute, 0, true, false},
    {"TZ", DateKey::zone_name, 0, false, false},
    {"US", DateKey::microsecond, 0, true, false},
    {"WW", DateKey::week, 0, true, false},
    {"W", DateKey::week_of_month, 0, true, false},
    {"Y,YYY", DateKey::year_comma, 4, true, false},
    {"YYYY", DateKey::year, 4, true, false},
    {"YYY", DateKey::year, 3, true, false},
    {"YY", DateKey::year, 2, true, false},
    {"Y", DateKey::year, 1, true, false},
};

bool starts_with_case(std::string_view text, const Keyword& keyword, LetterCase letters) {
  if (text.size() < keyword.name.size()) return false;
  for (std::size_t i = 0; i < keyword.name.size(); ++i) {
    const bool lower = letters == LetterCase::lower || (letters == LetterCase::capital && i > 0);
    const char wanted = lower ? types::lower_ascii(keyword.name[i]) : keyword.name[i];
    if (text[i] != wanted) return false;
  }
  return true;
}

class PictureParser {
 public:
  explicit PictureParser(std::string_view picture) : rest_(picture) {}

  std::vector<DateNode> run() {
    while (!rest_.empty()) {
      DateNode node;
      read_prefixes(node);
      if (rest_.empty()) break;
      if (read_field(node)) {
        read_suffix(node);
        nodes_.push_back(node);
      } else if (rest_[0] == '"') {
        read_quoted();
      } else {
        read_character();
      }
    }
    return std::move(nodes_);
  }

 private:
  bool take(std::string_view upper) {
    if (rest_.substr(0, upper.size()) != upper &&
        rest_.substr(0, upper.size()) != types::to_lower(upper)) {
      return false;
    }
    rest_.remove_prefix(upper.size());
    return true;
  }

  void read_prefixes(DateNode& node) {
    while (true) {
      if (take("FM")) {
        node.fill = true;
      } else if (take("TM")) {
        node.translate = true;
      } else {
        return;
      }
    }
  }

  bool read_field(DateNode& node) {
    const Keyword* best = nullptr;
    for (const Keyword& keyword : keywords) {
      if (best != nullptr && keyword.name.size() <= best->name.size()) continue;
      for (const LetterCase letters : {LetterCase::upper, LetterCase::capital, LetterCase::lower}) {
        if (letters == LetterCase::capital && !keyword.has_capital) continue;
        if (!starts_with_case(rest_, keyword, letters)) continue;
        best = &keyword;
        node.letters = letters;
        break;
      }
    }
    if (best == nullptr) return false;
    node.kind = DateNode::Kind::field;
    node.key = best->key;
    node.keyword = rest_.substr(0, best->name.size());
    node.digits = best->digits;
    node.is_numeric = best->is_numeric;
    rest_.remove_prefix(best->name.size());
    return true;
  }

  void read_suffix(DateNode& node) {
    if (rest_.substr(0, 2) == "TH" || rest_.substr(0, 2) == "th") {
      node.ordinal = rest_[0];
      rest_.remove_prefix(2);
    }
    if (rest_.substr(0, 2) == "SP") rest_.remove_prefix(2);
  }

  void add_character(DateNode::Kind kind) {
    DateNode node;
    node.kind = kind;
    std::size_t length = 1;
    while (length < rest_.size() && (rest_[length] & '\xC0') == '\x80') ++length;
    node.text = rest_.substr(0, length);
    rest_.remove_prefix(length);
    nodes_.push_back(node);
  }

  void read_quoted() {
    rest_.remove_prefix(1);
    while (!rest_.empty() && rest_[0] != '"') {
      if (rest_[0] == '\\' && rest_.size() > 1) rest_.remove_prefix(1);
      add_character(DateNode::Kind::character);
    }
    if (!rest_.empty()) rest_.remove_prefix(1);
  }

  void read_character() {
    // A backslash makes a literal of a quote only.
    if (rest_[0] == '\\' && rest_.size() > 1 && rest_[1] == '"') rest_.remove_prefix(1);
    const char c = rest_[0];
    const bool is_separator = c > ' ' && c < 0x7f && !is_alpha(c) && !is_digit(c);
    add_character(is_space(c)
                      ? DateNode::Kind::space
                      : (is_separator ? DateNode::Kind::separator : DateNode::Kind::character));
  }

  std::string_view rest_;
  std::vector<DateNode> nodes_;
};

}  // namespace

std::vector<DateNode> parse_date_picture(std::string_view picture) {
  return PictureParser(picture).run();
}

std::string_view ordinal_suffix(std::string_view number, bool upper) {
  constexpr std::string_view lower_suffixes[] = {"th", "st", "nd", "rd"};
  constexpr std::string_view upper_suffixes[] = {"TH", "ST", "ND", "RD"};
  std::size_t which = 0;
  if (!number.empty() && is_digit(number.back())) {
    which = static_cast<std::size_t>(number.back() - '0');
    const bool is_teen = number.size() > 1 && number[number.size() - 2] == '1';
    if (which > 3 || is_teen) which = 0;
  }
  return upper ? upper_suffixes[which] : lower_suffixes[which];
}

}  // namespace dvecdb::server::functions
