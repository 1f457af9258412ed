// A database that sessions are connected to: its store and what its sessions share in memory.
// Thread-safe.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

#include "server/catalog/loader.h"
#include "server/catalog/snapshot.h"
#include "server/exec/notifications.h"
#include "server/exec/sequence_cache.h"
#include "server/storage/database.h"

namespace dvecdb::server::exec {

class OpenDatabase {
 public:
  OpenDatabase(types::Oid oid, std::string name, std::shared_ptr<storage::Database> store);

  types::Oid oid() const { return oid_; }
  std::string name() const {
    const std::lock_guard lock(mutex_);
    return name_;
  }
  void rename(std::string name) {
    const std::lock_guard lock(mutex_);
    name_ = std::move(name);
  }
  storage::Database& store() { return *store_; }
  NotificationHub& notifications() { return notifications_; }
  SequenceCache& sequences() { return sequences_; }

  // The committed catalog, loaded again after invalidate().
  catalog::SnapshotPtr snapshot();
  // The catalog that is in memory, be it stale; null: none was loaded. Never waits.
  catalog::SnapshotPtr kept_snapshot() const {
    const std::lock_guard lock(mutex_);
    return snapshot_;
  }
  // What the connection's transaction sees, its own changes included.
  catalog::SnapshotPtr load_catalog(storage::Connection& connection) {
    return loader_.load(connection);
  }
  // The committed catalog as the write transaction with this number found or left it; what an
  // earlier one says is ignored.
  void publish(catalog::SnapshotPtr snapshot, std::uint64_t write_number);
  // Shared catalogs were changed through another database.
  void invalidate();

  // How many write transactions began and ended, to tell whether a snapshot is still the newest.
  struct WriteCount {
    std::uint64_t begun = 0;
    std::uint64_t ended = 0;
  };
  WriteCount write_count() const { return {begun_.load(), ended_.load()}; }
  // Answers the number of the write transaction, called while it holds the right to write.
  std::uint64_t write_began() { return ++begun_; }
  void write_ended() { ++ended_; }

  // Tables with a vector column, as of the kept catalog.
  std::int64_t collection_count() const;

  void session_opened() { ++sessions_; }
  void session_closed() { --sessions_; }
  int session_count() const { return sessions_.load(); }

 private:
  types::Oid oid_;
  std::string name_;
  std::shared_ptr<storage::Database> store_;
  NotificationHub notifications_;
  SequenceCache sequences_;
  catalog::Loader loader_;
  mutable std::mutex mutex_;
  catalog::SnapshotPtr snapshot_;
  std::uint64_t snapshot_number_ = 0;
  catalog::SnapshotPtr counted_;
  std::int64_t collections_ = 0;
  std::atomic<bool> is_stale_ = true;
  std::atomic<std::uint64_t> begun_ = 0;
  std::atomic<std::uint64_t> ended_ = 0;
  std::atomic<int> sessions_ = 0;
};

}  // namespace dvecdb::server::exec
