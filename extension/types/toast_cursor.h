// Reads values that are stored out of line, in the order in which they lie there.
#pragma once

#include "extension/postgres.h"

namespace dvecdb::extension {

// Fetches uncompressed values of a TOAST table one after another. PostgreSQL's own way opens the
// table, its index and a scan for every value. Values that were written one after another lie one
// after another, so the next is looked for where the last one ended, and only if it is not there in
// the index. A value is taken by the same test as PostgreSQL's: its id, its chunks' numbers and
// sizes, and their visibility. A table that is read in no order is soon left to PostgreSQL.
//
// The first fetch of a transaction locks the TOAST table until its end, as its table is locked
// anyway: no block that was seen vanishes meanwhile. Zeroed memory is a good cursor.
class ToastCursor {
 public:
  // Writes the value, header included, to `out`, which has room for pointer.va_rawsize bytes.
  // Returns false, and may have written, where PostgreSQL is to fetch it.
  bool fetch(const varatt_external& pointer, char* out);

 private:
  struct Place {
    BlockNumber block;
    OffsetNumber offset;
  };

  bool is_worth_trying() const;
  Relation open(Oid toast_table);
  bool find(Relation table, Oid value);
  bool read(Relation table, const varatt_external& pointer, char* out);
  bool read_chunks(Relation table, const varatt_external& pointer, char* out, Buffer& buffer);
  bool pin(Relation table, BlockNumber block, Buffer& buffer);

  Oid table_;
  LocalTransactionId transaction_;
  SubTransactionId subtransaction_;
  BlockNumber blocks_;  // that the table has at least
  Place next_;          // where the next value is looked for
  struct {
    BlockNumber block;
    Buffer buffer;
  } recent_;  // read last
  bool has_place_;
  int misses_;  // lookups in the index beyond the hits
};

}  // namespace dvecdb::extension
