#include <cstring>
#include <span>

#include "extension/am/build/build_plan.h"
#include "extension/am/build/graph_builder.h"
#include "extension/am/build/page_writer.h"
#include "extension/am/codes/query_value.h"
#include "extension/am/methods.h"
#include "extension/am/new_shape.h"
#include "extension/am/pages/page_change.h"
#include "extension/failure_point.h"
#include "extension/memory.h"

extern "C" {
#include <access/tableam.h>
#include <access/xloginsert.h>
#include <commands/progress.h>
#include <nodes/execnodes.h>
#include <pgstat.h>
}

namespace dvecdb::extension {
namespace {

/// Phases beyond PROGRESS_CREATEIDX_SUBPHASE_INITIALIZE.
constexpr int64 kLoading = 2;
constexpr int64 kWriting = 3;

/// A build on its way. Trivially destructible; its objects live in `memory`.
struct Build {
  Relation heap;
  Relation index;
  IndexInfo* info;
  IndexShape shape;
  BuildPlan plan;
  MemoryContext memory;
  MemoryContext row_memory;  ///< reset after each row
  GraphBuilder* graph;       ///< null once it is written
  float* floats;             ///< a row's elements, of a dense vector
  double indexed;
};

void report_phase(int64 phase) {
  pgstat_progress_update_param(PROGRESS_CREATEIDX_SUBPHASE, phase);
}

/// A dense vector's elements as floats. Directions alone count for cosine: lengths that the square
/// of a float cannot tell are brought into its range. False for what is not indexed: a zero vector,
/// which has no direction.
bool take_floats(const Build& build, const Value& value) {
  const std::size_t dims = build.shape.dims;
  if (build.shape.element == ElementKind::half) {
    core::to_float(static_cast<const core::Half*>(value.elements), build.floats, dims);
  } else {
    std::memcpy(build.floats, value.elements, dims * sizeof(float));
  }
  if (build.shape.distance != DistanceKind::cosine) return true;
  const double norm = core::l2_norm(build.floats, dims);
  constexpr double kLeast = 1e-18;
  constexpr double kMost = 1e18;
  if (norm > 0 && (norm < kLeast || norm > kMost)) {
    core::normalize(build.floats, build.floats, dims);
  }
  return norm > 0;
}

/// Brings the graph to its pages, and ends it.
void write_out(Build& build) {
  GraphBuilder* graph = build.graph;
  while (guarded([&] { return graph->finish(); })) CHECK_FOR_INTERRUPTS();
  report_phase(kWriting);
  auto* index = make_owned<Index>(build.memory, build.shape, std::vector<float>());
  // A child of the graph's memory: after an error, its threads end before what they read does.
  const MemoryContext pages =
      AllocSetContextCreate(build.memory, "hnsw build of pages", ALLOCSET_DEFAULT_SIZES);
  const MemoryContext before = MemoryContextSwitchTo(pages);
  write_graph(build.index, *index, *graph, build.plan.threads);
  MemoryContextSwitchTo(before);
  MemoryContextDelete(pages);
  build.graph = nullptr;
}

/// The value as the graph takes it, in the current memory context; empty if it is not indexed.
std::span<const std::uint8_t> graph_value(const Build& build, const Value& value) {
  if (is_dense(build.shape)) {
    if (!take_floats(build, value)) return {};
    return {reinterpret_cast<const std::uint8_t*>(build.floats), build.shape.dims * sizeof(float)};
  }
  if (!has_direction(build.shape, value)) return {};
  const std::size_t bytes = stored_bytes(build.shape.element, value);
  auto* stored = static_cast<std::uint8_t*>(palloc(bytes));
  store(build.shape.element, value, stored);
  return {stored, bytes};
}

void add_to_graph(Build& build, const Value& value, ItemPointer tid) {
  const std::span<const std::uint8_t> bytes = graph_value(build, value);
  if (bytes.empty()) return;
  const bool is_full = guarded([&] {
    build.graph->add(bytes, *tid);
    return build.graph->memory_bytes() >= build.plan.graph_memory;
  });
  build.indexed += 1;
  if (!is_full) return;
  ereport(NOTICE, (errmsg("hnsw graph no longer fits into maintenance_work_mem after %.0f tuples",
                          build.indexed),
                   errdetail("Building will take significantly more time."),
                   errhint("Increase maintenance_work_mem to speed up builds.")));
  write_out(build);
}

void check_dims(const Build& build, const Value& value) {
  if (value.dims == build.shape.dims) return;
  ereport(ERROR, (errcode(ERRCODE_DATA_EXCEPTION),
                  errmsg("expected %u dimensions, not %u", build.shape.dims, value.dims)));
}

void add_row(Build& build, Datum* values, bool* is_null, ItemPointer tid) {
  if (build.graph == nullptr) {
    insert_row(build.index, values, is_null, tid, build.heap, UNIQUE_CHECK_NO, false, build.info);
    build.indexed += 1;
    return;
  }
  const Datum datum = PointerGetDatum(PG_DETOAST_DATUM(values[0]));
  const Value value = value_of(build.shape.element, datum);
  check_dims(build, value);
  add_to_graph(build, value, tid);
}

void on_heap_row(Relation, ItemPointer tid, Datum* values, bool* is_null, bool, void* state) {
  auto& build = *static_cast<Build*>(state);
  if (is_null[0]) return;
  failure_point("build row");
  const MemoryContext before = MemoryContextSwitchTo(build.row_memory);
  add_row(build, values, is_null, tid);
  MemoryContextSwitchTo(before);
  MemoryContextReset(build.row_memory);
  pgstat_progress_update_param(PROGRESS_CREATEIDX_TUPLES_DONE, static_cast<int64>(build.indexed));
}

/// Insertions one by one may have left nodes that nobody leads to.
void link_inserted(const Build& build) {
  const MemoryContext memory =
      AllocSetContextCreate(build.memory, "hnsw build of links", ALLOCSET_DEFAULT_SIZES);
  const MemoryContext before = MemoryContextSwitchTo(memory);
  link_all_nodes(build.index);
  MemoryContextSwitchTo(before);
  MemoryContextDelete(memory);
}

void begin(Build& build) {
  build.memory = AllocSetContextCreate(CurrentMemoryContext, "hnsw build", ALLOCSET_DEFAULT_SIZES);
  build.row_memory =
      AllocSetContextCreate(build.memory, "hnsw build of a row", ALLOCSET_DEFAULT_SIZES);
  build.shape = new_shape(build.index);
  build.plan = plan_build(build.heap, build.shape);
  make_owned<UnloggedBuild>(build.memory, RelationGetRelid(build.index));
  write_meta(build.index, MAIN_FORKNUM, empty_meta(build.shape));
  build.graph = make_owned<GraphBuilder>(build.memory, build.shape, build.plan.vectors_folder,
                                         build.plan.threads);
  if (!is_dense(build.shape)) return;
  build.floats =
      static_cast<float*>(MemoryContextAlloc(build.memory, build.shape.dims * sizeof(float)));
}

}  // namespace

IndexBuildResult* build_index(Relation heap, Relation index, IndexInfo* info) {
  if (RelationGetNumberOfBlocks(index) != 0) {
    elog(ERROR, "index \"%s\" already contains data", RelationGetRelationName(index));
  }
  Build build{};
  build.heap = heap;
  build.index = index;
  build.info = info;
  begin(build);
  report_phase(kLoading);
  auto* result = allocate<IndexBuildResult>(1);
  result->heap_tuples =
      table_index_build_scan(heap, index, info, true, true, on_heap_row, &build, nullptr);
  if (build.graph != nullptr) {
    write_out(build);
  } else {
    link_inserted(build);
  }
  if (RelationNeedsWAL(index)) {
    failure_point("build log");
    log_newpage_range(index, MAIN_FORKNUM, 0, RelationGetNumberOfBlocks(index), true);
  }
  failure_point("build end");
  result->index_tuples = build.indexed;
  MemoryContextDelete(build.memory);
  return result;
}

/// The INIT fork of an unlogged index, which becomes its contents after a crash: always logged.
void build_empty_index(Relation index) {
  write_meta(index, INIT_FORKNUM, empty_meta(new_shape(index)));
  log_newpage_range(index, INIT_FORKNUM, 0, 1, true);
}

char* build_phase_name(int64 phase) {
  switch (phase) {
    case PROGRESS_CREATEIDX_SUBPHASE_INITIALIZE:
      return pstrdup("initializing");
    case kLoading:
      return pstrdup("loading tuples");
    case kWriting:
      return pstrdup("writing pages");
    default:
      return nullptr;
  }
}

}  // namespace dvecdb::extension
