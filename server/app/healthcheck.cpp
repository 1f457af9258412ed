// dvecdb healthcheck: asks the server on this machine how it is. For containers, whose image has no
// HTTP client.
#include <fmt/format.h>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <boost/json/parse.hpp>
#include <chrono>
#include <future>

#include "server/app/command.h"
#include "server/app/config.h"

namespace dvecdb::server::app {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;

namespace {

struct Options {
  std::string listen = Config().listen;
  std::uint16_t http_port = Config().http_port;
  std::string tls = Config().tls;
  bool live = false;
  std::int64_t timeout_ms = 3000;
};

const KeyOf<Options> rows[] = {
    {"listen", "ADDRESS", "address that the server listens on", set_text<&Options::listen>,
     get<&Options::listen>},
    {"http_port", "PORT", "its port for HTTP", set_number<&Options::http_port, 1, 65535>,
     get<&Options::http_port>},
    {"tls", "MODE", "as the server's: with require, and no loopback address, the check uses TLS",
     set_text<&Options::tls>, get<&Options::tls>},
    {"live", "", "only ask whether the process answers (/health/live)", set_switch<&Options::live>,
     get<&Options::live>},
    {"timeout_ms", "MS", "how long an answer may take", set_number<&Options::timeout_ms, 1, 600000>,
     get<&Options::timeout_ms>},
};

// Where a server that listens on `listen` can be reached from its own machine.
asio::ip::address reachable(const std::string& listen) {
  boost::system::error_code error;
  const auto address = asio::ip::make_address(listen, error);
  if (error) throw ConfigError("listen: \"" + listen + "\" is no IP address");
  if (!address.is_unspecified()) return address;
  if (address.is_v4()) return asio::ip::address_v4::loopback();
  return asio::ip::address_v6::loopback();
}

using Response = http::response<http::string_body>;

template <typename Stream>
asio::awaitable<Response> exchange(Stream& stream, std::string host, std::string path) {
  http::request<http::empty_body> request(http::verb::get, path, 11);
  request.set(http::field::host, host);
  request.set(http::field::connection, "close");
  co_await http::async_write(stream, request, asio::use_awaitable);
  beast::flat_buffer buffer;
  Response response;
  co_await http::async_read(stream, buffer, response, asio::use_awaitable);
  co_return response;
}

struct Question {
  asio::ip::tcp::endpoint server;
  std::string path;
  bool is_by_tls = false;
  std::chrono::milliseconds timeout;
};

asio::awaitable<Response> ask(Question question) {
  beast::tcp_stream stream(co_await asio::this_coro::executor);
  stream.expires_after(question.timeout);
  co_await stream.async_connect(question.server, asio::use_awaitable);
  const std::string host = question.server.address().to_string();
  if (!question.is_by_tls) co_return co_await exchange(stream, host, question.path);
  // An address of this machine: whose certificate it is makes no difference to how it is.
  asio::ssl::context context(asio::ssl::context::tls_client);
  context.set_verify_mode(asio::ssl::verify_none);
  beast::ssl_stream<beast::tcp_stream&> encrypted(stream, context);
  co_await encrypted.async_handshake(asio::ssl::stream_base::client, asio::use_awaitable);
  co_return co_await exchange(encrypted, host, question.path);
}

// What the server says of itself, "" when it does not.
std::string reason_of(const Response& response) {
  boost::system::error_code error;
  const boost::json::value body = boost::json::parse(response.body(), error);
  if (error || !body.is_object()) return "";
  for (const char* name : {"reason", "error"}) {
    const boost::json::value* reason = body.as_object().if_contains(name);
    if (reason != nullptr && reason->is_string()) return ": " + std::string(reason->as_string());
  }
  return "";
}

class HealthcheckCommand : public Command {
 public:
  std::string_view name() const override { return "healthcheck"; }
  std::string_view summary() const override { return "ask the server on this machine how it is"; }
  std::string_view description() const override {
    return "Prints one line. Exit code 0 when the server is ready (with --live: when it answers),\n"
           "1 otherwise. Reads the configuration that the server reads, so in a container it\n"
           "needs no arguments.\n";
  }
  KeyList keys() override { return bind_keys(rows, options_); }

  int run() override {
    const asio::ip::tcp::endpoint server(reachable(options_.listen), options_.http_port);
    const std::string path = options_.live ? "/health/live" : "/ready";
    const char* const state = options_.live ? "live" : "ready";
    const std::string host = server.address().is_v6() ? "[" + server.address().to_string() + "]"
                                                      : server.address().to_string();
    const bool is_by_tls = options_.tls == "require" && !server.address().is_loopback();
    const std::string url =
        fmt::format("{}://{}:{}{}", is_by_tls ? "https" : "http", host, server.port(), path);
    try {
      asio::io_context io;
      std::future<Response> asked = asio::co_spawn(
          io, ask({server, path, is_by_tls, std::chrono::milliseconds(options_.timeout_ms)}),
          asio::use_future);
      io.run();
      const Response response = asked.get();
      const bool is_well = response.result() == http::status::ok;
      fmt::print("{}{}: {} answered {}{}\n", is_well ? "" : "not ", state, url,
                 response.result_int(), is_well ? "" : reason_of(response));
      return is_well ? EXIT_SUCCESS : EXIT_FAILURE;
    } catch (const boost::system::system_error& error) {
      fmt::print("not {}: {}: {}\n", state, url, error.code().message());
      return EXIT_FAILURE;
    }
  }

 private:
  Options options_;
};

}  // namespace

std::unique_ptr<Command> make_healthcheck_command() {
  return std::make_unique<HealthcheckCommand>();
}

}  // namespace dvecdb::server::app
