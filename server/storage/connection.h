// A connection to one database of the row store (SQLite) and its prepared statements.
//
// A Connection and its statements are used by one thread at a time; interrupt() alone may be
// called from any thread. The lowest layer: knows SQLite, nothing of pools, queues or vectors.
// Problems of the store throw SqlError: 53100 disk full, 58030 I/O, XX001
// damage, 57014 interrupted, 40001 a snapshot that can no longer be written to; constraint
// failures throw ConstraintError.
#pragma once

#include <atomic>
#include <cstdint>
#include <exception>
#include <memory>
#include <string>
#include <string_view>

#include "server/types/error.h"
#include "server/types/value.h"

struct sqlite3;
struct sqlite3_stmt;

namespace dvecdb::server::storage {

using types::Value;

// A uniqueness failure, for the executor to turn into 23505 with the constraint's name.
class ConstraintError : public types::SqlError {
 public:
  // `index_name`: the store name of the violated index, or "" when the store does not say.
  ConstraintError(std::string message, std::string index_name);
  const std::string& index_name() const { return index_name_; }

 private:
  std::string index_name_;
};

class Connection;

// A prepared statement, leased from its connection's cache; goes back, reset, when destroyed.
// A SqlError thrown by a registered function comes out of step() unchanged.
class Statement {
 public:
  Statement(Statement&& other) noexcept;
  Statement& operator=(Statement&&) = delete;
  ~Statement();

  // Parameters are numbered from 1. The bytes are copied only if `copy`; otherwise they must
  // live until reset.
  void bind(int parameter, const Value& value, bool copy = true);
  int parameter_count() const;
  // True: a row is there. False: the end.
  bool step();
  int column_count() const;
  // Borrowed: valid until the next step or reset.
  Value column(int index) const;
  // Steps to the end.
  void run();
  void reset();
  bool is_read_only() const;
  sqlite3_stmt* handle() const { return handle_; }

 private:
  friend class Connection;
  Statement(Connection* connection, sqlite3_stmt* handle);
  Connection* connection_;
  sqlite3_stmt* handle_;
};

struct ConnectionOptions {
  std::string path;
  bool read_only = false;  // temporary tables can be written all the same
  int page_size = 16384;   // of a file that is created
  std::int64_t cache_bytes = 8 << 20;
  std::int64_t mmap_bytes = std::int64_t{64} << 30;
};

class Connection {
 public:
  explicit Connection(const ConnectionOptions& options);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // From the cache of this connection (least recently used, bounded), or compiled.
  Statement prepare(std::string_view sql);
  // One or more statements without parameters; a cancel mark does not keep them from running.
  void execute(std::string_view sql);
  // The same for one statement that comes often, kept in the cache: BEGIN, COMMIT, savepoints.
  void control(std::string_view sql);
  void attach(const std::string& path, std::string_view name, bool read_only);
  std::int64_t last_insert_rowid() const;
  std::int64_t changes() const;
  bool in_transaction() const;
  sqlite3* handle() const { return handle_; }

  // Ends the running statement with 57014; without one it does nothing. Thread-safe.
  void interrupt() { interrupted_ = true; }
  // The session's own mark, which ends every statement with 57014 while it is true: what a
  // session that runs several statements for one command should use. Not owned; nullptr: none.
  void watch_cancel(const std::atomic<bool>* cancelled) { cancelled_ = cancelled; }
  // A write statement that is stopped half-way takes its whole transaction with it (SQLite cannot
  // do otherwise). Where others share the transaction, writes are not stopped: only the step
  // after, reads, and functions that check for themselves.
  void protect_writes(bool on) { writes_protected_ = on; }
  bool cancel_requested() const;

  // The functions::Environment (or other context) of the session that uses the connection now;
  // registered functions find it here. Not owned.
  void set_session(void* session) { session_ = session; }
  void* session() const { return session_; }

  // A registered function stores the exception it caught here; step() rethrows it.
  void set_pending_error(std::exception_ptr error);

 private:
  friend class Statement;
  static int on_progress(void* self);
  void configure(const ConnectionOptions& options);
  [[noreturn]] void fail(int code);
  int step(sqlite3_stmt* handle);
  sqlite3_stmt* compile(std::string_view sql);
  void give_back(sqlite3_stmt* handle);

  sqlite3* handle_ = nullptr;
  void* session_ = nullptr;
  std::exception_ptr pending_error_;
  std::unique_ptr<class StatementCache> cache_;
  std::atomic<bool> interrupted_ = false;
  const std::atomic<bool>* cancelled_ = nullptr;
  bool writes_protected_ = false;
  int depth_ = 0;  // steps running within each other
  bool running_read_only_ = true;
};

}  // namespace dvecdb::server::storage
