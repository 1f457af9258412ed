// Remembers where values lie that are stored out of line.
#pragma once

#include "extension/types/toast_reader.h"

namespace dvecdb::extension {

// Fetches a value of a TOAST table from where this backend has found it before, and by the index
// when it is no longer there or was never fetched: searches come back to the same rows in no order.
// Writes the value, header included, to `out`, which has room for pointer.va_rawsize bytes. Returns
// false, and may have written, where PostgreSQL is to fetch it.
bool fetch_remembered(ToastReader& reader, const varatt_external& pointer, char* out);

}  // namespace dvecdb::extension
