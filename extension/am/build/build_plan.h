#pragma once

#include <cstddef>

#include "extension/am/pages/format.h"

extern "C" {
#include <utils/relcache.h>
}

namespace dvecdb::extension {

/// How an index is built. Trivially destructible.
struct BuildPlan {
  unsigned threads;          ///< besides the backend itself
  std::size_t graph_memory;  ///< that the graph may take; rows after that are inserted one by one
  char vectors_folder[MAXPGPATH];  ///< where the graph keeps its vectors; empty: in memory
};

/// By max_parallel_maintenance_workers, the table's parallel_workers, maintenance_work_mem, and how
/// many rows the table is thought to have: if dense vectors do not fit into memory beside the
/// graph, they go to a temporary file; if the graph does not, it takes the first rows alone.
BuildPlan plan_build(Relation heap, const IndexShape& shape);

}  // namespace dvecdb::extension
