#include "extension/am/codes/query_value.h"
#include "extension/am/insert/insert.h"
#include "extension/am/insert/insert_scratch.h"
#include "extension/am/methods.h"

extern "C" {
#include <utils/rel.h>
}

namespace dvecdb::extension {
namespace {

/// Raises when a row's value has not the index's dimensions.
void check_row_dims(const IndexShape& shape, const Value& value) {
  if (value.dims == shape.dims) return;
  ereport(ERROR, (errcode(ERRCODE_DATA_EXCEPTION),
                  errmsg("expected %u dimensions, not %u", shape.dims, value.dims)));
}

/// What the statement's insertions into an index work with; made anew when the index has been built
/// again.
InsertScratch* scratch_of(Relation relation, IndexInfo* info) {
  auto* scratch = static_cast<InsertScratch*>(info->ii_AmCache);
  if (scratch != nullptr) return scratch;
  MetaData meta;
  Index& index = open_index(relation, &meta);
  scratch = make_insert_scratch(info->ii_Context, relation, index);
  info->ii_AmCache = scratch;
  return scratch;
}

}  // namespace

/// aminsert.
bool insert_row(Relation index, Datum* values, bool* is_null, ItemPointer tid, Relation,
                IndexUniqueCheck, bool, IndexInfo* info) {
  if (is_null[0]) return false;
  InsertScratch* scratch = scratch_of(index, info);
  const IndexShape& shape = scratch->index.shape();
  const MemoryContext before = MemoryContextSwitchTo(scratch->row_memory);
  const Value value = value_of(shape.element, PointerGetDatum(PG_DETOAST_DATUM(values[0])));
  check_row_dims(shape, value);
  if (has_direction(shape, value)) insert_value(*scratch, value, *tid);
  MemoryContextSwitchTo(before);
  MemoryContextReset(scratch->row_memory);
  return false;
}

}  // namespace dvecdb::extension
