// Before the searches: tables, exact scans, indexes.
#pragma once

#include "bench/pgvector/options.h"
#include "bench/pgvector/results.h"

namespace dvecdb::bench::pgvector {

/// Loads the set, scans it exactly, inserts into it without an index, builds the index.
void prepare(const ann::VectorSet& set, const Contender& contender, const Options& options,
             Results& results);

}  // namespace dvecdb::bench::pgvector
