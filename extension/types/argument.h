// The arguments of a function that is called for row after row.
#pragma once

#include <algorithm>

#include "extension/types/toast_cursor.h"
#include "extension/types/values.h"

namespace dvecdb::extension {

// Gives the values of one argument of one function call in a query. A value that lies unpacked in
// its tuple is read in place; others are unpacked into memory that all calls share. A value that
// comes again, as a query's vector does, is not fetched again. Zeroed memory is a good reader.
class ArgumentReader {
 public:
  // The value lies at the datum, or in memory of `context` until the next read, or in the current
  // memory context.
  const void* read(Datum datum, MemoryContext context);

 private:
  const void* fetch(Datum datum, MemoryContext context);
  char* room_for(std::size_t size, MemoryContext context);

  varatt_external pointer_;  // to the value that `unpacked_` holds
  bool is_fetched_;          // whether it holds one
  char* unpacked_;
  std::size_t room_;
  ToastCursor cursor_;
};

// The two arguments of a function; kept with the call's FmgrInfo.
template <class Value>
struct Arguments {
  const Value* a;
  const Value* b;

  explicit Arguments(FunctionCallInfo fcinfo) {
    FmgrInfo* function = fcinfo->flinfo;
    if (function == nullptr) [[unlikely]] {  // called by another function
      a = value_of<Value>(PG_GETARG_DATUM(0));
      b = value_of<Value>(PG_GETARG_DATUM(1));
      return;
    }
    const MemoryContext context = function->fn_mcxt;
    if (function->fn_extra == nullptr) [[unlikely]] {
      function->fn_extra = MemoryContextAllocZero(context, 2 * sizeof(ArgumentReader));
    }
    auto* readers = static_cast<ArgumentReader*>(function->fn_extra);
    a = static_cast<const Value*>(readers[0].read(PG_GETARG_DATUM(0), context));
    b = static_cast<const Value*>(readers[1].read(PG_GETARG_DATUM(1), context));
  }
};

}  // namespace dvecdb::extension
