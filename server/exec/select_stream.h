// Rows of a SELECT as the store delivers them.
#pragma once

#include <memory>
#include <vector>

#include "server/exec/session_context.h"

namespace dvecdb::server::exec {

// Starts the plan's SELECT; the stream holds the connection that it reads from.
std::unique_ptr<RowStream> open_select(SessionContext& context, CachedPlanPtr plan,
                                       const std::vector<Value>& parameters);

// Binds ?1.. of a store statement; the values are copied.
void bind_parameters(storage::Statement& statement, const std::vector<Value>& parameters);

}  // namespace dvecdb::server::exec
