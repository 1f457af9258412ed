// Shared by the array constructors of the store's functions and aggregates. Internal.
#pragma once

#include <span>

#include "server/types/value.h"

namespace dvecdb::server::exec {

// An array one dimension deeper from arrays of one shape (NULL: an empty one). Throws 2202E.
types::Value nest_arrays(types::Oid element, std::span<const types::Value> items);

}  // namespace dvecdb::server::exec
