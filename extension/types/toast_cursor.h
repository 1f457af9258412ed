// Reads values that are stored out of line, in the order in which they lie there.
#pragma once

#include "extension/types/toast_reader.h"

namespace dvecdb::extension {

// Fetches values of a TOAST table one after another. Values that were written one after another lie
// one after another, so the next is looked for where the last one ended, and only if it is not
// there in the index. A table that is read in no order is soon left to PostgreSQL. Zeroed memory is
// a good cursor.
class ToastCursor {
 public:
  // Writes the value, header included, to `out`, which has room for pointer.va_rawsize bytes.
  // Returns false, and may have written, where PostgreSQL is to fetch it.
  bool fetch(const varatt_external& pointer, char* out);

 private:
  ToastReader reader_;
  ToastPlace next_;  // where the next value is looked for
  bool has_place_;
  int misses_;  // lookups in the index beyond the hits
};

}  // namespace dvecdb::extension
