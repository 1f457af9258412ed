#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

// How the elements of a code lie in memory. Included by the files of every instruction set:
// everything is static.
//
// A code is a row of groups of 64 elements, of 8 bytes for each bit of an element, so that every
// instruction set unpacks a group with a few shifts and masks. Elements of 8 bits lie as they are.
// Narrower ones are made of parts, lowest bits first; those that the number of bits is the sum of:
//   of 4 bits, 32 bytes: the low half of byte b belongs to element b, the high half to 32 + b
//   of 2 bits, 16 bytes: byte b holds bits of the elements b, 16 + b, 32 + b and 48 + b
//   of 1 bit, 8 bytes: one bit for each element, in order
namespace dvecdb::core {
namespace {

constexpr std::size_t kGroup = 64;

constexpr std::size_t group_bytes(int bits) {
  return kGroup / 8 * static_cast<std::size_t>(bits);
}

/// What the parts of an element of `bits` bits begin with: at which bit, and at which byte.
constexpr int shift_of_pairs(int bits) {
  return bits & 4;
}
constexpr int shift_of_ones(int bits) {
  return bits & 6;
}
constexpr std::size_t offset_of_pairs(int bits) {
  return (bits & 4) != 0 ? 32 : 0;
}
constexpr std::size_t offset_of_ones(int bits) {
  return offset_of_pairs(bits) + ((bits & 2) != 0 ? 16 : 0);
}

[[maybe_unused]] inline void pack_group(const std::uint8_t* values, int bits, std::uint8_t* group) {
  if (bits == 8) {
    std::memcpy(group, values, kGroup);
    return;
  }
  if ((bits & 4) != 0) {
    for (std::size_t b = 0; b < 32; ++b) {
      group[b] = static_cast<std::uint8_t>((values[b] & 15) | values[32 + b] << 4);
    }
  }
  if ((bits & 2) != 0) {
    const int shift = shift_of_pairs(bits);
    const auto pair = [&](std::size_t element) { return values[element] >> shift & 3; };
    for (std::size_t b = 0; b < 16; ++b) {
      group[offset_of_pairs(bits) + b] = static_cast<std::uint8_t>(
          pair(b) | pair(16 + b) << 2 | pair(32 + b) << 4 | pair(48 + b) << 6);
    }
  }
  if ((bits & 1) != 0) {
    const int shift = shift_of_ones(bits);
    for (std::size_t b = 0; b < 8; ++b) {
      std::uint64_t eight;
      std::memcpy(&eight, values + 8 * b, sizeof eight);
      // One bit of each byte; the product has that of byte i in bit 56 + i.
      eight = eight >> shift & 0x0101010101010101u;
      group[offset_of_ones(bits) + b] =
          static_cast<std::uint8_t>(eight * 0x0102040810204080u >> 56);
    }
  }
}

}  // namespace
}  // namespace dvecdb::core
