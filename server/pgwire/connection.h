// One client: the coroutine that reads its messages, and the statement's thread that answers them.
//
// The coroutine waits for bytes without holding a thread. When they are there, a worker thread runs
// the messages in order, writes the answers and stays a moment for the next ones; meanwhile the
// coroutine sleeps, so the socket has one user at a time. cancel(), finish() and terminate() may be
// called from any thread.
#pragma once

#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <mutex>
#include <string>

#include "server/exec/engine.h"
#include "server/exec/worker_pool.h"
#include "server/pgwire/client_stream.h"
#include "server/pgwire/connection_registry.h"
#include "server/pgwire/frame_buffer.h"
#include "server/pgwire/scram.h"
#include "server/pgwire/server.h"
#include "server/pgwire/startup.h"
#include "server/pgwire/transport.h"
#include "server/pgwire/wire_sink.h"

namespace dvecdb::server::pgwire {

struct ConnectionServices {
  exec::Engine& engine;
  exec::WorkerPool& workers;
  ConnectionRegistry& registry;
  ServerOptions options;
};

class Connection : public std::enable_shared_from_this<Connection>, private Transport {
 public:
  Connection(boost::asio::ip::tcp::socket socket, ConnectionServices services);
  ~Connection() override;

  // Serves the client until it leaves or must.
  boost::asio::awaitable<void> run();
  void cancel();
  // Ends the connection after the statement that runs now.
  void finish();
  // The same, and ends that statement.
  void terminate();

 private:
  // Startup, on the coroutine.
  boost::asio::awaitable<bool> start();
  boost::asio::awaitable<bool> read_startup(StartupRequest& request);
  boost::asio::awaitable<void> answer_ssl_request();
  boost::asio::awaitable<void> shake_hands(std::string wire);
  boost::asio::awaitable<void> authenticate(const StartupRequest& request);
  boost::asio::awaitable<std::string> read_password_message();
  boost::asio::awaitable<void> serve();
  boost::asio::awaitable<bool> receive(std::int64_t timeout_ms);
  void notified();
  boost::asio::awaitable<void> on_worker(void (Connection::*work)());
  void limit_login();
  void check_encrypted() const;

  // On a worker.
  void connect_session();
  void answer_messages();
  void answer_input();
  bool hear_more();
  void answer_idle_timeout();
  void deliver_notifications();
  void close_session();
  bool answer(const Frame& frame);
  void answer_query(const Frame& frame);
  void answer_extended(const Frame& frame);
  void refuse(const types::ErrorFields& fields);

  void write(std::string_view bytes) override;
  void read_frame(Frame& frame) override;

  ClientStream stream_;
  boost::asio::ip::tcp::socket& socket_;  // the stream's
  boost::asio::steady_timer timer_;
  boost::asio::steady_timer login_timer_;
  ConnectionServices services_;
  FrameBuffer input_;
  WireSink sink_;
  StartupRequest request_;
  BackendKey key_;
  std::string client_address_;
  bool skip_until_sync_ = false;
  bool closing_ = false;
  // All for the coroutine's executor alone.
  bool is_logged_in_ = false;
  bool is_receiving_ = false;
  bool is_notified_ = false;
  std::atomic<bool> finishing_ = false;

  std::mutex session_mutex_;  // guards the pointer against cancel() and terminate()
  std::unique_ptr<exec::Session> session_;
};

}  // namespace dvecdb::server::pgwire
