#include "server/http/server.h"

#include <gtest/gtest.h>

#include <atomic>
#include <boost/json.hpp>
#include <future>
#include <mutex>
#include <thread>

#include "server/http/envelope.h"
#include "tests/unit/http/http_client.h"

namespace dvecdb::server::http {
namespace {

using namespace std::chrono_literals;

Response text_response(std::string body) {
  Response response;
  response.content_type = "text/plain";
  response.body = std::move(body);
  return response;
}

AuthResult authenticate(const Request& request) {
  const std::string_view sent = request.headers.contains("authorization")
                                    ? std::string_view(request.headers.at("authorization"))
                                    : std::string_view();
  if (sent.empty() && request.is_loopback) return {200, "postgres", {}, {}};
  if (sent == "Bearer good") return {200, "ada", {}, "1"};
  return {401, {}, "this key is not known", {}};
}

// A server with a few routes that tell what they were given.
class HttpServer : public testing::Test {
 protected:
  void start(ServerOptions options = {}) {
    if (!options.authenticator) options.authenticator = authenticate;
    options.on_request = [this](const RequestEvent& event) {
      const std::lock_guard lock(mutex_);
      events_.push_back(std::string(event.method) + " " + std::string(event.route) + " " +
                        std::to_string(event.status));
    };
    server_ = std::make_unique<Server>(std::move(options));
    server_->probe("/ready", [](const Request&) { return text_response("ready"); });
    server_->route("GET", "/who", [](const Request& r) { return text_response(r.user); });
    server_->route("GET", "/things/{name}", [](const Request& request) {
      const std::string& name = request.parameters.at("name");
      Response response = text_response(name + " from " + request.client_address);
      response.headers.emplace_back("X-Name", name);
      return response;
    });
    server_->route("POST", "/echo", [](const Request& r) { return text_response(r.body); });
    server_->route(
        "GET", "/open", [](const Request& r) { return text_response(r.user + "|"); },
        RouteKind::open);
    server_->route("GET", "/broken",
                   [](const Request&) -> Response { throw std::runtime_error("a secret"); });
    server_->route("GET", "/stream", [](const Request&) {
      Response response;
      response.next_chunk = [left = 3]() mutable {
        return left-- > 0 ? std::string(1000, static_cast<char>('a' + left)) : std::string();
      };
      return response;
    });
    server_->route("GET", "/torn", [](const Request&) {
      Response response;
      response.next_chunk = [calls = 0]() mutable -> std::string {
        if (calls++ > 0) throw std::runtime_error("the disk is gone");
        return "begun";
      };
      return response;
    });
    server_->route("GET", "/wait", [this](const Request&) {
      waiting_ = true;
      go_on_.get_future().wait();
      return text_response("waited");
    });
    server_->route("GET", "/large",
                   [](const Request&) { return text_response(std::string(5'000'000, 'x')); });
    server_->start();
  }
  RawClient client() const { return RawClient(server_->port()); }
  static std::string error_of(const std::string& answer) {
    const auto body = boost::json::parse(answer.substr(answer.find("\r\n\r\n") + 4));
    EXPECT_FALSE(body.at("success").as_bool());
    EXPECT_TRUE(body.at("data").is_null());
    return std::string(body.at("error").as_string());
  }
  static int status_of(const std::string& answer) { return std::stoi(answer.substr(9, 3)); }
  static bool has(const std::string& answer, std::string_view text) {
    return answer.find(text) != std::string::npos;
  }

  std::unique_ptr<Server> server_;
  std::promise<void> go_on_;
  std::atomic<bool> waiting_ = false;
  std::mutex mutex_;
  std::vector<std::string> events_;
};

TEST_F(HttpServer, AnswersOneRequestAfterTheOther) {
  start();
  RawClient one = client();
  const std::string first = one.get("/things/a%2F..%2fb");
  EXPECT_TRUE(has(first, "HTTP/1.1 200 OK\r\n"));
  EXPECT_TRUE(has(first, "\r\n\r\na/../b from 127.0.0.1"));
  EXPECT_TRUE(has(one.get("/who"), "\r\n\r\npostgres"));
  EXPECT_TRUE(has(one.get("/ready"), "\r\n\r\nready"));
  EXPECT_TRUE(has(one.get("/open"), "\r\n\r\n|"));
  EXPECT_EQ(events_, (std::vector<std::string>{"GET /things/{name} 200", "GET /who 200",
                                               "GET /ready 200", "GET /open 200"}));
}

TEST_F(HttpServer, KeepsTheOrderOfPipelinedRequests) {
  start();
  RawClient one = client();
  std::string requests;
  for (const std::string body : {"first", "second", "third"}) {
    requests +=
        "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + std::to_string(body.size()) +
        "\r\n\r\n" + body;
  }
  requests += "GET /nowhere HTTP/1.1\r\nHost: localhost\r\n\r\n";
  requests += "GET /ready HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
  one.send(requests);
  const std::string all = one.read_all();
  std::size_t last = 0;
  for (const char* body : {"\r\n\r\nfirst", "\r\n\r\nsecond", "\r\n\r\nthird", "404", "ready"}) {
    const std::size_t found = all.find(body, last);
    ASSERT_NE(found, std::string::npos) << body << "\n" << all;
    last = found;
  }
  EXPECT_TRUE(has(all.substr(all.find("200 OK", last - 300)), "Connection: close"));
}

TEST_F(HttpServer, ErrorsAreInTheEnvelope) {
  start();
  RawClient one = client();
  const std::string unknown = one.get("/nothing/here");
  EXPECT_EQ(status_of(unknown), 404);
  EXPECT_EQ(error_of(unknown), "there is nothing at \"/nothing/here\"");

  const std::string refused = one.get("/echo");
  EXPECT_EQ(status_of(refused), 405);
  EXPECT_TRUE(has(refused, "Allow: POST, OPTIONS\r\n"));
  EXPECT_EQ(error_of(refused), "\"/echo\" takes POST, OPTIONS, not GET");

  const std::string broken = one.get("/broken");
  EXPECT_EQ(status_of(broken), 500);
  EXPECT_EQ(error_of(broken), "internal error");
  EXPECT_EQ(status_of(one.get("/a?x=%zz")), 400);
  EXPECT_EQ(status_of(one.get("/ready")), 200);
  EXPECT_EQ(events_[3], "GET  400");
}

TEST_F(HttpServer, KnowsHeadAndOptions) {
  start();
  RawClient one = client();
  const std::string head = one.get("/who", "", "HEAD");
  EXPECT_TRUE(has(head, "Content-Length: 8\r\n"));
  EXPECT_TRUE(head.ends_with("\r\n\r\n"));
  const std::string streamed = one.get("/stream", "", "HEAD");
  EXPECT_TRUE(has(streamed, "Transfer-Encoding: chunked\r\n"));
  const std::string options = one.get("/things/a", "", "OPTIONS");
  EXPECT_EQ(status_of(options), 204);
  EXPECT_TRUE(has(options, "Allow: GET, HEAD, OPTIONS\r\n"));
  EXPECT_FALSE(has(options, "Content-Length"));
  EXPECT_EQ(status_of(one.get("*", "", "OPTIONS")), 204);
  EXPECT_EQ(status_of(one.get("/nothing", "", "OPTIONS")), 404);
  EXPECT_EQ(status_of(one.get("/ready", "", "HEAD")), 200);
}

TEST_F(HttpServer, StreamsInChunks) {
  start();
  const std::string chunks = "\r\n\r\n3e8\r\n" + std::string(1000, 'c') + "\r\n3e8\r\n" +
                             std::string(1000, 'b') + "\r\n3e8\r\n" + std::string(1000, 'a') +
                             "\r\n0\r\n\r\n";
  RawClient one = client();
  std::string streamed = one.get("/stream");
  streamed += one.read_until("\r\n0\r\n\r\n");
  EXPECT_TRUE(has(streamed, chunks));
  EXPECT_TRUE(has(one.get("/who"), "postgres"));

  RawClient old = client();
  old.send("GET /stream HTTP/1.0\r\nConnection: keep-alive\r\nHost: localhost\r\n\r\n");
  const std::string plain = old.read_all();
  EXPECT_FALSE(has(plain, "chunked"));
  EXPECT_TRUE(plain.ends_with("\r\n\r\n" + std::string(1000, 'c') + std::string(1000, 'b') +
                              std::string(1000, 'a')));
}

// A client must see that something is missing.
TEST_F(HttpServer, ATornStreamHasNoEnd) {
  start();
  RawClient one = client();
  one.send("GET /torn HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_TRUE(one.read_all().ends_with("\r\n\r\n5\r\nbegun\r\n"));
}

TEST_F(HttpServer, TakesBodiesOfBothForms) {
  start();
  RawClient one = client();
  const std::string large(300'000, 'z');
  one.send("POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 300000\r\n\r\n" + large);
  EXPECT_TRUE(one.read_answer().ends_with("\r\n\r\n" + large));
  one.send(
      "POST /echo HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
      "3\r\nabc\r\n4;x=y\r\ndefg\r\n0\r\n\r\n");
  EXPECT_TRUE(one.read_answer().ends_with("\r\n\r\nabcdefg"));
}

TEST_F(HttpServer, RefusesLargeBodiesBeforeTheyCome) {
  ServerOptions options;
  options.max_body_bytes = 1000;
  start(options);
  RawClient one = client();
  one.send(
      "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000000\r\n"
      "Expect: 100-continue\r\n\r\n");
  const std::string refused = one.read_all();
  EXPECT_EQ(status_of(refused), 413);
  EXPECT_FALSE(has(refused, "100 Continue"));
  EXPECT_EQ(error_of(refused), "the body is larger than 1000 bytes (max_body_mb)");

  RawClient chunked = client();
  chunked.send("POST /echo HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n");
  for (int i = 0; i < 100; ++i) chunked.send("64\r\n" + std::string(100, 'x') + "\r\n");
  chunked.send_end();
  EXPECT_EQ(status_of(chunked.read_all()), 413);

  RawClient fits = client();
  fits.send(
      "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n"
      "Expect: 100-continue\r\n\r\n");
  EXPECT_EQ(fits.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  fits.send(std::string(1000, 'x'));
  EXPECT_TRUE(fits.read_answer().ends_with(std::string(1000, 'x')));
}

// Who sends it is asked before the size is looked at, and before it is read.
TEST_F(HttpServer, AuthenticatesBeforeTheBody) {
  start();
  RawClient one = client();
  one.send(
      "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000000\r\n"
      "Authorization: Bearer bad\r\nExpect: 100-continue\r\n\r\n");
  const std::string refused = one.read_all();
  EXPECT_EQ(status_of(refused), 401);
  EXPECT_TRUE(has(refused, "WWW-Authenticate: Bearer"));
  EXPECT_EQ(error_of(refused), "this key is not known");

  RawClient two = client();
  EXPECT_TRUE(has(two.get("/who", "Authorization: Bearer good\r\n"), "\r\n\r\nada"));
  // A short body is skipped, and the connection goes on.
  two.send(
      "POST /echo HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer bad\r\n"
      "Content-Length: 5\r\n\r\n12345");
  EXPECT_EQ(status_of(two.read_answer()), 401);
  EXPECT_EQ(status_of(two.get("/who")), 200);
}

// A name that somebody made to point here is not this machine's.
TEST_F(HttpServer, LoopbackIsAskedForByAddressOrAsLocalhost) {
  start();
  for (const std::string host : {"localhost:1", "LOCALHOST", "127.0.0.1:80", "[::1]:80"}) {
    RawClient one = client();
    one.send("GET /who HTTP/1.1\r\nHost: " + host + "\r\n\r\n");
    EXPECT_EQ(status_of(one.read_answer()), 200) << host;
  }
  for (const std::string host : {"evil.example", "localhost.evil.example:80", "127.0.0.1.nip.io"}) {
    RawClient one = client();
    one.send("GET /who HTTP/1.1\r\nHost: " + host + "\r\n\r\n");
    EXPECT_EQ(status_of(one.read_answer()), 401) << host;
  }
}

TEST_F(HttpServer, MalformedRequestsGetAnAnswer) {
  start();
  const std::pair<std::string, int> cases[] = {
      {"nonsense\r\n\r\n", 400},
      {"GET / HTTP/9.9\r\n\r\n", 400},
      {"GET /ready HTTP/1.1\r\n\r\n", 400},
      {"GET /ready HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400},
      {"GET /ready HTTP/1.1\r\nHost: a\r\nno colon\r\n\r\n", 400},
      {"POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n", 400},
      {"POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999999999999\r\n\r\n",
       400},
      {"POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\nContent-Length: "
       "4\r\n\r\nabcd",
       400},
      {"POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n"
       "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
       400},
      {"POST /echo HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", 400},
      {"POST /echo HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: gzip\r\n\r\n", 501},
      {"POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Encoding: gzip\r\n"
       "Content-Length: 1\r\n\r\nx",
       415},
      {"POST /echo HTTP/1.1\r\nHost: localhost\r\nExpect: wonders\r\nContent-Length: 1\r\n\r\nx",
       417},
      {"POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nshort", 400},
      {"GET /" + std::string(20000, 'a') + " HTTP/1.1\r\nHost: localhost\r\n\r\n", 431},
      {"GET / HTTP/1.1\r\nA: " + std::string(20000, 'a') + "\r\n\r\n", 431},
  };
  for (const auto& [request, status] : cases) {
    RawClient one = client();
    one.send(request);
    one.send_end();
    const std::string answer = one.read_all();
    ASSERT_GT(answer.size(), 12U) << request.substr(0, 200);
    EXPECT_EQ(status_of(answer), status) << request.substr(0, 200);
    if (status_of(answer) == status) {
      EXPECT_FALSE(error_of(answer).empty());
    }
  }
  EXPECT_EQ(status_of(client().get("/ready")), 200);
}

TEST_F(HttpServer, SlowClientsAreToldToGo) {
  ServerOptions options;
  options.timeouts.request = 50ms;
  options.timeouts.idle = 100ms;
  start(options);
  RawClient idle = client();
  RawClient header = client();
  header.send("GET /ready HT");
  RawClient body = client();
  body.send("POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nabc");
  EXPECT_EQ(idle.read_all(), "");
  EXPECT_EQ(status_of(header.read_until("}")), 408);
  EXPECT_EQ(status_of(body.read_until("}")), 408);
}

// Somebody who does not read gets only as much as fits, and holds nobody up.
TEST_F(HttpServer, AClientThatDoesNotReadIsLeft) {
  ServerOptions options;
  options.timeouts.write = 50ms;
  start(options);
  RawClient one = client();
  std::string requests;
  for (int i = 0; i < 20; ++i) requests += "GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n";
  one.send(requests);
  const auto deadline = std::chrono::steady_clock::now() + 20s;
  while (server_->connections_total() == 0 || server_->connections() > 0) {
    ASSERT_LT(std::chrono::steady_clock::now(), deadline);
    std::this_thread::sleep_for(1ms);
  }
}

TEST_F(HttpServer, ProbesAnswerWhileWorkersAreBusy) {
  ServerOptions options;
  options.workers = 1;
  start(options);
  RawClient busy = client();
  busy.send("GET /wait HTTP/1.1\r\nHost: localhost\r\n\r\n");
  RawClient queued = client();
  queued.send("GET /who HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_TRUE(has(client().get("/ready"), "\r\n\r\nready"));
  EXPECT_FALSE(server_->drain(1ms));
  EXPECT_EQ(status_of(client().get("/who")), 503);
  EXPECT_TRUE(has(client().get("/ready"), "\r\n\r\nready"));
  while (!waiting_) std::this_thread::sleep_for(1ms);
  go_on_.set_value();
  EXPECT_TRUE(has(busy.read_answer(), "\r\n\r\nwaited"));
  EXPECT_TRUE(has(queued.read_answer(), "\r\n\r\npostgres"));
  EXPECT_TRUE(server_->drain(20s));
}

// Health answers while the database is still opening.
TEST(HttpServerStart, ProbesComeFirst) {
  Server server({});
  server.probe("/ready", [](const Request&) { return text_response("ready"); });
  server.route(
      "GET", "/data", [](const Request&) { return text_response("data"); }, RouteKind::open);
  server.start_probes();
  RawClient one(server.port());
  EXPECT_TRUE(one.get("/ready").starts_with("HTTP/1.1 200"));
  EXPECT_TRUE(one.get("/data").starts_with("HTTP/1.1 503"));
  server.start();
  EXPECT_TRUE(one.get("/data").starts_with("HTTP/1.1 200"));
  EXPECT_TRUE(one.get("/other").starts_with("HTTP/1.1 404"));
  EXPECT_TRUE(one.get("/ready").starts_with("HTTP/1.1 200"));
}

TEST_F(HttpServer, StopWaitsForHandlers) {
  start();
  RawClient busy = client();
  busy.send("GET /wait HTTP/1.1\r\nHost: localhost\r\n\r\n");
  while (!waiting_) std::this_thread::sleep_for(1ms);
  const std::uint16_t port = server_->port();
  std::thread later([this] { go_on_.set_value(); });
  server_->stop();
  later.join();
  EXPECT_THROW(RawClient{port}, std::runtime_error);
}

TEST_F(HttpServer, TooManyConnectionsLeaveRoomForProbes) {
  ServerOptions options;
  options.max_connections = 2;
  start(options);
  RawClient one = client();
  RawClient two = client();
  one.get("/who");
  two.get("/who");
  RawClient three = client();
  EXPECT_EQ(status_of(three.get("/who")), 503);
  EXPECT_EQ(status_of(three.get("/ready")), 200);
  EXPECT_EQ(status_of(one.get("/who")), 200);
}

TEST_F(HttpServer, LimitsTheRate) {
  ServerOptions options;
  options.requests_per_second = 1;
  start(options);
  RawClient one = client();
  EXPECT_EQ(status_of(one.get("/who")), 200);
  const std::string refused = one.get("/who");
  EXPECT_EQ(status_of(refused), 429);
  EXPECT_TRUE(has(refused, "Retry-After: 1\r\n"));
  EXPECT_EQ(error_of(refused), "more than 1 requests a second (rate_limit): try again in 1 s");
  // A key has a bucket of its own; probes have none.
  EXPECT_EQ(status_of(one.get("/who", "Authorization: Bearer good\r\n")), 200);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(status_of(one.get("/ready")), 200);
  // Trying out keys counts.
  EXPECT_EQ(status_of(one.get("/who", "Authorization: Bearer bad\r\n")), 429);
}

TEST_F(HttpServer, PagesOfOtherOriginsMayNotCall) {
  start();
  RawClient one = client();
  EXPECT_EQ(status_of(one.get("/who", "Origin: http://evil.example\r\n")), 403);
  EXPECT_EQ(status_of(one.get("/who", "Origin: null\r\n")), 403);
  EXPECT_EQ(status_of(one.get("/who", "Origin: http://localhost\r\n")), 200);
  EXPECT_EQ(status_of(one.get("/ready", "Origin: http://evil.example\r\n")), 200);
}

TEST_F(HttpServer, ListedOriginsMayCall) {
  ServerOptions options;
  options.cors_origins = {"https://app.example", "https://b.example"};
  start(options);
  RawClient one = client();
  const std::string preflight = one.get(
      "/echo", "Origin: https://app.example\r\nAccess-Control-Request-Method: POST\r\n", "OPTIONS");
  EXPECT_EQ(status_of(preflight), 204);
  EXPECT_TRUE(has(preflight, "Access-Control-Allow-Origin: https://app.example\r\n"));
  EXPECT_TRUE(has(preflight, "Access-Control-Allow-Methods: POST, OPTIONS\r\n"));
  EXPECT_TRUE(has(preflight, "Access-Control-Allow-Headers: Authorization, Api-Key, "));
  EXPECT_TRUE(has(preflight, "Vary: Origin\r\n"));
  // Pages may read errors, too.
  const std::string missing = one.get("/nothing", "Origin: https://b.example\r\n");
  EXPECT_EQ(status_of(missing), 404);
  EXPECT_TRUE(has(missing, "Access-Control-Allow-Origin: https://b.example\r\n"));
  const std::string other = one.get("/who", "Origin: https://c.example\r\n");
  EXPECT_EQ(status_of(other), 403);
  EXPECT_FALSE(has(other, "Access-Control-Allow-Origin"));
}

TEST_F(HttpServer, AHeaderCannotAddHeaders) {
  start();
  RawClient one = client();
  const std::string answer = one.get("/things/a%0d%0aX-Evil:%201");
  EXPECT_TRUE(has(answer, "\r\nX-Name: a  X-Evil: 1\r\n"));
}

}  // namespace
}  // namespace dvecdb::server::http
