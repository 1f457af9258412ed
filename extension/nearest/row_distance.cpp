#include "extension/nearest/row_distance.h"

extern "C" {
#include <executor/executor.h>
#include <utils/datum.h>
}

namespace dvecdb::extension {

void RowDistance::begin(OpExpr* distance, PlanState* plan) {
  // Not for its result: it is what PostgreSQL checks the right to call the function by.
  ExecInitExpr(&distance->xpr, plan);
  auto* left = static_cast<Node*>(linitial(distance->args));
  auto* right = static_cast<Node*>(lsecond(distance->args));
  row_argument_ = IsA(left, Var) ? 0 : 1;
  column_ = reinterpret_cast<const Var*>(row_argument_ == 0 ? left : right)->varattno;
  query_ = ExecInitExpr(reinterpret_cast<Expr*>(row_argument_ == 0 ? right : left), plan);

  auto* function = static_cast<FmgrInfo*>(palloc0(sizeof(FmgrInfo)));
  fmgr_info(distance->opfuncid, function);
  fmgr_info_set_expr(reinterpret_cast<Node*>(distance), function);
  call_ = static_cast<FunctionCallInfo>(palloc0(SizeForFunctionCallInfo(2)));
  InitFunctionCallInfoData(*call_, function, 2, distance->inputcollid, nullptr, nullptr);
  memory_ = CurrentMemoryContext;
  is_query_null_ = true;
}

void RowDistance::set_query(ExprContext* context) {
  if (!is_query_null_) pfree(DatumGetPointer(query_value_));
  is_query_null_ = true;
  row_memory_ = context->ecxt_per_tuple_memory;
  bool is_null = false;
  const Datum value = ExecEvalExprSwitchContext(query_, context, &is_null);
  if (is_null) return;
  const MemoryContext before = MemoryContextSwitchTo(memory_);
  query_value_ = datumCopy(value, false, -1);
  MemoryContextSwitchTo(before);
  call_->args[1 - row_argument_].value = query_value_;
  is_query_null_ = false;
}

}  // namespace dvecdb::extension
