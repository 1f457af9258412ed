#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>

#include "server/http/dispatcher.h"
#include "server/http/server.h"
#include "tests/unit/http/http_client.h"
#include "tests/unit/tls/test_certificate.h"

namespace dvecdb::server::http {
namespace {

namespace asio = boost::asio;
namespace beast_http = boost::beast::http;

Response text_response(std::string body) {
  Response response;
  response.body = std::move(body);
  return response;
}

std::string ask_by_tls(std::uint16_t port, const std::string& request) {
  asio::io_context io;
  asio::ssl::context context(asio::ssl::context::tls_client);
  asio::ssl::stream<asio::ip::tcp::socket> stream(io, context);
  stream.lowest_layer().connect({asio::ip::address_v4::loopback(), port});
  stream.handshake(asio::ssl::stream_base::client);
  asio::write(stream, asio::buffer(request));
  std::string answer;
  boost::system::error_code error;
  asio::read(stream, asio::dynamic_buffer(answer), error);
  return answer;
}

TEST(TlsServer, SpeaksBothOnOnePort) {
  const tls::CertificateFolder folder(tls::make_certificate("localhost"));
  ServerOptions options;
  options.tls = std::make_shared<tls::TlsContext>(folder.files());
  options.max_body_bytes = 1 << 20;
  Server server(options);
  server.probe("/ready", [](const Request&) { return text_response("ready"); });
  server.route(
      "POST", "/echo", [](const Request& r) { return text_response(r.body); }, RouteKind::open);
  server.start();
  EXPECT_TRUE(RawClient(server.port()).get("/ready").ends_with("ready"));
  const std::string body(500'000, 'x');
  const std::string answer =
      ask_by_tls(server.port(),
                 "POST /echo HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                 "Content-Length: 500000\r\n\r\n" +
                     body);
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 OK\r\n"));
  EXPECT_TRUE(answer.ends_with("\r\n\r\n" + body));
  // What only looks like TLS ends its own connection.
  RawClient broken(server.port());
  broken.send("\x16\x03\x01 nonsense");
  broken.send_end();
  broken.read_all();
  EXPECT_TRUE(RawClient(server.port()).get("/ready").ends_with("ready"));
}

// Probes may come without TLS from elsewhere, where that is wanted, and nothing else.
TEST(TlsServer, ClientsFromElsewhereNeedTls) {
  const tls::CertificateFolder folder(tls::make_certificate("localhost"));
  ServerOptions options;
  options.tls = std::make_shared<tls::TlsContext>(folder.files());
  const auto status = [&](PlainAnswers plain, const char* path, bool is_tls, bool is_loopback) {
    options.plain = plain;
    Dispatcher dispatcher(options);
    const Handler handler = [](const Request&) { return Response(); };
    dispatcher.router().add("GET", "/ready", handler, RouteKind::probe);
    dispatcher.router().add("GET", "/data", handler, RouteKind::authenticated);
    dispatcher.open();
    beast_http::request_header<> header;
    header.version(11);
    header.method(beast_http::verb::get);
    header.target(path);
    header.set(beast_http::field::host, "db.example");
    Exchange exchange;
    exchange.peer.is_tls = is_tls;
    exchange.peer.is_loopback = is_loopback;
    const auto refused = dispatcher.receive(header, exchange);
    return refused ? refused->status : 200;
  };
  EXPECT_EQ(status(PlainAnswers::probes, "/ready", false, false), 200);
  EXPECT_EQ(status(PlainAnswers::probes, "/data", false, false), 403);
  EXPECT_EQ(status(PlainAnswers::probes, "/data", true, false), 200);
  EXPECT_EQ(status(PlainAnswers::probes, "/data", false, true), 200);
  EXPECT_EQ(status(PlainAnswers::none, "/ready", false, false), 403);
  EXPECT_EQ(status(PlainAnswers::none, "/ready", true, false), 200);
  EXPECT_EQ(status(PlainAnswers::all, "/data", false, false), 200);
}

}  // namespace
}  // namespace dvecdb::server::http
