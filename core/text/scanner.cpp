#include "core/text/scanner.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <string>

#include "core/text/input_fault.h"

namespace dvecdb::core {
namespace {

bool is_blank(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

bool may_be_in_number(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '+' ||
         c == '-' || c == '.';
}

}  // namespace

void Scanner::skip_blanks() {
  while (at_ < text_.size() && is_blank(text_[at_])) ++at_;
}

bool Scanner::accept(char wanted) {
  skip_blanks();
  if (at_ == text_.size() || text_[at_] != wanted) return false;
  ++at_;
  return true;
}

bool Scanner::at_end() {
  skip_blanks();
  return at_ == text_.size();
}

Scanner::Number Scanner::read_float() {
  skip_blanks();
  const char* begin = text_.data() + at_;
  const char* end = text_.data() + text_.size();
  Number number{};
  const auto [stop, error] = std::from_chars(begin, end, number.value);
  if (error == std::errc() && (stop == end || !may_be_in_number(*stop))) {
    number.token = {begin, static_cast<std::size_t>(stop - begin)};
    at_ += number.token.size();
    return number;
  }
  // What from_chars leaves to strtof: "+1", hexadecimal, and numbers too large or too small.
  const std::string token(begin, std::find_if_not(begin, end, may_be_in_number));
  char* parsed_end = nullptr;
  errno = 0;
  number.value = std::strtof(token.c_str(), &parsed_end);
  const auto length = static_cast<std::size_t>(parsed_end - token.c_str());
  if (length == 0) refuse_text();
  number.token = {begin, length};
  if (errno == ERANGE && std::isinf(number.value)) refuse_out_of_range(type_, number.token);
  at_ += length;
  return number;
}

std::int32_t Scanner::read_integer() {
  skip_blanks();
  const char* begin = text_.data() + at_;
  const char* end = text_.data() + text_.size();
  const char* digits = begin != end && *begin == '+' ? begin + 1 : begin;
  const bool has_two_signs = digits != begin && digits != end && *digits == '-';
  std::int64_t value = 0;
  const auto [stop, error] = std::from_chars(digits, end, value);
  if (error == std::errc::invalid_argument || has_two_signs) refuse_text();
  constexpr std::int64_t highest = std::numeric_limits<std::int32_t>::max();
  if (error == std::errc::result_out_of_range) value = *digits == '-' ? -highest : highest;
  at_ = static_cast<std::size_t>(stop - text_.data());
  return static_cast<std::int32_t>(std::clamp(value, -highest, highest));
}

void Scanner::refuse_text(const char* detail) const {
  refuse_syntax(type_, text_, detail);
}

}  // namespace dvecdb::core
