// One database: a SQLite file in WAL mode (synchronous=FULL), its pool of readers, its one writer
// and its vector indexes.
//
// Thread-safe unless a member says otherwise.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "server/storage/commit_gate.h"
#include "server/storage/connection.h"
#include "server/storage/vector_indexes.h"
#include "server/storage/writer_queue.h"

namespace dvecdb::server::storage {

// Called once on each new connection, before use: registers functions, collations, modules.
using ConnectionSetup = std::function<void(Connection&)>;

// A reader out of the pool; goes back when destroyed. The holder begins and ends its own read
// transactions ("BEGIN", "COMMIT"); a snapshot starts with the first read after BEGIN.
class ReaderLease {
 public:
  ReaderLease() = default;
  ReaderLease(ReaderLease&&) noexcept;
  ReaderLease& operator=(ReaderLease&&) noexcept;
  ~ReaderLease();
  Connection& connection() const { return *connection_; }
  explicit operator bool() const { return connection_ != nullptr; }

 private:
  friend class Database;
  class Database* database_ = nullptr;
  std::unique_ptr<Connection> connection_;
};

// The right to write, held by one session at a time and handed on in the order of asking.
//
// Group commit: run_grouped() runs one autocommit statement inside a store transaction that it may
// share with the statements of other waiting sessions; it returns when that transaction is on
// disk. Each statement has its own savepoint, so one that fails takes nothing else with it.
// begin() gives a whole transaction to one session until commit() or rollback(). When the
// connection is given back, its session and cancel mark are taken from it.
class WriterLease {
 public:
  WriterLease() = default;
  WriterLease(WriterLease&&) noexcept;
  WriterLease& operator=(WriterLease&&) noexcept;
  ~WriterLease();  // rolls back what was not committed
  Connection& connection() const;
  explicit operator bool() const { return database_ != nullptr; }
  // Returns when the transaction is on disk. After commit or rollback the lease is given back.
  void commit();
  void rollback();

 private:
  friend class Database;
  class Database* database_ = nullptr;
};

struct DatabaseOptions {
  int page_size = 16384;
  std::int64_t cache_bytes_per_reader = 2 << 20;  // rows are mostly read where they are mapped
  std::int64_t cache_bytes_of_writer = 16 << 20;
  std::int64_t mmap_bytes = std::int64_t{64} << 30;
  // Shared by databases whose commits a backup must be able to hold up together.
  std::shared_ptr<CommitGate> commit_gate = std::make_shared<CommitGate>();
};

class Database {
 public:
  // Opens or creates `folder`/rows.db and `folder`/index/. `global_path` is attached under the
  // name "global" (databases, roles and settings that all databases share).
  Database(std::string folder, std::string global_path, DatabaseOptions options,
           ConnectionSetup setup);
  ~Database();  // waits for background work, checkpoints the indexes

  ReaderLease reader();
  WriterLease begin(const WriteRequest& request);
  // `work` gets the writer's connection. It may throw: its changes are rolled back and the
  // exception comes out of run_grouped.
  void run_grouped(const WriteRequest& request, const std::function<void(Connection&)>& work);

  VectorIndexes& vector_indexes();
  std::string folder() const;
  // Bytes of the row file and of its log.
  std::int64_t bytes_on_disk() const;
  // Bytes of the log alone: a reader that stays long in one snapshot lets it grow.
  std::int64_t log_bytes() const;
  // How long the commit that runs now has been running; 0: none does. Never waits.
  std::chrono::milliseconds commit_time() const;
  // Copies log content into the row file where no reader needs it.
  void checkpoint();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
  friend class ReaderLease;
  friend class WriterLease;
};

}  // namespace dvecdb::server::storage
