// Formatting pictures of numbers ("FM999,990.00"), taken apart for to_char() and to_number().
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace dvecdb::server::functions {

enum class NumberKey : std::uint8_t {
  nine,
  zero,
  point,  // . and D
  comma,
  group,     // G
  currency,  // L
  minus,     // MI
  plus,      // PL
  sign,      // SG
  roman,     // RN
  ordinal,   // TH
  literal,
  silent,  // what only changes the whole: S, PR, V, B, C, FM, EEEE
};

struct NumberNode {
  NumberKey key = NumberKey::literal;
  bool is_lower = false;  // rn, th
  std::string_view text;  // of a literal: one code point
};

struct NumberPicture {
  std::vector<NumberNode> nodes;
  int before = 0;      // digits before the point
  int after = 0;       // digits after it
  int shift = 0;       // V: places that the number moves to the left
  int zero_start = 0;  // the digit, from 1, from which zeros are shown; 0 for none
  int zero_end = 0;    // the last "0" of the picture
  enum class Anchor : std::uint8_t { none, before, after } anchor = Anchor::none;  // of S
  int anchor_digits = 0;  // digits before S
  bool has_point = false;
  bool fill = false;  // FM
  bool bracket = false;
  bool minus = false;
  bool plus = false;
  bool is_shifted = false;
  bool is_roman = false;
  bool is_scientific = false;
};

// The nodes borrow from `text`. Throws SqlError 42601 for parts that exclude each other.
NumberPicture parse_number_picture(std::string_view text);

}  // namespace dvecdb::server::functions
