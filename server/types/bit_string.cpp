#include "server/types/bit_string.h"

#include <algorithm>

#include "server/types/binary.h"
#include "server/types/error.h"

namespace dvecdb::server::types {
namespace {

std::size_t bytes_for(std::int32_t bits) {
  return (static_cast<std::size_t>(bits) + 7) / 8;
}

}  // namespace

BitString::BitString(std::int32_t length) : length_(length), bytes_(bytes_for(length), '\0') {}

BitString BitString::decode(std::string_view stored) {
  BinaryReader reader(stored);
  BitString bits;
  bits.length_ = reader.i32();
  if (bits.length_ < 0 || reader.left() != bytes_for(bits.length_)) {
    throw SqlError(sqlstate::data_corrupted, "damaged bit string");
  }
  bits.bytes_ = reader.rest();
  return bits;
}

std::string BitString::encode() const {
  std::string stored;
  append_u32(stored, static_cast<std::uint32_t>(length_));
  return stored + bytes_;
}

bool BitString::get(std::int32_t index) const {
  auto byte = static_cast<unsigned char>(bytes_[static_cast<std::size_t>(index) / 8]);
  return (byte >> (7 - index % 8) & 1) != 0;
}

void BitString::set(std::int32_t index, bool value) {
  char& byte = bytes_[static_cast<std::size_t>(index) / 8];
  auto mask = static_cast<char>(1 << (7 - index % 8));
  byte = static_cast<char>(value ? byte | mask : byte & ~mask);
}

void BitString::resize(std::int32_t length) {
  length_ = length;
  bytes_.resize(bytes_for(length), '\0');
  if (length % 8 != 0) bytes_.back() = static_cast<char>(bytes_.back() & (0xff00 >> (length % 8)));
}

std::string BitString::text() const {
  std::string out;
  out.reserve(static_cast<std::size_t>(length_));
  for (std::int32_t i = 0; i < length_; ++i) out.push_back(get(i) ? '1' : '0');
  return out;
}

int compare_bits(const BitString& a, const BitString& b) {
  std::size_t shared = std::min(a.bytes().size(), b.bytes().size());
  int order = a.bytes().compare(0, shared, b.bytes(), 0, shared);
  if (order == 0) order = a.length() - b.length();
  return (order > 0) - (order < 0);
}

}  // namespace dvecdb::server::types
