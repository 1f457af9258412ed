// The table-valued functions of the lowered SQL.
//
//   array_elements(array) -> value, ordinality
//     A NULL array gives one row with a NULL value: `x = ANY (NULL)` is unknown.
//   rows_from(spec, ...) -> c1..c64, ordinality
//     The functions of `spec` side by side, the shorter ones padded with NULLs. See
//     server/query/rows_from.h for the spec.
//   lateral(sql, ...) -> c1..c100
//     The rows of a statement of its own with the other arguments as its parameters ?1...
#pragma once

#include "server/exec/store_functions_call.h"

namespace dvecdb::server::exec {

inline constexpr int rows_from_columns = 64;
inline constexpr int lateral_columns = 100;

void register_store_sets(StoreContext& store);

}  // namespace dvecdb::server::exec
