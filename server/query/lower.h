// The lowering: from the analyzed tree to SQL of the row store. Internal to the room; make_plan and
// lower_expression (plan.h) are its doors.
//
// Every range-table entry gets an alias (r0, r1, ...) that is unique in the statement, and every
// output is named c1..cn, so that no name in the store's SQL can mean two things. A subquery that
// SQLite cannot express in place (LATERAL, a nearest-neighbour filter) becomes a StoreText of its
// own: what it takes from around it is captured as its parameters.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "server/functions/function.h"
#include "server/query/plan.h"
#include "server/query/tree.h"
#include "server/query/walk.h"

namespace dvecdb::server::query::lower {

// A statement text under construction: the whole statement (outer null), or one inside it that is
// handed to lateral() or knn() with values from outside as its parameters.
struct StoreText {
  StoreText* outer = nullptr;
  std::vector<std::string> captured;  // in the SQL of `outer`; ?1.. here
  std::map<std::string, int> numbers;
  std::vector<std::string> ctes;  // definitions copied in from outside
  std::unordered_map<const Cte*, std::string> cte_names;
};

// How columns of one range-table entry are written.
struct EntrySql {
  std::string alias;
  bool is_nullable = false;  // on the side of an outer join that may be missing
  std::string column_prefix = "c";
  std::unordered_map<int, std::string> overrides;  // whole expressions for single columns
};

struct Scope {
  Scope(const Query* q, Scope* o, StoreText* t) : query(q), outer(o), text(t) {}
  const Query* query = nullptr;
  Scope* outer = nullptr;  // the query one level out
  StoreText* text = nullptr;
  std::vector<EntrySql> entries;
  std::vector<std::string> cte_names;
  // Around the body of an SQL function: what stands for its parameters.
  const std::vector<std::string>* parameters = nullptr;
};

// Set-returning functions in the select list, once they have become FROM entries.
using SetColumns = std::unordered_map<const Expr*, std::string>;

// The inner select of a query whose set-returning functions run over grouped or windowed rows:
// every largest expression without them becomes one of its outputs.
struct InnerOutputs {
  std::string alias;
  std::vector<std::string> expressions;
};

// What an expression is lowered in.
struct Context {
  Scope* scope = nullptr;
  const std::string* placeholder = nullptr;  // for CasePlaceholderExpr
  const SetColumns* sets = nullptr;
  InnerOutputs* inner = nullptr;
  // Grouping sets: the group expressions that this set leaves out (they are NULL), and the group
  // indexes it has.
  const std::vector<const Expr*>* left_out = nullptr;
  const std::vector<int>* grouped = nullptr;
};

// A lowered query before it is one text.
struct SelectSql {
  std::string with;
  std::vector<std::string> outputs;  // expressions; named c1.. in order
  std::string from;
  std::string where;
  std::vector<std::string> group_by;
  std::string having;
  bool is_distinct = false;
  std::vector<std::string> order_by;
  std::string limit, offset;

  std::string text() const;
};

// A comparison that SQLite makes itself.
struct NativeComparison {
  std::string collate;  // " COLLATE numeric" or ""
};

// What the parts of a statement that ran before have left (plan_parts.cpp).
struct PartTables {
  const Query* statement = nullptr;    // its WITH items are the parts
  std::vector<std::string> rows;       // of each item: the name of what holds its rows
  std::map<Oid, std::string> changes;  // by table that was changed
};

class Lowering {
 public:
  Lowering(const AnalyzeContext& context, const PlanSettings& settings, Plan& plan)
      : context_(context), settings_(settings), plan_(plan) {}

  // --- queries: outputs are the targets that are no junk
  std::string query(const Query& query, Scope* outer, StoreText* text) {
    return select(query, outer, text);
  }

  // --- data modification (lower_dml.cpp)
  void insert(const Query& query);
  void update(const Query& query);
  void delete_rows(const Query& query);

  // --- statements and parts of them (lower_parts.cpp). Arguments must outlive the lowering.
  // `around`: the scope of the statement that the part is an item of; null for itself.
  void use_parts(const PartTables& parts, Scope* around) {
    parts_ = &parts;
    around_ = around;
  }
  // Any command, into the plan.
  void statement(const Query& query);
  // A recursive WITH item, called `name`, as a statement of its own.
  std::string recursive_part(const Cte& cte, const std::string& name);

  // --- expressions (lower_expr.cpp)
  std::string expr(const Expr& expr, const Context& context);
  StoreText& root_text() { return root_; }

  std::string next_alias() { return "r" + std::to_string(alias_count_++); }
  void name_entries(Scope& scope);

 private:
  // lower_expr.cpp
  std::string expr_by_kind(const Expr& expr, const Context& context);
  std::vector<std::string> exprs(const ExprList& list, const Context& context);
  std::string param(const ParamExpr& param, const Context& context);
  std::string boolean(const BooleanExpr& e, const Context& context);
  std::string case_when(const CaseExpr& e, const Context& context);
  std::string min_max(const MinMaxExpr& e, const Context& context);
  std::string null_test(const NullTestExpr& e, const Context& context);
  std::string boolean_test(const BooleanTestExpr& e, const Context& context);
  std::string coercion(const CoercionExpr& e, const Context& context);
  std::string row_to_record(const Expr& row, const Context& context);
  std::string domain_value(const CoercionExpr& e, const Context& context);
  std::string array_elements_coercion(const CoercionExpr& e, const Context& context);
  std::string array(const ArrayExpr& e, const Context& context);
  std::string row(const RowExpr& e, const Context& context);
  std::string field(const FieldExpr& e, const Context& context);
  std::string subscript(const SubscriptExpr& e, const Context& context);
  std::string sql_value(const SqlValueExpr& e);
  std::string grouping(const GroupingExpr& e, const Context& context);

  // lower_function.cpp
  std::string function(const FunctionExpr& e, const Context& context);
  std::string operation(const OperationExpr& e, const Context& context);
  std::string fold(const OperationExpr& e, const Context& context);
  std::string call_proc(const ProcDesc& proc, const std::vector<TypeRef>& types, TypeRef result,
                        std::vector<std::string> arguments, const Context& context);
  std::string call_symbol(std::string_view symbol, bool is_strict,
                          const std::vector<TypeRef>& types, TypeRef result,
                          std::vector<std::string> arguments);
  static bool has_sql_body(const ProcDesc& proc);
  std::string sql_function(const ProcDesc& proc, const std::vector<TypeRef>& types,
                           const std::vector<std::string>& arguments, Scope* scope);

  // lower_compare.cpp
  std::optional<NativeComparison> native_comparison(std::string_view op, Oid left, Oid right) const;
  std::string compare(const OperatorDesc& op, TypeRef left, TypeRef right,
                      const std::string& left_sql, const std::string& right_sql,
                      const Context& context);
  std::string key(TypeRef type, const std::string& sql) const;  // equal values, equal keys
  std::string collated(TypeRef type, const std::string& sql) const;
  bool is_plainly_ordered(TypeRef type) const;
  bool is_native(TypeRef type) const;  // not through sort_key
  Oid base_type(Oid type) const;
  int comparison_class(Oid type) const;
  std::string distinct_from(const DistinctFromExpr& e, const Context& context);
  std::string null_if(const NullIfExpr& e, const Context& context);
  std::string scalar_array(const ScalarArrayExpr& e, const Context& context);
  std::string row_compare(const RowCompareExpr& e, const Context& context);

  // lower_sublink.cpp
  std::string sublink(const SublinkExpr& e, const Context& context);
  std::string quantified(const SublinkExpr& e, const Context& context);
  std::string in_query(const SublinkExpr& e, const Context& context);

  // lower_aggregate.cpp
  std::string aggregate(const AggregateExpr& e, const Context& context);
  std::string window(const WindowExpr& e, const Context& context);
  std::string window_definition(const WindowDefinition& w, const Context& context);
  std::string frame(const WindowDefinition& w, const Context& context);
  std::string ordered_aggregate(const AggregateExpr& e, const std::string& types,
                                const Context& context);

  // lower_column.cpp
  std::string column(const ColumnExpr& e, const Context& context);
  std::string entry_column(Scope& scope, int entry, int column);
  std::string relation_column(const RangeEntry& entry, const EntrySql& sql, int column);
  static Scope& scope_of(const ColumnExpr& e, const Context& context);
  std::string whole_row(Scope& scope, int entry, bool as_record);
  static std::string import(const std::string& sql, const StoreText* from, StoreText* to);
  std::string record(TypeRef type, const std::vector<RangeColumn>& columns,
                     const std::vector<std::string>& values);

  // lower_from.cpp
  std::string from_list(Scope& scope);
  std::string from_item(Scope& scope, const FromItem& item, bool keep_order = false);
  std::string from_entry(Scope& scope, int entry);
  bool has_changed(const RelationDesc& relation) const;
  std::string table_before(const RelationDesc& relation) const;
  std::string subquery_entry(Scope& scope, int entry);
  std::string values_entry(Scope& scope, int entry);
  std::string lateral_values(Scope& scope, int entry);
  static std::string lateral_call(std::string sql, const StoreText& inner, std::size_t columns,
                                  const std::string& alias);
  std::string function_entry(Scope& scope, int entry);
  std::string lateral_entry(Scope& scope, int entry);
  std::string cte_name(Scope& scope, const RangeEntry& entry);
  std::string with_clause(Scope& scope);
  std::string cte_definition(const Cte& cte, const std::string& name, Scope& scope,
                             StoreText* text);
  std::string set_columns(const std::vector<TargetEntry>& targets, const Context& context,
                          SetColumns& columns);
  std::vector<RangeColumn> set_result(const FunctionExpr& call) const;
  void mark_nullable(Scope& scope, const FromItem& item, bool nullable);

  // lower_select.cpp
  std::string select(const Query& query, Scope* outer, StoreText* text);
  std::string grouped_outside(Scope& scope, const std::string& with);
  void read_rows(SelectSql& out, Scope& scope, const Context& context);
  void group(SelectSql& out, const Query& query, const Context& context);
  std::vector<std::string> order_by_outputs(const Query& query, const std::string& alias) const;
  std::string order_item(const SortClause& sort, TypeRef type, const std::string& sql,
                         bool not_null) const;
  std::string limit_sql(const Expr* limit, std::string_view checked, const Context& context);
  bool is_not_null(const Expr& expr, const Scope& scope) const;

  // lower_wrap.cpp: what is done to finished rows, whose outputs are all targets (junk too).
  bool needs_wrap(const Query& query) const;
  std::string wrap(const std::string& with, const std::string& inner, const Query& query,
                   const Context& context);
  std::string distinct_on(const std::string& inner, const Query& query) const;
  std::string distinct_by_key(const std::string& inner, const Query& query) const;
  std::string keep_ties(const std::string& inner, const Query& query, const Context& context);
  std::string grouping_sets(const Query& query, Scope* outer, StoreText* text);

  // lower_set_operation.cpp
  std::string set_operation(const Query& query, Scope* outer, StoreText* text);
  std::string set_tree(const SetOperation& node, Scope& scope);
  std::string set_member(const SetOperation& node, Scope& scope);
  std::string set_all_by_count(const SetOperation& node, Scope& scope);
  std::string set_sides_by_key(const SetOperation& node, Scope& scope);
  std::string set_distinct_by_key(const SetOperation& node, Scope& scope);
  void refuse_recursion(const Query& query, const Query& owner) const;
  std::string recursive_cte_body(const Query& query, Scope* outer, StoreText* text);

  // lower_knn.cpp
  std::optional<std::string> nearest(Scope& scope, const std::string& with);
  std::vector<std::string> nearest_filter(Scope& scope, int entry);
  // lower_knn_text.cpp
  void describe_nearest(VectorScan& scan, const Query& query, const Expr& order, int entry) const;

  // lower_dml.cpp
  SelectSql one_target_row(Scope& scope, int rowid_parameter);
  SelectSql target_rows(Scope& scope);
  std::string ordered_source(Scope& scope, SelectSql& source);
  void conflict_update(const Query& query);
  static std::vector<std::pair<int, int>> extra_columns(const Query& query);
  void returning(const Query& query, const std::vector<std::pair<int, int>>& extras);

  const AnalyzeContext& context_;
  const PlanSettings& settings_;
  Plan& plan_;
  StoreText root_;
  const PartTables* parts_ = nullptr;
  Scope* around_ = nullptr;
  // While a nearest-neighbour scan drives a chain of joins: what stands for its table.
  struct Driving {
    const Scope* scope = nullptr;
    int entry = -1;
    std::string sql;
  } driving_;
  int alias_count_ = 0;
  int cte_count_ = 0;
  int sql_function_depth_ = 0;
};

[[noreturn]] void not_supported(std::string_view feature);
// True when `test` holds for the expression or one inside it (not inside sublinks' queries).
bool any_of(const Expr& expr, const std::function<bool(const Expr&)>& test);
bool returns_set(const Expr& expr);
// "c3"
std::string output_name(std::size_t index_from_0);
std::string output_list(std::size_t count, std::string_view alias);

}  // namespace dvecdb::server::query::lower
