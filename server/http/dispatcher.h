// What happens to a request between its arrival and its answer, without any input or output:
// which route, who asks, how often, which errors, what is told of it.
//
// Thread-safe once the routes are there.
#pragma once

#include <atomic>
#include <boost/beast/http/fields.hpp>
#include <boost/beast/http/message.hpp>
#include <chrono>
#include <optional>
#include <string>

#include "server/http/cors.h"
#include "server/http/rate_limiter.h"
#include "server/http/router.h"
#include "server/http/server.h"

namespace dvecdb::server::http {

struct Peer {
  std::string address;
  bool is_loopback = false;
  bool is_tls = false;
  bool is_beyond_limit = false;  // more connections are open than requests are served for
};

// One request and what is known about it.
struct Exchange {
  Request request;
  Match match;
  Peer peer;
  bool has_body = false;
  bool wants_continue = false;  // waits for a word before it sends its body
  std::chrono::steady_clock::time_point started;
};

class Dispatcher {
 public:
  using Header = boost::beast::http::request_header<>;

  // `options` must outlive it.
  explicit Dispatcher(const ServerOptions& options);

  // Before requests come.
  Router& router() { return router_; }
  // Until then only probes are answered.
  void open() { is_open_ = true; }
  void begin_draining() { is_draining_ = true; }

  // Takes the header apart and finds the route. An answer: the request goes no further.
  std::optional<Response> receive(const Header& header, Exchange& exchange) const;
  // Whether its sender may; runs on a worker. An answer: no.
  std::optional<Response> admit(Exchange& exchange);
  // Runs the handler; what it throws becomes 500.
  Response run(const Exchange& exchange) const;
  // What every answer has, and what is logged and counted of it.
  void finish(const Exchange& exchange, Response& response) const;
  void report(const Exchange& exchange, int status) const;

  std::uint64_t max_body_bytes(const Exchange& exchange) const;
  bool runs_on_worker(const Exchange& exchange) const;

 private:
  std::optional<Response> check_headers(const Header& header, Exchange& exchange) const;
  std::optional<Response> check_route(const Exchange& exchange) const;
  std::optional<Response> check_state(const Exchange& exchange) const;
  std::optional<Response> check_rate(const Request& request, const std::string& key);

  const ServerOptions& options_;
  Router router_;
  std::atomic<bool> is_open_ = false;
  Cors cors_;
  RateLimiter limiter_;
  std::atomic<bool> is_draining_ = false;
};

}  // namespace dvecdb::server::http
