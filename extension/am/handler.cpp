#include "extension/am/methods.h"
#include "extension/am/operator_class.h"
#include "extension/am/options.h"
#include "extension/function.h"

extern "C" {
#include <access/generic_xlog.h>
#include <commands/vacuum.h>
}

namespace dvecdb::extension {
namespace {

/// What the planner and the executor may ask of an index.
void describe(IndexAmRoutine* method) {
  method->amstrategies = 0;  // any number: ordering operators alone
  method->amsupport = kSupportFunctions;
  method->amcanorderbyop = true;
  method->amoptionalkey = true;
  method->amkeytype = InvalidOid;
  method->amparallelvacuumoptions = VACUUM_OPTION_PARALLEL_BULKDEL;
}

}  // namespace

DVECDB_FUNCTION(dvecdb_hnsw_handler) {
  IndexAmRoutine* method = makeNode(IndexAmRoutine);
  describe(method);
  method->ambuild = build_index;
  method->ambuildempty = build_empty_index;
  method->ambuildphasename = build_phase_name;
  method->aminsert = insert_row;
  method->ambulkdelete = delete_rows;
  method->amvacuumcleanup = clean_up;
  method->amcostestimate = estimate_cost;
  method->amoptions = parse_options;
  method->amvalidate = validate_operator_class;
  method->ambeginscan = begin_scan;
  method->amrescan = restart_scan;
  method->amgettuple = next_row;
  method->amendscan = end_scan;
  PG_RETURN_POINTER(method);
}

}  // namespace dvecdb::extension
