#include "server/functions/regex_translate.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <vector>

#include "server/types/utf8.h"

namespace dvecdb::server::functions {
namespace {

constexpr std::string_view bad_escape = "invalid escape \\ sequence";
constexpr std::string_view bad_operand = "quantifier operand invalid";
constexpr std::string_view bad_parens = "parentheses () not balanced";
constexpr std::string_view bad_brackets = "brackets [] not balanced";
constexpr std::string_view bad_braces = "braces {} not balanced";
constexpr std::string_view bad_bound = "invalid repetition count(s)";
constexpr int max_bound = 255;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_letter(char c) {
  return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}
bool is_hex(char c) {
  return is_digit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f');
}

void append_code(std::string& out, std::uint32_t code) {
  if (code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) throw invalid_regex(bad_escape);
  out += fmt::format("\\x{{{:x}}}", code);
}

class Translator {
 public:
  Translator(std::string_view pattern, RegexFlags flags) : text_(pattern) { out_.flags = flags; }

  TranslatedRegex run() {
    read_director();
    read_embedded_options();
    if (out_.flags.literal) {
      while (at_ < text_.size()) append_literal();
      return std::move(out_);
    }
    while (at_ < text_.size()) read_atom();
    if (!groups_.empty()) throw invalid_regex(bad_parens);
    return std::move(out_);
  }

 private:
  char peek(std::size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }
  bool starts_with(std::string_view start) const {
    return text_.substr(at_, start.size()) == start;
  }

  // "***=" takes the rest literally, "***:" says what is the default.
  void read_director() {
    if (starts_with("***=")) {
      out_.flags.literal = true;
      at_ += 4;
    } else if (starts_with("***:")) {
      at_ += 4;
    }
  }

  void read_embedded_options() {
    if (out_.flags.literal || !starts_with("(?") || !is_letter(peek(2))) return;
    std::size_t close = text_.find(')', at_);
    if (close == std::string_view::npos) throw invalid_regex("invalid embedded option");
    for (char c : text_.substr(at_ + 2, close - at_ - 2)) {
      if (!apply_option(c)) throw invalid_regex("invalid embedded option");
    }
    at_ = close + 1;
  }

  bool apply_option(char c) {
    RegexFlags& flags = out_.flags;
    switch (c) {
      case 'i':
        flags.ignore_case = true;
        return true;
      case 'c':
        flags.ignore_case = false;
        return true;
      case 'q':
        flags.literal = true;
        return true;
      case 'x':
        flags.expanded = true;
        return true;
      case 't':
        flags.expanded = false;
        return true;
      case 's':
        flags.dot_stops = flags.anchors_at_lines = false;
        return true;
      case 'm':
      case 'n':
        flags.dot_stops = flags.anchors_at_lines = true;
        return true;
      case 'p':
        flags.dot_stops = true;
        flags.anchors_at_lines = false;
        return true;
      case 'w':
        flags.dot_stops = false;
        flags.anchors_at_lines = true;
        return true;
      default:
        return c == 'b' || c == 'e';
    }
  }

  // One character that stands for itself.
  void append_literal() {
    char c = text_[at_];
    bool is_special = static_cast<unsigned char>(c) < 0x80 && !is_digit(c) && !is_letter(c);
    if (is_special) out_.pattern.push_back('\\');
    std::size_t width = types::utf8_width(c);
    out_.pattern += text_.substr(at_, width);
    at_ += width;
  }

  void read_atom() {
    char c = peek();
    switch (c) {
      case '(':
        return open_group();
      case ')':
        return close_group();
      case '[':
        return read_bracket();
      case '\\':
        return read_escape();
      case '*':
      case '+':
      case '?':
        return read_quantifier();
      case '{':
        if (is_digit(peek(1))) return read_quantifier();
        break;
      case '|':
        out_.has_alternatives = true;
        return append_operator("|");
      case '.':
        append_operator(out_.flags.dot_stops ? "[^\\n]" : ".");
        can_repeat_ = true;
        return;
      case '^':
        return append_operator(out_.flags.anchors_at_lines ? "(?m:^)" : "^");
      case '$':
        return append_operator(out_.flags.anchors_at_lines ? "(?m:$)" : "$");
      default:
        break;
    }
    if (out_.flags.expanded && skip_expanded()) return;
    append_literal();
    can_repeat_ = true;
  }

  bool skip_expanded() {
    char c = peek();
    if (c == '#') {
      at_ = std::min(text_.find('\n', at_), text_.size());
      return true;
    }
    if (c != ' ' && (c < '\t' || c > '\r')) return false;
    ++at_;
    return true;
  }

  void append_operator(std::string_view written) {
    ++at_;
    out_.pattern += written;
    can_repeat_ = false;
  }

  void open_group() {
    struct Opener {
      std::string_view text;
      bool is_assertion;
    };
    constexpr Opener openers[] = {
        {"(?:", false}, {"(?=", true}, {"(?!", true}, {"(?<=", true}, {"(?<!", true}};
    can_repeat_ = false;
    if (starts_with("(?#")) {
      std::size_t close = text_.find(')', at_);
      if (close == std::string_view::npos) throw invalid_regex(bad_parens);
      at_ = close + 1;
      return;
    }
    for (const Opener& opener : openers) {
      if (!starts_with(opener.text)) continue;
      groups_.push_back({opener.is_assertion});
      assertions_ += opener.is_assertion ? 1 : 0;
      out_.pattern += opener.text;
      at_ += opener.text.size();
      return;
    }
    if (starts_with("(?") || starts_with("(*")) throw invalid_regex(bad_operand);
    groups_.push_back({false});
    // Parentheses in an assertion do not capture.
    out_.pattern += assertions_ > 0 ? "(?:" : "(";
    if (assertions_ == 0) ++captures_;
    ++at_;
  }

  void close_group() {
    if (groups_.empty()) throw invalid_regex(bad_parens);
    bool is_assertion = groups_.back().is_assertion;
    assertions_ -= is_assertion ? 1 : 0;
    groups_.pop_back();
    append_operator(")");
    can_repeat_ = !is_assertion;
  }

  int read_bound_number() {
    int number = 0;
    if (!is_digit(peek())) throw invalid_regex(bad_bound);
    for (; is_digit(peek()); ++at_) {
      number = number * 10 + (peek() - '0');
      if (number > max_bound) throw invalid_regex(bad_bound);
    }
    return number;
  }

  void read_quantifier() {
    if (!can_repeat_) throw invalid_regex(bad_operand);
    can_repeat_ = false;
    if (peek() == '{') {
      ++at_;
      int low = read_bound_number();
      std::string high = fmt::format("{}", low);
      if (peek() == ',') {
        ++at_;
        high.clear();
        if (peek() != '}') {
          int bound = read_bound_number();
          if (bound < low) throw invalid_regex(bad_bound);
          high = fmt::format("{}", bound);
        }
      }
      if (at_ == text_.size()) throw invalid_regex(bad_braces);
      if (peek() != '}') throw invalid_regex(bad_bound);
      out_.pattern += fmt::format("{{{},{}}}", low, high);
    } else {
      out_.pattern.push_back(peek());
    }
    ++at_;
    if (peek() == '?') {
      out_.has_lazy = true;
      out_.pattern.push_back('?');
      ++at_;
    }
  }

  void read_escape() {
    ++at_;
    if (at_ == text_.size()) throw invalid_regex(bad_escape);
    char c = peek();
    can_repeat_ = true;
    if (read_class_escape(c) || read_constraint(c)) return;
    if (c >= '1' && c <= '9' && read_back_reference()) return;
    read_character_escape(out_.pattern);
  }

  bool read_class_escape(char c) {
    if (std::string_view("dDsSwW").find(c) == std::string_view::npos) return false;
    out_.pattern.push_back('\\');
    out_.pattern.push_back(c);
    ++at_;
    return true;
  }

  bool read_constraint(char c) {
    constexpr std::pair<char, std::string_view> constraints[] = {
        {'A', "\\A"}, {'Z', "\\z"},        {'y', "\\b"},
        {'Y', "\\B"}, {'m', "\\b(?=\\w)"}, {'M', "\\b(?<=\\w)"}};
    for (const auto& [letter, written] : constraints) {
      if (c != letter) continue;
      append_operator(written);
      return true;
    }
    return false;
  }

  bool read_back_reference() {
    std::size_t end = at_;
    while (end < text_.size() && is_digit(text_[end])) ++end;
    int number = 0;
    auto [stop, error] = std::from_chars(text_.data() + at_, text_.data() + end, number);
    bool is_single = end - at_ == 1;
    bool is_known = error == std::errc() && number <= captures_;
    if (!is_known && !is_single) return false;  // an octal character
    if (!is_known) throw invalid_regex("invalid backreference number");
    out_.pattern += fmt::format("\\g{{{}}}", number);
    at_ = end;
    return true;
  }

  // The character after a backslash, as PCRE2 writes it. Also used within brackets.
  void read_character_escape(std::string& out) {
    char c = peek();
    if (!is_digit(c) && !is_letter(c)) {
      std::size_t width = types::utf8_width(c);
      if (static_cast<unsigned char>(c) < 0x80) out.push_back('\\');
      out += text_.substr(at_, width);
      at_ += width;
      return;
    }
    ++at_;
    switch (c) {
      case 'a':
        return append_code(out, 7);
      case 'b':
        return append_code(out, 8);
      case 'B':
        out += "\\\\";
        return;
      case 'e':
        return append_code(out, 27);
      case 'f':
        return append_code(out, 12);
      case 'n':
        return append_code(out, 10);
      case 'r':
        return append_code(out, 13);
      case 't':
        return append_code(out, 9);
      case 'v':
        return append_code(out, 11);
      case 'c':
        if (at_ == text_.size()) throw invalid_regex(bad_escape);
        return append_code(out, static_cast<unsigned char>(text_[at_++]) & 0x1fU);
      case 'u':
        return append_code(out, read_number(16, 4, 4));
      case 'U':
        return append_code(out, read_number(16, 8, 8));
      case 'x':
        return append_code(out, read_number(16, 1, 255));
      default:
        break;
    }
    if (!is_digit(c) || c > '7') throw invalid_regex(bad_escape);
    --at_;
    append_code(out, read_number(8, 1, 3));
  }

  std::uint32_t read_number(int base, std::size_t least, std::size_t most) {
    std::uint32_t number = 0;
    std::size_t digits = 0;
    for (; digits < most; ++digits, ++at_) {
      char c = peek();
      bool fits = base == 16 ? is_hex(c) : (c >= '0' && c <= '7');
      if (!fits) break;
      int value = is_digit(c) ? c - '0' : (c | 0x20) - 'a' + 10;
      if (number > 0xfffffff) throw invalid_regex(bad_escape);
      number = number * static_cast<std::uint32_t>(base) + static_cast<std::uint32_t>(value);
    }
    if (digits < least) throw invalid_regex(bad_escape);
    return number;
  }

  void read_bracket() {
    for (auto [boundary, written] :
         {std::pair{"[[:<:]]", "\\b(?=\\w)"}, std::pair{"[[:>:]]", "\\b(?<=\\w)"}}) {
      if (!starts_with(boundary)) continue;
      at_ += std::string_view(boundary).size();
      out_.pattern += written;
      can_repeat_ = false;
      return;
    }
    std::string set = "[";
    ++at_;
    if (peek() == '^') {
      set += out_.flags.dot_stops ? "^\\n" : "^";
      ++at_;
    }
    bool is_first = true;
    while (true) {
      if (at_ >= text_.size()) throw invalid_regex(bad_brackets);
      if (peek() == ']' && !is_first) break;
      read_bracket_item(set);
      is_first = false;
    }
    ++at_;
    out_.pattern += set;
    out_.pattern.push_back(']');
    can_repeat_ = true;
  }

  void read_bracket_item(std::string& set) {
    char c = peek();
    if (c == '[' && (peek(1) == ':' || peek(1) == '.' || peek(1) == '=')) {
      return read_named_item(set);
    }
    if (c == '\\') {
      ++at_;
      if (at_ == text_.size()) throw invalid_regex(bad_brackets);
      if (std::string_view("dswDSW").find(peek()) != std::string_view::npos) {
        set.push_back('\\');
        set.push_back(text_[at_++]);
        return;
      }
      return read_character_escape(set);
    }
    // A "-" between two items is a range in both languages; all else stands for itself.
    if (c == '-' && set.size() > 1 && set.back() != '^' && peek(1) != ']' && peek(1) != '\0') {
      set.push_back(c);
      ++at_;
      return;
    }
    if (static_cast<unsigned char>(c) < 0x80 && !is_digit(c) && !is_letter(c)) set.push_back('\\');
    std::size_t width = types::utf8_width(c);
    set += text_.substr(at_, width);
    at_ += width;
  }

  // "[:alpha:]", "[.x.]", "[=x=]".
  void read_named_item(std::string& set) {
    char kind = peek(1);
    std::string_view terminator = kind == ':' ? ":]" : (kind == '.' ? ".]" : "=]");
    std::size_t close = text_.find(terminator, at_ + 2);
    if (close == std::string_view::npos) throw invalid_regex(bad_brackets);
    std::string_view name = text_.substr(at_ + 2, close - at_ - 2);
    at_ = close + 2;
    if (kind == ':') {
      constexpr std::string_view classes[] = {"alnum", "alpha", "ascii",  "blank", "cntrl",
                                              "digit", "graph", "lower",  "print", "punct",
                                              "space", "upper", "xdigit", "word"};
      for (std::string_view known : classes) {
        if (name != known) continue;
        set += fmt::format("[:{}:]", name);
        return;
      }
      throw invalid_regex("invalid character class");
    }
    if (name.empty() || name.size() != types::utf8_width(name[0])) {
      throw invalid_regex("invalid collating element");
    }
    std::size_t offset = 0;
    append_code(set, types::utf8_decode(name, offset));
  }

  struct Group {
    bool is_assertion;
  };

  std::string_view text_;
  std::size_t at_ = 0;
  TranslatedRegex out_;
  std::vector<Group> groups_;
  int assertions_ = 0;  // open ones
  int captures_ = 0;
  bool can_repeat_ = false;  // a quantifier may come
};

}  // namespace

TranslatedRegex translate_regex(std::string_view pattern, RegexFlags flags) {
  return Translator(pattern, flags).run();
}

types::SqlError invalid_regex(std::string_view reason) {
  return types::SqlError(types::sqlstate::invalid_regular_expression,
                         fmt::format("invalid regular expression: {}", reason));
}

}  // namespace dvecdb::server::functions
