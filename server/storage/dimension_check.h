// Triggers that refuse a row whose indexed expression has other dimensions than the index. A
// column needs none: its type sees to it.
#pragma once

#include "server/storage/connection.h"
#include "server/storage/vector_indexes.h"

namespace dvecdb::server::storage::dimension_check {

// Makes the function that the triggers call known to the connection.
void register_function(Connection& connection);

// `writer` is in a write transaction.
void add(Connection& writer, const VectorIndexDefinition& definition);
void remove(Connection& writer, Oid index);

// Throws 22000 when the stored vector has other dimensions.
void check(VectorElement element, std::int64_t expected, std::string_view bytes);

}  // namespace dvecdb::server::storage::dimension_check
