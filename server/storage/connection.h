// A connection to one database of the row store (SQLite) and its prepared statements.
//
// A Connection and its statements are used by one thread at a time; interrupt() alone may be
// called from any thread. Problems of the store throw SqlError: 53100 disk full, 58030 I/O, XX001
// damage, 57014 interrupted, 40001 a snapshot that can no longer be written to; constraint
// failures throw ConstraintError.
#pragma once

#include <cstdint>
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
  Statement(Connection* connection, sqlite3_stmt* handle, std::string_view sql);
  Connection* connection_;
  sqlite3_stmt* handle_;
  std::string sql_;
};

class Connection {
 public:
  virtual ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // From the cache of this connection (least recently used, bounded), or compiled.
  Statement prepare(std::string_view sql);
  void execute(std::string_view sql);  // one or more statements without parameters
  std::int64_t last_insert_rowid() const;
  std::int64_t changes() const;
  bool in_transaction() const;
  // Ends the running statement with 57014. Thread-safe.
  void interrupt();
  sqlite3* handle() const { return handle_; }

  // The functions::Environment (or other context) of the session that uses the connection now;
  // registered functions find it here. Not owned.
  void set_session(void* session) { session_ = session; }
  void* session() const { return session_; }

  // A registered function stores the exception it caught here; step() rethrows it.
  void set_pending_error(std::exception_ptr error);

 protected:
  explicit Connection(sqlite3* handle);

 private:
  struct Cache;
  sqlite3* handle_;
  void* session_ = nullptr;
  std::exception_ptr pending_error_;
  std::unique_ptr<Cache> cache_;
  friend class Statement;
};

}  // namespace dvecdb::server::storage
