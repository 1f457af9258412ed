// The table-valued function `knn` of the row store; see vector_indexes.h.
#pragma once

#include <functional>
#include <memory>

#include "server/storage/connection.h"
#include "server/storage/vector_index.h"

namespace dvecdb::server::storage {

// Finds the index that a connection means. Throws SqlError when there is none.
using IndexFinder = std::function<std::shared_ptr<VectorIndex>(Oid)>;

// The module lives as long as the connection.
void register_knn(Connection& connection, IndexFinder find);

}  // namespace dvecdb::server::storage
