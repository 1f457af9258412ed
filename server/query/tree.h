// The analyzed tree: what a statement means after names, types, functions and operators were
// resolved. Same ideas and words as PostgreSQL's Query (src/include/nodes/parsenodes.h,
// primnodes.h). The analyzer makes it, the lowering turns it into the row store's SQL, the deparser
// into PostgreSQL's. Trees own their children; pointers into the catalog live as long as the
// snapshot.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "server/query/catalog.h"
#include "server/types/value.h"

namespace dvecdb::server::query {

using types::Value;

struct Query;
using QueryPtr = std::unique_ptr<Query>;

// ---------------------------------------------------------------- expressions

enum class ExprKind : std::uint8_t {
  constant,
  param,
  column,
  function,
  operation,
  distinct_from,
  null_if,
  scalar_array_op,
  boolean_op,
  case_when,
  case_placeholder,
  coalesce,
  min_max,
  null_test,
  boolean_test,
  coercion,
  array,
  row,
  row_compare,
  field,
  subscript,
  aggregate,
  window,
  grouping,
  sublink,
  sql_value,
  set_default,
  next_value,
};

struct Expr {
  Expr(ExprKind k, TypeRef t) : kind(k), type(t) {}
  virtual ~Expr() = default;
  ExprKind kind;
  TypeRef type;
  Oid collation = types::invalid_oid;
  int location = -1;  // byte offset in the statement text, -1 unknown
};
using ExprPtr = std::unique_ptr<Expr>;
using ExprList = std::vector<ExprPtr>;

struct ConstantExpr : Expr {
  ConstantExpr(TypeRef t, Value v) : Expr(ExprKind::constant, t), value(std::move(v)) {}
  Value value;  // owned, in the type's stored form
};

// $n
struct ParamExpr : Expr {
  ParamExpr(int n, TypeRef t) : Expr(ExprKind::param, t), number(n) {}
  int number;  // from 1
};

// A column of range-table entry `entry` (index from 0) of the query `levels_up` levels out.
struct ColumnExpr : Expr {
  ColumnExpr(TypeRef t, int e, int c, int up)
      : Expr(ExprKind::column, t), entry(e), column(c), levels_up(up) {}
  int entry;
  // Relations: attnum (negative for system columns). All other entries: position from 1.
  // 0: the whole row (type: the relation's row type, or record).
  int column;
  int levels_up;
};

enum class CoercionForm : std::uint8_t { call, explicit_cast, implicit_cast, sql_syntax };

struct FunctionExpr : Expr {
  FunctionExpr(const ProcDesc* p, TypeRef result) : Expr(ExprKind::function, result), proc(p) {}
  const ProcDesc* proc;
  ExprList arguments;  // complete: defaults added, VARIADIC arguments gathered into an array
  bool returns_set = false;
  bool is_variadic = false;  // the last argument stands for a VARIADIC parameter
  CoercionForm form = CoercionForm::call;
};

struct OperationExpr : Expr {
  OperationExpr(const OperatorDesc* o, const ProcDesc* p, TypeRef result)
      : Expr(ExprKind::operation, result), op(o), proc(p) {}
  const OperatorDesc* op;
  const ProcDesc* proc;
  ExprList arguments;  // one or two
};

// left IS [NOT] DISTINCT FROM right, by the equality operator of the common type.
struct DistinctFromExpr : Expr {
  explicit DistinctFromExpr(const OperatorDesc* o)
      : Expr(ExprKind::distinct_from, {16, -1}), op(o) {}
  const OperatorDesc* op;
  ExprPtr left, right;
  bool negated = false;  // IS NOT DISTINCT FROM
};

struct NullIfExpr : Expr {
  NullIfExpr(const OperatorDesc* o, TypeRef t) : Expr(ExprKind::null_if, t), op(o) {}
  const OperatorDesc* op;  // equality
  ExprPtr left, right;
};

// left op ANY(array) / ALL(array); IN lists that are no sublink arrive here too.
struct ScalarArrayExpr : Expr {
  ScalarArrayExpr(const OperatorDesc* o, const ProcDesc* p)
      : Expr(ExprKind::scalar_array_op, {16, -1}), op(o), proc(p) {}
  const OperatorDesc* op;
  const ProcDesc* proc;
  bool is_any = true;
  ExprPtr left, array;
};

enum class BooleanOperator : std::uint8_t { and_, or_, not_ };
struct BooleanExpr : Expr {
  explicit BooleanExpr(BooleanOperator o) : Expr(ExprKind::boolean_op, {16, -1}), op(o) {}
  BooleanOperator op;
  ExprList arguments;
};

struct CaseExpr : Expr {
  explicit CaseExpr(TypeRef t) : Expr(ExprKind::case_when, t) {}
  ExprPtr subject;  // may be null; the conditions then refer to it by CasePlaceholderExpr
  std::vector<std::pair<ExprPtr, ExprPtr>> branches;  // boolean condition, result
  ExprPtr otherwise;  // never null (a NULL constant when ELSE is missing)
};
struct CasePlaceholderExpr : Expr {
  explicit CasePlaceholderExpr(TypeRef t) : Expr(ExprKind::case_placeholder, t) {}
};

struct CoalesceExpr : Expr {
  explicit CoalesceExpr(TypeRef t) : Expr(ExprKind::coalesce, t) {}
  ExprList arguments;
};
struct MinMaxExpr : Expr {
  MinMaxExpr(TypeRef t, bool g) : Expr(ExprKind::min_max, t), is_greatest(g) {}
  bool is_greatest;
  ExprList arguments;
};

struct NullTestExpr : Expr {
  NullTestExpr() : Expr(ExprKind::null_test, {16, -1}) {}
  ExprPtr argument;
  bool is_not_null = false;
  bool argument_is_row = false;  // IS NULL of a row asks every field
};
enum class BooleanTestKind : std::uint8_t {
  is_true,
  is_not_true,
  is_false,
  is_not_false,
  is_unknown,
  is_not_unknown
};
struct BooleanTestExpr : Expr {
  BooleanTestExpr() : Expr(ExprKind::boolean_test, {16, -1}) {}
  ExprPtr argument;
  BooleanTestKind test = BooleanTestKind::is_true;
};

// A conversion that is no function call in the catalog's sense.
enum class CoercionMethod : std::uint8_t {
  relabel,         // same stored form, another name
  via_text,        // output function of the source, input function of the target
  array_elements,  // each element through `element_coercion` (its argument is a
                   // CasePlaceholderExpr)
  typmod,          // apply_typmod: length or precision
  domain,          // checks of a domain
  row_to_record,
};
struct CoercionExpr : Expr {
  CoercionExpr(CoercionMethod m, TypeRef target) : Expr(ExprKind::coercion, target), method(m) {}
  CoercionMethod method;
  ExprPtr argument;
  ExprPtr element_coercion;
  bool is_explicit = false;  // for typmod: truncate instead of refuse
  CoercionForm form = CoercionForm::implicit_cast;
};

// ARRAY[...]; nested when the elements are arrays themselves.
struct ArrayExpr : Expr {
  ArrayExpr(TypeRef array_type, Oid element)
      : Expr(ExprKind::array, array_type), element_type(element) {}
  Oid element_type;
  bool is_nested = false;
  ExprList elements;
};
struct RowExpr : Expr {
  explicit RowExpr(TypeRef t) : Expr(ExprKind::row, t) {}
  ExprList fields;
  std::vector<std::string> names;
};
// (a, b) op (c, d): comparisons per column, combined as SQL says.
struct RowCompareExpr : Expr {
  RowCompareExpr() : Expr(ExprKind::row_compare, {16, -1}) {}
  std::string op;  // "<", "<=", ">", ">=" ("=" and "<>" arrive as AND/OR of operations)
  std::vector<const OperatorDesc*> operators;
  ExprList left, right;
};
struct FieldExpr : Expr {
  FieldExpr(TypeRef t, int f) : Expr(ExprKind::field, t), field(f) {}
  ExprPtr argument;
  int field;  // from 1
  std::string name;
};
struct SubscriptExpr : Expr {
  explicit SubscriptExpr(TypeRef t) : Expr(ExprKind::subscript, t) {}
  ExprPtr container;  // array or jsonb
  ExprPtr assigned;   // not null: the whole array with this put at the subscripts
  struct Index {
    ExprPtr lower, upper;  // upper alone: a plain subscript
    bool is_slice = false;
  };
  std::vector<Index> indexes;
};

struct SortItem {
  ExprPtr expr;
  bool descending = false;
  bool nulls_first = false;
  const OperatorDesc* op = nullptr;  // USING
};

struct AggregateExpr : Expr {
  AggregateExpr(const ProcDesc* p, TypeRef result) : Expr(ExprKind::aggregate, result), proc(p) {}
  const ProcDesc* proc;
  ExprList direct_arguments;       // of ordered-set aggregates
  ExprList arguments;              // aggregated; empty with is_star
  std::vector<SortItem> order_by;  // ORDER BY inside, or WITHIN GROUP
  bool is_star = false;
  bool is_distinct = false;
  ExprPtr filter;
  int levels_up = 0;
};

enum class FrameMode : std::uint8_t { range, rows, groups };
enum class FrameBound : std::uint8_t {
  unbounded_preceding,
  preceding,
  current_row,
  following,
  unbounded_following
};
enum class FrameExclusion : std::uint8_t { none, current_row, group, ties };
struct WindowDefinition {
  std::string name;
  ExprList partition_by;
  std::vector<SortItem> order_by;
  bool has_frame = false;
  FrameMode mode = FrameMode::range;
  FrameBound start = FrameBound::unbounded_preceding;
  FrameBound end = FrameBound::current_row;
  ExprPtr start_offset, end_offset;
  FrameExclusion exclusion = FrameExclusion::none;
};
struct WindowExpr : Expr {
  WindowExpr(const ProcDesc* p, TypeRef result) : Expr(ExprKind::window, result), proc(p) {}
  const ProcDesc* proc;  // kind w or a
  ExprList arguments;
  bool is_star = false;
  ExprPtr filter;
  int window = 0;  // index into Query::windows
};
struct GroupingExpr : Expr {
  GroupingExpr() : Expr(ExprKind::grouping, {23, -1}) {}
  std::vector<int> groups;  // indexes into Query::group_by
};

// row_compare: left[i] operators[i] column i of the query's only row; NULL when it gives no row.
enum class SublinkKind : std::uint8_t { exists, any, all, scalar, array, row_compare };
struct SublinkExpr : Expr {
  SublinkExpr(SublinkKind k, TypeRef t) : Expr(ExprKind::sublink, t), sublink(k) {}
  SublinkKind sublink;
  QueryPtr query;
  // any/all: left[i] operators[i] (column i of the query); more than one: row comparison.
  ExprList left;
  std::vector<const OperatorDesc*> operators;
  // The query's columns as the operator's right type: argument is a CasePlaceholderExpr; null: as
  // is.
  ExprList right_coercions;
  std::string op;
};

enum class SqlValueKind : std::uint8_t {
  current_date,
  current_time,
  current_timestamp,
  local_time,
  local_timestamp,
  current_user,
  session_user,
  current_role,
  current_catalog,
  current_schema
};
struct SqlValueExpr : Expr {
  SqlValueExpr(SqlValueKind k, TypeRef t) : Expr(ExprKind::sql_value, t), value(k) {}
  SqlValueKind value;
};
// DEFAULT in VALUES before it is replaced; never left in a finished tree.
struct SetDefaultExpr : Expr {
  explicit SetDefaultExpr(TypeRef t) : Expr(ExprKind::set_default, t) {}
};
// The next value of an identity column's sequence.
struct NextValueExpr : Expr {
  NextValueExpr(Oid s, TypeRef t) : Expr(ExprKind::next_value, t), sequence(s) {}
  Oid sequence;
};

// ---------------------------------------------------------------- FROM

enum class RangeKind : std::uint8_t { relation, subquery, join, function, values, cte };

struct RangeColumn {
  std::string name;
  TypeRef type;
};

struct RangeFunction {
  ExprPtr call;  // a set-returning or plain function (FunctionExpr), or any expression
  // Columns of this function in order (one for scalars; several for OUT columns or a
  // column definition list).
  std::vector<RangeColumn> columns;
};

struct RangeEntry {
  RangeKind kind = RangeKind::relation;
  std::string alias;  // the name by which the query refers to it; "" for an unnamed join
  std::vector<RangeColumn> columns;  // visible names after aliasing (relations: by attnum)
  bool is_lateral = false;

  const RelationDesc* relation = nullptr;  // relation (a view arrives as subquery)
  QueryPtr subquery;                       // subquery, and views
  const RelationDesc* view = nullptr;      // the view that a subquery stands for
  std::vector<RangeFunction> functions;    // function; more than one: ROWS FROM
  bool with_ordinality = false;
  std::vector<ExprList> values;  // values
  // cte: found in the ctes of the query `cte_levels_up` out, at this index.
  int cte_index = -1;
  int cte_levels_up = 0;
  // join: for each visible column the expression it stands for (a ColumnExpr of a side, or a
  // CoalesceExpr of both for USING with FULL JOIN)
  ExprList join_columns;
};

enum class JoinKind : std::uint8_t { inner, left, right, full, cross };

// The FROM tree: a leaf is a range-table entry, an inner node a join.
struct FromItem {
  int entry = -1;  // leaf: index of the entry; join: index of the join's own entry
  bool is_join = false;
  JoinKind join = JoinKind::inner;
  std::unique_ptr<FromItem> left, right;
  ExprPtr condition;  // of the join; null for cross
};
using FromPtr = std::unique_ptr<FromItem>;

// ---------------------------------------------------------------- queries

enum class CommandKind : std::uint8_t { select, insert, update, delete_ };

struct TargetEntry {
  ExprPtr expr;
  std::string name;
  bool is_junk = false;  // needed for sorting only, not sent
  // INSERT, UPDATE: the attnum assigned
  std::int16_t target_column = 0;
  // Where a plain column came from, for RowDescription; 0 when computed.
  Oid origin_table = types::invalid_oid;
  std::int16_t origin_column = 0;
};

struct Cte {
  std::string name;
  QueryPtr query;
  std::vector<RangeColumn> columns;
  bool is_recursive = false;  // refers to itself; query is a UNION [ALL] set operation
  bool is_materialized = false;
  bool is_not_materialized = false;
};

enum class SetOperator : std::uint8_t { union_, intersect, except };
// The tree of a compound SELECT: a leaf is a range-table entry (a subquery).
struct SetOperation {
  int entry = -1;
  SetOperator op = SetOperator::union_;
  bool all = false;
  std::unique_ptr<SetOperation> left, right;
  std::vector<TypeRef> column_types;
};

// A sort, group or distinct item refers to a target by index, as in PostgreSQL.
struct SortClause {
  int target = 0;
  bool descending = false;
  bool nulls_first = false;
  const OperatorDesc* op = nullptr;  // the ordering operator if given by USING
};

enum class GroupingSetKind : std::uint8_t { simple, rollup, cube, sets, empty };
struct GroupingSet {
  GroupingSetKind kind = GroupingSetKind::simple;
  std::vector<int> targets;  // simple: indexes into Query::group_by
  std::vector<GroupingSet> children;
};

enum class LockStrength : std::uint8_t { none, key_share, share, no_key_update, update };

enum class ConflictAction : std::uint8_t { none, nothing, update };
struct ConflictClause {
  ConflictAction action = ConflictAction::none;
  const IndexDesc* arbiter = nullptr;  // null with DO NOTHING: any
  std::vector<TargetEntry> set;        // DO UPDATE SET; may refer to the target and to `excluded`
  ExprPtr where;
  int excluded_entry = -1;  // range-table entry named "excluded"
};

struct Query {
  CommandKind command = CommandKind::select;
  std::vector<Cte> ctes;
  bool has_recursive = false;
  std::vector<RangeEntry> range_table;
  std::vector<FromPtr> from;  // comma-separated items
  ExprPtr where;
  std::vector<TargetEntry> targets;
  std::vector<int> group_by;  // indexes into targets
  std::vector<GroupingSet> grouping_sets;
  ExprPtr having;
  std::vector<WindowDefinition> windows;
  bool is_distinct = false;
  std::vector<int> distinct_on;  // indexes into targets
  std::vector<SortClause> order_by;
  ExprPtr limit, offset;  // bigint; null for none
  bool with_ties = false;
  LockStrength lock = LockStrength::none;
  bool lock_nowait = false;
  bool lock_skip_locked = false;
  std::unique_ptr<SetOperation> set_operation;  // the targets then refer to its leftmost leaf

  bool has_aggregates = false;
  bool has_windows = false;
  bool has_sublinks = false;
  bool has_target_sets = false;  // set-returning functions in the select list

  // INSERT, UPDATE, DELETE
  int result_entry = -1;  // range-table entry of the target table; not part of `from`
  std::vector<TargetEntry> returning;
  // INSERT: the source is entry `source_entry` (subquery or values; -1: DEFAULT VALUES). `targets`
  // then holds one expression per column of the table (defaults and casts included), which
  // refers to the source entry; dropped and generated columns have none. UPDATE: one per
  // assigned column.
  int source_entry = -1;
  bool overriding_system = false;
  bool overriding_user = false;
  ConflictClause conflict;
};

// What a query gives to the one around it: its select list, or RETURNING.
inline const std::vector<TargetEntry>& result_targets(const Query& query) {
  return query.command == CommandKind::select ? query.targets : query.returning;
}

}  // namespace dvecdb::server::query
