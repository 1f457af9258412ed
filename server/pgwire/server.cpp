#include "server/pgwire/server.h"

#include <spdlog/spdlog.h>

#include <atomic>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <thread>
#include <utility>

#include "server/exec/worker_pool.h"
#include "server/pgwire/connection.h"

namespace dvecdb::server::pgwire {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

// Beyond the sessions that can be busy at once: those that are being refused or closed.
constexpr int spare_connections = 8;
// A statement that was told to end answers within this, or the process ends without it.
constexpr std::int64_t terminate_timeout_ms = 5000;

}  // namespace

struct Server::Impl : std::enable_shared_from_this<Server::Impl> {
  Impl(asio::io_context& context, exec::Engine& database, ServerOptions server_options)
      : io(context),
        engine(database),
        options(std::move(server_options)),
        most_open(2 * (options.max_connections + spare_connections)),
        acceptor(io),
        workers(static_cast<std::size_t>(options.max_connections + spare_connections)) {}

  asio::awaitable<void> accept_loop() {
    const auto self = shared_from_this();
    while (acceptor.is_open()) {
      auto [error, socket] = co_await acceptor.async_accept(asio::make_strand(io),
                                                            asio::as_tuple(asio::use_awaitable));
      if (error == asio::error::operation_aborted) co_return;
      if (error) {
        // Out of descriptors, most likely: others may leave soon.
        spdlog::error("accept failed: {}", error.message());
        asio::steady_timer pause(io, std::chrono::milliseconds(100));
        co_await pause.async_wait(asio::as_tuple(asio::use_awaitable));
        continue;
      }
      ++total;
      // Closed without a word: those who never log in must not take the files of those who do.
      if (open >= most_open) continue;
      ++open;
      auto executor = socket.get_executor();
      auto connection = std::make_shared<Connection>(
          std::move(socket), ConnectionServices{engine, workers, registry, options});
      // run() lets nothing out.
      asio::co_spawn(executor, connection->run(),
                     [self, connection](const std::exception_ptr&) { --self->open; });
    }
  }

  bool wait_until_empty(std::int64_t timeout_ms) const {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(timeout_ms);
    while (registry.size() > 0) {
      if (std::chrono::steady_clock::now() >= deadline) return false;
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return true;
  }

  asio::io_context& io;
  exec::Engine& engine;
  ServerOptions options;
  const int most_open;  // logged in or not
  tcp::acceptor acceptor;
  ConnectionRegistry registry;
  std::atomic<std::uint64_t> total = 0;
  std::atomic<int> open = 0;
  exec::WorkerPool workers;
};

Server::Server(asio::io_context& io, exec::Engine& engine, ServerOptions options)
    : impl_(std::make_shared<Impl>(io, engine, std::move(options))) {}

Server::~Server() = default;

void Server::start() {
  const tcp::endpoint endpoint(asio::ip::make_address(impl_->options.address), impl_->options.port);
  impl_->acceptor.open(endpoint.protocol());
  impl_->acceptor.set_option(tcp::acceptor::reuse_address(true));
  impl_->acceptor.bind(endpoint);
  impl_->acceptor.listen();
  asio::co_spawn(impl_->io, impl_->accept_loop(), asio::detached);
}

std::uint16_t Server::port() const {
  return impl_->acceptor.local_endpoint().port();
}

int Server::connections() const {
  return impl_->registry.size();
}

std::uint64_t Server::connections_total() const {
  return impl_->total;
}

void Server::stop(std::int64_t grace_ms) {
  asio::post(impl_->io, [impl = impl_] {
    boost::system::error_code ignored;
    impl->acceptor.close(ignored);
  });
  for (const auto& connection : impl_->registry.all()) connection->finish();
  if (impl_->wait_until_empty(grace_ms)) return;
  for (const auto& connection : impl_->registry.all()) connection->terminate();
  impl_->wait_until_empty(terminate_timeout_ms);
}

}  // namespace dvecdb::server::pgwire
