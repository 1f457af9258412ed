#include "server/types/json_lexer.h"

#include <fmt/format.h>

#include <algorithm>

#include "server/types/utf8.h"

namespace dvecdb::server::types {
namespace {

bool is_word_part(char c) {
  auto byte = static_cast<unsigned char>(c);
  return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '_' ||
         byte >= 0x80;
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

}  // namespace

void JsonLexer::next() {
  begin_ = end_;
  while (begin_ < input_.size() &&
         std::string_view(" \t\n\r").find(input_[begin_]) != std::string_view::npos) {
    ++begin_;
  }
  end_ = begin_;
  if (begin_ == input_.size()) {
    token_ = Token::end;
    return;
  }
  auto single = [this](Token token) {
    token_ = token;
    ++end_;
  };
  switch (input_[begin_]) {
    case '{':
      return single(Token::object_start);
    case '}':
      return single(Token::object_end);
    case '[':
      return single(Token::array_start);
    case ']':
      return single(Token::array_end);
    case ',':
      return single(Token::comma);
    case ':':
      return single(Token::colon);
    case '"':
      return read_string();
    default:
      break;
  }
  if (input_[begin_] == '-' || is_digit(input_[begin_])) return read_number();
  read_word();
}

void JsonLexer::read_word() {
  while (end_ < input_.size() && is_word_part(input_[end_])) ++end_;
  if (end_ == begin_) {
    ++end_;
    throw invalid_token();
  }
  std::string_view word = source();
  if (word == "true") {
    token_ = Token::true_word;
  } else if (word == "false") {
    token_ = Token::false_word;
  } else if (word == "null") {
    token_ = Token::null_word;
  } else {
    throw invalid_token();
  }
}

void JsonLexer::read_number() {
  auto at = [this] { return end_ < input_.size() ? input_[end_] : '\0'; };
  auto digits = [&] {
    std::size_t first = end_;
    while (is_digit(at())) ++end_;
    return end_ > first;
  };
  if (at() == '-') ++end_;
  bool is_valid = true;
  if (at() == '0') {
    ++end_;
  } else {
    is_valid = digits();
  }
  if (at() == '.') {
    ++end_;
    is_valid = digits() && is_valid;
  }
  if (is_valid && (at() == 'e' || at() == 'E')) {
    ++end_;
    if (at() == '+' || at() == '-') ++end_;
    is_valid = digits();
  }
  while (end_ < input_.size() && is_word_part(input_[end_])) {
    is_valid = false;
    ++end_;
  }
  if (!is_valid) throw invalid_token();
  token_ = Token::number;
}

void JsonLexer::read_string() {
  token_ = Token::string;
  text_.clear();
  high_surrogate_ = 0;
  for (++end_;;) {
    if (end_ >= input_.size()) throw invalid_token();
    char c = input_[end_];
    if (c == '"') break;
    if (static_cast<unsigned char>(c) < 0x20) {
      throw error(fmt::format("Character with value 0x{:02x} must be escaped.",
                              static_cast<unsigned char>(c)));
    }
    if (c == '\\') {
      read_escape();
      continue;
    }
    if (high_surrogate_ != 0) throw error("Unicode low surrogate must follow a high surrogate.");
    ++end_;
    if (decodes_) text_.push_back(c);
  }
  ++end_;
  if (high_surrogate_ != 0) throw error("Unicode low surrogate must follow a high surrogate.");
}

void JsonLexer::read_escape() {
  ++end_;
  if (end_ >= input_.size()) throw invalid_token();
  char c = input_[end_];
  if (c == 'u') return read_unicode_escape();
  constexpr std::string_view letters = "\"\\/bfnrt";
  constexpr std::string_view meanings = "\"\\/\b\f\n\r\t";
  std::size_t which = letters.find(c);
  if (which == std::string_view::npos) {
    std::size_t width = std::min(utf8_width(c), input_.size() - end_);
    std::string_view shown = input_.substr(end_, width);
    end_ += width;
    throw error(fmt::format("Escape sequence \"\\{}\" is invalid.", shown));
  }
  ++end_;
  if (high_surrogate_ != 0) throw error("Unicode low surrogate must follow a high surrogate.");
  if (decodes_) text_.push_back(meanings[which]);
}

void JsonLexer::read_unicode_escape() {
  std::uint32_t code = 0;
  for (int i = 0; i < 4; ++i) {
    ++end_;
    if (end_ >= input_.size()) throw invalid_token();
    char c = input_[end_];
    bool is_hex = is_digit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f');
    if (!is_hex) {
      end_ += std::min(utf8_width(c), input_.size() - end_);
      throw error("\"\\u\" must be followed by four hexadecimal digits.");
    }
    code = code << 4 | static_cast<std::uint32_t>(is_digit(c) ? c - '0' : (c | 0x20) - 'a' + 10);
  }
  ++end_;
  if (decodes_) append_code(code);
}

void JsonLexer::append_code(std::uint32_t code) {
  bool is_high = code >= 0xd800 && code < 0xdc00;
  bool is_low = code >= 0xdc00 && code < 0xe000;
  if (is_high) {
    if (high_surrogate_ != 0) {
      throw error("Unicode high surrogate must not follow a high surrogate.");
    }
    high_surrogate_ = code;
    return;
  }
  if (is_low != (high_surrogate_ != 0)) {
    throw error("Unicode low surrogate must follow a high surrogate.");
  }
  if (is_low) code = 0x10000 + ((high_surrogate_ - 0xd800) << 10) + (code - 0xdc00);
  high_surrogate_ = 0;
  if (code == 0) {
    ErrorFields fields = error("").fields();
    throw SqlError(sqlstate::untranslatable_character, "unsupported Unicode escape sequence")
        .detail("\\u0000 cannot be converted to text.")
        .where(fields.where);
  }
  utf8_append(text_, code);
}

SqlError JsonLexer::invalid_token() const {
  return error(fmt::format("Token \"{}\" is invalid.", source()));
}

SqlError JsonLexer::unexpected(std::string_view expected) const {
  if (token_ == Token::end) return error("The input string ended unexpectedly.");
  return error(fmt::format("Expected {}, but found \"{}\".", expected, source()));
}

// Tells the line and up to 50 characters of it before the end of the token.
SqlError JsonLexer::error(std::string detail) const {
  constexpr std::size_t shown_bytes = 50;
  std::size_t end = std::min(end_, input_.size());
  std::string_view before = input_.substr(0, end);
  auto line = std::count(before.begin(), before.end(), '\n') + 1;
  std::size_t line_begin = before.rfind('\n') + 1;
  std::size_t begin = line_begin;
  while (end - begin >= shown_bytes) begin += utf8_width(input_[begin]);
  begin = std::min(begin, end);
  if (begin - line_begin <= 3) begin = line_begin;
  bool goes_on =
      token_ != Token::end && end < input_.size() && input_[end] != '\n' && input_[end] != '\r';
  return SqlError(sqlstate::invalid_text_representation, "invalid input syntax for type json")
      .detail(std::move(detail))
      .where(fmt::format("JSON data, line {}: {}{}{}", line, begin > line_begin ? "..." : "",
                         input_.substr(begin, end - begin), goes_on ? "..." : ""));
}

}  // namespace dvecdb::server::types
