#include "extension/nearest/nearest_scan.h"

#include "extension/compat_explain.h"
#include "extension/memory.h"
#include "extension/nearest/row_distance.h"
#include "extension/nearest/table_pass.h"

extern "C" {
#include <access/table.h>
#include <access/tableam.h>
#include <executor/executor.h>
#include <utils/ruleutils.h>
}

#include <algorithm>
#include <cmath>

namespace dvecdb::extension {
namespace {

struct Candidate {
  double distance;
  int rank;  // 0: a number, 1: NaN, 2: null
  ItemPointerData tid;
};

bool is_nearer(const Candidate& a, const Candidate& b) {
  return a.rank != b.rank ? a.rank < b.rank : a.distance < b.distance;
}

// Begins with PostgreSQL's node, which is allocated as a node: no constructors.
struct NearestState {
  CustomScanState node;
  RowDistance distance;
  ParallelTableScanDesc shared;  // null: this process reads the whole table
  Candidate* nearest;  // while the table is read a heap with the farthest on top, then in order
  int room;
  int count;
  int next;
  bool is_gathered;
};

NearestState* state_of(CustomScanState* node) {
  return reinterpret_cast<NearestState*>(node);
}

const CustomScan* plan_of(const CustomScanState* node) {
  return reinterpret_cast<const CustomScan*>(node->ss.ps.plan);
}

// The slot that PostgreSQL made holds virtual tuples; rows of the table are read in its own kind.
void begin(CustomScanState* node, EState* executor, int) {
  NearestState* state = state_of(node);
  const Relation table = node->ss.ss_currentRelation;
  ExecInitScanTupleSlot(executor, &node->ss, RelationGetDescr(table), table_slot_callbacks(table));
  ExecAssignScanProjectionInfo(&node->ss);
  const CustomScan* plan = plan_of(node);
  node->ss.ps.qual = ExecInitQual(plan->scan.plan.qual, &node->ss.ps);
  state->distance.begin(linitial_node(OpExpr, plan->custom_exprs), &node->ss.ps);
  state->room = linitial_int(plan->custom_private);
  state->nearest = allocate<Candidate>(static_cast<std::size_t>(state->room));
}

void keep(NearestState* state, const Candidate& candidate) {
  Candidate* nearest = state->nearest;
  if (state->count < state->room) {
    nearest[state->count++] = candidate;
    std::push_heap(nearest, nearest + state->count, is_nearer);
    return;
  }
  if (!is_nearer(candidate, nearest[0])) return;
  std::pop_heap(nearest, nearest + state->count, is_nearer);
  nearest[state->count - 1] = candidate;
  std::push_heap(nearest, nearest + state->count, is_nearer);
}

// Whether the slot's row passes the query's filter.
bool passes(NearestState* state, TupleTableSlot* row) {
  PlanState& plan = state->node.ss.ps;
  plan.ps_ExprContext->ecxt_scantuple = row;
  if (ExecQual(plan.qual, plan.ps_ExprContext)) return true;
  InstrCountFiltered1(&plan, 1);
  return false;
}

void weigh(NearestState* state, const NullableDatum& value, const ItemPointerData& tid) {
  bool is_null = value.isnull;
  const double distance = is_null ? 0 : state->distance.of(value.value, &is_null);
  const bool is_number = !is_null && !std::isnan(distance);
  keep(state, {is_number ? distance : 0, is_null ? 2 : (is_number ? 0 : 1), tid});
}

// A slot is filled for the filter alone.
void visit(NearestState* state, HeapTupleData& row, Buffer buffer) {
  ScanState& node = state->node.ss;
  ResetExprContext(node.ps.ps_ExprContext);
  if (node.ps.qual != nullptr) {
    ExecStoreBufferHeapTuple(&row, node.ss_ScanTupleSlot, buffer);
    if (!passes(state, node.ss_ScanTupleSlot)) return;
  }
  NullableDatum value;
  value.value = heap_getattr(&row, state->distance.column(),
                             RelationGetDescr(node.ss_currentRelation), &value.isnull);
  weigh(state, value, row.t_self);
}

// By one process a table is read as its only part.
ParallelTableScanDesc whole_table(const ScanState& node) {
  const Relation table = node.ss_currentRelation;
  const Snapshot snapshot = node.ps.state->es_snapshot;
  auto* whole =
      static_cast<ParallelTableScanDesc>(palloc(table_parallelscan_estimate(table, snapshot)));
  table_parallelscan_initialize(table, whole, snapshot);
  return whole;
}

void read_pages(NearestState* state) {
  const ScanState& node = state->node.ss;
  const Snapshot snapshot = node.ps.state->es_snapshot;
  const auto visit_row = [state](HeapTupleData& row, Buffer buffer) { visit(state, row, buffer); };
  TablePass pass(node.ss_currentRelation, snapshot, visit_row);
  if (state->shared != nullptr) {
    pass.run(state->shared);
    return;
  }
  const ParallelTableScanDesc whole = whole_table(node);
  pass.run(whole);
  pfree(whole);
}

// As PostgreSQL reads any table.
void read_rows(NearestState* state) {
  ScanState& node = state->node.ss;
  TupleTableSlot* row = node.ss_ScanTupleSlot;
  const TableScanDesc scan =
      state->shared != nullptr
          ? table_beginscan_parallel(node.ss_currentRelation, state->shared)
          : table_beginscan(node.ss_currentRelation, node.ps.state->es_snapshot, 0, nullptr);
  while (table_scan_getnextslot(scan, ForwardScanDirection, row)) {
    CHECK_FOR_INTERRUPTS();
    ResetExprContext(node.ps.ps_ExprContext);
    if (node.ps.qual != nullptr && !passes(state, row)) continue;
    NullableDatum value;
    value.value = slot_getattr(row, state->distance.column(), &value.isnull);
    weigh(state, value, row->tts_tid);
  }
  table_endscan(scan);
}

void gather(NearestState* state) {
  state->count = 0;
  state->next = 0;
  ScanState& node = state->node.ss;
  state->distance.set_query(node.ps.ps_ExprContext);
  if (can_pass_over(node.ss_currentRelation)) {
    read_pages(state);
  } else {
    read_rows(state);
  }
  ExecClearTuple(node.ss_ScanTupleSlot);
  std::sort_heap(state->nearest, state->nearest + state->count, is_nearer);
  state->is_gathered = true;
}

TupleTableSlot* next_row(CustomScanState* node) {
  NearestState* state = state_of(node);
  if (!state->is_gathered) gather(state);
  if (state->next == state->count) return nullptr;
  TupleTableSlot* row = node->ss.ss_ScanTupleSlot;
  ItemPointerData& tid = state->nearest[state->next++].tid;
  if (!table_tuple_fetch_row_version(node->ss.ss_currentRelation, &tid,
                                     node->ss.ps.state->es_snapshot, row)) {
    elog(ERROR, "a row that the scan had found is gone");
  }
  if (node->ss.ps.ps_ProjInfo == nullptr) return row;
  ResetExprContext(node->ss.ps.ps_ExprContext);
  node->ss.ps.ps_ExprContext->ecxt_scantuple = row;
  return ExecProject(node->ss.ps.ps_ProjInfo);
}

void end(CustomScanState*) {}

void scan_again(CustomScanState* node) {
  state_of(node)->is_gathered = false;
}

void explain(CustomScanState* node, List* ancestors, ExplainState* out) {
  List* context = set_deparse_context_plan(out->deparse_cxt, node->ss.ps.plan, ancestors);
  auto* order = static_cast<Node*>(linitial(plan_of(node)->custom_exprs));
  const bool has_others = list_length(out->rtable) > 1 || out->verbose;
  ExplainPropertyText("Order By", deparse_expression(order, context, has_others, false), out);
}

// Several processes share the table's pages among them; each gives the nearest of its own.
Size shared_size(CustomScanState* node, ParallelContext*) {
  return table_parallelscan_estimate(node->ss.ss_currentRelation, node->ss.ps.state->es_snapshot);
}

void share(CustomScanState* node, ParallelContext*, void* place) {
  auto* shared = static_cast<ParallelTableScanDesc>(place);
  table_parallelscan_initialize(node->ss.ss_currentRelation, shared,
                                node->ss.ps.state->es_snapshot);
  state_of(node)->shared = shared;
}

void share_again(CustomScanState* node, ParallelContext*, void* place) {
  table_parallelscan_reinitialize(node->ss.ss_currentRelation,
                                  static_cast<ParallelTableScanDesc>(place));
}

void join(CustomScanState* node, shm_toc*, void* place) {
  state_of(node)->shared = static_cast<ParallelTableScanDesc>(place);
}

CustomExecMethods exec_methods() {
  CustomExecMethods methods{};
  methods.CustomName = "Nearest";
  methods.BeginCustomScan = begin;
  methods.ExecCustomScan = next_row;
  methods.EndCustomScan = end;
  methods.ReScanCustomScan = scan_again;
  methods.EstimateDSMCustomScan = shared_size;
  methods.InitializeDSMCustomScan = share;
  methods.ReInitializeDSMCustomScan = share_again;
  methods.InitializeWorkerCustomScan = join;
  methods.ExplainCustomScan = explain;
  return methods;
}

Node* create_state(CustomScan*) {
  static const CustomExecMethods methods = exec_methods();
  auto* state = static_cast<NearestState*>(palloc0(sizeof(NearestState)));
  NodeSetTag(state, T_CustomScanState);
  state->node.methods = &methods;
  return reinterpret_cast<Node*>(state);
}

const CustomScanMethods scan_methods{"Nearest", create_state};

}  // namespace

void set_nearest_plan(CustomScan* scan, const NearestPlan& plan) {
  scan->custom_exprs = list_make1(plan.order);
  scan->custom_private = list_make1_int(plan.count);
  scan->methods = &scan_methods;
}

void register_nearest_scan_methods() {
  RegisterCustomScanMethods(&scan_methods);
}

}  // namespace dvecdb::extension
