#pragma once

#include "extension/types/values.h"

namespace dvecdb::extension {

// Raises data_exception when two values cannot be compared element by element.
template <class Value>
void check_same_dimensions(const Value& a, const Value& b) {
  if (a.dimensions == b.dimensions) [[likely]]
    return;
  ereport(ERROR,
          (errcode(ERRCODE_DATA_EXCEPTION), errmsg("different %s dimensions %d and %d",
                                                   Value::type.name, a.dimensions, b.dimensions)));
}

}  // namespace dvecdb::extension
