#include "server/http/server.h"

#include <spdlog/spdlog.h>

#include <atomic>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <thread>
#include <utility>

#include "server/exec/worker_pool.h"
#include "server/http/connection.h"
#include "server/http/dispatcher.h"
#include "server/http/short_turns.h"
#include "server/http/wire.h"

namespace dvecdb::server::http {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

constexpr auto tokens = asio::as_tuple(asio::use_awaitable);
// Beyond max_connections, for probes.
constexpr int probe_connections = 64;

// An IPv4 client of a socket for both is known by its IPv4 address.
asio::ip::address plain_address(const asio::ip::address& address) {
  if (!address.is_v6() || !address.to_v6().is_v4_mapped()) return address;
  return asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
}

class OpenConnection {
 public:
  explicit OpenConnection(std::atomic<int>& count) : count_(count) { ++count_; }
  ~OpenConnection() { --count_; }
  OpenConnection(const OpenConnection&) = delete;
  OpenConnection& operator=(const OpenConnection&) = delete;

 private:
  std::atomic<int>& count_;
};

}  // namespace

struct Server::Impl {
  explicit Impl(ServerOptions server_options)
      : options(std::move(server_options)), dispatcher(options), acceptor(io) {}

  asio::awaitable<void> serve(tcp::socket socket) {
    const OpenConnection open_connection(open);
    boost::system::error_code error;
    socket.set_option(tcp::no_delay(true), error);
    const tcp::endpoint remote = socket.remote_endpoint(error);
    if (error) co_return;
    Peer peer;
    const asio::ip::address address = plain_address(remote.address());
    peer.address = address.to_string();
    peer.is_loopback = address.is_loopback();
    peer.is_beyond_limit = open > static_cast<int>(options.max_connections);
    auto context = options.tls ? options.tls->current() : nullptr;
    const OpenedWire opened = co_await open_wire(std::move(socket), std::move(context),
                                                 Clock::now() + options.timeouts.request);
    if (!opened.wire) co_return;
    peer.is_tls = opened.is_tls;
    Connection connection(opened.wire, std::move(peer),
                          {io, dispatcher, *workers, options, running});
    co_await connection.serve();
  }

  asio::awaitable<void> accept_loop() {
    asio::steady_timer pause(io);
    while (true) {
      auto [error, socket] = co_await acceptor.async_accept(tokens);
      if (error == asio::error::operation_aborted) co_return;
      if (error) {
        // Out of descriptors, most likely: others may leave soon.
        spdlog::error("accept failed: {}", error.message());
        pause.expires_after(std::chrono::milliseconds(100));
        co_await pause.async_wait(tokens);
        continue;
      }
      ++total;
      if (open >= static_cast<int>(options.max_connections) + probe_connections) continue;
      asio::co_spawn(io, serve(std::move(socket)), [](const std::exception_ptr& failure) {
        if (failure) spdlog::error("http connection failed");
      });
    }
  }

  const ServerOptions options;
  Dispatcher dispatcher;
  std::atomic<int> running = 0;
  std::atomic<int> open = 0;
  std::atomic<std::uint64_t> total = 0;
  asio::io_context io{1};
  tcp::acceptor acceptor;
  std::unique_ptr<exec::WorkerPool> workers;
  std::thread thread;
};

Server::Server(ServerOptions options) : impl_(std::make_unique<Impl>(std::move(options))) {}

Server::~Server() {
  stop();
}

void Server::probe(std::string pattern, Handler handler) {
  impl_->dispatcher.router().add("GET", std::move(pattern), std::move(handler), RouteKind::probe);
}

void Server::route(std::string method, std::string pattern, Handler handler, RouteKind kind) {
  impl_->dispatcher.router().add(std::move(method), std::move(pattern), std::move(handler), kind);
}

const Router& Server::router() const {
  return impl_->dispatcher.router();
}

void Server::start() {
  if (!impl_->acceptor.is_open()) start_probes();
  impl_->dispatcher.open();
}

void Server::start_probes() {
  const tcp::endpoint endpoint(asio::ip::make_address(impl_->options.address), impl_->options.port);
  impl_->workers = std::make_unique<exec::WorkerPool>(impl_->options.workers);
  impl_->acceptor.open(endpoint.protocol());
  impl_->acceptor.set_option(tcp::acceptor::reuse_address(true));
  impl_->acceptor.bind(endpoint);
  impl_->acceptor.listen();
  asio::co_spawn(impl_->io, impl_->accept_loop(), asio::detached);
  impl_->thread = std::thread([this] {
    take_short_turns();
    impl_->io.run();
  });
}

std::uint16_t Server::port() const {
  return impl_->acceptor.local_endpoint().port();
}

int Server::connections() const {
  return impl_->open;
}

std::uint64_t Server::connections_total() const {
  return impl_->total;
}

bool Server::drain(std::chrono::milliseconds grace) {
  impl_->dispatcher.begin_draining();
  const Clock::time_point deadline = Clock::now() + grace;
  while (impl_->running > 0) {
    if (Clock::now() >= deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return true;
}

void Server::stop() {
  impl_->io.stop();
  if (impl_->thread.joinable()) impl_->thread.join();
  boost::system::error_code ignored;
  impl_->acceptor.close(ignored);
  impl_->workers.reset();
}

}  // namespace dvecdb::server::http
