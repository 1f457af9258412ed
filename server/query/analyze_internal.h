// What the files of the analyzer share. Nothing outside server/query includes this.
#pragma once

#include <functional>
#include <initializer_list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "server/query/analyze.h"
#include "server/query/raw_tree.h"
#include "server/query/tree.h"
#include "server/query/walk.h"
#include "server/types/error.h"
#include "server/types/oids.h"

namespace dvecdb::server::query {

namespace oids = types::oids;
namespace sqlstate = types::sqlstate;
using types::SqlError;
using types::TypeKind;

inline constexpr std::string_view ambiguous_parameter = "42P08";

// ---------------------------------------------------------------- state

// One call of analyze(): shared by all scopes of the statement.
struct Statement {
  const AnalyzeContext& context;
  ParamTypes* params = nullptr;  // null: parameters are refused
  int depth = 0;                 // of recursion, checked by DepthGuard
  int view_depth = 0;

  const Catalog& catalog() const { return context.catalog; }
};

// Where an expression stands; decides what it may hold.
enum class Clause : std::uint8_t {
  none,
  join_on,
  from_subselect,
  from_function,
  where,
  having,
  filter,
  window_partition,
  window_order,
  window_range,
  window_rows,
  window_groups,
  select_target,
  insert_target,
  update_source,
  group_by,
  order_by,
  distinct_on,
  limit,
  offset,
  returning,
  values,
  values_single,
  check,
  column_default,
  index_expression,
  index_predicate,
  generated_column,
};

// A name that column references may use; `entry` is in the scope's query.
struct NamespaceItem {
  int entry = -1;
  bool relation_visible = true;
  bool columns_visible = true;
  bool lateral_only = false;
  bool lateral_ok = true;
};

struct Scope {
  Scope(Statement& s, Scope* p) : statement(s), parent(p) {}
  Scope(const Scope&) = delete;
  Scope& operator=(const Scope&) = delete;

  Statement& statement;
  Scope* parent;
  Query* query = nullptr;
  std::vector<NamespaceItem> names;
  // CTEs in reach by name: indexes into query->ctes (a later one hides an earlier one).
  std::vector<int> visible_ctes;
  Clause clause = Clause::none;
  bool lateral_active = false;
  bool resolve_unknowns = true;  // turn unknown result columns to text
  // Raw window definitions in the order of query->windows.
  std::vector<const PgQuery__WindowDef*> window_definitions;
  // GROUPING(...) calls met so far, to be matched with GROUP BY when that is known.
  std::vector<std::pair<GroupingExpr*, ExprList>> grouping_calls;
  // Set while the query of a recursive CTE is analyzed: its index in parent's ctes.
  int recursive_cte = -1;
  // Set-returning calls met in the expression at hand, and where the last one is.
  int set_calls = 0;
  int set_location = -1;
  // A plain expression over one relation (no FROM): see analyze_expression().
  bool locked_from_parent = false;
  // The value a DEFAULT in a single-row INSERT or an UPDATE stands for is filled by the caller.
  bool allows_default = false;
  // Parameters of an inlined SQL function: names and positions map to these.
  const struct SqlFunctionArguments* function_arguments = nullptr;
};

struct SqlFunctionArguments {
  const ProcDesc* proc = nullptr;
  const ExprList* values = nullptr;  // already coerced to the parameter types
};

// Sets the clause for a block.
class ClauseGuard {
 public:
  ClauseGuard(Scope& scope, Clause clause) : scope_(scope), saved_(scope.clause) {
    scope.clause = clause;
  }
  ~ClauseGuard() { scope_.clause = saved_; }
  ClauseGuard(const ClauseGuard&) = delete;
  ClauseGuard& operator=(const ClauseGuard&) = delete;

 private:
  Scope& scope_;
  Clause saved_;
};

// Throws 54001 when expressions or queries nest deeper than max_expression_depth, or than the
// thread's stack allows.
class DepthGuard {
 public:
  explicit DepthGuard(Statement& statement);
  ~DepthGuard() { --statement_.depth; }
  DepthGuard(const DepthGuard&) = delete;
  DepthGuard& operator=(const DepthGuard&) = delete;

 private:
  Statement& statement_;
};

// An error at a byte offset of the statement (-1: nowhere).
SqlError error_at(const Statement& statement, std::string_view state, std::string message,
                  int location);
SqlError error_at(const Scope& scope, std::string_view state, std::string message, int location);
SqlError not_supported(const Scope& scope, std::string_view feature, int location);

// ---------------------------------------------------------------- types (type_facts.cpp)

const TypeDesc& type_of(const Statement& statement, Oid type);
Oid base_type(const Statement& statement, Oid type);
TypeRef base_type(const Statement& statement, TypeRef type);
// The element type of a true array (domains looked through), 0 otherwise.
Oid array_element(const Statement& statement, Oid type);
Oid array_of(const Statement& statement, Oid element);
char category_of(const Statement& statement, Oid type);
bool is_preferred(const Statement& statement, char category, Oid type);
bool is_composite(const Statement& statement, Oid type);  // named row type or record
bool is_polymorphic(Oid type);
bool is_polymorphic_one(Oid type);         // anyelement, anyarray, anynonarray, anyenum
bool is_polymorphic_compatible(Oid type);  // anycompatible...
// The same stored form may stand where `target` is asked.
bool is_binary_coercible(const Statement& statement, Oid source, Oid target);
bool has_ordering(const Statement& statement, Oid type);
bool has_equality(const Statement& statement, Oid type);
void require_ordering(const Scope& scope, Oid type, int location);
void require_equality(const Scope& scope, Oid type, int location);
// Name for messages: qualified when the search path does not find it.
std::string type_text(const Statement& statement, Oid type);
std::string type_text(const Statement& statement, TypeRef type);
// "integer, text"
std::string type_list(const Statement& statement, const std::vector<Oid>& types);
std::vector<Oid> types_of(const ExprList& list);
bool in_search_path(const Statement& statement, std::string_view schema);
// pg_catalog and the search path, in the order of lookup.
std::vector<std::string_view> lookup_order(const Statement& statement);

// ---------------------------------------------------------------- names (resolve_names.cpp)

TypeRef resolve_type(const Statement& statement, const PgQuery__TypeName& name);
// Null when there is no such type.
const TypeDesc* find_type_named(const Statement& statement, std::string_view schema,
                                std::string_view name);
// Throws 42P01.
const RelationDesc& open_relation(const Scope& scope, const PgQuery__RangeVar& name);
// Splits "schema.name" lists; `what` is for the error of a longer one.
std::pair<std::string, std::string> qualified_name(const Statement& statement, raw::NodeList names,
                                                   int location);
// "schema.name" or "name"
std::string name_list_text(raw::NodeList names);
Oid resolve_collation(const Scope& scope, const PgQuery__CollateClause& clause);
// Levenshtein distance, bounded; for hints.
int edit_distance(std::string_view a, std::string_view b, int limit);

// ---------------------------------------------------------------- coercion

enum class CoercionContext : std::uint8_t { implicit, assignment, explicit_cast };

struct CoercionPath {
  enum Kind : std::uint8_t { none, function, relabel, array, via_text } kind = none;
  const ProcDesc* proc = nullptr;
};
CoercionPath find_coercion(const Statement& statement, Oid source, Oid target,
                           CoercionContext context);
bool can_coerce(const Statement& statement, const std::vector<Oid>& sources,
                const std::vector<Oid>& targets, CoercionContext context);
inline bool can_coerce(const Statement& statement, Oid source, Oid target,
                       CoercionContext context) {
  return can_coerce(statement, std::vector<Oid>{source}, std::vector<Oid>{target}, context);
}

struct CoercionRequest {
  TypeRef target;
  CoercionContext context = CoercionContext::implicit;
  CoercionForm form = CoercionForm::implicit_cast;
  int location = -1;
};
// The value as the target type, length applied; null when there is no way.
ExprPtr coerce_to_target(Scope& scope, ExprPtr& expr, const CoercionRequest& request);
// The same without length, for types already known to be coercible.
ExprPtr coerce_type(Scope& scope, ExprPtr expr, const CoercionRequest& request);
ExprPtr coerce_implicitly(Scope& scope, ExprPtr expr, Oid target);
ExprPtr coerce_to_boolean(Scope& scope, ExprPtr expr, std::string_view construct);
ExprPtr coerce_to_bigint(Scope& scope, ExprPtr expr, std::string_view construct);

// UNION, CASE, ARRAY ... `context` names the construct; empty: no error, 0 is the answer.
Oid select_common_type(Scope& scope, const std::vector<const Expr*>& exprs,
                       std::string_view context, const Expr** which = nullptr);
Oid common_type_of(const Statement& statement, const std::vector<Oid>& types);
std::int32_t common_typmod(const std::vector<const Expr*>& exprs, Oid common);
ExprPtr coerce_to_common(Scope& scope, ExprPtr expr, Oid target, std::string_view context);
// All of a list to their common type; answers it.
Oid unify(Scope& scope, ExprList& list, std::string_view context);
std::vector<const Expr*> pointers(const ExprList& list);

// Polymorphic functions (polymorphic.cpp)
bool polymorphic_consistent(const Statement& statement, const std::vector<Oid>& actual,
                            const std::vector<Oid>& declared);
// Replaces polymorphic declared types by what they stand for; answers the result type.
Oid resolve_polymorphic(const Statement& statement, const std::vector<Oid>& actual,
                        std::vector<Oid>& declared, Oid result);

// ---------------------------------------------------------------- functions and operators

// Something that could be called: its argument types as this call sees them.
struct Candidate {
  const ProcDesc* proc = nullptr;
  const OperatorDesc* op = nullptr;
  std::vector<Oid> types;
  int variadic_count = 0;      // actual arguments gathered into the VARIADIC array
  int default_count = 0;       // missing arguments taken from defaults
  std::vector<int> positions;  // named notation: the parameter of each argument
  int path_rank = 0;
};
// Keeps the candidates that the types can be coerced to.
std::vector<Candidate> match_types(const Statement& statement, const std::vector<Oid>& types,
                                   const std::vector<Candidate>& candidates);
// PostgreSQL's tie-breaking rules; null when still ambiguous.
const Candidate* select_candidate(const Statement& statement, const std::vector<Oid>& types,
                                  std::vector<Candidate>& candidates);

struct CallArguments {
  ExprList values;
  std::vector<std::string> names;  // of named arguments: the last names.size() values
};
enum class CallKind : std::uint8_t {
  not_found,
  multiple,
  normal,
  procedure,
  aggregate,
  window,
  coercion
};
struct CallChoice {
  CallKind kind = CallKind::not_found;
  Candidate candidate;
};
CallChoice choose_function(const Scope& scope, std::string_view schema, std::string_view name,
                           const CallArguments& arguments, bool expand_variadic);
// Every candidate of that name and number of arguments.
std::vector<Candidate> function_candidates(const Statement& statement, std::string_view schema,
                                           std::string_view name, std::size_t count,
                                           const std::vector<std::string>& argument_names,
                                           bool expand_variadic);

const OperatorDesc* find_binary_operator(const Scope& scope, raw::NodeList name, Oid left,
                                         Oid right, bool no_error, int location);
const OperatorDesc* find_binary_operator(const Scope& scope, std::string_view name, Oid left,
                                         Oid right, bool no_error, int location);
ExprPtr make_operation(Scope& scope, raw::NodeList name, ExprPtr left, ExprPtr right, int location);
ExprPtr make_operation(Scope& scope, std::string_view name, ExprPtr left, ExprPtr right,
                       int location);
ExprPtr make_scalar_array(Scope& scope, raw::NodeList name, bool is_any, ExprPtr left,
                          ExprPtr right, int location);
ExprPtr make_scalar_array(Scope& scope, std::string_view name, bool is_any, ExprPtr left,
                          ExprPtr right, int location);
ExprPtr analyze_call(Scope& scope, const PgQuery__FuncCall& call);
// Inlines a simple function of language sql; null when it is none.
ExprPtr inline_sql_function(Scope& scope, const ProcDesc& proc, const ExprList& arguments,
                            Oid result, int location);
// name(args) of pg_catalog, for what the grammar spells otherwise.
ExprPtr call_builtin(Scope& scope, std::string_view name, ExprList arguments, int location);

// ---------------------------------------------------------------- expressions

ExprPtr analyze_expr(Scope& scope, const raw::Node* node, Clause clause);
ExprPtr analyze_expr(Scope& scope, const raw::Node* node);  // in the clause at hand
ExprPtr analyze_where(Scope& scope, const raw::Node* node, Clause clause,
                      std::string_view construct);
ExprPtr analyze_column_ref(Scope& scope, const PgQuery__ColumnRef& ref);
ExprPtr analyze_constant(Scope& scope, const PgQuery__AConst& constant);
ExprPtr analyze_param(Scope& scope, const PgQuery__ParamRef& ref);
// The SQL function that is being inlined around here, and a copy of an argument of its call.
const ProcDesc* inlined_function(const Scope& scope);
ExprPtr function_argument(Scope& scope, std::ptrdiff_t index);
ExprPtr analyze_indirection(Scope& scope, const PgQuery__AIndirection& node);
ExprPtr apply_indirection(Scope& scope, ExprPtr expr, raw::NodeList steps, int location);
// The field of a row value; null when there is none of that name.
ExprPtr select_field(Scope& scope, ExprPtr& row, std::string_view name, int location);
[[noreturn]] void fail_unknown_field(Scope& scope, const Expr& row, std::string_view name,
                                     int location);
// OUT columns of a call with their polymorphic types decided by the arguments.
std::vector<RangeColumn> out_columns(const Statement& statement, const FunctionExpr& call);
// The fields of a row value, found through subqueries where it is an anonymous record.
std::vector<RangeColumn> row_columns(const Scope& scope, const Expr& row);
ExprPtr analyze_array(Scope& scope, const PgQuery__AArrayExpr& node, Oid array_type, Oid element,
                      std::int32_t typmod);
ExprPtr analyze_cast(Scope& scope, const PgQuery__TypeCast& cast);
ExprPtr analyze_case(Scope& scope, const PgQuery__CaseExpr& node);
ExprPtr analyze_sublink(Scope& scope, const PgQuery__SubLink& link);
ExprPtr analyze_operator_node(Scope& scope, const PgQuery__AExpr& node);
ExprPtr analyze_sql_value(Scope& scope, const PgQuery__SQLValueFunction& node);
ExprPtr make_distinct(Scope& scope, raw::NodeList name, ExprPtr left, ExprPtr right, bool negated,
                      int location);
ExprPtr make_row_comparison(Scope& scope, raw::NodeList name, RowExpr& left, RowExpr& right,
                            int location);
ExprPtr make_boolean(BooleanOperator op, ExprList arguments, int location);
ExprPtr make_constant(TypeRef type, Value value, int location = -1);
ExprPtr make_null(TypeRef type, int location = -1);
// An item of a select list with what it is called when it has no name.
std::string column_name_of(const raw::Node* node);

// Names in FROM (scope.cpp)
struct ColumnMatch {
  int entry = -1;
  int column = 0;  // as ColumnExpr::column
  int levels_up = 0;
};
// Throws when the name is ambiguous; nothing when there is none.
ExprPtr find_column(Scope& scope, std::string_view name, int location);
ExprPtr find_column_in(Scope& scope, int entry, int levels_up, std::string_view name, int location);
// The entry by its alias (and schema); -1 when there is none.
std::pair<int, int> find_entry(Scope& scope, std::string_view schema, std::string_view name,
                               int location);
[[noreturn]] void fail_missing_column(Scope& scope, std::string_view relation,
                                      std::string_view column, int location);
[[noreturn]] void fail_missing_entry(Scope& scope, std::string_view schema, std::string_view name,
                                     int location);
ExprPtr column_of_entry(Scope& scope, int entry, int column, int levels_up, int location);
ExprPtr whole_row(Scope& scope, int entry, int levels_up, int location);
Query& query_up(Scope& scope, int levels_up);
// All visible columns of an entry.
std::vector<TargetEntry> expand_entry(Scope& scope, int entry, int levels_up, int location);

// ---------------------------------------------------------------- FROM

void analyze_from(Scope& scope, raw::NodeList items);
int add_relation_entry(Scope& scope, const RelationDesc& relation, const PgQuery__Alias* alias);
int add_subquery_entry(Scope& scope, QueryPtr query, std::string_view name,
                       const PgQuery__Alias* alias, bool is_lateral);
int add_entry(Scope& scope, RangeEntry entry);
FromPtr leaf(int entry);
// The names of a FROM item's columns after its alias.
void apply_alias(const Scope& scope, RangeEntry& entry, const PgQuery__Alias* alias);
FromPtr analyze_join(Scope& scope, const PgQuery__JoinExpr& join,
                     std::vector<NamespaceItem>& names);
FromPtr analyze_from_item(Scope& scope, const raw::Node* node, std::vector<NamespaceItem>& names);
FromPtr analyze_range_function(Scope& scope, const PgQuery__RangeFunction& node,
                               std::vector<NamespaceItem>& names);
QueryPtr expand_view(Scope& scope, const RelationDesc& view);
void check_alias_conflicts(Scope& scope, const std::vector<NamespaceItem>& left,
                           const std::vector<NamespaceItem>& right);

// ---------------------------------------------------------------- queries

QueryPtr analyze_query_node(Statement& statement, Scope* parent, const raw::Node* node,
                            const std::function<void(Scope&)>& prepare = {});
void analyze_select(Scope& scope, const PgQuery__SelectStmt& select);
void analyze_values(Scope& scope, const PgQuery__SelectStmt& select);
void analyze_set_operation(Scope& scope, const PgQuery__SelectStmt& select);
void analyze_insert(Scope& scope, const PgQuery__InsertStmt& insert);
void analyze_update(Scope& scope, const PgQuery__UpdateStmt& update);
void analyze_delete(Scope& scope, const PgQuery__DeleteStmt& statement);
void analyze_with(Scope& scope, const PgQuery__WithClause* with);
void analyze_locking(Scope& scope, raw::NodeList clauses);

std::vector<TargetEntry> analyze_targets(Scope& scope, raw::NodeList targets, Clause clause);
TargetEntry make_target(Scope& scope, ExprPtr expr, std::string name);
void resolve_unknown_targets(Scope& scope, std::vector<TargetEntry>& targets);
void mark_origin(Scope& scope, TargetEntry& target);

// ORDER BY, GROUP BY, DISTINCT (sort_clauses.cpp): indexes into query.targets.
std::vector<SortClause> analyze_order_by(Scope& scope, raw::NodeList items);
void analyze_group_by(Scope& scope, raw::NodeList items);
void analyze_distinct(Scope& scope, raw::NodeList items);
int find_target(Scope& scope, const raw::Node* node, Clause clause, bool standard);
// Direction, NULLs and USING of one ORDER BY item over an expression of that type.
SortClause sort_options(Scope& scope, const PgQuery__SortBy& item, Oid type);
void analyze_limit(Scope& scope, const PgQuery__SelectStmt& select);

// Aggregates and windows
ExprPtr make_aggregate(Scope& scope, const PgQuery__FuncCall& call,
                       std::unique_ptr<AggregateExpr> e);
ExprPtr make_window(Scope& scope, const PgQuery__FuncCall& call, std::unique_ptr<WindowExpr> e);
void analyze_windows(Scope& scope);
void check_grouping(Scope& scope);
ExprPtr analyze_grouping(Scope& scope, const PgQuery__GroupingFunc& node);
void check_set_function(Scope& scope, int location, int set_calls_before);
bool contains_aggregate(const Expr& expr);
bool contains_window(const Expr& expr);
bool contains_set(const Expr& expr);

// ---------------------------------------------------------------- DML

// The value for a column by assignment; throws 42804.
ExprPtr coerce_to_column(Scope& scope, ExprPtr expr, const RelationDesc& relation,
                         const ColumnDesc& column, int location);
const ColumnDesc& find_assigned_column(const Scope& scope, const RelationDesc& relation,
                                       std::string_view name, int location);
// A SET item or INSERT column with subscripts or fields: the new value of the whole column.
ExprPtr assign_indirection(Scope& scope, ExprPtr old_value, const ColumnDesc& column,
                           raw::NodeList steps, ExprPtr value, int location);
// The default of a column (or of its domain), coerced; a NULL constant when there is none.
ExprPtr column_default(Scope& scope, const RelationDesc& relation, const ColumnDesc& column);
void analyze_conflict(Scope& scope, const PgQuery__OnConflictClause* clause,
                      const RelationDesc& relation);
void analyze_set_list(Scope& scope, raw::NodeList items, const RelationDesc& relation,
                      std::vector<TargetEntry>& out);
void analyze_returning(Scope& scope, raw::NodeList items);
const RelationDesc& open_target(Scope& scope, const PgQuery__RangeVar& name, std::string_view verb);

}  // namespace dvecdb::server::query
