#include "server/http/wire.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "server/tls/context.h"

namespace dvecdb::server::http {

namespace asio = boost::asio;
using asio::ip::tcp;
using Tls = asio::ssl::stream<tcp::socket>;

namespace {

constexpr auto tokens = asio::as_tuple(asio::use_awaitable);
// The first byte of a TLS client; no HTTP method begins with it.
constexpr unsigned char tls_handshake_record = 0x16;
// A client's "no more comes" is not waited for longer.
constexpr auto finish_timeout = std::chrono::seconds(1);

// One part of an answer: what a slow client must take within its time.
constexpr std::size_t write_bytes = 64 * 1024;

template <typename Stream>
class WireOver : public Wire, public std::enable_shared_from_this<WireOver<Stream>> {
 public:
  explicit WireOver(Stream stream, std::shared_ptr<asio::ssl::context> context = nullptr)
      : context_(std::move(context)),
        stream_(std::move(stream)),
        deadline_(stream_.get_executor()) {}

  asio::awaitable<ReadResult> read(std::span<char> into, Clock::time_point deadline) override {
    limit(deadline);
    const auto [error, bytes] =
        co_await stream_.async_read_some(asio::buffer(into.data(), into.size()), tokens);
    deadline_.cancel();
    if (error) co_return ReadResult{0, Clock::now() >= deadline};
    co_return ReadResult{bytes, false};
  }

  asio::awaitable<bool> write(std::string_view bytes, std::chrono::milliseconds patience) override {
    while (!bytes.empty()) {
      limit(Clock::now() + patience);
      const auto [error, written] = co_await stream_.async_write_some(
          asio::buffer(bytes.data(), std::min(bytes.size(), write_bytes)), tokens);
      deadline_.cancel();
      if (error) co_return false;
      bytes.remove_prefix(written);
    }
    co_return true;
  }

  Presence presence() override {
    pollfd state{stream_.lowest_layer().native_handle(), POLLRDHUP, 0};
    if (poll(&state, 1, 0) <= 0) return Presence::there;
    if ((state.revents & (POLLERR | POLLHUP | POLLNVAL)) != 0) return Presence::gone;
    return Presence::sends_no_more;
  }

  asio::awaitable<void> finish() override {
    if constexpr (std::is_same_v<Stream, Tls>) {
      limit(Clock::now() + finish_timeout);
      co_await stream_.async_shutdown(tokens);
      deadline_.cancel();
    }
    boost::system::error_code ignored;
    stream_.lowest_layer().shutdown(tcp::socket::shutdown_send, ignored);
  }

  // Waits for the client's first byte and leaves it where it is; 0 when none comes.
  asio::awaitable<unsigned char> peek(Clock::time_point deadline) {
    limit(deadline);
    const auto [error] = co_await stream_.lowest_layer().async_wait(tcp::socket::wait_read, tokens);
    deadline_.cancel();
    unsigned char first = 0;
    if (error || recv(stream_.lowest_layer().native_handle(), &first, 1, MSG_PEEK) != 1) {
      co_return 0;
    }
    co_return first;
  }

  asio::awaitable<bool> shake_hands(Clock::time_point deadline) {
    limit(deadline);
    const auto [error] = co_await stream_.async_handshake(asio::ssl::stream_base::server, tokens);
    deadline_.cancel();
    co_return !error;
  }

  Stream take_stream() { return std::move(stream_); }

 private:
  // Breaks off what waits when the time has come. A timer that was set anew in the meantime is not
  // due: the handler of the old one does nothing.
  void limit(Clock::time_point deadline) {
    deadline_.expires_at(deadline);
    deadline_.async_wait([self = this->shared_from_this()](const boost::system::error_code& error) {
      if (error || self->deadline_.expiry() > Clock::now()) return;
      boost::system::error_code ignored;
      self->stream_.lowest_layer().cancel(ignored);
    });
  }

  std::shared_ptr<asio::ssl::context> context_;  // outlives the stream
  Stream stream_;
  asio::steady_timer deadline_;
};

}  // namespace

asio::awaitable<OpenedWire> open_wire(tcp::socket socket,
                                      std::shared_ptr<asio::ssl::context> context,
                                      Clock::time_point deadline) {
  auto plain = std::make_shared<WireOver<tcp::socket>>(std::move(socket));
  if (!context) co_return OpenedWire{plain, false};
  const unsigned char first = co_await plain->peek(deadline);
  if (first == 0) co_return OpenedWire{};
  if (first != tls_handshake_record) co_return OpenedWire{plain, false};
  Tls stream(plain->take_stream(), *context);
  tls::set_protocol(stream.native_handle(), "http/1.1");
  auto wire = std::make_shared<WireOver<Tls>>(std::move(stream), context);
  if (!co_await wire->shake_hands(deadline)) co_return OpenedWire{};
  co_return OpenedWire{wire, true};
}

}  // namespace dvecdb::server::http
