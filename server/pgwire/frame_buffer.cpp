#include "server/pgwire/frame_buffer.h"

#include "server/pgwire/frontend.h"
#include "server/pgwire/message_reader.h"
#include "server/pgwire/startup.h"

namespace dvecdb::server::pgwire {

using types::SqlError;
namespace sqlstate = types::sqlstate;

namespace {

constexpr std::size_t length_bytes = 4;

}  // namespace

bool FrameBuffer::next(Frame& frame) {
  const std::string_view bytes = rest();
  if (bytes.empty()) return false;
  const char type = bytes[0];
  if (!is_frontend_message(type)) {
    throw SqlError(
        sqlstate::protocol_violation,
        "invalid frontend message type " + std::to_string(static_cast<unsigned char>(type)));
  }
  if (bytes.size() < 1 + length_bytes) return false;
  const std::int32_t length = MessageReader(bytes.substr(1)).int32();
  if (length < static_cast<std::int32_t>(length_bytes) ||
      static_cast<std::size_t>(length) - length_bytes > body_limit(type)) {
    throw SqlError(sqlstate::protocol_violation, "invalid message length " +
                                                     std::to_string(length) + " (limit " +
                                                     std::to_string(body_limit(type)) + ")");
  }
  const std::size_t total = 1 + static_cast<std::size_t>(length);
  if (bytes.size() < total) return false;
  frame.type = type;
  frame.body.assign(bytes.substr(1 + length_bytes, total - 1 - length_bytes));
  drop(total);
  return true;
}

bool FrameBuffer::next_startup(std::string& body) {
  const std::string_view bytes = rest();
  if (bytes.size() < length_bytes) return false;
  const std::int32_t length = MessageReader(bytes).int32();
  if (length < static_cast<std::int32_t>(2 * length_bytes) ||
      static_cast<std::size_t>(length) > max_startup_bytes) {
    throw SqlError(sqlstate::protocol_violation, "invalid length of startup packet");
  }
  if (bytes.size() < static_cast<std::size_t>(length)) return false;
  body.assign(bytes.substr(length_bytes, static_cast<std::size_t>(length) - length_bytes));
  drop(static_cast<std::size_t>(length));
  return true;
}

std::string FrameBuffer::take_all() {
  std::string all(rest());
  drop(all.size());
  return all;
}

void FrameBuffer::drop(std::size_t count) {
  begin_ += count;
  if (begin_ == bytes_.size()) {
    bytes_.clear();
    begin_ = 0;
  } else if (begin_ > bytes_.size() / 2) {
    bytes_.erase(0, begin_);
    begin_ = 0;
  }
}

}  // namespace dvecdb::server::pgwire
