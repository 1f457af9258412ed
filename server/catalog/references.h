// What an analyzed expression or query refers to, for pg_depend.
#pragma once

#include <set>

#include "server/catalog/object_address.h"
#include "server/query/tree.h"

namespace dvecdb::server::catalog {

using References = std::set<ObjectAddress>;

// Columns, relations, types, functions and operators that users made. `table`: the relation that
// the expression's columns belong to; 0 for none.
References references_of(const query::Expr& expr, types::Oid table);
// A view in FROM counts, what it reads does not.
References references_of(query::Query& query);

}  // namespace dvecdb::server::catalog
