#include "server/pgwire/client_stream.h"

#include <poll.h>
#include <spdlog/spdlog.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>

namespace dvecdb::server::pgwire {

namespace asio = boost::asio;

namespace {

constexpr std::size_t receive_bytes = 64 * 1024;
// So that what is encrypted at once stays small beside an answer that is large.
constexpr std::size_t encrypt_bytes = 256 * 1024;

}  // namespace

ClientStream::ClientStream(asio::ip::tcp::socket socket) : socket_(std::move(socket)) {
  boost::system::error_code error;
  const auto peer = socket_.remote_endpoint(error);
  if (!error) peer_ = peer;
}

std::string ClientStream::client_address() const {
  return peer_ ? peer_->address().to_string() : "";
}

exec::Encryption ClientStream::encryption() const {
  if (!tls_) return {};
  return {tls_->version(), tls_->cipher(), tls_->cipher_bits()};
}

void ClientStream::start_tls(std::shared_ptr<asio::ssl::context> context) {
  tls_.emplace(std::move(context), "postgresql");
}

void ClientStream::received(std::string_view wire, FrameBuffer& input) {
  if (!tls_) {
    input.append(wire);
    return;
  }
  std::string plain;
  try {
    tls_->receive(wire, plain);
  } catch (const tls::TlsError& error) {
    spdlog::info("tls failed: client={} reason={}", client_address(), error.what());
    send_without_waiting(tls_->take_output());
    throw exec::ClientGone();
  }
  if (plain.empty() && tls_->is_closed()) throw exec::ClientGone();
  input.append(plain);
}

bool ClientStream::receive_within(int milliseconds, FrameBuffer& input) {
  pollfd descriptor{socket_.native_handle(), POLLIN, 0};
  if (::poll(&descriptor, 1, milliseconds) <= 0) return false;
  std::array<char, receive_bytes> bytes;
  const ssize_t count = ::recv(socket_.native_handle(), bytes.data(), bytes.size(), MSG_DONTWAIT);
  if (count <= 0) return false;
  received({bytes.data(), static_cast<std::size_t>(count)}, input);
  return true;
}

void ClientStream::receive(FrameBuffer& input) {
  std::array<char, receive_bytes> bytes;
  boost::system::error_code error;
  const std::size_t count = socket_.read_some(asio::buffer(bytes), error);
  if (error) throw exec::ClientGone();
  received({bytes.data(), count}, input);
}

void ClientStream::send(std::string_view bytes) {
  if (!tls_) {
    send_wire(bytes);
    return;
  }
  while (!bytes.empty()) {
    try {
      tls_->send(bytes.substr(0, encrypt_bytes));
    } catch (const tls::TlsError&) {
      throw exec::ClientGone();
    }
    send_wire(tls_->take_output());
    bytes.remove_prefix(std::min(bytes.size(), encrypt_bytes));
  }
}

void ClientStream::send_wire(std::string_view bytes) {
  boost::system::error_code error;
  asio::write(socket_, asio::buffer(bytes.data(), bytes.size()), error);
  if (error) throw exec::ClientGone();
}

void ClientStream::send_without_waiting(const std::string& bytes) {
  if (bytes.empty()) return;
  static_cast<void>(
      ::send(socket_.native_handle(), bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL));
}

void ClientStream::close() {
  if (tls_) {
    tls_->close();
    send_without_waiting(tls_->take_output());
  }
  boost::system::error_code ignored;
  socket_.shutdown(asio::socket_base::shutdown_both, ignored);
  socket_.close(ignored);
}

}  // namespace dvecdb::server::pgwire
