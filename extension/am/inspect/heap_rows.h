#pragma once

#include "extension/am/inspect/survey.h"

extern "C" {
#include <access/tableam.h>
#include <utils/snapshot.h>
}

namespace dvecdb::extension {

/// Tells which rows of a table a new statement would see. Trivially destructible; call close().
class VisibleRows {
 public:
  explicit VisibleRows(Relation table);
  void close();

  /// Whether a version of the row at `tid`, or one that it was updated to in its page, is seen.
  bool contains(std::uint64_t tid);

 private:
  Snapshot snapshot_;
  IndexFetchTableData* fetch_;
  TupleTableSlot* slot_;
};

/// Sorts survey.rows. Raises index_corrupted when a row is in the index twice, or lies beyond the
/// end of the table.
void check_rows(Relation table, Relation index, IndexSurvey& survey);

/// Raises index_corrupted for a row that a new statement would see and that is not among
/// survey.rows, which must be sorted, though the index should hold it. Reads the whole table. The
/// caller keeps others from writing to it.
void check_heap(Relation table, Relation index, const IndexShape& shape, const IndexSurvey& survey);

}  // namespace dvecdb::extension
