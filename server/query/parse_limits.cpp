#include "server/query/parse_limits.h"

#include <algorithm>
#include <cctype>
#include <vector>

namespace dvecdb::server::query {

namespace {

bool is_word(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return std::isalnum(byte) != 0 || c == '_' || c == '$' || byte >= 0x80;
}

// Walks over tokens as PostgreSQL's scanner sees them, as far as quotes and comments go.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  // The next token's first character, '\0' at the end. Words, numbers and quoted things are one
  // token; every other character is one.
  char next() {
    word_ = {};
    skip_blanks();
    if (at_ >= text_.size()) return '\0';
    const char first = text_[at_];
    if (first == '\'') {
      skip_string(false);
    } else if (first == '"') {
      skip_quoted('"', false);
    } else if (first == '$' && skip_dollar()) {
      return 'w';
    } else if (is_word(first)) {
      const std::size_t begin = at_;
      skip_word();
      word_ = text_.substr(begin, at_ - begin);
      return 'w';
    } else {
      ++at_;
    }
    return first;
  }

  // Is the last token this keyword (given in lower case)?
  bool is_keyword(std::string_view keyword) const {
    return std::equal(word_.begin(), word_.end(), keyword.begin(), keyword.end(),
                      [](char a, char b) { return (a | 0x20) == b; });
  }

 private:
  char peek(std::size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }

  void skip_blanks() {
    for (;;) {
      while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_])) != 0) ++at_;
      if (peek() == '-' && peek(1) == '-') {
        while (at_ < text_.size() && text_[at_] != '\n' && text_[at_] != '\r') ++at_;
      } else if (peek() == '/' && peek(1) == '*') {
        skip_comment();
      } else {
        return;
      }
    }
  }

  void skip_comment() {
    int depth = 0;
    do {
      if (peek() == '/' && peek(1) == '*') {
        ++depth;
        at_ += 2;
      } else if (peek() == '*' && peek(1) == '/') {
        --depth;
        at_ += 2;
      } else {
        ++at_;
      }
    } while (depth > 0 && at_ < text_.size());
  }

  void skip_quoted(char quote, bool has_escapes) {
    ++at_;
    while (at_ < text_.size()) {
      const char c = text_[at_++];
      if (c == '\\' && has_escapes && at_ < text_.size()) ++at_;
      if (c != quote) continue;
      if (peek() != quote) return;
      ++at_;
    }
  }

  void skip_string(bool has_escapes) { skip_quoted('\'', has_escapes); }

  void skip_word() {
    const char first = text_[at_];
    if ((first == 'e' || first == 'E') && peek(1) == '\'') {
      ++at_;
      skip_string(true);
      return;
    }
    while (at_ < text_.size() && is_word(text_[at_])) ++at_;
  }

  // $tag$ ... $tag$; false when this is no dollar quote (a parameter).
  bool skip_dollar() {
    std::size_t end = at_ + 1;
    if (std::isdigit(static_cast<unsigned char>(peek(1))) != 0) return false;
    while (end < text_.size() && is_word(text_[end]) && text_[end] != '$') ++end;
    if (end >= text_.size() || text_[end] != '$') return false;
    const std::string_view tag = text_.substr(at_, end + 1 - at_);
    const std::size_t close = text_.find(tag, end + 1);
    at_ = close == std::string_view::npos ? text_.size() : close + tag.size();
    return true;
  }

  std::string_view text_;
  std::string_view word_;
  std::size_t at_ = 0;
};

// What one bracket (or the text outside all) may add to the depth.
struct Level {
  std::size_t run = 0;     // tokens since the last separator
  std::size_t chains = 0;  // joins and set operations: they nest across separators
  std::size_t depth() const { return run + chains; }
};

bool is_chained(const Scanner& scanner) {
  return scanner.is_keyword("join") || scanner.is_keyword("union") ||
         scanner.is_keyword("intersect") || scanner.is_keyword("except");
}

// The grammar makes flat lists of what these separate.
bool is_separator(const Scanner& scanner, char token) {
  return token == ',' || scanner.is_keyword("and") || scanner.is_keyword("or");
}

}  // namespace

std::size_t nesting_bound(std::string_view text) {
  Scanner scanner(text);
  std::vector<Level> open;
  Level level;
  std::size_t below = 0;  // the sum over `open`
  std::size_t most = 0;
  for (char token = scanner.next(); token != '\0'; token = scanner.next()) {
    ++level.run;
    if (is_chained(scanner)) ++level.chains;
    most = std::max(most, below + level.depth());
    if (token == '(' || token == '[') {
      open.push_back(level);
      below += level.depth();
      level = {};
    } else if ((token == ')' || token == ']') && !open.empty()) {
      level = open.back();
      below -= level.depth();
      open.pop_back();
    } else if (token == ';' && open.empty()) {
      level = {};
    } else if (is_separator(scanner, token)) {
      level.run = 0;
    }
  }
  return most;
}

}  // namespace dvecdb::server::query
