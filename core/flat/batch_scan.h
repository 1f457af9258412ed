#pragma once

#include <cstddef>
#include <vector>

#include "core/flat/selection.h"
#include "dvecdb/distance.h"

namespace dvecdb::core {

/// Vectors one after another.
struct QueryBlock {
  const float* vectors;
  std::size_t count;
};

/// The k nearest of each query, as ordering_distance measures.
///
/// Rows are taken in blocks that stay in cache while tiles of queries are measured against them
/// (core/distance/tile_body.h). What a tile tells is a little off: L2 comes from norms and a
/// product, sums are added in another order. So it only excludes: a row whose distance may be
/// within the limit by the bounds of that error is measured again as a single search would, and
/// the answers are the single search's.
std::vector<std::vector<Neighbor>> scan_batch(const Selection& rows, Metric metric,
                                              const QueryBlock& queries, std::size_t k,
                                              std::size_t threads);

}  // namespace dvecdb::core
