#include "extension/am/inspect/heap_rows.h"
#include "extension/am/inspect/inspected.h"
#include "extension/am/inspect/links.h"
#include "extension/function.h"
#include "extension/memory.h"

extern "C" {
#include <access/xlog.h>
}

namespace dvecdb::extension {
namespace {

void check(const Inspected& inspected, bool with_heap) {
  const Relation index = inspected.index;
  check_meta(index, read_meta(index));
  MetaData meta;
  const Layout& layout = open_index(index, &meta).layout();
  auto* survey = make_owned<IndexSurvey>(CurrentMemoryContext);
  PageReader reader(index);
  take_survey(reader, layout, Others::only_read, *survey);
  check_links(reader, layout, *survey);
  check_rows(inspected.table, index, *survey);
  check_reachability(inspected.table, reader, layout, meta, *survey);
  if (with_heap) {
    check_heap(inspected.table, index, meta.shape, *survey);
  }
}

}  // namespace

/// dvecdb_index_check(regclass, boolean): nothing, or index_corrupted. Others read meanwhile, and
/// do not write; on a standby, where no such lock can be had, replay must stand still.
DVECDB_FUNCTION(dvecdb_index_check) {
  const Inspected inspected =
      open_inspected(PG_GETARG_OID(0), RecoveryInProgress() ? AccessShareLock : ShareLock);
  require_valid(inspected);
  check(inspected, PG_GETARG_BOOL(1));
  close_inspected(inspected);
  PG_RETURN_VOID();
}

}  // namespace dvecdb::extension
