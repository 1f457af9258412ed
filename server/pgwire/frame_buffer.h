// Cuts the byte stream of a frontend into messages. Pure: bytes in, messages out; the wait for more
// stays with the caller. Memory grows with what has arrived, never with what a length word claims.
#pragma once

#include <string>
#include <string_view>

namespace dvecdb::server::pgwire {

struct Frame {
  char type = '\0';
  std::string body;
};

class FrameBuffer {
 public:
  void append(std::string_view bytes) { bytes_.append(bytes); }

  // Takes the next whole message out. False: more bytes are needed. Throws SqlError 08P01 for an
  // unknown type or a length out of bounds; the stream is of no use afterwards.
  bool next(Frame& frame);

  // The same for the packets before authentication is done, which have no type byte.
  bool next_startup(std::string& body);

  bool empty() const { return begin_ == bytes_.size(); }
  // Whether the next byte is this one.
  bool begins_with(char byte) const { return !empty() && bytes_[begin_] == byte; }
  // Everything that has not been taken, as it came.
  std::string take_all();

 private:
  std::string_view rest() const { return std::string_view(bytes_).substr(begin_); }
  void drop(std::size_t count);

  std::string bytes_;
  std::size_t begin_ = 0;
};

}  // namespace dvecdb::server::pgwire
