// One measurement each: a build, the recall at an ef, the speed at an ef.
#pragma once

#include "bench/ann/ann_library.h"
#include "bench/ann/results.h"

namespace dvecdb::bench::ann {

BuildTime measure_build(AnnLibrary& library, const VectorSet& set, int threads);

/// The average over all queries, asked by all threads.
double measure_recall(const AnnLibrary& library, const VectorSet& set, int threads);

/// Which queries a repetition asks: `count` of them, the `first` on, round and round.
struct QuerySpan {
  std::size_t first = 0;
  std::size_t count = 0;
};

struct SearchTime {
  Rate rate;
  double p50_us = 0;
  double p99_us = 0;
  double waits = 0;  ///< per 1,000 queries
};

/// Every thread asks `span.count` queries, one at a time, each thread from another place on; all
/// begin together after a warm-up, and a thread's rate is over its own time.
SearchTime measure_search(const AnnLibrary& library, const VectorSet& set, QuerySpan span,
                          int threads);

}  // namespace dvecdb::bench::ann
