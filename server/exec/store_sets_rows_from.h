// The module rows_from: set-returning functions in FROM and in the select list. Internal.
#pragma once

#include "server/exec/store_functions_call.h"

namespace dvecdb::server::exec {

void register_rows_from(StoreContext& store);

}  // namespace dvecdb::server::exec
