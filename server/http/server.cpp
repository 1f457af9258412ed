#include "server/http/server.h"

#include <spdlog/spdlog.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>
#include <map>
#include <thread>
#include <utility>

#include "server/http/short_turns.h"

namespace dvecdb::server::http {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace beast_http = boost::beast::http;
using asio::ip::tcp;

namespace {

constexpr auto idle_timeout = std::chrono::seconds(60);

std::string error_body(std::string_view text) {
  return R"({"success":false,"data":null,"error":")" + std::string(text) + "\"}";
}

}  // namespace

struct Server::Impl {
  Impl(std::string listen_address, std::uint16_t listen_port)
      : address(std::move(listen_address)), wanted_port(listen_port), acceptor(io) {}

  Response answer(const Request& request) const {
    const std::string target(request.target());
    const auto found = routes.find(target.substr(0, target.find('?')));
    if (found == routes.end()) return {.status = 404, .body = error_body("no such path")};
    if (request.method() != beast_http::verb::get && request.method() != beast_http::verb::head) {
      return {.status = 405, .body = error_body("method not allowed: use GET")};
    }
    try {
      return found->second(request);
    } catch (const std::exception& error) {
      spdlog::error("http request failed: path={} error={}", target, error.what());
      return {.status = 500, .body = error_body("internal error")};
    }
  }

  asio::awaitable<void> serve(beast::tcp_stream stream) const {
    beast::flat_buffer buffer;
    while (true) {
      beast_http::request_parser<beast_http::string_body> parser;
      parser.header_limit(max_header_bytes);
      parser.body_limit(max_body_bytes);
      stream.expires_after(idle_timeout);
      co_await beast_http::async_read(stream, buffer, parser, asio::use_awaitable);
      const Request& request = parser.get();
      const Response answered = answer(request);

      beast_http::response<beast_http::string_body> response(
          static_cast<beast_http::status>(answered.status), request.version());
      response.set(beast_http::field::server, "dvecdb");
      response.set(beast_http::field::content_type, answered.content_type);
      response.set(beast_http::field::cache_control, "no-store");
      if (answered.status == 405) response.set(beast_http::field::allow, "GET, HEAD");
      response.keep_alive(request.keep_alive());
      response.body() = answered.body;
      response.prepare_payload();
      if (request.method() == beast_http::verb::head) response.body().clear();
      co_await beast_http::async_write(stream, response, asio::use_awaitable);
      if (!response.keep_alive()) break;
    }
    beast::error_code ignored;
    stream.socket().shutdown(tcp::socket::shutdown_send, ignored);
  }

  asio::awaitable<void> accept_loop() {
    while (acceptor.is_open()) {
      tcp::socket socket = co_await acceptor.async_accept(asio::use_awaitable);
      // A client that goes away or talks nonsense ends its own connection only.
      asio::co_spawn(io, serve(beast::tcp_stream(std::move(socket))),
                     [](const std::exception_ptr&) {});
    }
  }

  std::string address;
  std::uint16_t wanted_port;
  asio::io_context io{1};
  tcp::acceptor acceptor;
  std::map<std::string, Handler> routes;
  std::thread thread;
};

Server::Server(std::string address, std::uint16_t port)
    : impl_(std::make_unique<Impl>(std::move(address), port)) {}

Server::~Server() {
  stop();
}

void Server::get(std::string path, Handler handler) {
  impl_->routes[std::move(path)] = std::move(handler);
}

void Server::start() {
  const tcp::endpoint endpoint(asio::ip::make_address(impl_->address), impl_->wanted_port);
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

void Server::stop() {
  impl_->io.stop();
  if (impl_->thread.joinable()) impl_->thread.join();
}

}  // namespace dvecdb::server::http
