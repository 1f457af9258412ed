// Before the searches: tables, exact scans, indexes.
#pragma once

#include "bench/pgvector/options.h"
#include "bench/pgvector/results.h"

namespace dvecdb::bench::pgvector {

/// For every contender: loads the set, scans it exactly, inserts into it without an index, builds
/// the index.
void prepare(const ann::VectorSet& set, const Options& options, Results& results);

}  // namespace dvecdb::bench::pgvector
