// The rows of one table that the parts of a statement have changed, as they were before: in a
// temporary table that later parts read in their place (query/plan_parts.h).
#pragma once

#include <cstdint>
#include <optional>

#include "server/query/plan.h"
#include "server/storage/connection.h"

namespace dvecdb::server::exec {

class ChangedRows {
 public:
  // Without `changes` nothing is noted and nothing is known. Both must outlive this.
  ChangedRows(storage::Connection& connection, const query::RelationDesc& relation,
              const std::optional<query::TemporaryRows>& changes);

  // Whether an earlier part, or this one, has inserted, updated or deleted the row.
  bool has(std::int64_t rowid);
  // Before a row is updated or deleted.
  void note_before(std::int64_t rowid);
  void note_inserted(std::int64_t rowid);

 private:
  std::optional<storage::Statement> find_, note_before_, note_inserted_;
};

}  // namespace dvecdb::server::exec
