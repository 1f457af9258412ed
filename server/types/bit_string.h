// Bit strings as they are stored and sent: the length in bits, big-endian, then the bytes, unused
// bits zero. Pure and thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace dvecdb::server::types {

class BitString {
 public:
  BitString() = default;
  explicit BitString(std::int32_t length);
  // Throws SqlError (XX001) on damaged bytes.
  static BitString decode(std::string_view stored);
  std::string encode() const;

  std::int32_t length() const { return length_; }
  std::string& bytes() { return bytes_; }
  const std::string& bytes() const { return bytes_; }
  bool get(std::int32_t index) const;
  void set(std::int32_t index, bool value);
  // Zero or more bits are cut from or added to the end.
  void resize(std::int32_t length);

  std::string text() const;

 private:
  std::int32_t length_ = 0;
  std::string bytes_;
};

int compare_bits(const BitString& a, const BitString& b);

}  // namespace dvecdb::server::types
