// The bytes of one connection, plain or through TLS, each wait with a time limit.
//
// Used by one coroutine at a time, on the io_context's thread.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <chrono>
#include <cstddef>
#include <memory>
#include <span>
#include <string_view>

namespace dvecdb::server::http {

using Clock = std::chrono::steady_clock;

struct ReadResult {
  std::size_t bytes = 0;  // 0: nothing more comes
  bool is_timeout = false;
};

// Of the client. Who has closed its end of the connection may still read, until writing to it shows
// otherwise.
enum class Presence { there, sends_no_more, gone };

class Wire {
 public:
  virtual ~Wire() = default;

  // None of these throws: a client that goes away is no error.
  virtual boost::asio::awaitable<ReadResult> read(std::span<char> into,
                                                  Clock::time_point deadline) = 0;
  // False when the client did not take it: it is gone, or took longer than `patience` for a part.
  virtual boost::asio::awaitable<bool> write(std::string_view bytes,
                                             std::chrono::milliseconds patience) = 0;
  // As far as the system knows; does not wait.
  virtual Presence presence() = 0;
  // Says that no more comes; what the client still sends can be read.
  virtual boost::asio::awaitable<void> finish() = 0;
};

struct OpenedWire {
  std::shared_ptr<Wire> wire;  // null: the client said nothing, or its handshake failed
  bool is_tls = false;
};

// Sees by the client's first byte whether it speaks TLS, which needs a context (null: none).
boost::asio::awaitable<OpenedWire> open_wire(boost::asio::ip::tcp::socket socket,
                                             std::shared_ptr<boost::asio::ssl::context> context,
                                             Clock::time_point deadline);

}  // namespace dvecdb::server::http
