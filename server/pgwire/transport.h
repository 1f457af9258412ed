// How a statement's thread reaches its client: blocking, and over whatever the connection runs on.
// Used while the connection's coroutine waits for the statement, so never by two threads at once.
#pragma once

#include <string_view>

#include "server/pgwire/frame_buffer.h"

namespace dvecdb::server::pgwire {

class Transport {
 public:
  virtual ~Transport() = default;
  // Both throw exec::ClientGone when the client cannot be reached any more.
  virtual void write(std::string_view bytes) = 0;
  virtual void read_frame(Frame& frame) = 0;
};

}  // namespace dvecdb::server::pgwire
