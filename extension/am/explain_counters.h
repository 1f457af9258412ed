#pragma once

#include "extension/am/scan_counters.h"
#include "extension/compat_explain.h"

namespace dvecdb::extension {

/// What a plan node counted, if it is a scan of one of our indexes that has begun; or else null.
const ScanCounters* counters_of(const PlanState* node);

/// Writes counters in EXPLAIN's format: text as one line after `label`, others as properties.
void show_counters(const char* label, const ScanCounters& counters, ExplainState* out);

}  // namespace dvecdb::extension
