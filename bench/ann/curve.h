// A library's speed over its recall.
#pragma once

#include <optional>
#include <vector>

#include "bench/ann/results.h"

namespace dvecdb::bench::ann {

struct CurvePoint {
  double recall = 0;
  double rate = 0;  ///< queries a second
};

enum class Threads { one, all };

/// The points that no other point beats in both, by rising recall (and so by falling rate).
std::vector<CurvePoint> frontier(const LibraryResult& library, Threads threads, ClockKind clock);

/// The rate at a recall: between two points of the frontier the logarithm of the rate is taken
/// as linear in recall; below the lowest recall that was measured, the lowest point counts. Nothing
/// when the recall is not reached.
std::optional<double> rate_at(const std::vector<CurvePoint>& frontier, double recall);

}  // namespace dvecdb::bench::ann
