// A client's session: statements in, rows and messages out. The wire protocol's state machine of
// PostgreSQL (simple and extended query, transactions, portals, COPY) without its bytes.
//
// A Session is used by one thread at a time (any thread with at least query::parse_stack_bytes of
// stack); cancel() alone may be called from others. All errors of statements go to the sink; no
// member throws SqlError.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "server/query/plan.h"
#include "server/types/error.h"
#include "server/types/type_io.h"
#include "server/types/value.h"

namespace dvecdb::server::exec {

using query::ResultColumn;
using types::Oid;
using types::Value;

class Engine;

enum class CopyFormat : std::uint8_t { text, csv, binary };

// Where a session's answers go. Called on the session's thread, in protocol order; calls may
// block (a slow client). A sink that lost its client throws ClientGone, which ends the statement.
class ResultSink {
 public:
  virtual ~ResultSink() = default;
  // `formats`: 0 text, 1 binary, one per column.
  virtual void row_description(std::span<const ResultColumn> columns,
                               std::span<const std::int16_t> formats) = 0;
  // `io` are the settings to print with.
  virtual void row(std::span<const ResultColumn> columns, std::span<const std::int16_t> formats,
                   std::span<const Value> values, const types::IoContext& io) = 0;
  virtual void no_data() = 0;
  virtual void parameter_description(std::span<const Oid> types) = 0;
  virtual void parse_complete() = 0;
  virtual void bind_complete() = 0;
  virtual void close_complete() = 0;
  virtual void command_complete(std::string_view tag) = 0;
  virtual void empty_query() = 0;
  virtual void portal_suspended() = 0;
  virtual void error(const types::ErrorFields& fields) = 0;
  // severity: NOTICE, WARNING, INFO, LOG, DEBUG
  virtual void notice(std::string_view severity, const types::ErrorFields& fields) = 0;
  // A reported setting changed (client_encoding, TimeZone, ...).
  virtual void parameter_status(std::string_view name, std::string_view value) = 0;
  // LISTEN/NOTIFY, sent between statements.
  virtual void notification(std::int32_t pid, std::string_view channel,
                            std::string_view payload) = 0;

  // COPY ... FROM STDIN: after copy_in(), copy_read() blocks for the next piece of the client's
  // data and returns nullopt at CopyDone; CopyFail throws SqlError 57014.
  virtual void copy_in(CopyFormat format, int columns) = 0;
  virtual std::optional<std::string_view> copy_read() = 0;
  // COPY ... TO STDOUT
  virtual void copy_out(CopyFormat format, int columns) = 0;
  virtual void copy_data(std::string_view bytes) = 0;
  virtual void copy_done() = 0;
};

struct ClientGone {};

// As in ReadyForQuery.
enum class TransactionStatus : char { idle = 'I', in_transaction = 'T', failed = 'E' };

// How a session's bytes are encrypted; without a version: not at all.
struct Encryption {
  std::string version, cipher;  // "TLSv1.3", "TLS_AES_256_GCM_SHA384"
  int bits = 0;
};

struct SessionOptions {
  std::string user;
  std::string database;
  std::vector<std::pair<std::string, std::string>> settings;  // from the startup packet
  std::string client_address;
  int client_port = -1;
  Encryption encryption;
  std::int32_t pid = 0;
  // Called on any thread when a notification came for the session; the caller should then call
  // Session::deliver_notifications() if no statement is on its way. Must return at once.
  std::function<void()> on_notification;
};

class Session {
 public:
  virtual ~Session() = default;  // rolls back an open transaction

  // Simple query protocol: any number of statements. Does not call a "ready": the caller does.
  virtual void simple_query(std::string_view text, ResultSink& sink) = 0;

  // Extended protocol. After an error the session refuses (silently) every call until sync().
  virtual void parse(std::string_view name, std::string_view text, std::span<const Oid> types,
                     ResultSink& sink) = 0;
  struct Parameter {
    bool is_null = false;
    std::string_view bytes;
  };
  // `formats` and `result_formats` as in Bind: none, one for all, or one each.
  virtual void bind(std::string_view portal, std::string_view statement,
                    std::span<const std::int16_t> formats, std::span<const Parameter> parameters,
                    std::span<const std::int16_t> result_formats, ResultSink& sink) = 0;
  virtual void describe_statement(std::string_view name, ResultSink& sink) = 0;
  virtual void describe_portal(std::string_view name, ResultSink& sink) = 0;
  virtual void execute(std::string_view portal, std::int32_t max_rows, ResultSink& sink) = 0;
  virtual void close_statement(std::string_view name, ResultSink& sink) = 0;
  virtual void close_portal(std::string_view name, ResultSink& sink) = 0;
  // Flush: everything asked for so far must be answered now. Without it, the answer of a write by
  // execute() may come with the next call, so that a Sync right behind it can share its commit.
  virtual void flush(ResultSink& sink) = 0;
  virtual void sync(ResultSink& sink) = 0;

  // Sends what LISTEN has received; nothing while a transaction is open.
  virtual void deliver_notifications(ResultSink& sink) = 0;

  virtual TransactionStatus status() const = 0;
  // The settings to report at start: server_version, client_encoding, DateStyle, TimeZone ...
  virtual std::vector<std::pair<std::string, std::string>> reported_settings() const = 0;
  // Ends the running statement with 57014 (a cancel request, statement_timeout). Thread-safe.
  virtual void cancel() = 0;
  // Ends the session: the running statement fails with 57P01. Thread-safe.
  virtual void terminate() = 0;
  // When the caller should call on_idle_timeout() if nothing arrives:
  // idle_in_transaction_session_timeout or idle_session_timeout in milliseconds, 0 for never. The
  // call answers false when the session must end.
  virtual std::int64_t idle_timeout_ms() const = 0;
  virtual bool on_idle_timeout(ResultSink& sink) = 0;
};

}  // namespace dvecdb::server::exec
