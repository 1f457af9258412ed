#pragma once

#include <bit>
#include <cstring>
#include <string_view>
#include <type_traits>

#include "core/text/input_fault.h"

namespace dvecdb::core {

/// An unsigned integer whose bytes are put into network order, or back.
template <class Unsigned>
Unsigned swap_network_order(Unsigned value) {
  static_assert(std::is_unsigned_v<Unsigned>);
  if constexpr (std::endian::native == std::endian::big) return value;
  if constexpr (sizeof(Unsigned) == 2) return __builtin_bswap16(value);
  if constexpr (sizeof(Unsigned) == 4) return __builtin_bswap32(value);
}

/// `T` is any trivially copyable type of two or four bytes.
template <class T>
using BitsOf = std::conditional_t<sizeof(T) == 2, std::uint16_t, std::uint32_t>;

/// Reads a number off the front of `message`; refuses a message that is too short.
template <class T>
T take_network(std::string_view& message) {
  if (message.size() < sizeof(T)) {
    refuse(Refusal::protocol_violation, "insufficient data left in message");
  }
  BitsOf<T> bits;
  std::memcpy(&bits, message.data(), sizeof(bits));
  message.remove_prefix(sizeof(bits));
  return std::bit_cast<T>(swap_network_order(bits));
}

/// Returns the place after the number.
template <class T>
char* put_network(char* out, T value) {
  const auto bits = swap_network_order(std::bit_cast<BitsOf<T>>(value));
  std::memcpy(out, &bits, sizeof(bits));
  return out + sizeof(bits);
}

}  // namespace dvecdb::core
