// The printer behind deparse.h.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "server/query/deparse.h"
#include "server/query/tree.h"
#include "server/types/type_io.h"

namespace dvecdb::server::query {

// PostgreSQL's steps of indentation.
inline constexpr int step = 8;
inline constexpr int join_step = 4;
inline constexpr int item_step = 4;

class Deparser {
 public:
  Deparser(const Catalog& catalog, PrintStyle style);

  // Columns of `relation` print without a prefix, where no query is around them.
  void set_relation(const RelationDesc* relation) { relation_ = relation; }
  void query(const Query& query);
  // Conversions that nobody wrote are shown where leaving them out could change the meaning.
  void expr(const Expr& expr, bool show_implicit = true);
  std::string take() { return std::move(out_); }

 private:
  // Queries around the one at hand, outermost first.
  class QueryScope;

  // deparse_expr.cpp
  void column(const ColumnExpr& expr);
  void constant(const ConstantExpr& expr, bool with_type);
  void function(const FunctionExpr& expr, bool show_implicit);
  bool sql_syntax(const FunctionExpr& expr);
  void operation(const OperationExpr& expr);
  void coercion(const CoercionExpr& expr, bool show_implicit);
  void cast(const Expr& parent, const Expr& argument, TypeRef type);
  void boolean(const BooleanExpr& expr);
  void case_when(const CaseExpr& expr);
  void case_condition(const Expr& condition);
  void array(const ArrayExpr& expr);
  void row(const RowExpr& expr);
  void row_compare(const RowCompareExpr& expr);
  void field(const FieldExpr& expr);
  void subscript(const SubscriptExpr& expr);
  void aggregate(const AggregateExpr& expr);
  void window(const WindowExpr& expr);
  void grouping(const GroupingExpr& expr);
  void sublink(const SublinkExpr& expr);
  void sql_value(const SqlValueExpr& expr);
  void null_test(const NullTestExpr& expr);
  void boolean_test(const BooleanTestExpr& expr);
  void scalar_array(const ScalarArrayExpr& expr);
  void expr_node(const Expr& expr, bool show_implicit);
  void list(const ExprList& list);
  void infix(const Expr& parent, const Expr& left, const std::string& op, const Expr& right);

  // deparse_parens.cpp
  // Parentheses that the pretty form leaves out.
  void open();
  void close();
  // A part of `parent`, which the pretty form puts in parentheses where it needs them.
  void operand(const Expr& expr, const Expr& parent, bool show_implicit = true);
  bool needs_parens(const Expr& expr, const Expr& parent) const;
  void call(std::string_view name, const ExprList& arguments);
  void sort_item(const Expr& expr, bool descending, bool nulls_first, const OperatorDesc* op);
  void filter(const ExprPtr& filter);

  // deparse_query.cpp
  void select(const Query& query);
  void plain_select(const Query& query);
  void with(const Query& query);
  void cte_columns(const Cte& cte);
  void leaf_query(const Query& leaf);
  void targets(const Query& query);
  void target(const TargetEntry& target, const std::string& name);
  void from(const Query& query);
  void from_item(const FromItem& item);
  void entry(const RangeEntry& entry);
  void entry_alias(const RangeEntry& entry, const std::vector<RangeColumn>& natural,
                   bool always_columns);
  void range_functions(const RangeEntry& entry);
  void values(const std::vector<ExprList>& rows);
  void set_operation(const SetOperation& node);
  void group_by(const Query& query);
  void grouping_set(const Query& query, const GroupingSet& set);
  void windows(const Query& query);
  void window_body(const WindowDefinition& window);
  void order_by(const Query& query, bool by_number);
  void locking(const Query& query);
  void keyword(std::string_view text, int before, int after, int plus);
  const Query& query_at(int levels_up) const;
  bool is_plain_values(const Query& query) const;

  std::string function_name(const ProcDesc& proc) const;
  std::string operator_name(const OperatorDesc& op) const;
  std::string relation_name(const RelationDesc& relation) const;
  bool is_visible(std::string_view schema) const;

  const Catalog& catalog_;
  types::IoContext io_;
  bool pretty_;
  bool spares_parens_;
  const RelationDesc* relation_ = nullptr;
  std::vector<const Query*> queries_;
  int indent_ = 0;
  // What the columns of a set operation's parts are called: as its result's.
  const Query* named_by_ = nullptr;
  bool names_visible_ = true;
  std::string out_;
};

}  // namespace dvecdb::server::query
