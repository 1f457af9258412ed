// Objects in words, as messages and pg_describe_object say them.
#pragma once

#include <string>

#include "server/catalog/object_address.h"
#include "server/query/catalog.h"
#include "server/storage/connection.h"

namespace dvecdb::server::catalog {

// "table items", "column title of table public.items", "constraint c on table t". Names have their
// schema where `catalog`'s search path does not find them. "" for what does not exist. Reads what
// `catalog` has not from the connection.
std::string describe_object(const query::Catalog& catalog, storage::Connection& connection,
                            const ObjectAddress& address);

}  // namespace dvecdb::server::catalog
