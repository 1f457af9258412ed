// A vector index file against the rows that it is about.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "server/storage/connection.h"
#include "server/storage/vector_indexes.h"

namespace dvecdb::server::storage {

struct IndexCheck {
  std::string damage;     // "" for none
  bool is_ahead = false;  // the file is newer than the connection's snapshot: try a newer one
  bool has_file = false;
  std::int64_t vectors = 0;      // compared, equal to their rows
  std::int64_t behind = 0;       // rows that changed since the file was saved: in the change log
  std::optional<double> recall;  // of 10 neighbors at ef_search 40, by a sample
};

// `connection` is in a read transaction, whose snapshot is what counts. `folder`: of the index
// files. Writes nothing. Throws SqlError for rows that cannot be read, 57014 when cancelled.
IndexCheck check_index(Connection& connection, const VectorIndexDefinition& definition,
                       const std::string& folder);

}  // namespace dvecdb::server::storage
