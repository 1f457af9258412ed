#include "server/storage/store.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <utility>

#include "server/storage/file_system.h"
#include "server/storage/folder_lock.h"
#include "server/storage/restore.h"

namespace dvecdb::server::storage {

using types::SqlError;
namespace sqlstate = types::sqlstate;

namespace {

constexpr std::string_view format_line = "dvecdb data 1";
// Folders of databases that are being made or removed; left over only after a crash.
constexpr std::string_view unfinished_suffix = ".unfinished";

// True when the folder had no format yet.
bool check_or_write_format(const std::string& data_dir) {
  std::ifstream file(data_dir + "/format");
  if (!file) {
    write_file(data_dir + "/format", fmt::format("{}\n", format_line));
    sync_folder(data_dir);
    return true;
  }
  std::string line;
  std::getline(file, line);
  if (line == format_line) return false;
  throw SqlError(sqlstate::data_corrupted,
                 fmt::format("data folder \"{}\" has the format \"{}\", this server needs \"{}\"",
                             data_dir, line, format_line))
      .hint("Start the server version that wrote it, or restore a backup.");
}

void remove_unfinished(const std::string& base) {
  for (const auto& entry : std::filesystem::directory_iterator(base)) {
    const std::string name = entry.path().filename().string();
    if (name.size() < unfinished_suffix.size()) continue;
    if (name.substr(name.size() - unfinished_suffix.size()) == unfinished_suffix) {
      remove_tree(entry.path().string());
    }
  }
}

void copy_rows(Connection& source, const std::string& target_path) {
  Connection target({.path = target_path});
  sqlite3_backup* backup = sqlite3_backup_init(target.handle(), "main", source.handle(), "main");
  if (backup == nullptr) throw SqlError(sqlstate::io_error, sqlite3_errmsg(target.handle()));
  const int step_code = sqlite3_backup_step(backup, -1);
  sqlite3_backup_finish(backup);
  if (step_code != SQLITE_DONE) {
    throw SqlError(step_code == SQLITE_FULL ? sqlstate::disk_full : sqlstate::io_error,
                   fmt::format("could not copy database: {}", sqlite3_errstr(step_code)));
  }
}

}  // namespace

struct Store::Impl {
  Impl(std::string data_dir_in, DatabaseOptions options_in, ConnectionSetup setup_in)
      : data_dir(std::move(data_dir_in)),
        options(std::move(options_in)),
        setup(std::move(setup_in)) {
    make_folder(data_dir);
    lock = std::make_unique<FolderLock>(data_dir);
    refuse_unfinished_restore(data_dir);
    make_folder(base());
    is_new = check_or_write_format(data_dir);
    remove_unfinished(base());
    remove_unfinished(data_dir);
  }

  std::string base() const { return data_dir + "/base"; }
  std::string folder(Oid oid) const { return fmt::format("{}/{}", base(), oid); }
  std::string unfinished_folder(Oid oid) const {
    return fmt::format("{}{}", folder(oid), unfinished_suffix);
  }

  const std::string data_dir;
  const DatabaseOptions options;
  const ConnectionSetup setup;
  std::unique_ptr<FolderLock> lock;
  bool is_new = false;
  mutable std::mutex mutex;
  std::unordered_map<Oid, std::shared_ptr<Database>> databases;
};

Store::Store(std::string data_dir, DatabaseOptions options, ConnectionSetup setup)
    : impl_(std::make_unique<Impl>(std::move(data_dir), std::move(options), std::move(setup))) {}

Store::~Store() = default;

bool Store::is_new() const {
  return impl_->is_new;
}

std::string Store::global_path() const {
  return impl_->data_dir + "/global.db";
}

std::string Store::data_dir() const {
  return impl_->data_dir;
}

std::shared_ptr<Database> Store::database(Oid oid) {
  const std::lock_guard lock(impl_->mutex);
  std::shared_ptr<Database>& known = impl_->databases[oid];
  if (known) return known;
  try {
    known =
        std::make_shared<Database>(impl_->folder(oid), global_path(), impl_->options, impl_->setup);
    sync_folder(impl_->base());
  } catch (...) {
    impl_->databases.erase(oid);
    throw;
  }
  return known;
}

void Store::copy_database(Oid source, Oid target) {
  const std::shared_ptr<Database> from = database(source);
  const std::string unfinished = impl_->unfinished_folder(target);
  remove_tree(unfinished);
  make_folder(unfinished);
  {
    const ReaderLease reader = from->reader();
    copy_rows(reader.connection(), unfinished + "/rows.db");
  }
  sync_folder(unfinished);
  rename_path(unfinished, impl_->folder(target));
  sync_folder(impl_->base());
}

void Store::drop_database(Oid oid) {
  const std::lock_guard lock(impl_->mutex);
  const auto known = impl_->databases.find(oid);
  if (known != impl_->databases.end()) {
    if (known->second.use_count() > 1) {
      throw SqlError(sqlstate::object_in_use, "database is being accessed by other users");
    }
    impl_->databases.erase(known);
  }
  // Gone with the rename; a crash after it leaves only what the next start sweeps away.
  rename_path(impl_->folder(oid), impl_->unfinished_folder(oid));
  sync_folder(impl_->base());
  remove_tree(impl_->unfinished_folder(oid));
}

std::vector<std::shared_ptr<Database>> Store::open_databases() const {
  const std::lock_guard lock(impl_->mutex);
  std::vector<std::shared_ptr<Database>> all;
  for (const auto& [oid, database] : impl_->databases) all.push_back(database);
  return all;
}

CommitGate& Store::commit_gate() {
  return *impl_->options.commit_gate;
}

std::vector<Oid> Store::stored_databases() const {
  std::vector<Oid> oids;
  for (const auto& entry : std::filesystem::directory_iterator(impl_->base())) {
    const std::string name = entry.path().filename().string();
    Oid oid = types::invalid_oid;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), oid);
    if (error == std::errc() && end == name.data() + name.size()) oids.push_back(oid);
  }
  std::sort(oids.begin(), oids.end());
  return oids;
}

std::int64_t Store::last_backup_time() const {
  std::ifstream file(impl_->data_dir + "/last_backup");
  std::int64_t time = 0;
  file >> time;
  return time;
}

void Store::note_backup(std::int64_t time) {
  write_file(impl_->data_dir + "/last_backup.unfinished", fmt::format("{}\n", time));
  rename_path(impl_->data_dir + "/last_backup.unfinished", impl_->data_dir + "/last_backup");
  sync_folder(impl_->data_dir);
}

std::int64_t Store::disk_free_bytes() const {
  return free_bytes(impl_->data_dir);
}

}  // namespace dvecdb::server::storage
