// What the lowered SQL may call: every function of functions::Registry and the helpers that the
// lowering relies on, registered with a connection of the row store.
//
//   s_<symbol>(...)            a strict scalar: a NULL argument answers NULL without a call
//   f_<symbol>(...)            a scalar that is called with NULLs
//     (entries that need types get them as a first argument, see functions/call_types.h)
//   a_<name>(types, ...)       an aggregate; w_<name> the same over a moving window frame
//   ordered_aggregate(name, types, spec, ...)   DISTINCT, ORDER BY, WITHIN GROUP
//   array_elements(array), rows_from(spec, ...), lateral(sql, ...)   table-valued, see store_sets.h
//   collations numeric, bpchar, jsonb
#pragma once

#include "server/functions/environment.h"
#include "server/storage/connection.h"

namespace dvecdb::server::exec {

// Call once on each new connection, before its first statement. Connection::session() must be null
// or a functions::Environment* (static_cast from that very type); without a session only functions
// that ask nothing of it work.
void register_store_functions(storage::Connection& connection);

}  // namespace dvecdb::server::exec
