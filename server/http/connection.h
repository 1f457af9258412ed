// One client: reads its requests, one after the other, and writes the answers.
//
// A coroutine on the server's thread; handlers that may block run on the workers meanwhile.
#pragma once

#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "server/exec/worker_pool.h"
#include "server/http/dispatcher.h"
#include "server/http/wire.h"

namespace dvecdb::server::http {

// What all connections of a server share; outlives them.
struct ConnectionServices {
  boost::asio::io_context& io;
  Dispatcher& dispatcher;
  exec::WorkerPool& workers;
  const ServerOptions& options;
  std::atomic<int>& running;  // requests on workers that are not answered yet
};

class Connection {
 public:
  Connection(std::shared_ptr<Wire> wire, Peer peer, const ConnectionServices& services);

  // Until the client leaves or must.
  boost::asio::awaitable<void> serve();

 private:
  using Parser = boost::beast::http::request_parser<boost::beast::http::string_body>;
  enum class Outcome { done, gone, too_slow, malformed, too_large };

  // Reads until the header or all of the message is there.
  boost::asio::awaitable<Outcome> read_header(Parser& parser);
  boost::asio::awaitable<Outcome> read_body(Parser& parser);
  boost::asio::awaitable<Outcome> receive(Clock::time_point deadline);
  Outcome parse(Parser& parser);

  boost::asio::awaitable<void> skip_body(Parser& parser, const Exchange& exchange);
  // An answer: the body cannot be taken.
  boost::asio::awaitable<std::optional<Response>> take_body(Parser& parser, Exchange& exchange);

  // False: the connection ends.
  boost::asio::awaitable<bool> answer_one();
  boost::asio::awaitable<Response> respond(Parser& parser, Exchange& exchange);
  boost::asio::awaitable<void> refuse_unread(Outcome outcome, Exchange& exchange);
  boost::asio::awaitable<bool> write(const Exchange& exchange, Response& response,
                                     bool keeps_alive);
  boost::asio::awaitable<bool> write_chunks(const Response& response, bool is_chunked);
  // Tells the client that no more comes; reads on for a moment what it still sends.
  boost::asio::awaitable<void> end(bool is_read);
  // The exchange's client is watched meanwhile; null: it is not.
  boost::asio::awaitable<void> on_worker(std::function<void()> work, const Exchange* watched);
  boost::asio::awaitable<void> watch(const Exchange& exchange);

  std::shared_ptr<Wire> wire_;
  const Peer peer_;
  ConnectionServices services_;
  boost::beast::flat_buffer buffer_;
  std::string parse_error_;
  unsigned version_ = 11;
  bool is_asked_ = false;  // whether the client, which sends no more, is still there
};

}  // namespace dvecdb::server::http
