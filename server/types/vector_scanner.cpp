#include "server/types/vector_scanner.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>

namespace dvecdb::server::types {
namespace {

bool is_blank(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

bool may_be_in_number(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '+' ||
         c == '-' || c == '.';
}

}  // namespace

VectorScanner::VectorScanner(std::string_view type, std::string_view text)
    : type_(type), text_(text) {}

void VectorScanner::skip_blanks() {
  while (at_ < text_.size() && is_blank(text_[at_])) ++at_;
}

bool VectorScanner::accept(char wanted) {
  skip_blanks();
  if (at_ == text_.size() || text_[at_] != wanted) return false;
  ++at_;
  return true;
}

bool VectorScanner::at_end() {
  skip_blanks();
  return at_ == text_.size();
}

VectorScanner::Number VectorScanner::read_float() {
  skip_blanks();
  const char* begin = text_.data() + at_;
  const char* end = text_.data() + text_.size();
  Number number;
  auto [stop, error] = std::from_chars(begin, end, number.value);
  bool is_plain = error == std::errc() && (stop == end || !may_be_in_number(*stop));
  if (is_plain) {
    number.token = {begin, static_cast<std::size_t>(stop - begin)};
    at_ += number.token.size();
    return number;
  }
  // What from_chars leaves to strtof: "+1", hexadecimal, and numbers too large or too small.
  const char* token_end = std::find_if_not(begin, end, may_be_in_number);
  std::string token(begin, token_end);
  char* parsed_end = nullptr;
  errno = 0;
  number.value = std::strtof(token.c_str(), &parsed_end);
  auto length = static_cast<std::size_t>(parsed_end - token.c_str());
  if (length == 0) throw syntax_error();
  number.token = {begin, length};
  if (errno == ERANGE && std::isinf(number.value)) {
    throw SqlError(sqlstate::numeric_value_out_of_range,
                   fmt::format("\"{}\" is out of range for type {}", number.token, type_));
  }
  at_ += length;
  return number;
}

std::int64_t VectorScanner::read_integer() {
  skip_blanks();
  const char* begin = text_.data() + at_;
  const char* end = text_.data() + text_.size();
  const char* digits = begin != end && *begin == '+' ? begin + 1 : begin;
  std::int64_t value = 0;
  auto [stop, error] = std::from_chars(digits, end, value);
  if (error == std::errc::invalid_argument || (digits != begin && *digits == '-')) {
    throw syntax_error();
  }
  constexpr std::int64_t highest = std::numeric_limits<std::int32_t>::max();
  if (error == std::errc::result_out_of_range) value = *digits == '-' ? -highest : highest;
  at_ = static_cast<std::size_t>(stop - text_.data());
  return std::clamp(value, -highest, highest);
}

SqlError VectorScanner::syntax_error(std::string_view detail) const {
  return SqlError(sqlstate::invalid_text_representation,
                  fmt::format("invalid input syntax for type {}: \"{}\"", type_, text_))
      .detail(std::string(detail));
}

}  // namespace dvecdb::server::types
