#include "server/exec/open_database.h"

namespace dvecdb::server::exec {

namespace {

// The types are found by name: they are an extension's to PostgreSQL's clients.
std::int64_t count_collections(const catalog::Snapshot& snapshot) {
  std::int64_t count = 0;
  for (const query::RelationDesc* relation : snapshot.relations()) {
    if (relation->kind != 'r' || relation->oid < catalog::first_user_oid) continue;
    for (const query::ColumnDesc& column : relation->columns) {
      const types::TypeDesc* type = snapshot.find_type(column.type.oid);
      const bool is_vector =
          !column.is_dropped && type != nullptr &&
          (type->name == "vector" || type->name == "halfvec" || type->name == "sparsevec");
      if (!is_vector) continue;
      ++count;
      break;
    }
  }
  return count;
}

}  // namespace

OpenDatabase::OpenDatabase(types::Oid oid, std::string name,
                           std::shared_ptr<storage::Database> store)
    : oid_(oid), name_(std::move(name)), store_(std::move(store)) {}

catalog::SnapshotPtr OpenDatabase::snapshot() {
  if (is_stale_.load()) {
    is_stale_ = false;
    const std::uint64_t number = ended_.load();
    storage::ReaderLease lease = store_->reader();
    lease.connection().execute("BEGIN");
    catalog::SnapshotPtr loaded = load_catalog(lease.connection());
    lease.connection().execute("COMMIT");
    publish(std::move(loaded), number);
  }
  const std::lock_guard lock(mutex_);
  return snapshot_;
}

void OpenDatabase::publish(catalog::SnapshotPtr snapshot, std::uint64_t write_number) {
  const std::lock_guard lock(mutex_);
  if (snapshot_ && write_number < snapshot_number_) return;
  snapshot_ = std::move(snapshot);
  if (snapshot_ != counted_) {
    counted_ = snapshot_;
    collections_ = count_collections(*snapshot_);
  }
  snapshot_number_ = write_number;
}

std::int64_t OpenDatabase::collection_count() const {
  const std::lock_guard lock(mutex_);
  return collections_;
}

void OpenDatabase::invalidate() {
  is_stale_ = true;
}

}  // namespace dvecdb::server::exec
