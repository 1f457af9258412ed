// The current Snapshot of one database, shared by its sessions. Thread-safe for distinct
// connections.
#pragma once

#include <cstdint>
#include <mutex>

#include "server/catalog/snapshot.h"
#include "server/storage/connection.h"

namespace dvecdb::server::catalog {

class Loader {
 public:
  // Inside a read or write transaction: what that transaction sees, its own uncommitted changes
  // included. Costs two indexed reads when nothing changed since the last call.
  SnapshotPtr load(storage::Connection& connection);

 private:
  std::mutex mutex_;
  SnapshotPtr latest_;
};

}  // namespace dvecdb::server::catalog
