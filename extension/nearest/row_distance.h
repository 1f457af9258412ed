// The distance of a row from a search's vector.
#pragma once

#include "extension/postgres.h"

extern "C" {
#include <nodes/execnodes.h>
#include <nodes/primnodes.h>
}

namespace dvecdb::extension {

// Calls the function of `column <-> query`, either way around, as PostgreSQL's executor does, but
// for the row's value alone: the query's is computed once a search. Zeroed memory, in a node of the
// executor.
class RowDistance {
 public:
  // May raise that the user must not call the function.
  void begin(OpExpr* distance, PlanState* plan);

  // Computes the query's value anew, of what is in `context`, whose memory is to be reset for each
  // row.
  void set_query(ExprContext* context);

  AttrNumber column() const { return column_; }

  // `value` is not null. Sets `is_null` where the query is.
  double of(Datum value, bool* is_null) {
    *is_null = is_query_null_;
    if (is_query_null_) return 0;
    call_->args[row_argument_].value = value;
    const MemoryContext before = MemoryContextSwitchTo(row_memory_);
    const double distance = DatumGetFloat8(FunctionCallInvoke(call_));
    MemoryContextSwitchTo(before);
    return distance;
  }

 private:
  FunctionCallInfo call_;
  ExprState* query_;
  Datum query_value_;         // our copy of it
  MemoryContext memory_;      // where that is
  MemoryContext row_memory_;  // for one row
  int row_argument_;
  AttrNumber column_;
  bool is_query_null_;
};

}  // namespace dvecdb::extension
