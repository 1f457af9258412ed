// A session's transaction: which connection of the store a statement uses, what is undone and what
// is told to others at its end.
//
// Reads outside a writing transaction take a reader each (a fresh snapshot), or, at repeatable
// read and serializable, share one reader whose snapshot stays. The first write takes the right
// to write and keeps it to the end; all later reads use the writer's connection.
//
// Used by the session's thread alone.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/exec/open_database.h"
#include "server/exec/settings/session_settings.h"
#include "server/functions/environment.h"
#include "server/storage/database.h"

namespace dvecdb::server::exec {

enum class Isolation : std::uint8_t {
  read_uncommitted,
  read_committed,
  repeatable_read,
  serializable
};

struct TransactionMode {
  Isolation isolation = Isolation::read_committed;
  bool is_read_only = false;
  bool is_deferrable = false;
};

std::string_view isolation_name(Isolation isolation);

// none: each statement is its own transaction. implicit: the statements of one simple query or up
// to a Sync. block: after BEGIN. failed: a block after an error.
enum class TransactionState : std::uint8_t { none, implicit, block, failed };

// A reader that a statement holds while it runs; empty when it uses the transaction's own
// connection.
class StatementConnection {
 public:
  StatementConnection() = default;
  explicit StatementConnection(storage::Connection* connection) : connection_(connection) {}
  explicit StatementConnection(storage::ReaderLease lease)
      : lease_(std::move(lease)), connection_(&lease_.connection()) {}
  storage::Connection& operator*() const { return *connection_; }
  storage::Connection* operator->() const { return connection_; }
  bool is_own_reader() const { return static_cast<bool>(lease_); }

 private:
  storage::ReaderLease lease_;
  storage::Connection* connection_ = nullptr;
};

class Transaction {
 public:
  Transaction(OpenDatabase& database, SessionSettings& settings,
              const std::atomic<bool>& cancelled);
  ~Transaction();  // rolls back
  void set_environment(functions::Environment* environment) { environment_ = environment; }

  TransactionState state() const { return state_; }
  bool is_open() const { return state_ != TransactionState::none; }
  // `is_single`: one statement, whose snapshot is its own whatever the isolation level.
  void begin_implicit(bool is_single = false);
  void begin_block();  // out of none or implicit
  // Checks of deferred constraints belong to the caller, before. Throws what the store throws;
  // everything is rolled back then.
  void commit();
  void rollback();
  // After an error: a block fails, an implicit transaction rolls back.
  void fail();

  TransactionMode& mode() { return mode_; }
  const TransactionMode& mode() const { return mode_; }
  // What the next transaction begins with.
  TransactionMode default_mode() const;
  // Whether a query has run: the isolation level stays from then on.
  bool has_run_query() const { return has_run_query_; }
  // When the running statement began: a transaction that it opens begins then.
  void set_statement_time(std::int64_t time) { statement_time_ = time; }
  // Microseconds since 2000-01-01 UTC; set at the first statement.
  std::int64_t start_time() const { return start_time_; }
  std::int64_t id();

  void savepoint(std::string_view name);
  bool has_savepoints() const { return !savepoints_.empty(); }
  void release(std::string_view name);
  void rollback_to(std::string_view name);

  // For a statement that only reads.
  StatementConnection reader();
  // Takes the right to write. Throws 25006 in a read-only transaction (`command` is named), 40001
  // when the snapshot is not the newest any more, 55P03 and 57014 while waiting.
  storage::Connection& writer(std::string_view command);
  bool is_writing() const { return writing_ != nullptr; }
  // The writer's connection; only when is_writing().
  storage::Connection& writing_connection() { return *writing_; }
  // One statement as a transaction of its own, its commit shared with others.
  void run_grouped(std::string_view command, const std::function<void()>& work);

  // At a statement's start: sees the newest committed catalog, unless the transaction has one of
  // its own. Between two calls the catalog changes only by writer() and catalog_changed().
  void see_catalog();
  // The catalog that the running statement sees.
  const catalog::SnapshotPtr& catalog();
  // Whether the transaction reads one snapshot to its end.
  bool keeps_snapshot() const;
  // DDL wrote into the catalog: read it again.
  void catalog_changed();
  // Shared catalogs were written to: other databases must look again after the commit.
  void shared_catalog_changed() { shared_changed_ = true; }
  std::function<void()> on_shared_change;
  // Called before the commit of a transaction that writes, after all before_commit actions.
  std::function<void()> on_write_commit;

  // Called after the commit is durable, or after a rollback (also to a savepoint before). Must
  // not throw.
  void at_end(std::function<void(bool committed)> action);
  // Called before the commit, in order; may throw.
  void before_commit(std::function<void()> action) { before_commit_.push_back(std::move(action)); }

  // Runs what waits for the commit now (SET CONSTRAINTS IMMEDIATE).
  void run_before_commit();

  // A statement alone ends its transaction before its rows are read; what their functions asked for
  // at the transaction's end (pg_notify, pg_advisory_xact_lock) is due when they have been.
  void end_late_rows();
  void notify(Notification notification) { notifications_.push_back(std::move(notification)); }

  // Counts transactions, for what is kept by them.
  std::uint64_t block_number() const { return block_number_; }

 private:
  void run_end_actions(bool committed);
  struct Savepoint {
    std::string name;
    bool in_store = false;
    std::size_t settings_mark = 0;
    std::size_t actions = 0;
    std::size_t checks = 0;
    std::size_t notifications = 0;
    catalog::SnapshotPtr catalog;
  };
  void start();
  void finish(bool committed);
  void attach(storage::Connection& connection);
  void refresh_catalog(storage::Connection& connection);
  void check_writable(std::string_view command) const;
  storage::WriteRequest write_request() const;
  std::size_t find_savepoint(std::string_view name) const;

  OpenDatabase& database_;
  SessionSettings& settings_;
  const std::atomic<bool>& cancelled_;
  functions::Environment* environment_ = nullptr;

  TransactionState state_ = TransactionState::none;
  TransactionMode mode_;
  bool has_run_query_ = false;
  bool is_single_ = false;
  std::int64_t statement_time_ = 0;
  std::int64_t start_time_ = 0;
  std::int64_t id_ = 0;
  std::uint64_t block_number_ = 0;

  storage::ReaderLease snapshot_reader_;
  OpenDatabase::WriteCount snapshot_count_;
  storage::WriterLease writer_lease_;
  storage::Connection* writing_ = nullptr;
  std::uint64_t write_number_ = 0;
  catalog::SnapshotPtr catalog_;
  bool catalog_is_own_ = false;
  bool shared_changed_ = false;
  std::vector<Savepoint> savepoints_;
  std::vector<std::function<void(bool)>> end_actions_;
  std::vector<std::function<void()>> before_commit_;
  std::vector<Notification> notifications_;
};

// Microseconds since 2000-01-01 UTC.
std::int64_t clock_now();

}  // namespace dvecdb::server::exec
