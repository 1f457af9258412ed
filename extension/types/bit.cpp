// Distances between bit strings.
#include "dvecdb/distance.h"
#include "extension/function.h"

extern "C" {
#include <utils/varbit.h>
}

namespace dvecdb::extension {
namespace {

Datum distance(FunctionCallInfo fcinfo, core::BitMetric metric) {
  const VarBit* a = PG_GETARG_VARBIT_P(0);
  const VarBit* b = PG_GETARG_VARBIT_P(1);
  if (VARBITLEN(a) != VARBITLEN(b)) {
    ereport(ERROR, (errcode(ERRCODE_DATA_EXCEPTION),
                    errmsg("different bit lengths %u and %u", static_cast<unsigned>(VARBITLEN(a)),
                           static_cast<unsigned>(VARBITLEN(b)))));
  }
  return Float8GetDatum(core::bit_distance(metric, VARBITS(a), VARBITS(b), VARBITBYTES(a)));
}

}  // namespace
}  // namespace dvecdb::extension

DVECDB_FUNCTION(dvecdb_bit_hamming_distance) {
  return dvecdb::extension::distance(fcinfo, dvecdb::core::BitMetric::hamming);
}
DVECDB_FUNCTION(dvecdb_bit_jaccard_distance) {
  return dvecdb::extension::distance(fcinfo, dvecdb::core::BitMetric::jaccard);
}
