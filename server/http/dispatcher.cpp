#include "server/http/dispatcher.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <utility>

#include "server/http/envelope.h"

namespace dvecdb::server::http {

namespace beast_http = boost::beast::http;

namespace {

std::string lower(std::string_view text) {
  std::string lowered(text);
  for (char& c : lowered) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lowered;
}

TextMap headers_of(const Dispatcher::Header& header) {
  TextMap headers;
  for (const auto& field : header) {
    const auto [found, is_new] =
        headers.try_emplace(lower(field.name_string()), std::string(field.value()));
    if (!is_new) found->second += ", " + std::string(field.value());
  }
  return headers;
}

// "127.0.0.1:8080", "[::1]:8080", "localhost".
bool names_this_machine(std::string_view host) {
  const bool is_bracketed = host.starts_with('[');
  const std::size_t end = is_bracketed ? host.find(']') : host.find(':');
  const std::string name = lower(host.substr(is_bracketed ? 1 : 0, end - (is_bracketed ? 1 : 0)));
  if (name == "localhost") return true;
  boost::system::error_code error;
  boost::asio::ip::make_address(name, error);
  return !error;
}

Response with_headers(Response response, std::vector<std::pair<std::string, std::string>> headers) {
  response.headers = std::move(headers);
  return response;
}

}  // namespace

Dispatcher::Dispatcher(const ServerOptions& options)
    : options_(options), cors_(options.cors_origins), limiter_(options.requests_per_second) {}

std::optional<Response> Dispatcher::receive(const Header& header, Exchange& exchange) const {
  Request& request = exchange.request;
  request.method = header.method_string();
  request.headers = headers_of(header);
  request.client_address = exchange.peer.address;
  const std::string_view host = header_of(request, "host");
  request.is_loopback = exchange.peer.is_loopback && names_this_machine(host);

  const auto target = parse_target(header.target());
  if (!target) {
    return failure(400, fmt::format("the request's target \"{}\" is no valid path and query",
                                    std::string_view(header.target()).substr(0, 200)));
  }
  request.path = target->path;
  request.query = target->query;
  exchange.match = router_.find(request.method, target->segments);
  request.parameters = exchange.match.parameters;
  if (auto refused = check_headers(header, exchange)) return refused;
  return check_route(exchange);
}

std::optional<Response> Dispatcher::check_headers(const Header& header, Exchange& exchange) const {
  const Request& request = exchange.request;
  if (header.version() >= 11 && header.count(beast_http::field::host) != 1) {
    return failure(400, "the request must have one Host header");
  }
  const std::string transfer = lower(header_of(request, "transfer-encoding"));
  if (!transfer.empty() && transfer != "chunked") {
    return failure(
        501, fmt::format("transfer encoding \"{}\" is not supported, only chunked is", transfer));
  }
  const std::string_view length = header_of(request, "content-length");
  exchange.has_body = !transfer.empty() || (!length.empty() && length != "0");
  const std::string coding = lower(header_of(request, "content-encoding"));
  if (!coding.empty() && coding != "identity") {
    return failure(415, fmt::format("content encoding \"{}\" is not supported: send the body as it "
                                    "is",
                                    coding));
  }
  const std::string expected = lower(header_of(request, "expect"));
  if (!expected.empty() && expected != "100-continue") {
    return failure(417, fmt::format("expectation \"{}\" is not supported", expected));
  }
  exchange.wants_continue = !expected.empty() && exchange.has_body && header.version() >= 11;
  return std::nullopt;
}

std::optional<Response> Dispatcher::check_route(const Exchange& exchange) const {
  const Request& request = exchange.request;
  const Match& match = exchange.match;
  const bool is_probe = match.route != nullptr && match.route->kind == RouteKind::probe;
  const bool may_be_plain = !options_.tls || exchange.peer.is_loopback ||
                            options_.plain == PlainAnswers::all ||
                            (options_.plain == PlainAnswers::probes && is_probe);
  if (!exchange.peer.is_tls && !may_be_plain) {
    return failure(403, "this is answered over HTTPS only");
  }
  if (!is_probe && !cors_.may_call(request)) {
    return failure(403, fmt::format("pages of origin \"{}\" may not call this server: "
                                    "cors_origins does not list it",
                                    header_of(request, "origin")));
  }
  if (request.method == "OPTIONS" && (request.path == "*" || !match.allowed.empty())) {
    if (Cors::is_preflight(request)) return Cors::preflight(match.allowed);
    Response response;
    response.status = 204;
    response.headers = {{"Allow", fmt::format("{}", fmt::join(match.allowed, ", "))}};
    return response;
  }
  if (!is_probe) {
    if (auto refused = check_state(exchange)) return refused;
  }
  if (match.allowed.empty()) {
    return failure(404, fmt::format("there is nothing at \"{}\"", request.path));
  }
  if (match.route == nullptr) {
    const std::string allowed = fmt::format("{}", fmt::join(match.allowed, ", "));
    return with_headers(
        failure(405, fmt::format("\"{}\" takes {}, not {}", request.path, allowed, request.method)),
        {{"Allow", allowed}});
  }
  return std::nullopt;
}

// Probes are answered in every state.
std::optional<Response> Dispatcher::check_state(const Exchange& exchange) const {
  std::string reason;
  if (is_draining_) {
    reason = "the server is shutting down";
  } else if (!is_open_) {
    reason = "the server is starting";
  } else if (exchange.peer.is_beyond_limit) {
    reason = fmt::format("more than {} connections are open", options_.max_connections);
  } else {
    return std::nullopt;
  }
  return with_headers(failure(503, reason), {{"Retry-After", "1"}});
}

std::optional<Response> Dispatcher::check_rate(const Request& request, const std::string& key) {
  const auto wait = limiter_.take(key.empty() ? "address " + request.client_address : "key " + key);
  if (!wait) return std::nullopt;
  return with_headers(
      failure(429, fmt::format("more than {:g} requests a second (rate_limit): try again in {} s",
                               options_.requests_per_second, *wait)),
      {{"Retry-After", std::to_string(*wait)}});
}

std::optional<Response> Dispatcher::admit(Exchange& exchange) {
  Request& request = exchange.request;
  if (exchange.match.route->kind == RouteKind::probe) return std::nullopt;
  if (exchange.match.route->kind == RouteKind::open) return check_rate(request, {});
  AuthResult known;
  try {
    if (options_.authenticator) {
      known = options_.authenticator(request);
    } else {
      known = {401, {}, "nobody can authenticate here", {}};
    }
  } catch (const std::exception& error) {
    spdlog::error("http authentication failed: client={} error={}", request.client_address,
                  error.what());
    return failure(500, "internal error");
  }
  // Who tries out passwords is slowed down, too.
  if (auto refused = check_rate(request, known.key)) return refused;
  if (known.status == 200) {
    request.user = known.user;
    return std::nullopt;
  }
  Response refused = failure(known.status, known.sentence);
  if (known.status == 401) {
    refused.headers = {{"WWW-Authenticate", "Bearer realm=\"dvecdb\""},
                       {"WWW-Authenticate", "Basic realm=\"dvecdb\", charset=\"UTF-8\""}};
  }
  return refused;
}

Response Dispatcher::run(const Exchange& exchange) const {
  try {
    return exchange.match.route->handler(exchange.request);
  } catch (const std::exception& error) {
    spdlog::error("http request failed: method={} route={} error={}", exchange.request.method,
                  exchange.match.route->pattern, error.what());
    return failure(500, "internal error");
  }
}

void Dispatcher::finish(const Exchange& exchange, Response& response) const {
  cors_.mark(exchange.request, response);
}

void Dispatcher::report(const Exchange& exchange, int status) const {
  const std::chrono::duration<double, std::milli> took =
      std::chrono::steady_clock::now() - exchange.started;
  const Route* route = exchange.match.route;
  const std::string_view pattern = route == nullptr ? std::string_view() : route->pattern;
  spdlog::debug("http request: method={} route={} status={} milliseconds={:.1f} client={} user={}",
                exchange.request.method, pattern, status, took.count(), exchange.peer.address,
                exchange.request.user);
  if (options_.on_request) {
    options_.on_request({exchange.request.method, pattern, status, took.count()});
  }
}

std::uint64_t Dispatcher::max_body_bytes(const Exchange& exchange) const {
  return runs_on_worker(exchange) ? options_.max_body_bytes : max_probe_body_bytes;
}

bool Dispatcher::runs_on_worker(const Exchange& exchange) const {
  const Route* route = exchange.match.route;
  return route != nullptr && route->kind != RouteKind::probe;
}

}  // namespace dvecdb::server::http
