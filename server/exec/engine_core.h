// The parts of the engine that sessions use. Thread-safe.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>

#include "server/catalog/environment.h"
#include "server/exec/advisory_locks.h"
#include "server/exec/engine.h"
#include "server/exec/open_database.h"
#include "server/exec/settings/setting_table.h"
#include "server/exec/timers.h"
#include "server/storage/backup.h"
#include "server/storage/store.h"

namespace dvecdb::server::exec {

// What others may know of a session; written by its own thread.
class SessionActivityEntry {
 public:
  SessionActivityEntry(Session* session, catalog::SessionActivity activity)
      : session_(session), activity_(std::move(activity)) {}
  Session* session() const { return session_; }
  catalog::SessionActivity get() const {
    const std::lock_guard lock(mutex_);
    return activity_;
  }
  template <typename Change>
  void change(const Change& apply) {
    const std::lock_guard lock(mutex_);
    apply(activity_);
  }

 private:
  Session* session_;
  mutable std::mutex mutex_;
  catalog::SessionActivity activity_;
};
using SessionActivityPtr = std::shared_ptr<SessionActivityEntry>;

class EngineCore {
 public:
  explicit EngineCore(EngineOptions options);

  const EngineOptions& options() const { return options_; }
  const SettingTable& settings() const { return settings_; }
  storage::Store& store() { return store_; }
  Timers& timers() { return timers_; }

  // Opened at the first use. Throws SqlError 3D000.
  std::shared_ptr<OpenDatabase> database(std::string_view name);
  // The database whose catalog answers questions about roles and databases.
  OpenDatabase& home() { return *home_; }
  // Roles or databases changed: every open database reads them again.
  void shared_catalog_changed();
  AdvisoryLocks& advisory_locks() { return advisory_locks_; }

  // CREATE DATABASE: fills the folder, from another database unless `source` is 0.
  void create_database_files(types::Oid oid, types::Oid source);
  // DROP DATABASE: throws 55006 while sessions are connected; `is_forced` ends them.
  void close_database(types::Oid oid, std::string_view name, bool is_forced);
  void remove_database_files(types::Oid oid);
  std::int64_t database_bytes(types::Oid oid) const;
  // A backup of everything as of now (storage/backup.h), copied and ready to be read. Databases
  // that are dropped meanwhile keep their files until it is copied; a second backup waits.
  std::unique_ptr<storage::Backup> begin_backup(const std::function<void()>& check);
  // The backup of that moment was sent.
  void note_backup(std::int64_t moment);

  void add_session(SessionActivityPtr session);
  void remove_session(const SessionActivityPtr& session);
  // Throws SqlError 53300 when the role has more sessions than it may have at once.
  void check_connection_limit(std::string_view role) const;
  std::vector<catalog::SessionActivity> activity() const;
  // Cancels or terminates; false when there is no such session.
  bool signal(std::int32_t pid, bool terminates);
  void signal_all(types::Oid database, bool terminates);
  std::size_t session_count() const;

  void on_statement(std::function<void(const StatementEvent&)> listener);
  bool has_statement_listener() const { return static_cast<bool>(listener_); }
  void report(const StatementEvent& event) const { listener_(event); }

  void begin_shutdown() { is_shutting_down_ = true; }
  bool is_shutting_down() const { return is_shutting_down_; }
  EngineStatus status() const;
  const std::string& folder_secret() const { return folder_secret_; }
  EngineFacts facts() const;
  storage::CacheCounter& plan_cache_counter() { return plan_cache_counter_; }
  std::int64_t start_time() const { return start_time_; }
  // Ends what still runs and saves the indexes. No session may be used afterwards.
  void close();

 private:
  std::size_t default_ef_search() const;
  void bootstrap();
  std::shared_ptr<OpenDatabase> open(types::Oid oid, std::string_view name);
  void open_vector_indexes(OpenDatabase& database);

  EngineOptions options_;
  SettingTable settings_;
  storage::Store store_;
  Timers timers_;
  mutable std::mutex mutex_;
  std::map<types::Oid, std::shared_ptr<OpenDatabase>> databases_;
  std::shared_ptr<OpenDatabase> home_;
  std::set<SessionActivityPtr> sessions_;
  AdvisoryLocks advisory_locks_;
  std::mutex files_mutex_;  // held where databases' files must stay or go
  std::atomic<std::int64_t> last_backup_time_;
  std::function<void(const StatementEvent&)> listener_;
  std::atomic<bool> is_shutting_down_ = false;
  const std::int64_t start_time_;
  std::string folder_secret_;  // set once, before there are sessions
  storage::CacheCounter plan_cache_counter_;
};

}  // namespace dvecdb::server::exec
