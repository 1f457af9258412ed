#include "server/functions/base64.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>

#include "server/types/error.h"
#include "server/types/utf8.h"

namespace dvecdb::server::functions {
namespace {

constexpr std::string_view alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

types::SqlError invalid(std::string message) {
  return types::SqlError(types::sqlstate::invalid_parameter_value, std::move(message));
}

}  // namespace

void append_base64(std::string_view bytes, std::string& out) {
  constexpr std::size_t line_length = 76;
  std::size_t on_line = 0;
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    std::uint32_t group = 0;
    std::size_t count = std::min<std::size_t>(bytes.size() - at, 3);
    for (std::size_t i = 0; i < 3; ++i) {
      group = group << 8 | (i < count ? static_cast<unsigned char>(bytes[at + i]) : 0);
    }
    if (on_line == line_length) {
      out.push_back('\n');
      on_line = 0;
    }
    for (std::size_t i = 0; i < 4; ++i) {
      out.push_back(i <= count ? alphabet[group >> (18 - 6 * i) & 63] : '=');
    }
    on_line += 4;
  }
}

std::string parse_base64(std::string_view text) {
  std::string bytes;
  std::uint32_t group = 0;
  int digits = 0;
  int padding = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    char c = text[at];
    if (c == ' ' || c == '\t' || c == '\n' || c == '\r') continue;
    std::uint32_t value = 0;
    if (c == '=') {
      if (padding == 0 && digits < 2) {
        throw invalid("unexpected \"=\" while decoding base64 sequence");
      }
      ++padding;
    } else {
      std::size_t found = alphabet.find(c);
      if (found == std::string_view::npos || padding > 0) {
        throw invalid(fmt::format("invalid symbol \"{}\" found while decoding base64 sequence",
                                  text.substr(at, types::utf8_width(c))));
      }
      value = static_cast<std::uint32_t>(found);
    }
    group = group << 6 | value;
    if (++digits < 4) continue;
    for (int i = 0; i < 3 - padding; ++i) bytes.push_back(static_cast<char>(group >> (16 - 8 * i)));
    group = 0;
    digits = 0;
    // What follows the padding starts a new sequence.
    if (padding > 0) padding = 0;
  }
  if (digits != 0) {
    throw invalid("invalid base64 end sequence")
        .hint("Input data is missing padding, is truncated, or is otherwise corrupted.");
  }
  return bytes;
}

}  // namespace dvecdb::server::functions
