#include "extension/am/build/build_plan.h"

#include <algorithm>

#include "extension/am/build/graph_builder.h"
#include "extension/guard.h"

extern "C" {
#include <commands/tablespace.h>
#include <optimizer/plancat.h>
#include <storage/fd.h>
#include <utils/rel.h>
}

namespace dvecdb::extension {
namespace {

unsigned planned_threads(Relation heap) {
  const int wanted = RelationGetParallelWorkers(heap, max_parallel_maintenance_workers);
  return static_cast<unsigned>(std::clamp(wanted, 0, max_parallel_maintenance_workers));
}

double estimated_rows(Relation heap) {
  BlockNumber pages;
  double rows;
  double visible;
  estimate_rel_size(heap, nullptr, &pages, &rows, &visible);
  return rows;
}

/// The folder of temporary files, as PostgreSQL's own are placed.
void find_temporary_folder(char* path) {
  PrepareTempTablespaces();
  const Oid tablespace = GetNextTempTableSpace();
  TempTablespacePath(path, OidIsValid(tablespace) ? tablespace : MyDatabaseTableSpace);
  MakePGDirectory(path);  // it may be there
}

}  // namespace

BuildPlan plan_build(Relation heap, const IndexShape& shape) {
  BuildPlan plan{planned_threads(heap), static_cast<std::size_t>(maintenance_work_mem) * 1024, {}};
  const double rows = estimated_rows(heap);
  const auto bytes = guarded([&] { return GraphBuilder::bytes_per_row(shape, ""); });
  const bool has_room = rows * static_cast<double>(bytes) <= static_cast<double>(plan.graph_memory);
  if (is_dense(shape) && !has_room) find_temporary_folder(plan.vectors_folder);
  return plan;
}

}  // namespace dvecdb::extension
