// What the front end hands to the executor: SQL of the row store with everything typed.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "server/query/analyze.h"
#include "server/query/plan_reads.h"
#include "server/query/tree.h"

namespace dvecdb::server::query {

struct ResultColumn {
  std::string name;
  TypeRef type;
  Oid table = types::invalid_oid;
  std::int16_t column = 0;
};

// One statement of the row store. Parameters ?1..?N are the statement's $1..$N; those after are
// filled by the executor as the field that holds the statement says.
struct StoreStatement {
  std::string sql;
};

// A nearest-neighbour scan inside the plan, for EXPLAIN and for metrics.
struct VectorScan {
  const RelationDesc* table = nullptr;
  const IndexDesc* index = nullptr;
  std::string alias;
  std::string order_text;   // "embedding <-> '[1,2,3]'::vector"
  std::string filter_text;  // "" for none
  std::size_t limit = 0;    // rows, where LIMIT is a number; 0: unknown
};

// A temporary table of the store that one part of a statement fills for the others.
struct TemporaryRows {
  std::string name;
  std::size_t columns = 0;
};
// The columns c1, c2, ... of a part's rows. Of changes: the row number r, whether the row was there
// before (e), and the table's columns by position.
std::string create_rows_sql(const TemporaryRows& rows);
std::string create_changes_sql(const TemporaryRows& changes);

struct InsertPlan {
  const RelationDesc* table = nullptr;
  // Rows to insert: one result column per entry of `columns`.
  StoreStatement source;
  std::vector<std::int16_t> columns;  // attnums, in the order of source's columns
  ConflictClause conflict;            // arbiter and action; expressions are lowered below
  // DO UPDATE: given the existing row's rowid as ?(N+1) and the proposed row's columns as
  // ?(N+2).., in the order of `columns`: the new values of `update_columns`, or no row when WHERE
  // fails.
  StoreStatement conflict_update;
  std::vector<std::int16_t> update_columns;
};

struct UpdatePlan {
  const RelationDesc* table = nullptr;
  // Per target row, once: rowid, the new values of `columns`, then `extra` values for RETURNING.
  StoreStatement source;
  std::vector<std::int16_t> columns;
  int extra = 0;
};

struct DeletePlan {
  const RelationDesc* table = nullptr;
  // Per target row, once: rowid, then (with RETURNING) the result columns.
  StoreStatement source;
};

struct Plan {
  CommandKind command = CommandKind::select;
  std::vector<Oid> parameter_types;
  std::vector<ResultColumn> columns;  // of SELECT or RETURNING
  bool writes = false;                // needs the write lock (DML, or a function such as nextval)
  bool for_update = false;

  StoreStatement select;  // SELECT
  InsertPlan insert;
  UpdatePlan update;
  DeletePlan delete_;
  // INSERT, UPDATE with RETURNING: given the row's rowid as ?(N+1) and UPDATE's extra values as
  // ?(N+2)..: the result columns.
  StoreStatement returning;

  std::vector<VectorScan> vector_scans;
  // What the aliases of base tables in the store's SQL stand for, for EXPLAIN.
  struct StoreAlias {
    std::string alias;    // "r0"
    std::string display;  // "items i"
    const RelationDesc* relation = nullptr;
  };
  std::vector<StoreAlias> aliases;
  // For privileges; of a plan with parts: of all of them.
  std::vector<RelationRead> reads;

  // WITH that modifies data: the statement runs in parts, each with a plan of its own.
  std::vector<Plan> before, after;      // what runs before and after this plan's own statement
  std::optional<TemporaryRows> output;  // of a part that others read: takes its rows
  // Of a part that changes what others read or change: keeps the rows of the target as they were.
  std::optional<TemporaryRows> changes;
  bool has_parts() const { return !before.empty() || !after.empty(); }
};

// Settings of the session that choose the plan.
struct PlanSettings {
  bool enable_indexscan = true;
  bool for_explain = false;  // fill VectorScan's texts
};

// Lowers an analyzed query. `params` are those that analyze() completed. The tree may be changed.
// Throws SqlError 0A000 naming the feature for what the row store cannot do.
Plan make_plan(const AnalyzeContext& context, QueryPtr query, const ParamTypes& params,
               const PlanSettings& settings = {});

// An expression over one table's row (CHECK, generated column, index expression) in the row
// store's SQL, with the table's columns by their store names, qualified by `qualifier` if not
// empty.
std::string lower_expression(const AnalyzeContext& context, const Expr& expr,
                             const RelationDesc* relation, std::string_view qualifier);

}  // namespace dvecdb::server::query
