// Shared by the array constructors of the store's functions and aggregates. Internal.
#pragma once

#include <span>

#include "server/types/value.h"

namespace dvecdb::server::exec {

class StoreContext;

// An array one dimension deeper from arrays of one shape (NULL: an empty one). Throws 2202E.
types::Value nest_arrays(types::Oid element, std::span<const types::Value> items);

// array_assign(array, kinds, element type, value, bounds...): the array with the value put at the
// bounds, which `kinds` tells as array_slice's do, or 'e' for an element. Throws 2202E, 22004.
types::Value array_assign(StoreContext& store, std::span<const types::Value> arguments);

}  // namespace dvecdb::server::exec
