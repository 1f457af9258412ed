// Which tables and views a statement reads, and with whose rights.
#pragma once

#include <vector>

#include "server/query/tree.h"

namespace dvecdb::server::query {

// A view's own query reads with the rights of the view's owner.
struct RelationRead {
  Oid relation = types::invalid_oid;
  Oid role = types::invalid_oid;  // invalid: whoever runs the statement
  friend auto operator<=>(const RelationRead&, const RelationRead&) = default;
};

// At every level of the query; what it changes does not count. Sorted, each once.
std::vector<RelationRead> collect_reads(Query& query);

}  // namespace dvecdb::server::query
