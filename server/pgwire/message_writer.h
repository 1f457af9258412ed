// Appends backend messages to a buffer. Use: begin(type), fields, end().
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace dvecdb::server::pgwire {

class MessageWriter {
 public:
  explicit MessageWriter(std::string& out) : out_(out) {}

  MessageWriter& begin(char type) {
    out_.push_back(type);
    length_at_ = out_.size();
    return int32(0);
  }
  // A message's length counts its own four bytes.
  void end() { write_at(length_at_, out_.size() - length_at_); }

  MessageWriter& byte(char value) {
    out_.push_back(value);
    return *this;
  }
  MessageWriter& int16(std::int16_t value) { return big_endian(static_cast<std::uint16_t>(value)); }
  MessageWriter& int32(std::int32_t value) { return big_endian(static_cast<std::uint32_t>(value)); }
  MessageWriter& cstring(std::string_view text) {
    out_.append(text);
    return byte('\0');
  }
  MessageWriter& bytes(std::string_view raw) {
    out_.append(raw);
    return *this;
  }

  // A field with a length word in front, whose bytes the caller appends to buffer() in between.
  std::size_t begin_field() {
    int32(0);
    return out_.size() - 4;
  }
  void end_field(std::size_t at) { write_at(at, out_.size() - at - 4); }
  std::string& buffer() { return out_; }

 private:
  void write_at(std::size_t at, std::size_t value) {
    for (int shift = 24; shift >= 0; shift -= 8) out_[at++] = static_cast<char>(value >> shift);
  }

  template <typename Unsigned>
  MessageWriter& big_endian(Unsigned value) {
    for (int shift = 8 * (static_cast<int>(sizeof value) - 1); shift >= 0; shift -= 8) {
      out_.push_back(static_cast<char>(value >> shift));
    }
    return *this;
  }

  std::string& out_;
  std::size_t length_at_ = 0;
};

}  // namespace dvecdb::server::pgwire
