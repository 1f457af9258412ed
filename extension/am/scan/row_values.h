#pragma once

#include "extension/am/codes/value.h"
#include "extension/types/toast_reader.h"

extern "C" {
#include <access/genam.h>
#include <access/tableam.h>
#include <nodes/execnodes.h>
}

namespace dvecdb::extension {

/// Reads the indexed values of rows from the table behind an index scan. Trivially destructible:
/// what it holds belongs to the memory context in which it was opened, and to close().
class RowValues {
 public:
  /// In the current memory context.
  void open(IndexScanDesc scan, ElementKind element);
  void close();

  /// The value of the version of the row at `tid` that the scan's snapshot sees; false if it
  /// sees none. Borrowed until the next call.
  bool read(ItemPointerData tid, Value* out);

  /// Whether the scan's snapshot sees a version of the row.
  bool is_visible(ItemPointerData tid);

  /// For rows that are likely to be read, here or by PostgreSQL: first the page, later the row.
  void prefetch_page(const ItemPointerData& tid) const;
  void prefetch_row(const ItemPointerData& tid) const;

 private:
  bool read_datum(Datum* out);
  Datum unpack(Datum datum);

  IndexScanDesc scan_;
  ElementKind element_;
  AttrNumber column_;  ///< of the table; 0: an expression
  IndexFetchTableData* fetch_;
  TupleTableSlot* slot_;
  IndexInfo* info_;  ///< of an expression
  EState* executor_;
  MemoryContext row_memory_;
  ToastReader far_values_;
};

}  // namespace dvecdb::extension
