// INSERT.
#include <fmt/format.h>

#include <algorithm>

#include "server/query/analyze_internal.h"

namespace dvecdb::server::query {

namespace {

class InsertBuilder {
 public:
  InsertBuilder(Scope& scope, const PgQuery__InsertStmt& insert)
      : scope_(scope), query_(*scope.query), insert_(insert) {}

  void build() {
    query_.command = CommandKind::insert;
    analyze_with(scope_, insert_.with_clause);
    relation_ = &open_target(scope_, *insert_.relation, "INSERT");
    query_.result_entry = add_relation_entry(scope_, *relation_, insert_.relation->alias);
    query_.overriding_system =
        insert_.override == PG_QUERY__OVERRIDING_KIND__OVERRIDING_SYSTEM_VALUE;
    query_.overriding_user = insert_.override == PG_QUERY__OVERRIDING_KIND__OVERRIDING_USER_VALUE;
    find_columns();
    sources_.resize(relation_->columns.size());
    add_source();
    make_targets();
    analyze_conflict(scope_, insert_.on_conflict_clause, *relation_);
    scope_.names.clear();
    scope_.names.push_back({query_.result_entry});
    analyze_returning(scope_, raw::list(insert_.n_returning_list, insert_.returning_list));
  }

 private:
  void find_columns() {
    const auto names = raw::list(insert_.n_cols, insert_.cols);
    if (names.empty()) {
      for (const ColumnDesc& column : relation_->columns) {
        if (column.is_dropped) continue;
        columns_.push_back(&column);
        locations_.push_back(-1);
      }
      return;
    }
    is_explicit_ = true;
    for (const raw::Node* node : names) {
      const PgQuery__ResTarget& target = *node->res_target;
      if (target.n_indirection > 0) {
        throw not_supported(scope_, "INSERT into a part of a column", target.location);
      }
      const ColumnDesc& column =
          find_assigned_column(scope_, *relation_, target.name, target.location);
      if (std::find(columns_.begin(), columns_.end(), &column) != columns_.end()) {
        throw error_at(scope_, sqlstate::duplicate_column,
                       fmt::format("column \"{}\" specified more than once", column.name),
                       target.location);
      }
      columns_.push_back(&column);
      locations_.push_back(target.location);
    }
  }

  void add_source() {
    if (insert_.select_stmt == nullptr) return;  // DEFAULT VALUES
    const PgQuery__SelectStmt& select = *insert_.select_stmt->select_stmt;
    const bool is_plain_values = select.n_values_lists > 0 && select.n_sort_clause == 0 &&
                                 select.limit_count == nullptr && select.limit_offset == nullptr &&
                                 select.n_locking_clause == 0;
    if (is_plain_values) {
      analyze_with(scope_, select.with_clause);
      add_values(select);
    } else {
      add_query();
    }
  }

  void check_count(std::size_t count, int extra_location, bool is_single_row) const {
    if (count > columns_.size()) {
      throw error_at(scope_, sqlstate::syntax_error,
                     "INSERT has more expressions than target columns", extra_location);
    }
    if (is_explicit_ && count < columns_.size()) {
      SqlError error =
          error_at(scope_, sqlstate::syntax_error,
                   "INSERT has more target columns than expressions", locations_[count]);
      if (is_single_row) {
        error.hint(
            "The insertion source is a row expression containing the same number of columns "
            "expected by the INSERT. Did you accidentally use extra parentheses?");
      }
      throw error;
    }
  }

  // ------------------------------------------------------------ VALUES

  void add_values(const PgQuery__SelectStmt& select) {
    RangeEntry entry;
    entry.kind = RangeKind::values;
    entry.alias = "*VALUES*";
    const auto lists = raw::list(select.n_values_lists, select.values_lists);
    std::vector<ExprList> rows;
    for (const raw::Node* node : lists) {
      rows.push_back(read_row(raw::list(node->list->n_items, node->list->items)));
      if (rows.back().size() == rows[0].size()) continue;
      throw error_at(scope_, sqlstate::syntax_error, "VALUES lists must all be the same length",
                     node->list->n_items == 0 ? -1 : raw::location_of(node->list->items[0]));
    }
    const bool is_row = lists.size() == 1 && lists[0]->list->n_items == 1 &&
                        raw::is(lists[0]->list->items[0], PG_QUERY__NODE__NODE_ROW_EXPR) &&
                        lists[0]->list->items[0]->row_expr->n_args == columns_.size();
    const std::size_t width = rows[0].size();
    for (ExprList& row : rows) {
      const int extra = width > columns_.size() ? location_of(*row[columns_.size()]) : -1;
      check_count(width, extra, is_row);
      for (std::size_t i = 0; i < width; ++i) row[i] = value_for(std::move(row[i]), *columns_[i]);
    }
    for (std::size_t i = 0; i < width; ++i) {
      entry.columns.push_back({fmt::format("column{}", i + 1), columns_[i]->type});
    }
    entry.values = std::move(rows);
    query_.source_entry = add_entry(scope_, std::move(entry));
    query_.from.push_back(leaf(query_.source_entry));
    for (std::size_t i = 0; i < width; ++i) take_source(i);
  }

  ExprList read_row(raw::NodeList items) {
    ExprList row;
    for (const raw::Node* item : items) {
      scope_.allows_default = raw::is(item, PG_QUERY__NODE__NODE_SET_TO_DEFAULT);
      row.push_back(analyze_expr(scope_, item, Clause::values));
      scope_.allows_default = false;
    }
    return row;
  }

  bool ignores_value(const ColumnDesc& column) const {
    return query_.overriding_user && column.identity != '\0';
  }

  ExprPtr value_for(ExprPtr value, const ColumnDesc& column) {
    if (value->kind == ExprKind::set_default || ignores_value(column)) {
      if (column.generated != '\0') return make_null(column.type);
      return column_default(scope_, *relation_, column);
    }
    refuse_given(column);
    const int location = location_of(*value);
    return coerce_to_column(scope_, std::move(value), *relation_, column, location);
  }

  void refuse_given(const ColumnDesc& column) const {
    const bool is_identity = column.identity == 'a' && !query_.overriding_system;
    if (column.generated == '\0' && !is_identity) return;
    SqlError error = error_at(
        scope_, sqlstate::generated_always,
        fmt::format("cannot insert a non-DEFAULT value into column \"{}\"", column.name), -1);
    if (column.generated != '\0') {
      error.detail(fmt::format("Column \"{}\" is a generated column.", column.name));
    } else {
      error
          .detail(fmt::format("Column \"{}\" is an identity column defined as GENERATED ALWAYS.",
                              column.name))
          .hint("Use OVERRIDING SYSTEM VALUE to override.");
    }
    throw error;
  }

  // ------------------------------------------------------------ SELECT

  void add_query() {
    QueryPtr source = analyze_query_node(scope_.statement, &scope_, insert_.select_stmt,
                                         [](Scope& inner) { inner.resolve_unknowns = false; });
    std::vector<TargetEntry*> targets;
    for (TargetEntry& target : source->targets) {
      if (!target.is_junk) targets.push_back(&target);
    }
    const int extra =
        targets.size() > columns_.size() ? location_of(*targets[columns_.size()]->expr) : -1;
    check_count(targets.size(), extra, false);
    std::vector<int> locations;
    for (std::size_t i = 0; i < targets.size(); ++i) {
      const int location = location_of(*targets[i]->expr);
      locations.push_back(location);
      // An untyped literal or parameter takes the column's type at once.
      if (targets[i]->expr->type.oid == oids::unknown) {
        targets[i]->expr = coerce_to_column(scope_, std::move(targets[i]->expr), *relation_,
                                            *columns_[i], location);
      }
    }
    const std::size_t width = targets.size();
    query_.source_entry = add_subquery_entry(scope_, std::move(source), "*SELECT*", nullptr, false);
    query_.from.push_back(leaf(query_.source_entry));
    for (std::size_t i = 0; i < width; ++i) {
      if (ignores_value(*columns_[i])) continue;
      refuse_given(*columns_[i]);
      take_source(i);
      ExprPtr& value = slot(*columns_[i]);
      value = coerce_to_column(scope_, std::move(value), *relation_, *columns_[i], locations[i]);
    }
  }

  // ------------------------------------------------------------ targets

  ExprPtr& slot(const ColumnDesc& column) {
    return sources_[static_cast<std::size_t>(column.number - 1)];
  }

  void take_source(std::size_t i) {
    slot(*columns_[i]) =
        column_of_entry(scope_, query_.source_entry, static_cast<int>(i) + 1, 0, -1);
  }

  void make_targets() {
    for (const ColumnDesc& column : relation_->columns) {
      if (column.is_dropped || column.generated != '\0') continue;
      TargetEntry target;
      target.name = column.name;
      target.target_column = column.number;
      target.expr = std::move(slot(column));
      if (target.expr == nullptr) target.expr = column_default(scope_, *relation_, column);
      query_.targets.push_back(std::move(target));
    }
  }

  Scope& scope_;
  Query& query_;
  const PgQuery__InsertStmt& insert_;
  const RelationDesc* relation_ = nullptr;
  bool is_explicit_ = false;
  std::vector<const ColumnDesc*> columns_;
  std::vector<int> locations_;
  ExprList sources_;  // by attnum
};

// ---------------------------------------------------------------- ON CONFLICT

[[noreturn]] void fail_inference(const Scope& scope) {
  throw error_at(scope, sqlstate::invalid_column_reference,
                 "there is no unique or exclusion constraint matching the ON CONFLICT "
                 "specification",
                 -1);
}

const IndexDesc& index_of_constraint(const Scope& scope, const RelationDesc& relation,
                                     std::string_view name) {
  for (const ConstraintDesc* constraint : relation.constraints) {
    if (constraint->name != name) continue;
    for (const IndexDesc* index : relation.indexes) {
      if (index->oid == constraint->index && index->is_unique) return *index;
    }
    throw error_at(scope, sqlstate::wrong_object_type,
                   "constraint in ON CONFLICT clause has no associated index", -1);
  }
  throw error_at(
      scope, sqlstate::undefined_object,
      fmt::format("constraint \"{}\" for table \"{}\" does not exist", name, relation.name), -1);
}

// What ON CONFLICT (...) lists: columns, and expressions.
struct Inference {
  std::vector<std::int16_t> columns;
  ExprList expressions;
  ExprPtr predicate;
};

Inference read_inference(Scope& scope, const PgQuery__InferClause& infer) {
  Inference result;
  for (const raw::Node* node : raw::list(infer.n_index_elems, infer.index_elems)) {
    const PgQuery__IndexElem& item = *node->index_elem;
    if (item.ordering > PG_QUERY__SORT_BY_DIR__SORTBY_DEFAULT) {
      throw error_at(scope, sqlstate::invalid_column_reference,
                     "ASC/DESC is not allowed in ON CONFLICT clause", infer.location);
    }
    ExprPtr expr;
    if (!raw::view(item.name).empty()) {
      expr = find_column_in(scope, scope.query->result_entry, 0, item.name, -1);
      if (expr == nullptr) fail_missing_column(scope, "", item.name, infer.location);
    } else {
      expr = analyze_expr(scope, item.expr, Clause::index_expression);
    }
    if (expr->kind == ExprKind::column) {
      result.columns.push_back(
          static_cast<std::int16_t>(static_cast<const ColumnExpr&>(*expr).column));
    } else {
      result.expressions.push_back(std::move(expr));
    }
  }
  result.predicate = analyze_where(scope, infer.where_clause, Clause::index_expression, "WHERE");
  return result;
}

ExprPtr index_text_expr(const Scope& scope, const RelationDesc& relation, const std::string& text) {
  const AnalyzeContext context{scope.statement.context.catalog, scope.statement.context.io,
                               scope.statement.context.search_path,
                               scope.statement.context.current_user, text};
  return analyze_expression(context, text, &relation, {});
}

bool has_expression(const ExprList& list, const Expr& expr) {
  return std::any_of(list.begin(), list.end(),
                     [&](const ExprPtr& known) { return equal(*known, expr); });
}

bool matches(const Scope& scope, const RelationDesc& relation, const IndexDesc& index,
             const Inference& inference) {
  if (!index.is_unique || !index.is_valid) return false;
  std::size_t columns = 0;
  for (const IndexDesc::Key& key : index.keys) {
    if (key.column != 0) {
      ++columns;
      if (std::find(inference.columns.begin(), inference.columns.end(), key.column) ==
          inference.columns.end()) {
        return false;
      }
    } else if (!has_expression(inference.expressions,
                               *index_text_expr(scope, relation, key.expression_text))) {
      return false;
    }
  }
  std::vector<std::int16_t> wanted = inference.columns;
  std::sort(wanted.begin(), wanted.end());
  wanted.erase(std::unique(wanted.begin(), wanted.end()), wanted.end());
  if (wanted.size() != columns || inference.expressions.size() != index.keys.size() - columns) {
    return false;
  }
  if (index.predicate_text.empty()) return true;
  return inference.predicate != nullptr &&
         equal(*inference.predicate, *index_text_expr(scope, relation, index.predicate_text));
}

const IndexDesc& infer_index(Scope& scope, const RelationDesc& relation,
                             const PgQuery__InferClause& infer) {
  const Inference inference = read_inference(scope, infer);
  for (const IndexDesc* index : relation.indexes) {
    if (matches(scope, relation, *index, inference)) return *index;
  }
  fail_inference(scope);
}

}  // namespace

void analyze_insert(Scope& scope, const PgQuery__InsertStmt& insert) {
  InsertBuilder(scope, insert).build();
}

void analyze_conflict(Scope& scope, const PgQuery__OnConflictClause* clause,
                      const RelationDesc& relation) {
  if (clause == nullptr || clause->action <= PG_QUERY__ON_CONFLICT_ACTION__ONCONFLICT_NONE) return;
  Query& query = *scope.query;
  ConflictClause& conflict = query.conflict;
  const bool is_update = clause->action == PG_QUERY__ON_CONFLICT_ACTION__ONCONFLICT_UPDATE;
  conflict.action = is_update ? ConflictAction::update : ConflictAction::nothing;
  if (is_update && clause->infer == nullptr) {
    throw error_at(scope, sqlstate::syntax_error,
                   "ON CONFLICT DO UPDATE requires inference specification or constraint name",
                   clause->location)
        .hint("For example, ON CONFLICT (column_name).");
  }
  scope.names.clear();
  scope.names.push_back({query.result_entry});
  if (clause->infer != nullptr) {
    const PgQuery__InferClause& infer = *clause->infer;
    conflict.arbiter = raw::view(infer.conname).empty()
                           ? &infer_index(scope, relation, infer)
                           : &index_of_constraint(scope, relation, infer.conname);
  }
  if (!is_update) return;
  const int excluded = add_relation_entry(scope, relation, nullptr);
  query.range_table[static_cast<std::size_t>(excluded)].alias = "excluded";
  conflict.excluded_entry = excluded;
  scope.names.push_back({excluded});
  analyze_set_list(scope, raw::list(clause->n_target_list, clause->target_list), relation,
                   conflict.set);
  conflict.where = analyze_where(scope, clause->where_clause, Clause::where, "WHERE");
}

}  // namespace dvecdb::server::query
