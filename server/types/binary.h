// Numbers in network byte order, as PostgreSQL's binary forms hold them, and a reader that never
// reads past the end.
#pragma once

#include <bit>
#include <cstdint>
#include <string>
#include <string_view>

#include "server/types/error.h"

namespace dvecdb::server::types {

inline void append_u8(std::string& out, std::uint8_t v) {
  out.push_back(static_cast<char>(v));
}

template <typename Unsigned>
inline void append_big_endian(std::string& out, Unsigned v) {
  for (int shift = static_cast<int>(sizeof(Unsigned)) * 8 - 8; shift >= 0; shift -= 8) {
    out.push_back(static_cast<char>((v >> shift) & 0xff));
  }
}
inline void append_u16(std::string& out, std::uint16_t v) {
  append_big_endian(out, v);
}
inline void append_u32(std::string& out, std::uint32_t v) {
  append_big_endian(out, v);
}
inline void append_u64(std::string& out, std::uint64_t v) {
  append_big_endian(out, v);
}

// Bits of a double whose unsigned order is PostgreSQL's order: -0 equals 0, NaN comes last.
inline std::uint64_t float_sort_bits(double v) {
  if (v != v) return ~std::uint64_t{0};
  const auto bits = std::bit_cast<std::uint64_t>(v == 0 ? 0.0 : v);
  constexpr std::uint64_t sign = std::uint64_t{1} << 63;
  return (bits & sign) != 0 ? ~bits : bits | sign;
}

// Reads a message from its start. Throws SqlError (08P01) when it is too short, and by finish()
// (22P03) when bytes are left.
class BinaryReader {
 public:
  explicit BinaryReader(std::string_view bytes) : bytes_(bytes) {}

  std::uint8_t u8() { return static_cast<std::uint8_t>(take(1)[0]); }
  std::uint16_t u16() { return read<std::uint16_t>(); }
  std::uint32_t u32() { return read<std::uint32_t>(); }
  std::uint64_t u64() { return read<std::uint64_t>(); }
  std::int16_t i16() { return static_cast<std::int16_t>(u16()); }
  std::int32_t i32() { return static_cast<std::int32_t>(u32()); }
  std::int64_t i64() { return static_cast<std::int64_t>(u64()); }

  std::string_view take(std::size_t count) {
    if (bytes_.size() < count) {
      throw SqlError(sqlstate::protocol_violation, "insufficient data left in message");
    }
    const std::string_view taken = bytes_.substr(0, count);
    bytes_.remove_prefix(count);
    return taken;
  }
  std::string_view rest() { return take(bytes_.size()); }
  std::size_t left() const { return bytes_.size(); }

  void finish() const {
    if (!bytes_.empty()) {
      throw SqlError(sqlstate::invalid_binary_representation, "incorrect binary data format");
    }
  }

 private:
  template <typename Unsigned>
  Unsigned read() {
    Unsigned v = 0;
    for (const char byte : take(sizeof(Unsigned))) {
      v = static_cast<Unsigned>((v << 8) | static_cast<std::uint8_t>(byte));
    }
    return v;
  }

  std::string_view bytes_;
};

}  // namespace dvecdb::server::types
