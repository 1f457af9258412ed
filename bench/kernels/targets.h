// What must be reached, and a table of what was.
#pragma once

#include <vector>

#include "bench/kernels/measures.h"
#include "bench/kernels/results.h"

namespace dvecdb::bench {

inline constexpr std::size_t kDims[] = {128, 384, 768, 1536};

void print_table(const Results& results, const std::vector<Measure>& measures);

/// One line a target: hot against what the ports allow, for every number of dimensions; streaming
/// against the plain read, and both against each peer, for the number that is worst.
void print_targets(const Results& results, const std::vector<Measure>& measures);

}  // namespace dvecdb::bench
