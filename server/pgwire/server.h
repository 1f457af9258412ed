// The listener of the Postgres wire protocol: accepts connections, runs each as a coroutine,
// answers cancel requests.
//
// start() and stop() are called by one thread; everything else happens on the io_context's threads
// and on the workers.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <cstdint>
#include <memory>
#include <string>

#include "server/exec/engine.h"
#include "server/tls/context.h"

namespace dvecdb::server::pgwire {

struct ServerOptions {
  std::string address = "127.0.0.1";
  std::uint16_t port = 5433;  // 0: any free one, see Server::port()
  int max_connections = 200;
  // Clients on the loopback interface need no password; all others authenticate by SCRAM-SHA-256.
  bool trust_loopback = true;
  // Null: TLS is not offered.
  std::shared_ptr<tls::TlsContext> tls;
  // Clients from elsewhere must use it.
  bool require_tls = false;
  // From the first byte to the end of authentication.
  int authentication_timeout_ms = 60000;
};

class Server {
 public:
  // `engine` must outlive the server.
  Server(boost::asio::io_context& io, exec::Engine& engine, ServerOptions options);
  ~Server();

  // Binds and listens. Throws boost::system::system_error when it cannot.
  void start();
  std::uint16_t port() const;
  int connections() const;
  std::uint64_t connections_total() const;  // accepted since the start
  // Accepts no more and ends the sessions (57P01): idle ones now, busy ones after their statement
  // or, after `grace_ms`, in the middle of it.
  void stop(std::int64_t grace_ms);

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace dvecdb::server::pgwire
