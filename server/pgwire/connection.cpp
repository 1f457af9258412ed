#include "server/pgwire/connection.h"

#include <spdlog/spdlog.h>
#include <sys/socket.h>

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <exception>
#include <utility>

#include "server/pgwire/frontend.h"

namespace dvecdb::server::pgwire {

namespace asio = boost::asio;
using asio::as_tuple;
using asio::awaitable;
using asio::use_awaitable;
using types::SqlError;
namespace sqlstate = types::sqlstate;

namespace {

// Part of every waiting coroutine's frame, so small.
constexpr std::size_t idle_receive_bytes = 16 * 1024;
// How long a worker stays with a client that may ask again: two thread changes saved a statement.
// There are as many workers as connections, so nobody waits for one that stays.
constexpr int stay_milliseconds = 10;
// The first byte of a TLS handshake; a startup packet's is zero.
constexpr char tls_handshake_record = 0x16;
constexpr std::int32_t authentication_ok = 0;
constexpr std::int32_t authentication_sasl = 10;
constexpr std::int32_t authentication_sasl_continue = 11;
constexpr std::int32_t authentication_sasl_final = 12;

}  // namespace

Connection::Connection(asio::ip::tcp::socket socket, ConnectionServices services)
    : stream_(std::move(socket)),
      socket_(stream_.socket()),
      timer_(socket_.get_executor()),
      login_timer_(socket_.get_executor()),
      services_(std::move(services)),
      sink_(*this) {
  boost::system::error_code ignored;
  socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
  socket_.set_option(asio::socket_base::keep_alive(true), ignored);
  client_address_ = stream_.client_address();
}

Connection::~Connection() = default;

awaitable<void> Connection::run() {
  const auto self = shared_from_this();
  try {
    if (co_await start()) {
      spdlog::info("connection authorized: pid={} user={} database={} client={} tls={}", key_.pid,
                   request_.user, request_.database, client_address_,
                   stream_.tls() != nullptr ? stream_.tls()->version() : "none");
      co_await serve();
    }
  } catch (const exec::ClientGone&) {
  } catch (const std::exception& error) {
    spdlog::error("connection failed: pid={} client={} error={}", key_.pid, client_address_,
                  error.what());
  }
  if (session_) {
    co_await on_worker(&Connection::close_session);
    spdlog::info("disconnection: pid={} user={} database={}", key_.pid, request_.user,
                 request_.database);
  }
  if (key_.pid != 0) services_.registry.remove(key_.pid);
  stream_.close();
}

// ---------------------------------------------------------------- startup

awaitable<bool> Connection::start() {
  types::ErrorFields refusal;
  limit_login();
  try {
    if (!co_await read_startup(request_)) co_return false;
    if (request_.wants_replication) {
      throw SqlError(sqlstate::feature_not_supported, "replication connections are not supported");
    }
    check_encrypted();
    key_ = services_.registry.add(shared_from_this());
    co_await authenticate(request_);
    is_logged_in_ = true;
    login_timer_.cancel();
    co_await on_worker(&Connection::connect_session);
    co_return true;
  } catch (const SqlError& error) {
    refusal = error.fields();
  }
  spdlog::warn("connection refused: client={} user={} database={} sqlstate={} message={}",
               client_address_, request_.user, request_.database, refusal.sqlstate,
               refusal.message);
  refuse(refusal);
  co_return false;
}

// A client that is not known yet has so long for everything it has to say.
void Connection::limit_login() {
  login_timer_.expires_after(
      std::chrono::milliseconds(services_.options.authentication_timeout_ms));
  login_timer_.async_wait([weak = weak_from_this()](boost::system::error_code error) {
    const auto self = weak.lock();
    if (error || !self || self->is_logged_in_) return;
    spdlog::info("login took too long: client={}", self->client_address_);
    ::shutdown(self->socket_.native_handle(), SHUT_RDWR);
  });
}

awaitable<bool> Connection::read_startup(StartupRequest& request) {
  std::string body;
  while (true) {
    while (!input_.next_startup(body)) {
      if (!co_await receive(0)) co_return false;
      const bool wants_tls = input_.begins_with(tls_handshake_record);
      if (wants_tls && stream_.tls() == nullptr && services_.options.tls != nullptr) {
        co_await shake_hands(input_.take_all());
        if (stream_.tls()->protocol().empty()) {
          throw SqlError(sqlstate::protocol_violation,
                         "received direct SSL connection request without ALPN protocol "
                         "negotiation extension");
        }
      }
    }
    const StartupPacket packet = parse_startup(body);
    if (const auto* cancel_request = std::get_if<CancelRequest>(&packet)) {
      const auto target = services_.registry.find({cancel_request->pid, cancel_request->secret});
      if (target) target->cancel();
      co_return false;
    }
    if (const auto* startup = std::get_if<StartupRequest>(&packet)) {
      request = *startup;
      if (request.minor_version > 0 || !request.unknown_protocol_options.empty()) {
        sink_.negotiate_protocol(0, request.unknown_protocol_options);
      }
      co_return true;
    }
    if (std::holds_alternative<SslRequest>(packet)) {
      co_await answer_ssl_request();
    } else {
      write("N");  // no GSS encryption here; the client decides whether it goes on
    }
  }
}

awaitable<void> Connection::answer_ssl_request() {
  if (stream_.tls() != nullptr) {
    throw SqlError(sqlstate::protocol_violation, "SSL request on an encrypted connection");
  }
  // What came along with the request was not encrypted: somebody between the two may have put it
  // there, to be taken for the client's own words afterwards (CVE-2021-23214).
  if (!input_.empty()) {
    throw SqlError(sqlstate::protocol_violation, "received unencrypted data after SSL request")
        .detail(
            "This could be either a client-software bug or evidence of an attempted "
            "man-in-the-middle attack.");
  }
  if (services_.options.tls == nullptr) {
    write("N");
    co_return;
  }
  write("S");
  co_await shake_hands({});
}

// `wire`: what the client has sent of its handshake.
awaitable<void> Connection::shake_hands(std::string wire) {
  stream_.start_tls(services_.options.tls->current());
  if (!wire.empty()) stream_.received(wire, input_);
  while (true) {
    const std::string answer = stream_.take_output();
    if (!answer.empty()) {
      const auto [error, count] =
          co_await asio::async_write(socket_, asio::buffer(answer), as_tuple(use_awaitable));
      if (error) throw exec::ClientGone();
    }
    if (stream_.tls()->is_established()) co_return;
    if (!co_await receive(0)) throw exec::ClientGone();
  }
}

void Connection::check_encrypted() const {
  if (!services_.options.require_tls || stream_.tls() != nullptr || stream_.is_loopback()) return;
  throw SqlError(sqlstate::invalid_authorization_specification,
                 "connection from " + client_address_ +
                     " is not encrypted, and this server "
                     "requires TLS")
      .hint("Connect with sslmode=require, or better verify-full.");
}

awaitable<void> Connection::authenticate(const StartupRequest& request) {
  if (services_.options.trust_loopback && stream_.is_loopback()) {
    sink_.authentication(authentication_ok, {});
    co_return;
  }
  ScramServer scram(services_.engine.role_login(request.user),
                    stream_.tls() != nullptr ? stream_.tls()->server_end_point() : "");
  sink_.authentication(authentication_sasl, scram.mechanisms());
  sink_.flush();

  const std::string initial = co_await read_password_message();
  const SaslInitialMessage message = decode_sasl_initial(initial);
  sink_.authentication(authentication_sasl_continue,
                       scram.first_message(message.mechanism, message.data));
  sink_.flush();

  const std::string final_message = scram.final_message(co_await read_password_message());
  if (!scram.is_authenticated()) {
    throw SqlError(sqlstate::invalid_password,
                   "password authentication failed for user \"" + request.user + "\"");
  }
  sink_.authentication(authentication_sasl_final, final_message);
  sink_.authentication(authentication_ok, {});
}

awaitable<std::string> Connection::read_password_message() {
  Frame frame;
  while (!input_.next(frame)) {
    if (!co_await receive(0)) throw exec::ClientGone();
  }
  if (frame.type != 'p') {
    throw SqlError(sqlstate::protocol_violation,
                   std::string("expected SASL response, got message type ") + frame.type);
  }
  co_return std::move(frame.body);
}

void Connection::connect_session() {
  exec::SessionOptions options;
  options.user = request_.user;
  options.database = request_.database;
  options.settings = request_.settings;
  options.client_address = client_address_;
  options.client_port = stream_.client_port();
  options.encryption = stream_.encryption();
  options.pid = key_.pid;
  options.on_notification = [weak = weak_from_this()] {
    const auto self = weak.lock();
    if (self) asio::post(self->socket_.get_executor(), [self] { self->notified(); });
  };
  auto session = services_.engine.connect(std::move(options));
  for (const auto& [name, value] : session->reported_settings()) {
    sink_.parameter_status(name, value);
  }
  sink_.backend_key(key_.pid, key_.secret);
  sink_.ready(session->status());
  sink_.flush();
  const std::lock_guard lock(session_mutex_);
  session_ = std::move(session);
}

void Connection::close_session() {
  std::unique_ptr<exec::Session> session;
  {
    const std::lock_guard lock(session_mutex_);
    session = std::move(session_);
  }
}

void Connection::refuse(const types::ErrorFields& fields) {
  sink_.fatal(fields);
  sink_.flush();
}

// ---------------------------------------------------------------- the conversation

awaitable<void> Connection::serve() {
  while (!closing_) {
    if (co_await receive(session_->idle_timeout_ms())) {
      co_await on_worker(&Connection::answer_messages);
    } else if (std::exchange(is_notified_, false)) {
      co_await on_worker(&Connection::deliver_notifications);
    } else if (finishing_) {
      types::ErrorFields fields;
      fields.sqlstate = sqlstate::admin_shutdown;
      fields.message = "terminating connection due to administrator command";
      refuse(fields);
      closing_ = true;
    } else {
      co_await on_worker(&Connection::answer_idle_timeout);
    }
  }
}

// A client that waits for nothing but notifications hears of them at once.
void Connection::notified() {
  is_notified_ = true;
  boost::system::error_code ignored;
  if (is_receiving_) socket_.cancel(ignored);
}

// False when the time is up, notifications came or the connection is told to end; throws when the
// client is gone.
awaitable<bool> Connection::receive(std::int64_t timeout_ms) {
  if (finishing_ || is_notified_) co_return false;
  bool timed_out = false;
  if (timeout_ms > 0) {
    timer_.expires_after(std::chrono::milliseconds(timeout_ms));
    timer_.async_wait([this, &timed_out](boost::system::error_code error) {
      if (error) return;
      timed_out = true;
      boost::system::error_code ignored;
      socket_.cancel(ignored);
    });
  }
  std::array<char, idle_receive_bytes> bytes;
  is_receiving_ = true;
  const auto [error, count] =
      co_await socket_.async_read_some(asio::buffer(bytes), as_tuple(use_awaitable));
  is_receiving_ = false;
  if (timeout_ms > 0 && timer_.cancel() == 0) {
    // The handler has been queued already and refers to this frame: let it run first.
    co_await asio::post(socket_.get_executor(), use_awaitable);
  }
  if (!error) {
    stream_.received({bytes.data(), count}, input_);
    co_return true;
  }
  const bool is_woken = timed_out || is_notified_;
  if (finishing_ || (error == asio::error::operation_aborted && is_woken)) co_return false;
  throw exec::ClientGone();
}

// Runs a member function on a worker thread and comes back to the coroutine's own. What it throws
// comes out here.
awaitable<void> Connection::on_worker(void (Connection::*work)()) {
  const auto start = [this, work](auto handler) {
    auto shared = std::make_shared<decltype(handler)>(std::move(handler));
    services_.workers.post([this, work, shared] {
      std::exception_ptr failure;
      try {
        (this->*work)();
      } catch (...) {
        failure = std::current_exception();
      }
      asio::post(socket_.get_executor(), [shared, failure] { std::move (*shared)(failure); });
    });
  };
  co_await asio::async_initiate<decltype(use_awaitable), void(std::exception_ptr)>(start,
                                                                                   use_awaitable);
}

void Connection::answer_messages() {
  do {
    answer_input();
  } while (!closing_ && hear_more());
}

// False: leave the client to the coroutine, which also sees to its end and to timeouts.
bool Connection::hear_more() {
  if (finishing_ || session_->idle_timeout_ms() > 0) return false;
  return stream_.receive_within(stay_milliseconds, input_);
}

void Connection::answer_input() {
  Frame frame;
  try {
    while (!closing_ && input_.next(frame)) {
      if (!answer(frame)) closing_ = true;
    }
  } catch (const SqlError& error) {
    // Only a broken stream gets here: statements' errors are the session's.
    sink_.fatal(error.fields());
  }
  sink_.flush();
  if (sink_.is_fatal()) closing_ = true;
}

void Connection::answer_idle_timeout() {
  if (!session_->on_idle_timeout(sink_)) closing_ = true;
  sink_.flush();
}

void Connection::deliver_notifications() {
  session_->deliver_notifications(sink_);
  sink_.flush();
}

bool Connection::answer(const Frame& frame) {
  switch (frame.type) {
    case 'X':
      return false;
    case 'Q':
      answer_query(frame);
      return true;
    case 'S':
      skip_until_sync_ = false;
      sink_.clear_copy_in();
      session_->sync(sink_);
      sink_.ready(session_->status());
      return true;
    case 'H':
      session_->flush(sink_);
      sink_.flush();
      return true;
    case 'd':
    case 'c':
    case 'f':
      return true;  // the rest of a COPY that has failed
    case 'F':
      throw SqlError(sqlstate::feature_not_supported,
                     "the function call protocol message is not supported");
    case 'p':
      throw SqlError(sqlstate::protocol_violation, "unexpected password message");
    default:
      if (!skip_until_sync_) answer_extended(frame);
      return true;
  }
}

void Connection::answer_query(const Frame& frame) {
  skip_until_sync_ = false;
  try {
    session_->simple_query(decode_query(frame.body), sink_);
  } catch (const SqlError& error) {
    sink_.error(error.fields());
  }
  sink_.clear_copy_in();
  if (!sink_.is_fatal()) sink_.ready(session_->status());
}

void Connection::answer_extended(const Frame& frame) {
  try {
    switch (frame.type) {
      case 'P': {
        const ParseMessage message = decode_parse(frame.body);
        session_->parse(message.name, message.text, message.types, sink_);
        break;
      }
      case 'B': {
        const BindMessage message = decode_bind(frame.body);
        session_->bind(message.portal, message.statement, message.formats, message.parameters,
                       message.result_formats, sink_);
        break;
      }
      case 'D': {
        const TargetMessage message = decode_target(frame.body, "DESCRIBE");
        if (message.kind == 'S') {
          session_->describe_statement(message.name, sink_);
        } else {
          session_->describe_portal(message.name, sink_);
        }
        break;
      }
      case 'C': {
        const TargetMessage message = decode_target(frame.body, "CLOSE");
        if (message.kind == 'S') {
          session_->close_statement(message.name, sink_);
        } else {
          session_->close_portal(message.name, sink_);
        }
        break;
      }
      case 'E': {
        const ExecuteMessage message = decode_execute(frame.body);
        session_->execute(message.portal, message.max_rows, sink_);
        break;
      }
      default:
        break;
    }
  } catch (const SqlError& error) {
    sink_.error(error.fields());
    skip_until_sync_ = true;
  }
}

void Connection::cancel() {
  const std::lock_guard lock(session_mutex_);
  if (session_) session_->cancel();
}

void Connection::finish() {
  finishing_ = true;
  // Wakes whoever reads, the coroutine or a statement in the middle of a COPY; what is still to be
  // said can be written. The descriptor stays open as long as this object lives.
  ::shutdown(socket_.native_handle(), SHUT_RD);
}

void Connection::terminate() {
  finish();
  const std::lock_guard lock(session_mutex_);
  if (session_) session_->terminate();
}

// ---------------------------------------------------------------- blocking transport

void Connection::write(std::string_view bytes) {
  stream_.send(bytes);
}

void Connection::read_frame(Frame& frame) {
  while (!input_.next(frame)) stream_.receive(input_);
}

}  // namespace dvecdb::server::pgwire
