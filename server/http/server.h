// An HTTP/1.1 server: a coroutine a connection on one thread of its own, so that probes are
// answered while every core runs queries; other handlers run on workers.
//
// Keep-alive and pipelining, HEAD and OPTIONS, chunked requests and streamed answers, Expect:
// 100-continue, TLS on the same port. A body is read only when its route, its sender and its size
// are all right. What the server itself refuses is answered in the envelope (envelope.h).
//
// Routes are added first, then start_probes() or start(). All are called by one thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "server/http/message.h"
#include "server/http/router.h"
#include "server/tls/context.h"

namespace dvecdb::server::http {

inline constexpr std::size_t max_header_bytes = 16 * 1024;
inline constexpr std::uint64_t max_probe_body_bytes = 64 * 1024;

// Where TLS is on: what is answered to clients from elsewhere that do not speak it.
enum class PlainAnswers { all, probes, none };

struct Timeouts {
  std::chrono::milliseconds request = std::chrono::seconds(30);  // for all of the header
  std::chrono::milliseconds idle = std::chrono::seconds(60);     // between two requests
  // For the client to take the next part of an answer.
  std::chrono::milliseconds write = std::chrono::seconds(30);
};

// A request that was answered.
struct RequestEvent {
  std::string_view method;
  std::string_view route;  // the pattern; "" when none fitted
  int status = 0;
  double milliseconds = 0;
};

struct ServerOptions {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;  // 0: any free one
  std::size_t workers = 16;
  // With more open ones, only probes are answered (others: 503), up to some more; then none is
  // accepted.
  std::size_t max_connections = 1000;
  std::uint64_t max_body_bytes = std::uint64_t{64} << 20;
  double requests_per_second = 0;         // for each key or address; 0: no limit
  std::vector<std::string> cors_origins;  // see Cors
  Authenticator authenticator;            // none: authenticated routes answer 401
  std::shared_ptr<tls::TlsContext> tls;   // null: plain HTTP
  PlainAnswers plain = PlainAnswers::all;
  std::function<void(const RequestEvent&)> on_request;  // called on the server's thread
  Timeouts timeouts;
};

class Server {
 public:
  explicit Server(ServerOptions options);
  ~Server();  // stop()

  // A GET that is answered on the server's own thread: it must not block and takes no lock for
  // longer than moments.
  void probe(std::string pattern, Handler handler);
  // Runs on a worker with the stack that the SQL parser needs, and may block.
  void route(std::string method, std::string pattern, Handler handler,
             RouteKind kind = RouteKind::authenticated);
  const Router& router() const;

  // Binds and answers probes; all else gets 503 until start(). Throws boost::system::system_error
  // when it cannot.
  void start_probes();
  // Answers everything; binds, if that was not done.
  void start();
  std::uint16_t port() const;
  int connections() const;                  // open now
  std::uint64_t connections_total() const;  // accepted since the start
  // Refuses (503) all but probes from now on and waits until what is running has been answered;
  // false: some was not within `grace`.
  bool drain(std::chrono::milliseconds grace);
  // Closes everything and waits for the handlers that run.
  void stop();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace dvecdb::server::http
