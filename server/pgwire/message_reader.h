// Reads the fields of one frontend message. Pure: bytes in, fields out; every field is checked
// against the end of the message and throws SqlError 08P01 past it. Borrows the bytes.
#pragma once

#include <cstdint>
#include <string_view>

#include "server/types/error.h"

namespace dvecdb::server::pgwire {

class MessageReader {
 public:
  explicit MessageReader(std::string_view body) : rest_(body) {}

  std::uint8_t byte() { return static_cast<std::uint8_t>(take(1)[0]); }
  std::int16_t int16() { return static_cast<std::int16_t>(big_endian(take(2))); }
  std::int32_t int32() { return static_cast<std::int32_t>(big_endian(take(4))); }
  std::string_view bytes(std::size_t count) { return take(count); }

  // A string that ends with a zero byte.
  std::string_view cstring() {
    const std::size_t end = rest_.find('\0');
    if (end == std::string_view::npos) {
      throw types::SqlError(types::sqlstate::protocol_violation, "invalid string in message");
    }
    const std::string_view text = rest_.substr(0, end);
    rest_.remove_prefix(end + 1);
    return text;
  }

  bool at_end() const { return rest_.empty(); }

  // Every message must be used up.
  void expect_end() const {
    if (!rest_.empty()) {
      throw types::SqlError(types::sqlstate::protocol_violation, "invalid message format");
    }
  }

 private:
  std::string_view take(std::size_t count) {
    if (count > rest_.size()) {
      throw types::SqlError(types::sqlstate::protocol_violation,
                            "insufficient data left in message");
    }
    const std::string_view taken = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return taken;
  }

  static std::uint32_t big_endian(std::string_view bytes) {
    std::uint32_t number = 0;
    for (const char byte : bytes) number = (number << 8) | static_cast<std::uint8_t>(byte);
    return number;
  }

  std::string_view rest_;
};

}  // namespace dvecdb::server::pgwire
