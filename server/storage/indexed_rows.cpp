#include "server/storage/indexed_rows.h"

#include <fmt/format.h>

namespace dvecdb::server::storage {

IndexedRows::IndexedRows(Connection& connection, const VectorIndexDefinition& definition)
    : connection_(connection),
      table_(definition.table),
      source_(fmt::format("FROM main.\"{}\" WHERE ({})", definition.table,
                          definition.predicate.empty() ? "1" : definition.predicate)),
      expression_(definition.expression) {}

std::optional<Value> IndexedRows::find(std::int64_t id) {
  if (!find_) {
    find_.emplace(
        connection_.prepare(fmt::format("SELECT {} {} AND rowid = ?1", expression_, source_)));
  }
  find_->reset();
  find_->bind(1, Value::integer(id));
  if (!find_->step()) return std::nullopt;
  return find_->column(0);
}

Statement IndexedRows::scan() const {
  return connection_.prepare(fmt::format("SELECT rowid, {} {}", expression_, source_));
}

std::int64_t IndexedRows::last_id() const {
  Statement last = connection_.prepare(fmt::format("SELECT max(rowid) FROM main.\"{}\"", table_));
  return last.step() && !last.column(0).is_null() ? last.column(0).as_integer() : 0;
}

Statement IndexedRows::scan_ids() const {
  return connection_.prepare(fmt::format("SELECT rowid {}", source_));
}

}  // namespace dvecdb::server::storage
