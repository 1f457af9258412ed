#include "server/exec/dml/changed_rows.h"

#include <fmt/format.h>

namespace dvecdb::server::exec {

namespace {

// The table's columns by position; those that are dropped are NULL.
std::string column_values(const query::RelationDesc& relation) {
  std::string values;
  for (const query::ColumnDesc& column : relation.columns) {
    values += column.is_dropped ? ", NULL" : fmt::format(", {}", column.store_name);
  }
  return values;
}

}  // namespace

ChangedRows::ChangedRows(storage::Connection& connection, const query::RelationDesc& relation,
                         const std::optional<query::TemporaryRows>& changes) {
  if (!changes) return;
  find_.emplace(connection.prepare(fmt::format("SELECT 1 FROM {} WHERE r = ?1", changes->name)));
  note_before_.emplace(connection.prepare(
      fmt::format("INSERT OR IGNORE INTO {} SELECT rowid, 1{} FROM {} WHERE rowid = ?1",
                  changes->name, column_values(relation), relation.store_name)));
  note_inserted_.emplace(connection.prepare(
      fmt::format("INSERT OR IGNORE INTO {} (r, e) VALUES (?1, 0)", changes->name)));
}

bool ChangedRows::has(std::int64_t rowid) {
  if (!find_) return false;
  find_->reset();
  find_->bind(1, types::Value::integer(rowid));
  const bool found = find_->step();
  find_->reset();
  return found;
}

void ChangedRows::note_before(std::int64_t rowid) {
  if (!note_before_) return;
  note_before_->reset();
  note_before_->bind(1, types::Value::integer(rowid));
  note_before_->run();
}

void ChangedRows::note_inserted(std::int64_t rowid) {
  if (!note_inserted_) return;
  note_inserted_->reset();
  note_inserted_->bind(1, types::Value::integer(rowid));
  note_inserted_->run();
}

}  // namespace dvecdb::server::exec
