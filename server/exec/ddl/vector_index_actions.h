// Vector indexes follow the transaction that makes or drops them.
#pragma once

#include "server/exec/ddl/ddl.h"

namespace dvecdb::server::exec {

// Builds the graph of an index that is in the catalog; published at commit.
void build_vector_index(Ddl& ddl, Oid index);
// Removes the change log's triggers; forgotten at commit.
void drop_vector_index(Ddl& ddl, const query::IndexDesc& index);

}  // namespace dvecdb::server::exec
