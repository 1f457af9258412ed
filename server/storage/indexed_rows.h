// The rows that an index is about, as one connection's snapshot has them.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "server/storage/connection.h"
#include "server/storage/vector_indexes.h"

namespace dvecdb::server::storage {

// Not thread-safe; the connection must outlive it.
class IndexedRows {
 public:
  IndexedRows(Connection& connection, const VectorIndexDefinition& definition);

  // The indexed expression of that row, NULL included. No value: the row does not exist, or the
  // index is partial and not about it. Borrowed until the next call.
  std::optional<Value> find(std::int64_t id);

  // Every row's id (column 0) and indexed expression (column 1).
  Statement scan() const;
  // The greatest id of the table; 0 without rows.
  std::int64_t last_id() const;
  // Every row's id (column 0).
  Statement scan_ids() const;

 private:
  Connection& connection_;
  std::string table_;
  std::string source_;  // "FROM ... WHERE ..."
  std::string expression_;
  std::optional<Statement> find_;
};

}  // namespace dvecdb::server::storage
