// The data folder: a lock, the shared file and one folder a database.
//
//   <data>/dvecdb.lock           held while a server runs (a second server is refused)
//   <data>/format                version of the layout
//   <data>/last_backup           when a backup was made
//   <data>/global.db             shared catalogs
//   <data>/base/<oid>/rows.db    rows and catalogs of one database
//   <data>/base/<oid>/index/<oid>.hnsw
//
// Thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "server/storage/database.h"

namespace dvecdb::server::storage {

class Store {
 public:
  // Creates the folder when missing. Throws SqlError: 55006 when another server holds it, 58030
  // when it cannot be used, XX001 for an unknown format version.
  Store(std::string data_dir, DatabaseOptions options, ConnectionSetup setup);
  ~Store();

  bool is_new() const;  // nothing had been stored here before
  std::string global_path() const;
  std::string data_dir() const;

  // Opens (creating the folder when missing) once; later calls give the same.
  std::shared_ptr<Database> database(Oid oid);
  // Copies the closed-off content of `source` as the start of a new database (CREATE DATABASE).
  void copy_database(Oid source, Oid target);
  // Closes and deletes. The caller makes sure nobody uses it (55006 otherwise).
  void drop_database(Oid oid);
  std::vector<std::shared_ptr<Database>> open_databases() const;
  // The gate that all its databases' commits pass.
  CommitGate& commit_gate();
  // Every database that has a folder, open or not, ascending.
  std::vector<Oid> stored_databases() const;
  // When the last backup was sent, in seconds since 1970; 0: never.
  std::int64_t last_backup_time() const;
  void note_backup(std::int64_t time);
  // Free bytes on the disk of the data folder.
  std::int64_t disk_free_bytes() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace dvecdb::server::storage
