#pragma once

#include "extension/am/codes/value.h"

extern "C" {
#include <access/skey.h>
}

namespace dvecdb::extension {

/// The value that rows are ordered by: the argument of an ordering operator. For NULL, from which
/// every row is equally far, it is the zero vector. In the current memory context. Raises
/// ERRCODE_DATA_EXCEPTION when its dimensions are not the index's.
Value query_value(const IndexShape& shape, const ScanKeyData* key);

/// Raises ERRCODE_DATA_EXCEPTION when dimensions differ, as the operators do.
void check_dims(const IndexShape& shape, const Value& value);

/// Whether a value has a direction: zero vectors are not in an index for cosine distances.
bool has_direction(const IndexShape& shape, const Value& value);

}  // namespace dvecdb::extension
