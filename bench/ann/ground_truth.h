// The right answers.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "bench/ann/vectors.h"

namespace dvecdb::bench::ann {

/// Fills set.kth_distances from given row numbers, rows of equal length, nearest first.
void set_truth(VectorSet& set, const std::vector<std::int32_t>& truth);

/// Fills set.kth_distances by comparing every query with every row. When `cache` is not empty, the
/// result is kept in that folder, under a name made of what the vectors hold.
void find_truth(VectorSet& set, int threads, const std::string& cache);

/// The share of a query's true neighbors among the found ids. An id counts once, and when it is as
/// near as the last true neighbor (plus a thousandth), as ann-benchmarks has it.
double recall_of(const VectorSet& set, std::size_t query, std::vector<std::uint32_t> ids);

}  // namespace dvecdb::bench::ann
