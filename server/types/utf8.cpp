#include "server/types/utf8.h"

#include <fmt/format.h>

#include <algorithm>

#include "server/types/error.h"

namespace dvecdb::server::types {
namespace {

bool is_continuation(unsigned char byte) {
  return (byte & 0xc0) == 0x80;
}

// Length of the well-formed character at `at`, 0 when there is none.
std::size_t valid_width(std::string_view text, std::size_t at) {
  auto lead = static_cast<unsigned char>(text[at]);
  if (lead < 0x80) return lead == 0 ? 0 : 1;
  if (lead < 0xc2 || lead > 0xf4) return 0;
  std::size_t width = utf8_width(text[at]);
  if (text.size() - at < width) return 0;
  auto second = static_cast<unsigned char>(text[at + 1]);
  if (lead == 0xe0 && second < 0xa0) return 0;
  if (lead == 0xed && second > 0x9f) return 0;
  if (lead == 0xf0 && second < 0x90) return 0;
  if (lead == 0xf4 && second > 0x8f) return 0;
  for (std::size_t i = 1; i < width; ++i) {
    if (!is_continuation(static_cast<unsigned char>(text[at + i]))) return 0;
  }
  return width;
}

}  // namespace

void check_utf8(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    std::size_t width = valid_width(text, at);
    if (width == 0) {
      std::string bytes;
      std::size_t shown = std::min(utf8_width(text[at]), text.size() - at);
      for (char c : text.substr(at, shown)) {
        bytes += fmt::format("{}0x{:02x}", bytes.empty() ? "" : " ", static_cast<unsigned char>(c));
      }
      throw SqlError(sqlstate::character_not_in_repertoire,
                     fmt::format("invalid byte sequence for encoding \"UTF8\": {}", bytes));
    }
    at += width;
  }
}

std::size_t utf8_length(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return !is_continuation(static_cast<unsigned char>(c));
  }));
}

std::size_t utf8_offset(std::string_view text, std::size_t index) {
  std::size_t at = 0;
  for (; index > 0 && at < text.size(); --index) at += utf8_width(text[at]);
  return std::min(at, text.size());
}

std::string_view utf8_clip(std::string_view text, std::size_t bytes) {
  if (text.size() <= bytes) return text;
  while (bytes > 0 && is_continuation(static_cast<unsigned char>(text[bytes]))) --bytes;
  return text.substr(0, bytes);
}

std::uint32_t utf8_decode(std::string_view text, std::size_t& offset) {
  auto lead = static_cast<unsigned char>(text[offset]);
  std::size_t width = std::min(utf8_width(text[offset]), text.size() - offset);
  constexpr std::uint32_t masks[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
  std::uint32_t code = lead & masks[width];
  for (std::size_t i = 1; i < width; ++i) {
    code = code << 6 | (static_cast<unsigned char>(text[offset + i]) & 0x3f);
  }
  offset += width;
  return code;
}

void utf8_append(std::string& out, std::uint32_t code) {
  auto put = [&out](std::uint32_t byte) { out.push_back(static_cast<char>(byte)); };
  if (code < 0x80) return put(code);
  if (code < 0x800) {
    put(0xc0 | code >> 6);
  } else if (code < 0x10000) {
    put(0xe0 | code >> 12);
    put(0x80 | (code >> 6 & 0x3f));
  } else {
    put(0xf0 | code >> 18);
    put(0x80 | (code >> 12 & 0x3f));
    put(0x80 | (code >> 6 & 0x3f));
  }
  put(0x80 | (code & 0x3f));
}

}  // namespace dvecdb::server::types
