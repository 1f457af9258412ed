#include "server/http/connection.h"

#include <spdlog/spdlog.h>

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>
#include <system_error>
#include <utility>

#include "server/http/envelope.h"
#include "server/http/response_text.h"

namespace dvecdb::server::http {

namespace asio = boost::asio;
namespace beast_http = boost::beast::http;
using asio::awaitable;

namespace {

constexpr std::size_t read_bytes = 64 * 1024;
// A body must come at this speed, on average, once Timeouts::request has passed.
constexpr std::uint64_t least_bytes_per_second = 16 * 1024;
constexpr auto linger_time = std::chrono::seconds(2);
constexpr std::size_t small_body_bytes = 16 * 1024;
// How often it is looked whether a client that waits is still there.
constexpr auto watch_period = std::chrono::milliseconds(100);
// What is logged and counted for a request whose client has left.
constexpr int client_left_status = 499;

// Counts a request as long as it is there.
class Running {
 public:
  explicit Running(std::atomic<int>& count) : count_(&count) { ++count; }
  ~Running() { release(); }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;
  void release() {
    if (count_ != nullptr) --*count_;
    count_ = nullptr;
  }

 private:
  std::atomic<int>* count_;
};

}  // namespace

Connection::Connection(std::shared_ptr<Wire> wire, Peer peer, const ConnectionServices& services)
    : wire_(std::move(wire)), peer_(std::move(peer)), services_(services) {}

awaitable<void> Connection::serve() {
  // GCC 12 loses a co_await in the condition of a loop without a body.
  bool goes_on = true;
  while (goes_on) goes_on = co_await answer_one();
}

awaitable<bool> Connection::answer_one() {
  Parser parser;
  parser.header_limit(max_header_bytes);
  parser.body_limit(boost::none);  // known only when its sender is
  Exchange exchange;
  exchange.peer = peer_;
  const Outcome outcome = co_await read_header(parser);
  exchange.started = Clock::now();
  if (outcome == Outcome::gone) co_return false;
  if (outcome != Outcome::done) {
    co_await refuse_unread(outcome, exchange);
    co_return false;
  }
  Running running(services_.running);
  version_ = parser.get().version();
  Response response;
  if (auto refused = services_.dispatcher.receive(parser.get().base(), exchange)) {
    running.release();
    response = *std::move(refused);
    co_await skip_body(parser, exchange);
  } else {
    if (!services_.dispatcher.runs_on_worker(exchange)) running.release();
    response = co_await respond(parser, exchange);
  }
  const Departure* departure = exchange.request.departure.get();
  if (departure != nullptr && departure->has_left()) response.status = client_left_status;
  const bool is_whole = parser.is_done();
  const bool keeps_alive = parser.keep_alive() && is_whole;
  const bool is_written = co_await write(exchange, response, keeps_alive);
  services_.dispatcher.report(exchange, response.status);
  if (!is_written) co_return false;
  if (keeps_alive) co_return true;
  running.release();
  co_await end(is_whole);
  co_return false;
}

// ---------------------------------------------------------------- reading

awaitable<Connection::Outcome> Connection::receive(Clock::time_point deadline) {
  const auto space = buffer_.prepare(read_bytes);
  const ReadResult read =
      co_await wire_->read({static_cast<char*>(space.data()), space.size()}, deadline);
  if (read.bytes == 0) co_return read.is_timeout ? Outcome::too_slow : Outcome::gone;
  buffer_.commit(read.bytes);
  co_return Outcome::done;
}

Connection::Outcome Connection::parse(Parser& parser) {
  boost::system::error_code error;
  buffer_.consume(parser.put(buffer_.data(), error));
  if (!error || error == beast_http::error::need_more) return Outcome::done;
  const bool is_too_large =
      error == beast_http::error::header_limit || error == beast_http::error::body_limit;
  parse_error_ = error.message();
  return is_too_large ? Outcome::too_large : Outcome::malformed;
}

awaitable<Connection::Outcome> Connection::read_header(Parser& parser) {
  const Timeouts& timeouts = services_.options.timeouts;
  if (buffer_.size() == 0) {
    const Outcome first = co_await receive(Clock::now() + timeouts.idle);
    // Nothing was asked, so nobody waits for an answer.
    if (first != Outcome::done) co_return Outcome::gone;
  }
  const Clock::time_point deadline = Clock::now() + timeouts.request;
  while (true) {
    const Outcome parsed = parse(parser);
    if (parsed != Outcome::done || parser.is_header_done()) co_return parsed;
    const Outcome received = co_await receive(deadline);
    if (received != Outcome::done) co_return received;
  }
}

awaitable<Connection::Outcome> Connection::read_body(Parser& parser) {
  const Clock::time_point started = Clock::now();
  parser.eager(true);
  while (true) {
    if (buffer_.size() > 0) {
      const Outcome parsed = parse(parser);
      if (parsed != Outcome::done) co_return parsed;
    }
    if (parser.is_done()) co_return Outcome::done;
    const std::chrono::seconds earned(parser.get().body().size() / least_bytes_per_second);
    const Outcome received =
        co_await receive(started + services_.options.timeouts.request + earned);
    if (received != Outcome::done) co_return received;
  }
}

// The next request is to be found where this one ends. What is too long is left alone: then the
// connection ends.
awaitable<void> Connection::skip_body(Parser& parser, const Exchange& exchange) {
  const auto length = parser.content_length();
  if (!length || *length > max_probe_body_bytes || exchange.wants_continue) co_return;
  co_await read_body(parser);
}

awaitable<std::optional<Response>> Connection::take_body(Parser& parser, Exchange& exchange) {
  const std::uint64_t limit = services_.dispatcher.max_body_bytes(exchange);
  const std::string too_large =
      "the body is larger than " + std::to_string(limit) + " bytes (max_body_mb)";
  if (parser.content_length().value_or(0) > limit) co_return failure(413, too_large);
  if (exchange.wants_continue &&
      !co_await wire_->write("HTTP/1.1 100 Continue\r\n\r\n", services_.options.timeouts.write)) {
    co_return failure(400, "the client is gone");
  }
  parser.body_limit(limit);
  switch (co_await read_body(parser)) {
    case Outcome::done:
      exchange.request.body = std::move(parser.get().body());
      co_return std::nullopt;
    case Outcome::too_large:
      co_return failure(413, too_large);
    case Outcome::too_slow:
      co_return failure(408, "the body took too long to arrive");
    case Outcome::gone:
      co_return failure(400, "the body ends early");
    case Outcome::malformed:
      break;
  }
  co_return failure(400, "the body is no valid HTTP/1.1: " + parse_error_);
}

// ---------------------------------------------------------------- answering

awaitable<Response> Connection::respond(Parser& parser, Exchange& exchange) {
  Dispatcher& dispatcher = services_.dispatcher;
  std::optional<Response> response;
  bool lacks_worker = false;
  try {
    if (!dispatcher.runs_on_worker(exchange)) {
      response = co_await take_body(parser, exchange);
      co_return response ? *std::move(response) : dispatcher.run(exchange);
    }
    exchange.request.departure = std::make_shared<Departure>();
    const auto admit = [&] {
      response = dispatcher.admit(exchange);
      if (!response && !exchange.has_body) response = dispatcher.run(exchange);
    };
    co_await on_worker(admit, &exchange);
    if (response) {
      co_await skip_body(parser, exchange);
      co_return *std::move(response);
    }
    response = co_await take_body(parser, exchange);
    if (!response) {
      co_await on_worker([&] { response = dispatcher.run(exchange); }, &exchange);
    }
  } catch (const std::system_error& error) {
    spdlog::error("http request failed: {}", error.what());
    lacks_worker = true;
  }
  if (lacks_worker) co_return failure(503, "the server has no thread to spare");
  co_return *std::move(response);
}

awaitable<void> Connection::refuse_unread(Outcome outcome, Exchange& exchange) {
  Response response;
  if (outcome == Outcome::too_slow) {
    response = failure(408, "the request took too long to arrive");
  } else if (outcome == Outcome::too_large) {
    response = failure(
        431, "the request's header is larger than " + std::to_string(max_header_bytes) + " bytes");
  } else {
    response = failure(400, "the request is no valid HTTP/1.1: " + parse_error_);
  }
  const bool is_written = co_await write(exchange, response, false);
  services_.dispatcher.report(exchange, response.status);
  if (is_written) co_await end(false);
}

awaitable<bool> Connection::write(const Exchange& exchange, Response& response, bool keeps_alive) {
  services_.dispatcher.finish(exchange, response);
  const bool is_head = exchange.request.method == "HEAD";
  const bool is_chunked = response.next_chunk && version_ >= 11;
  const auto patience = services_.options.timeouts.write;
  // Who speaks HTTP/1.0 learns by the connection's end that a streamed answer is complete.
  const bool stays = keeps_alive && (!response.next_chunk || is_chunked);
  std::string text = header_text(response, {version_, stays});
  const bool is_short = response.body.size() <= small_body_bytes;
  if (!is_head && is_short) text += response.body;
  if (!co_await wire_->write(text, patience)) co_return false;
  if (is_head) co_return stays == keeps_alive;
  if (!is_short && !co_await wire_->write(response.body, patience)) co_return false;
  if (response.next_chunk && !co_await write_chunks(response, is_chunked)) co_return false;
  if (stays == keeps_alive) co_return true;
  co_await end(true);
  co_return false;
}

awaitable<bool> Connection::write_chunks(const Response& response, bool is_chunked) {
  while (true) {
    std::string chunk;
    try {
      co_await on_worker([&] { chunk = response.next_chunk(); }, nullptr);
    } catch (const std::exception& error) {
      spdlog::error("http answer broken off: {}", error.what());
      co_return false;
    }
    const bool is_last = chunk.empty();
    if (is_chunked) chunk = chunk_text(chunk);
    if (!co_await wire_->write(chunk, services_.options.timeouts.write)) co_return false;
    if (is_last) co_return true;
  }
}

awaitable<void> Connection::end(bool is_read) {
  co_await wire_->finish();
  if (is_read) co_return;
  // Closing with unread bytes would reset the connection, and the answer might be lost.
  std::array<char, 4096> ignored{};
  const Clock::time_point deadline = Clock::now() + linger_time;
  bool is_sending = true;
  while (is_sending) {
    const ReadResult read = co_await wire_->read(ignored, deadline);
    is_sending = read.bytes > 0;
  }
}

awaitable<void> Connection::on_worker(std::function<void()> work, const Exchange* watched) {
  asio::steady_timer timer(services_.io, asio::steady_timer::time_point::max());
  std::exception_ptr thrown;
  bool is_done = false;
  services_.workers.post([&] {
    try {
      work();
    } catch (...) {
      thrown = std::current_exception();
    }
    asio::post(services_.io, [&] {
      is_done = true;
      timer.cancel();
    });
  });
  while (!is_done) {
    if (watched != nullptr) timer.expires_after(watch_period);
    co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
    if (!is_done && watched != nullptr) co_await watch(*watched);
  }
  if (thrown) std::rethrow_exception(thrown);
}

// A client that has closed its end may have left, or just have no more to ask. Only writing to it
// tells: who has left resets the connection, and who waits takes an interim answer for what it is.
awaitable<void> Connection::watch(const Exchange& exchange) {
  const Presence presence = wire_->presence();
  if (presence == Presence::gone) exchange.request.departure->tell();
  if (presence != Presence::sends_no_more || is_asked_ || version_ < 11) co_return;
  is_asked_ = true;
  const bool is_written =
      co_await wire_->write("HTTP/1.1 102 Processing\r\n\r\n", services_.options.timeouts.write);
  if (!is_written) exchange.request.departure->tell();
}

}  // namespace dvecdb::server::http
