// The text forms of the reg* types: names resolved and printed along a catalog's search path.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "server/query/catalog.h"

namespace dvecdb::server::catalog {

class Snapshot;

// nullopt: no such object. Throws SqlError for a malformed name or an unknown schema.
// `snapshot` knows the roles; `catalog` has the search path (it may be the snapshot itself).
std::optional<types::Oid> find_reg(const Snapshot& snapshot, const query::Catalog& catalog,
                                   types::Oid reg_type, std::string_view name);
// The same, but an object that does not exist is PostgreSQL's error for that type.
types::Oid resolve_reg(const Snapshot& snapshot, const query::Catalog& catalog, types::Oid reg_type,
                       std::string_view name);
// "" when there is no such object.
std::string print_reg(const Snapshot& snapshot, const query::Catalog& catalog, types::Oid reg_type,
                      types::Oid value);

}  // namespace dvecdb::server::catalog
