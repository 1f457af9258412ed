// A client's bytes: the socket, and TLS over it once that has begun. Everything here blocks or
// answers at once; who waits without a thread waits on socket() and hands what came to received().
//
// One thread at a time, but for socket()'s descriptor, which others may shut down.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "server/exec/session.h"
#include "server/pgwire/frame_buffer.h"
#include "server/tls/session.h"

namespace dvecdb::server::pgwire {

class ClientStream {
 public:
  explicit ClientStream(boost::asio::ip::tcp::socket socket);

  boost::asio::ip::tcp::socket& socket() { return socket_; }
  // Without the port. Of a client that was gone when this was made "", not loopback, -1.
  std::string client_address() const;
  bool is_loopback() const { return peer_ && peer_->address().is_loopback(); }
  int client_port() const { return peer_ ? peer_->port() : -1; }
  exec::Encryption encryption() const;

  // What is received from now on is TLS. The handshake is done when is_established() after
  // received(); take_output() is what it has to say.
  void start_tls(std::shared_ptr<boost::asio::ssl::context> context);
  const tls::TlsSession* tls() const { return tls_ ? &*tls_ : nullptr; }
  std::string take_output() { return tls_->take_output(); }

  // All below throw exec::ClientGone when the client is gone or breaks TLS.
  // Bytes off the socket, to `input` as the client meant them.
  void received(std::string_view wire, FrameBuffer& input);
  // Waits for bytes at most so long; false when none came.
  bool receive_within(int milliseconds, FrameBuffer& input);
  void receive(FrameBuffer& input);
  void send(std::string_view bytes);

  // Says goodbye if that needs no waiting, and closes.
  void close();

 private:
  void send_wire(std::string_view bytes);
  void send_without_waiting(const std::string& bytes);

  boost::asio::ip::tcp::socket socket_;
  std::optional<boost::asio::ip::tcp::endpoint> peer_;
  std::optional<tls::TlsSession> tls_;
};

}  // namespace dvecdb::server::pgwire
