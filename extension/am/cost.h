#pragma once

#include "extension/postgres.h"

extern "C" {
#include <nodes/pathnodes.h>
}

namespace dvecdb::extension {

/// amcostestimate: what an index scan costs in the planner's units.
///
/// The startup cost is that of a walk that keeps ef_search candidates. Each further row costs
/// an expansion more, so that LIMIT and the selectivity of filters, by which the planner takes a
/// part of the total, decide as they should: few matching rows, and another index with a sort wins.
///
/// Where rows would be missing, since a filter leaves less of the candidates than LIMIT asks
/// for and the scan does not go on (hnsw.iterative_scan = off, or beyond hnsw.max_scan_tuples),
/// a scan costs more than reading the whole table: the planner takes a plan that finds all rows, if
/// the user did not forbid it. A LIMIT above ef_search alone does not count as such.
///
/// A path without ORDER BY distance costs infinitely much: there is no such scan.
void estimate_cost(PlannerInfo* root, IndexPath* path, double loop_count, Cost* startup_cost,
                   Cost* total_cost, Selectivity* selectivity, double* correlation, double* pages);

}  // namespace dvecdb::extension
