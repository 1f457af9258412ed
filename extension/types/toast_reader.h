// Reads values that are stored out of line from where they lie.
#pragma once

#include "extension/postgres.h"

extern "C" {
#include <storage/buf.h>
#include <storage/off.h>
}

namespace dvecdb::extension {

// Where a value begins in its TOAST table.
struct ToastPlace {
  BlockNumber block;
  Buffer buffer;  // in which the block probably is; or InvalidBuffer
  OffsetNumber offset;
};

// Reads uncompressed values of a TOAST table. PostgreSQL's own way opens the table, its index and a
// scan for every value; who knows where a value lies needs none of that. A value is taken by the
// same test as PostgreSQL's: its id, its chunks' numbers and sizes, and their visibility.
//
// The first use in a transaction locks the TOAST table until its end, as its table is locked
// anyway: no block that was seen vanishes meanwhile. Zeroed memory is a good reader.
class ToastReader {
 public:
  // Looks a value up in the index; false if it is not there or the table is not a heap.
  bool find(const varatt_external& pointer, ToastPlace* out);

  // Reads a value that may begin at `begin`, header included, to `out`, which has room for
  // pointer.va_rawsize bytes. False, and may have written, if it does not lie there. `begin` learns
  // its buffer; `end` is the place after the value.
  bool read(const varatt_external& pointer, ToastPlace& begin, char* out, ToastPlace& end);

  // Whether the next value is likely to lie after the last, so that it is fetched ahead.
  void expect_order(bool is_in_order) { is_in_order_ = is_in_order; }

 private:
  Relation open(Oid toast_table);
  bool read_chunks(Relation table, const varatt_external& pointer, ToastPlace& begin, char* out,
                   ToastPlace& end);
  bool pin(Relation table, const ToastPlace& place);
  void unpin();

  Oid table_;
  LocalTransactionId transaction_;
  SubTransactionId subtransaction_;
  BlockNumber blocks_;  // that the table has at least
  Buffer pinned_;       // and locked
  bool is_in_order_;
};

}  // namespace dvecdb::extension
