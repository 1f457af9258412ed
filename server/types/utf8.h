// UTF-8 text: checking, counting and walking characters. Pure and thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace dvecdb::server::types {

// Throws SqlError (22021) naming the first bad bytes; a NUL byte is bad.
void check_utf8(std::string_view text);

// The functions below take checked text; on other bytes they stay within bounds.
inline std::size_t utf8_width(char lead) {
  auto byte = static_cast<unsigned char>(lead);
  if (byte < 0xc0) return 1;
  return byte < 0xe0 ? 2 : (byte < 0xf0 ? 3 : 4);
}
std::size_t utf8_length(std::string_view text);
// Byte offset of the character with this index; text.size() when there are fewer.
std::size_t utf8_offset(std::string_view text, std::size_t index);
// The longest start of `text` in whole characters that fits `bytes`.
std::string_view utf8_clip(std::string_view text, std::size_t bytes);
std::uint32_t utf8_decode(std::string_view text, std::size_t& offset);
void utf8_append(std::string& out, std::uint32_t code);

}  // namespace dvecdb::server::types
