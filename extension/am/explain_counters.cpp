#include "extension/am/explain_counters.h"

#include <cinttypes>

#include "extension/am/options.h"

namespace dvecdb::extension {

const ScanCounters* counters_of(const PlanState* node) {
  if (!IsA(node, IndexScanState)) {
    return nullptr;
  }
  const auto* scan = reinterpret_cast<const IndexScanState*>(node);
  const bool begun = scan->iss_ScanDesc != nullptr && is_hnsw(scan->iss_RelationDesc);
  return begun ? counters_of(scan->iss_ScanDesc) : nullptr;
}

void show_counters(const char* label, const ScanCounters& counters, ExplainState* out) {
  if (out->format != EXPLAIN_FORMAT_TEXT) {
    ExplainPropertyUInteger("Candidates", nullptr, counters.candidates, out);
    ExplainPropertyUInteger("Codes Compared", nullptr, counters.codes_compared, out);
    ExplainPropertyUInteger("Reranked", nullptr, counters.reranked, out);
    ExplainPropertyUInteger("Index Pages Read", nullptr, counters.pages_read, out);
    return;
  }
  appendStringInfoSpaces(out->str, out->indent * 2);
  appendStringInfo(out->str,
                   "%s: candidates=%" PRIu64 " codes compared=%" PRIu64 " reranked=%" PRIu64
                   " index pages read=%" PRIu64 "\n",
                   label, counters.candidates, counters.codes_compared, counters.reranked,
                   counters.pages_read);
}

}  // namespace dvecdb::extension
