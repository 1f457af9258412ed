#include <algorithm>
#include <cstdint>

#include "extension/am/inspect/inspected.h"
#include "extension/function.h"

extern "C" {
#include <access/genam.h>
#include <access/relscan.h>
#include <access/stratnum.h>
#include <access/tableam.h>
#include <catalog/pg_operator.h>
#include <catalog/pg_type.h>
#include <executor/spi.h>
#include <utils/array.h>
#include <utils/builtins.h>
#include <utils/guc.h>
#include <utils/lsyscache.h>
#include <utils/rel.h>
#include <utils/snapmgr.h>
}

namespace dvecdb::extension {
namespace {

// More rows than ef_search goes to can only be missed.
constexpr int kMostRows = 1000;
constexpr int kMostSamples = 1000000;

/// The pieces of SQL that say what an index holds.
struct IndexSql {
  char* table;
  char* value;      ///< the indexed column or expression
  char* condition;  ///< of a partial index, or true
  char* operation;  ///< the ordering operator
  Oid procedure;    ///< that computes it
};

/// Plans that are run for each sampled value: SPI_prepare.
struct Plans {
  SPIPlanPtr exact;    ///< ($1 value, $2 k): the k-th distance, and how many there are
  SPIPlanPtr reached;  ///< ($1 value, $2 tid[], $3 distance): how many of these rows are as near
};

int argument_in_range(FunctionCallInfo fcinfo, int which, const char* name, int most) {
  const int value = PG_ARGISNULL(which) ? 0 : PG_GETARG_INT32(which);
  if (value < 1 || value > most) {
    ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                    errmsg("%s must be from 1 to %d", name, most),
                    errdetail("It is %s.", PG_ARGISNULL(which) ? "NULL" : psprintf("%d", value))));
  }
  return value;
}

void set_until_end(const char* name, const char* value) {
  set_config_option(name, value, PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
}

/// Runs a query of one row in the function's snapshot.
void run_for_row(const char* sql) {
  if (SPI_execute(sql, true, 0) != SPI_OK_SELECT || SPI_processed != 1) {
    elog(ERROR, "no single row from: %s", sql);
  }
}

char* text_of_column(int column) {
  return SPI_getvalue(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, column);
}

void find_operation(Relation index, IndexSql& out) {
  const Oid type = index->rd_opcintype[0];
  const Oid operation = get_opfamily_member(index->rd_opfamily[0], type, type, 1);
  run_for_row(
      psprintf("SELECT pg_catalog.format('OPERATOR(%%I.%%s)', n.nspname, o.oprname) "
               "FROM pg_catalog.pg_operator o JOIN pg_catalog.pg_namespace n "
               "ON n.oid = o.oprnamespace WHERE o.oid = %u",
               operation));
  out.operation = text_of_column(1);
  out.procedure = get_opcode(operation);
}

IndexSql describe(Relation index) {
  IndexSql sql;
  run_for_row(psprintf(
      "SELECT indrelid::pg_catalog.regclass, pg_catalog.pg_get_indexdef(indexrelid, 1, false), "
      "coalesce(pg_catalog.pg_get_expr(indpred, indrelid), 'true') "
      "FROM pg_catalog.pg_index WHERE indexrelid = %u",
      RelationGetRelid(index)));
  sql.table = text_of_column(1);
  sql.value = text_of_column(2);
  sql.condition = text_of_column(3);
  find_operation(index, sql);
  return sql;
}

/// Values of rows spread over the table, always the same while the table is: those whose places
/// have the least hashes. Left out are those without a distance, which are not in the index.
SPITupleTable* draw_sample(const IndexSql& sql, int sample) {
  const char* query = psprintf(
      "SELECT value FROM (SELECT ctid AS place, (%s) AS value FROM ONLY %s WHERE %s) AS rows "
      "WHERE (value %s value) <> 'NaN' ORDER BY pg_catalog.hashtid(place) LIMIT %d",
      sql.value, sql.table, sql.condition, sql.operation, sample);
  if (SPI_execute(query, true, 0) != SPI_OK_SELECT) {
    elog(ERROR, "no rows from: %s", query);
  }
  return SPI_tuptable;
}

SPIPlanPtr prepare(const char* query, int count, Oid* types) {
  SPIPlanPtr plan = SPI_prepare_cursor(query, count, types, CURSOR_OPT_PARALLEL_OK);
  if (plan == nullptr) {
    elog(ERROR, "SPI_prepare failed for: %s", query);
  }
  return plan;
}

Plans prepare_plans(const IndexSql& sql, Oid type) {
  Oid exact_types[] = {type, INT4OID};
  Oid reached_types[] = {type, TIDARRAYOID, FLOAT8OID};
  Plans plans;
  plans.exact =
      prepare(psprintf("SELECT max(distance), count(*) FROM (SELECT (%s) %s $1 AS distance "
                       "FROM ONLY %s WHERE %s ORDER BY distance LIMIT $2) AS rows "
                       "WHERE distance <> 'NaN'",
                       sql.value, sql.operation, sql.table, sql.condition),
              2, exact_types);
  plans.reached =
      prepare(psprintf("SELECT count(*) FROM ONLY %s WHERE ctid = ANY ($2) AND (%s) %s $1 <= $3",
                       sql.table, sql.value, sql.operation),
              3, reached_types);
  return plans;
}

/// The first row's columns remain until SPI_freetuptable(SPI_tuptable).
void run_for_row(SPIPlanPtr plan, Datum* values) {
  if (SPI_execute_plan(plan, values, nullptr, true, 0) != SPI_OK_SELECT || SPI_processed != 1) {
    elog(ERROR, "no single row from a search");
  }
}

Datum column(int n) {
  bool is_null;
  return SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, n, &is_null);
}

/// One scan of the index for the k nearest rows: their places, a tid[]. Goes past the planner,
/// which might choose another index.
Datum search(const Inspected& inspected, Oid procedure, Datum value, int k) {
  ScanKeyData order;
  ScanKeyEntryInitialize(&order, SK_ORDER_BY, 1, 1, inspected.index->rd_opcintype[0],
                         inspected.index->rd_indcollation[0], procedure, value);
  TupleTableSlot* slot = table_slot_create(inspected.table, nullptr);
  IndexScanDesc scan =
      DVECDB_INDEX_BEGINSCAN(inspected.table, inspected.index, GetActiveSnapshot(), 0, 1);
  index_rescan(scan, nullptr, 0, &order, 1);
  auto* places = static_cast<ItemPointer>(palloc(sizeof(ItemPointerData) * kMostRows));
  Datum tids[kMostRows];
  int count = 0;
  while (count < k && index_getnext_slot(scan, ForwardScanDirection, slot)) {
    places[count] = slot->tts_tid;
    tids[count] = PointerGetDatum(&places[count]);
    ++count;
  }
  index_endscan(scan);
  ExecDropSingleTupleTableSlot(slot);
  return PointerGetDatum(
      construct_array(tids, count, TIDOID, sizeof(ItemPointerData), false, TYPALIGN_SHORT));
}

/// Which share of the true k nearest a search finds; rows as far as the k-th count, too.
double recall_of(const Inspected& inspected, const Plans& plans, Oid procedure, Datum value,
                 int k) {
  Datum exact_arguments[] = {value, Int32GetDatum(k)};
  run_for_row(plans.exact, exact_arguments);
  const double farthest = DatumGetFloat8(column(1));
  const std::int64_t wanted = DatumGetInt64(column(2));
  SPI_freetuptable(SPI_tuptable);

  Datum reached_arguments[] = {value, search(inspected, procedure, value, k),
                               Float8GetDatum(farthest)};
  run_for_row(plans.reached, reached_arguments);
  const std::int64_t reached = DatumGetInt64(column(1));
  SPI_freetuptable(SPI_tuptable);
  return static_cast<double>(std::min(reached, wanted)) / static_cast<double>(wanted);
}

/// The mean over sampled rows; negative if there are none.
double mean_recall(const Inspected& inspected, int k, int sample) {
  const IndexSql sql = describe(inspected.index);
  const SPITupleTable* drawn = draw_sample(sql, sample);
  const std::uint64_t count = SPI_processed;
  if (count == 0) {
    return -1;
  }
  const Plans plans = prepare_plans(sql, SPI_gettypeid(drawn->tupdesc, 1));
  const MemoryContext one =
      AllocSetContextCreate(CurrentMemoryContext, "recall of one row", ALLOCSET_DEFAULT_SIZES);
  double sum = 0;
  for (std::uint64_t i = 0; i < count; ++i) {
    CHECK_FOR_INTERRUPTS();
    const MemoryContext before = MemoryContextSwitchTo(one);
    bool is_null;
    const Datum value = SPI_getbinval(drawn->vals[i], drawn->tupdesc, 1, &is_null);
    sum += recall_of(inspected, plans, sql.procedure, value, k);
    MemoryContextSwitchTo(before);
    MemoryContextReset(one);
  }
  return sum / static_cast<double>(count);
}

}  // namespace

/// dvecdb_index_recall(regclass, k, sample, ef_search): a number from 0 to 1, or NULL for an
/// index without rows.
DVECDB_FUNCTION(dvecdb_index_recall) {
  if (PG_ARGISNULL(0)) {
    PG_RETURN_NULL();
  }
  const int k = argument_in_range(fcinfo, 1, "k", kMostRows);
  const int sample = argument_in_range(fcinfo, 2, "sample", kMostSamples);
  const Inspected inspected = open_inspected(PG_GETARG_OID(0), AccessShareLock);
  require_valid(inspected);
  const int settings_level = NewGUCNestLevel();
  if (!PG_ARGISNULL(3)) {
    set_until_end("hnsw.ef_search", psprintf("%d", PG_GETARG_INT32(3)));
  }
  set_until_end("enable_indexscan", "off");  // exact searches must not use this index or another
  SPI_connect();
  const double recall = mean_recall(inspected, k, sample);
  SPI_finish();
  AtEOXact_GUC(true, settings_level);
  close_inspected(inspected);
  if (recall < 0) {
    PG_RETURN_NULL();
  }
  PG_RETURN_FLOAT8(recall);
}

}  // namespace dvecdb::extension
