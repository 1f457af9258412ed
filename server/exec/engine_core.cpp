#include "server/exec/engine_core.h"

#include <fmt/format.h>

#include <algorithm>

#include "server/catalog/access.h"
#include "server/catalog/bootstrap.h"
#include "server/catalog/embedded_files.h"
#include "server/catalog/register_functions.h"
#include "server/exec/connection_setup.h"
#include "server/exec/store_functions.h"
#include "server/exec/transaction.h"
#include "server/exec/vector_index_definition.h"
#include "server/types/error.h"

namespace dvecdb::server::exec {

using types::Oid;
using types::SqlError;
namespace sqlstate = types::sqlstate;

namespace {

void register_functions_once() {
  static const bool done = [] {
    catalog::register_functions();
    return true;
  }();
  static_cast<void>(done);
}

}  // namespace

storage::ConnectionSetup connection_setup() {
  register_functions_once();
  return [](storage::Connection& connection) { register_store_functions(connection); };
}

EngineCore::EngineCore(EngineOptions options)
    : options_(std::move(options)),
      settings_(catalog::embedded_file("pg_settings.tsv")),
      store_(options_.data_dir, {}, connection_setup()),
      last_backup_time_(store_.last_backup_time()),
      start_time_(clock_now()) {
  settings_.set_boot_value("max_connections", std::to_string(options_.max_connections));
  // 0: the system picks one, which is not known yet.
  if (options_.port != 0) settings_.set_boot_value("port", std::to_string(options_.port));
  settings_.set_boot_value("data_directory", options_.data_dir);
  settings_.set_boot_value("listen_addresses", options_.listen_address);
  settings_.set_boot_value("TimeZone", "UTC");
  settings_.set_boot_value("config_file", "");
  settings_.set_boot_value("hba_file", "");
  settings_.set_boot_value("ident_file", "");
  settings_.set_boot_value("unix_socket_directories", "");
  settings_.set_boot_value("application_name", "");
  for (const auto& [name, value] : options_.settings) settings_.set_boot_value(name, value);
  bootstrap();
}

void EngineCore::bootstrap() {
  home_ = open(catalog::postgres_database_oid, "postgres");
  for (const catalog::DatabaseDesc& database : home_->snapshot()->databases()) {
    // Others open at their first use, but their indexes are part of being ready.
    if (!database.allows_connections || database.is_template) continue;
    if (database.oid != home_->oid()) this->database(database.name);
  }
}

std::shared_ptr<OpenDatabase> EngineCore::open(Oid oid, std::string_view name) {
  std::shared_ptr<storage::Database> rows = store_.database(oid);
  {
    storage::WriterLease writer = rows->begin({});
    catalog::create_shared_catalogs(writer.connection());
    if (!catalog::has_catalogs(writer.connection())) {
      catalog::create_catalogs(writer.connection());
    }
    if (folder_secret_.empty()) folder_secret_ = catalog::folder_secret(writer.connection());
    writer.commit();
  }
  auto opened = std::make_shared<OpenDatabase>(oid, std::string(name), std::move(rows));
  open_vector_indexes(*opened);
  databases_[oid] = opened;
  return opened;
}

void EngineCore::open_vector_indexes(OpenDatabase& database) {
  const catalog::SnapshotPtr snapshot = database.snapshot();
  types::IoContext io;
  io.types = snapshot.get();
  const query::AnalyzeContext analysis{*snapshot, io, {"pg_catalog", "public"}, "postgres", {}};
  for (const query::RelationDesc* relation : snapshot->relations()) {
    for (const query::IndexDesc* index : relation->indexes) {
      if (!is_vector_index(*index)) continue;
      database.store().vector_indexes().open(vector_index_definition(analysis, *relation, *index));
    }
  }
}

std::shared_ptr<OpenDatabase> EngineCore::database(std::string_view name) {
  const std::lock_guard lock(mutex_);
  const catalog::SnapshotPtr snapshot = home_->snapshot();
  const catalog::DatabaseDesc* found = snapshot->find_database(name);
  if (found == nullptr) {
    throw SqlError(sqlstate::invalid_catalog_name,
                   fmt::format("database \"{}\" does not exist", name));
  }
  if (!found->allows_connections) {
    throw SqlError("55000",
                   fmt::format("database \"{}\" is not currently accepting connections", name));
  }
  const auto opened = databases_.find(found->oid);
  if (opened != databases_.end()) {
    opened->second->rename(std::string(name));
    return opened->second;
  }
  return open(found->oid, name);
}

void EngineCore::shared_catalog_changed() {
  const std::lock_guard lock(mutex_);
  for (const auto& [oid, database] : databases_) database->invalidate();
}

void EngineCore::create_database_files(Oid oid, Oid source) {
  if (source != types::invalid_oid) {
    store_.copy_database(source, oid);
    return;
  }
  const std::shared_ptr<storage::Database> rows = store_.database(oid);
  storage::WriterLease writer = rows->begin({});
  if (!catalog::has_catalogs(writer.connection())) catalog::create_catalogs(writer.connection());
  writer.commit();
}

void EngineCore::close_database(Oid oid, std::string_view name, bool is_forced) {
  if (is_forced) signal_all(oid, true);
  const auto deadline = Timers::Clock::now() + std::chrono::seconds(is_forced ? 5 : 0);
  while (true) {
    {
      const std::lock_guard lock(mutex_);
      const auto found = databases_.find(oid);
      const int sessions = found == databases_.end() ? 0 : found->second->session_count();
      if (sessions == 0) {
        if (found != databases_.end()) databases_.erase(found);
        return;
      }
      if (Timers::Clock::now() >= deadline) {
        throw SqlError(sqlstate::object_in_use,
                       fmt::format("database \"{}\" is being accessed by other users", name))
            .detail(sessions == 1
                        ? "There is 1 other session using the database."
                        : fmt::format("There are {} other sessions using the database.", sessions));
      }
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

void EngineCore::remove_database_files(Oid oid) {
  {
    const std::lock_guard lock(mutex_);
    databases_.erase(oid);
  }
  const std::lock_guard files_lock(files_mutex_);
  try {
    store_.drop_database(oid);
  } catch (const SqlError&) {
    // The database is gone from the catalog: files that stay behind cost space, nothing else.
  }
}

std::unique_ptr<storage::Backup> EngineCore::begin_backup(const std::function<void()>& check) {
  const std::lock_guard files_lock(files_mutex_);
  return std::make_unique<storage::Backup>(store_, check);
}

void EngineCore::note_backup(std::int64_t moment) {
  store_.note_backup(moment);
  last_backup_time_ = moment;
}

std::int64_t EngineCore::database_bytes(Oid oid) const {
  const std::lock_guard lock(mutex_);
  const auto found = databases_.find(oid);
  return found == databases_.end() ? 0 : found->second->store().bytes_on_disk();
}

void EngineCore::add_session(SessionActivityPtr session) {
  const std::lock_guard lock(mutex_);
  sessions_.insert(std::move(session));
}

void EngineCore::remove_session(const SessionActivityPtr& session) {
  const std::lock_guard lock(mutex_);
  sessions_.erase(session);
}

std::size_t EngineCore::session_count() const {
  const std::lock_guard lock(mutex_);
  return sessions_.size();
}

void EngineCore::check_connection_limit(std::string_view role) const {
  const catalog::SnapshotPtr snapshot = home_->snapshot();
  const catalog::RoleDesc* found = snapshot->find_role(role);
  if (found == nullptr || found->is_superuser || found->connection_limit < 0) return;
  const std::vector<catalog::SessionActivity> all = activity();
  const auto count = std::count_if(
      all.begin(), all.end(), [found](const auto& session) { return session.role == found->oid; });
  if (count <= found->connection_limit) return;
  throw SqlError(sqlstate::too_many_connections,
                 fmt::format("too many connections for role \"{}\"", role));
}

std::vector<catalog::SessionActivity> EngineCore::activity() const {
  const std::lock_guard lock(mutex_);
  std::vector<catalog::SessionActivity> all;
  for (const SessionActivityPtr& session : sessions_) all.push_back(session->get());
  return all;
}

bool EngineCore::signal(std::int32_t pid, bool terminates) {
  const std::lock_guard lock(mutex_);
  for (const SessionActivityPtr& session : sessions_) {
    if (session->get().pid != pid) continue;
    if (terminates) {
      session->session()->terminate();
    } else {
      session->session()->cancel();
    }
    return true;
  }
  return false;
}

void EngineCore::signal_all(Oid database, bool terminates) {
  const std::lock_guard lock(mutex_);
  for (const SessionActivityPtr& session : sessions_) {
    if (database != types::invalid_oid && session->get().database != database) continue;
    if (terminates) {
      session->session()->terminate();
    } else {
      session->session()->cancel();
    }
  }
}

void EngineCore::on_statement(std::function<void(const StatementEvent&)> listener) {
  listener_ = std::move(listener);
}

EngineStatus EngineCore::status() const {
  EngineStatus status;
  const std::lock_guard lock(mutex_);
  bool indexes_ready = true;
  for (const auto& [oid, database] : databases_) {
    storage::VectorIndexes& indexes = database->store().vector_indexes();
    indexes_ready = indexes_ready && indexes.is_ready();
    for (const storage::VectorIndexStats& stats : indexes.stats()) {
      status.vectors += stats.vectors;
      status.delta_rows += stats.delta;
      status.indexes_building += stats.is_building ? 1 : 0;
      status.index_memory_bytes += stats.memory_bytes;
    }
    status.collections += database->collection_count();
    status.disk_bytes += database->store().bytes_on_disk();
    status.commit_milliseconds =
        std::max(status.commit_milliseconds, database->store().commit_time().count());
  }
  constexpr std::int64_t least_free_bytes = std::int64_t{64} << 20;
  status.disk_free_bytes = store_.disk_free_bytes();
  status.last_backup_time = last_backup_time_;
  status.sessions = static_cast<std::int64_t>(sessions_.size());
  if (is_shutting_down_) {
    status.not_ready_reason = "shutting down";
  } else if (!indexes_ready) {
    status.not_ready_reason = "replaying vector indexes";
  } else if (status.disk_free_bytes < least_free_bytes) {
    status.not_ready_reason = "disk full";
  }
  status.is_ready = status.not_ready_reason.empty();
  return status;
}

void EngineCore::close() {
  is_shutting_down_ = true;
  signal_all(types::invalid_oid, true);
  const std::lock_guard lock(mutex_);
  for (const auto& [oid, database] : databases_) {
    database->store().vector_indexes().checkpoint();
    database->store().checkpoint();
  }
}

}  // namespace dvecdb::server::exec
