#include <fmt/format.h>

#include <algorithm>

#include "server/query/deparse_internal.h"
#include "server/types/error.h"
#include "server/types/oids.h"

namespace dvecdb::server::query {

namespace oids = types::oids;

Deparser::Deparser(const Catalog& catalog, PrintStyle style)
    : catalog_(catalog),
      pretty_(style != PrintStyle::plain),
      spares_parens_(style == PrintStyle::pretty) {
  io_.types = &catalog;
}

class Deparser::QueryScope {
 public:
  QueryScope(Deparser& deparser, const Query& query) : deparser_(deparser) {
    deparser_.queries_.push_back(&query);
  }
  ~QueryScope() { deparser_.queries_.pop_back(); }
  QueryScope(const QueryScope&) = delete;
  QueryScope& operator=(const QueryScope&) = delete;

 private:
  Deparser& deparser_;
};

const Query& Deparser::query_at(int levels_up) const {
  return *queries_.at(queries_.size() - 1 - static_cast<std::size_t>(levels_up));
}

// ---------------------------------------------------------------- names

bool Deparser::is_visible(std::string_view schema) const {
  if (schema == "pg_catalog") return true;
  const auto path = catalog_.search_path();
  return std::find(path.begin(), path.end(), schema) != path.end();
}

std::string Deparser::function_name(const ProcDesc& proc) const {
  const std::string name = quote_identifier(proc.name);
  return is_visible(proc.schema) ? name : quote_identifier(proc.schema) + "." + name;
}

std::string Deparser::operator_name(const OperatorDesc& op) const {
  if (is_visible(op.schema)) return op.name;
  return fmt::format("OPERATOR({}.{})", quote_identifier(op.schema), op.name);
}

std::string Deparser::relation_name(const RelationDesc& relation) const {
  const std::string name = quote_identifier(relation.name);
  return is_visible(relation.schema) ? name : quote_identifier(relation.schema) + "." + name;
}

namespace {

std::string_view system_column_name(int column) {
  switch (column) {
    case ctid_column:
      return "ctid";
    case xmin_column:
      return "xmin";
    case cmin_column:
      return "cmin";
    case xmax_column:
      return "xmax";
    case cmax_column:
      return "cmax";
    default:
      return "tableoid";
  }
}

}  // namespace

void Deparser::column(const ColumnExpr& e) {
  // Of the relation that the whole expression is about, maybe from within a subquery.
  if (static_cast<std::size_t>(e.levels_up) >= queries_.size()) {
    if (relation_ != nullptr && !queries_.empty()) out_ += quote_identifier(relation_->name) + ".";
    if (relation_ == nullptr) {
      out_ += "?";
    } else if (e.column > 0 && relation_->oid == types::invalid_oid) {
      out_ += "VALUE";  // domain_value_row
    } else if (e.column > 0) {
      out_ += quote_identifier(relation_->columns[static_cast<std::size_t>(e.column - 1)].name);
    } else {
      out_ += e.column == 0 ? quote_identifier(relation_->name)
                            : std::string(system_column_name(e.column));
    }
    return;
  }
  const RangeEntry& range = query_at(e.levels_up).range_table[static_cast<std::size_t>(e.entry)];
  if (range.kind == RangeKind::join && e.column > 0) {
    // A merged column: what it stands for.
    return expr(*range.join_columns[static_cast<std::size_t>(e.column - 1)]);
  }
  out_ += quote_identifier(range.alias);
  if (e.column == 0) {
    out_ += ".*";
    return;
  }
  out_ += ".";
  out_ += e.column < 0
              ? std::string(system_column_name(e.column))
              : quote_identifier(range.columns[static_cast<std::size_t>(e.column - 1)].name);
}

// ---------------------------------------------------------------- layout

void Deparser::keyword(std::string_view text, int before, int after, int plus) {
  if (!pretty_) {
    out_ += text;
    return;
  }
  indent_ += before;
  while (!out_.empty() && out_.back() == ' ') out_.pop_back();
  out_ += '\n';
  out_.append(static_cast<std::size_t>(std::max(indent_, 0) + plus), ' ');
  out_ += text;
  indent_ = std::max(indent_ + after, 0);
}

void Deparser::query(const Query& q) {
  if (q.command != CommandKind::select) {
    throw types::SqlError(types::sqlstate::feature_not_supported,
                          "printing a data-modifying query is not supported");
  }
  const QueryScope scope(*this, q);
  const int saved = indent_;
  const Query* saved_names = named_by_;
  // Inside, columns are called as they are; a set operation names those of its parts.
  named_by_ = queries_.size() == 1 && q.set_operation ? &q : nullptr;
  select(q);
  named_by_ = saved_names;
  indent_ = saved;
}

void Deparser::select(const Query& q) {
  with(q);
  if (q.set_operation) {
    set_operation(*q.set_operation);
  } else {
    plain_select(q);
  }
  if (!q.order_by.empty()) order_by(q, q.set_operation != nullptr);
  if (q.offset) {
    keyword(" OFFSET ", -step, step, 0);
    expr(*q.offset, false);
  }
  if (q.limit) {
    keyword(q.with_ties ? " FETCH FIRST " : " LIMIT ", -step, step, 0);
    if (q.with_ties) out_ += "(";
    expr(*q.limit, false);
    if (q.with_ties) out_ += ") ROWS WITH TIES";
  }
  locking(q);
}

void Deparser::cte_columns(const Cte& cte) {
  std::vector<std::string> own;
  for (const TargetEntry& target : result_targets(*cte.query)) {
    if (!target.is_junk) own.push_back(target.name);
  }
  const bool renamed = !std::equal(
      own.begin(), own.end(), cte.columns.begin(), cte.columns.end(),
      [](const std::string& name, const RangeColumn& column) { return name == column.name; });
  if (!renamed) return;
  out_ += "(";
  for (std::size_t i = 0; i < cte.columns.size(); ++i) {
    if (i > 0) out_ += ", ";
    out_ += quote_identifier(cte.columns[i].name);
  }
  out_ += ")";
}

void Deparser::with(const Query& q) {
  if (q.ctes.empty()) return;
  if (pretty_) {
    indent_ += step;
    out_ += ' ';
  }
  out_ += q.has_recursive ? "WITH RECURSIVE " : "WITH ";
  bool first = true;
  for (const Cte& cte : q.ctes) {
    if (!first) out_ += ", ";
    first = false;
    out_ += quote_identifier(cte.name);
    cte_columns(cte);
    out_ += " AS ";
    if (cte.is_materialized) out_ += "MATERIALIZED ";
    if (cte.is_not_materialized) out_ += "NOT MATERIALIZED ";
    out_ += "(";
    if (pretty_) keyword("", 0, 0, 0);
    query(*cte.query);
    if (pretty_) keyword("", 0, 0, 0);
    out_ += ")";
  }
  if (pretty_) {
    indent_ -= step;
    keyword("", 0, 0, 0);
  } else {
    out_ += ' ';
  }
}

bool Deparser::is_plain_values(const Query& q) const {
  if (q.from.size() != 1 || q.from[0]->is_join || q.range_table.size() != 1) return false;
  if (q.range_table[0].kind != RangeKind::values || q.where || !q.group_by.empty()) return false;
  if (q.targets.size() != q.range_table[0].columns.size()) return false;
  for (std::size_t i = 0; i < q.targets.size(); ++i) {
    const Expr& e = *q.targets[i].expr;
    if (e.kind != ExprKind::column ||
        static_cast<const ColumnExpr&>(e).column != static_cast<int>(i) + 1 ||
        q.targets[i].name != q.range_table[0].columns[i].name) {
      return false;
    }
  }
  return true;
}

void Deparser::plain_select(const Query& q) {
  if (pretty_) {
    indent_ += step;
    out_ += ' ';
  }
  if (is_plain_values(q)) return values(q.range_table[0].values);
  out_ += "SELECT";
  if (q.is_distinct) out_ += " DISTINCT";
  if (!q.distinct_on.empty()) {
    out_ += " DISTINCT ON (";
    for (std::size_t i = 0; i < q.distinct_on.size(); ++i) {
      if (i > 0) out_ += ", ";
      expr(*q.targets[static_cast<std::size_t>(q.distinct_on[i])].expr);
    }
    out_ += ")";
  }
  targets(q);
  from(q);
  if (q.where) {
    keyword(" WHERE ", -step, step, 1);
    expr(*q.where, false);
  }
  if (!q.group_by.empty() || !q.grouping_sets.empty()) group_by(q);
  if (q.having) {
    keyword(" HAVING ", -step, step, 0);
    expr(*q.having, false);
  }
  windows(q);
}

void Deparser::targets(const Query& q) {
  std::vector<const std::string*> names;
  if (named_by_ != nullptr) {
    for (const TargetEntry& named : named_by_->targets) {
      if (!named.is_junk) names.push_back(&named.name);
    }
  }
  std::string_view separator = " ";
  std::size_t position = 0;
  for (const TargetEntry& entry : q.targets) {
    if (entry.is_junk) continue;
    out_ += separator;
    separator = ", ";
    std::string before = std::move(out_);
    out_.clear();
    target(entry, position < names.size() ? *names[position] : entry.name);
    const std::string text = std::move(out_);
    out_ = std::move(before);
    if (!text.empty() && text[0] == '\n') {
      while (!out_.empty() && out_.back() == ' ') out_.pop_back();
    } else if (pretty_ && position > 0) {
      keyword("", -step, step, item_step);
    }
    out_ += text;
    ++position;
  }
}

void Deparser::target(const TargetEntry& entry, const std::string& name) {
  expr(*entry.expr);
  std::string own_name = names_visible_ ? "" : "?column?";
  if (entry.expr->kind == ExprKind::column) {
    const auto& e = static_cast<const ColumnExpr&>(*entry.expr);
    const RangeEntry& range = query_at(e.levels_up).range_table[static_cast<std::size_t>(e.entry)];
    if (e.column > 0 && range.kind != RangeKind::join) {
      own_name = range.columns[static_cast<std::size_t>(e.column - 1)].name;
    }
  }
  if (name != own_name) out_ += " AS " + quote_identifier(name);
}

// ---------------------------------------------------------------- FROM

void Deparser::from(const Query& q) {
  bool first = true;
  for (const FromPtr& item : q.from) {
    if (first) {
      keyword(" FROM ", -step, step, 2);
    } else {
      out_ += ", ";
      if (pretty_) keyword("", -step, step, item_step);
    }
    first = false;
    from_item(*item);
  }
}

void Deparser::from_item(const FromItem& item) {
  const RangeEntry& own = query_at(0).range_table[static_cast<std::size_t>(item.entry)];
  if (!item.is_join) return entry(own);
  open();
  from_item(*item.left);
  std::string_view word = " CROSS JOIN ";
  switch (item.join) {
    case JoinKind::inner:
      word = " JOIN ";
      break;
    case JoinKind::left:
      word = " LEFT JOIN ";
      break;
    case JoinKind::right:
      word = " RIGHT JOIN ";
      break;
    case JoinKind::full:
      word = " FULL JOIN ";
      break;
    case JoinKind::cross:
      break;
  }
  keyword(word, -step, step, join_step);
  const bool right_parens = spares_parens_ && item.right->is_join;
  if (right_parens) out_ += "(";
  from_item(*item.right);
  if (right_parens) out_ += ")";
  if (item.condition) {
    out_ += " ON ";
    open();
    expr(*item.condition, false);
    close();
  }
  close();
}

void Deparser::entry(const RangeEntry& range) {
  const RelationDesc* relation = range.view != nullptr ? range.view : range.relation;
  std::vector<RangeColumn> natural = range.columns;
  if (range.is_lateral && range.kind == RangeKind::subquery) out_ += "LATERAL ";
  if (relation != nullptr) {
    out_ += relation_name(*relation);
    for (std::size_t i = 0; i < natural.size() && i < relation->columns.size(); ++i) {
      natural[i].name = relation->columns[i].is_dropped ? "" : relation->columns[i].name;
    }
    if (range.alias == relation->name) {
      const bool renamed =
          !std::equal(natural.begin(), natural.end(), range.columns.begin(), range.columns.end(),
                      [](const RangeColumn& a, const RangeColumn& b) { return a.name == b.name; });
      if (!renamed) return;
    }
    return entry_alias(range, natural, false);
  }
  switch (range.kind) {
    case RangeKind::subquery: {
      out_ += "(";
      query(*range.subquery);
      out_ += ")";
      std::size_t i = 0;
      for (const TargetEntry& target : range.subquery->targets) {
        if (!target.is_junk && i < natural.size()) natural[i++].name = target.name;
      }
      return entry_alias(range, natural, false);
    }
    case RangeKind::function:
      range_functions(range);
      return entry_alias(range, natural, true);
    case RangeKind::values:
      out_ += "(";
      values(range.values);
      out_ += ")";
      return entry_alias(range, natural, true);
    case RangeKind::cte: {
      const Cte& cte =
          query_at(range.cte_levels_up).ctes[static_cast<std::size_t>(range.cte_index)];
      out_ += quote_identifier(cte.name);
      if (range.alias != cte.name) entry_alias(range, cte.columns, false);
      return;
    }
    default:
      return;
  }
}

void Deparser::entry_alias(const RangeEntry& range, const std::vector<RangeColumn>& natural,
                           bool always_columns) {
  out_ += " " + quote_identifier(range.alias);
  const bool renamed =
      !std::equal(natural.begin(), natural.end(), range.columns.begin(), range.columns.end(),
                  [](const RangeColumn& a, const RangeColumn& b) { return a.name == b.name; });
  if (!renamed && !always_columns) return;
  out_ += "(";
  bool first = true;
  for (const RangeColumn& column : range.columns) {
    if (column.name.empty()) continue;
    if (!first) out_ += ", ";
    first = false;
    out_ += quote_identifier(column.name);
    // A function of unnamed records needs its column types again.
    if (range.kind == RangeKind::function && range.functions.size() == 1 &&
        range.functions[0].call->type.oid == oids::record && !range.with_ordinality &&
        range.functions[0].call->kind == ExprKind::function &&
        static_cast<const FunctionExpr&>(*range.functions[0].call).proc->out_columns.empty()) {
      out_ += " " + format_type(catalog_, column.type);
    }
  }
  out_ += ")";
}

void Deparser::range_functions(const RangeEntry& range) {
  if (range.functions.size() == 1) {
    expr(*range.functions[0].call);
  } else {
    out_ += "ROWS FROM(";
    for (std::size_t i = 0; i < range.functions.size(); ++i) {
      if (i > 0) out_ += ", ";
      expr(*range.functions[i].call);
    }
    out_ += ")";
  }
  if (range.with_ordinality) out_ += " WITH ORDINALITY";
}

void Deparser::values(const std::vector<ExprList>& rows) {
  out_ += "VALUES ";
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (i > 0) out_ += ", ";
    out_ += "(";
    for (std::size_t k = 0; k < rows[i].size(); ++k) {
      if (k > 0) out_ += ",";
      expr(*rows[i][k], false);
    }
    out_ += ")";
  }
}

// ---------------------------------------------------------------- the rest of a query

void Deparser::leaf_query(const Query& leaf) {
  const QueryScope scope(*this, leaf);
  const int saved = indent_;
  select(leaf);
  indent_ = saved;
}

void Deparser::set_operation(const SetOperation& node) {
  if (node.entry >= 0) {
    const Query& leaf = *query_at(0).range_table[static_cast<std::size_t>(node.entry)].subquery;
    const bool needs_parens = !leaf.ctes.empty() || !leaf.order_by.empty() || leaf.limit ||
                              leaf.offset || leaf.lock != LockStrength::none || leaf.set_operation;
    if (needs_parens) out_ += "(";
    leaf_query(leaf);
    if (needs_parens) out_ += ")";
    return;
  }
  const bool left_parens =
      node.left->entry < 0 && (node.left->op != node.op || node.left->all != node.all);
  const int left_indent = left_parens ? step : 0;
  if (left_parens) {
    out_ += "(";
    keyword("", left_indent, 0, 0);
  }
  set_operation(*node.left);
  if (left_parens) {
    keyword(") ", -left_indent, 0, 0);
  } else if (pretty_) {
    keyword("", 0, 0, 0);
  } else {
    out_ += " ";
  }
  out_ += node.op == SetOperator::union_      ? "UNION "
          : node.op == SetOperator::intersect ? "INTERSECT "
                                              : "EXCEPT ";
  if (node.all) out_ += "ALL ";

  const bool right_parens = node.right->entry < 0;
  const int right_indent = right_parens ? step : 0;
  if (right_parens) out_ += "(";
  keyword("", right_indent, 0, 0);
  const bool saved = names_visible_;
  names_visible_ = false;
  set_operation(*node.right);
  names_visible_ = saved;
  if (pretty_) indent_ -= right_indent;
  if (right_parens) keyword(")", 0, 0, 0);
}

void Deparser::group_by(const Query& q) {
  keyword(" GROUP BY ", -step, step, 1);
  bool first = true;
  const auto separate = [&] {
    if (!first) out_ += ", ";
    first = false;
  };
  if (q.grouping_sets.empty()) {
    for (const int target : q.group_by) {
      separate();
      expr(*q.targets[static_cast<std::size_t>(target)].expr);
    }
    return;
  }
  for (const GroupingSet& set : q.grouping_sets) {
    separate();
    grouping_set(q, set);
  }
}

void Deparser::grouping_set(const Query& q, const GroupingSet& set) {
  const auto children = [&](std::string_view word) {
    out_ += word;
    out_ += "(";
    for (std::size_t i = 0; i < set.children.size(); ++i) {
      if (i > 0) out_ += ", ";
      grouping_set(q, set.children[i]);
    }
    out_ += ")";
  };
  switch (set.kind) {
    case GroupingSetKind::empty:
      out_ += "()";
      return;
    case GroupingSetKind::rollup:
      return children("ROLLUP");
    case GroupingSetKind::cube:
      return children("CUBE");
    case GroupingSetKind::sets:
      return children("GROUPING SETS ");
    case GroupingSetKind::simple:
      break;
  }
  if (set.targets.size() != 1) out_ += "(";
  for (std::size_t i = 0; i < set.targets.size(); ++i) {
    if (i > 0) out_ += ", ";
    const int target = q.group_by[static_cast<std::size_t>(set.targets[i])];
    expr(*q.targets[static_cast<std::size_t>(target)].expr);
  }
  if (set.targets.size() != 1) out_ += ")";
}

void Deparser::windows(const Query& q) {
  bool first = true;
  for (const WindowDefinition& window : q.windows) {
    if (window.name.empty()) continue;
    if (first) {
      keyword(" WINDOW ", -step, step, 1);
    } else {
      out_ += ", ";
    }
    first = false;
    out_ += quote_identifier(window.name) + " AS ";
    window_body(window);
  }
}

namespace {

std::string_view bound_word(FrameBound bound) {
  switch (bound) {
    case FrameBound::unbounded_preceding:
      return "UNBOUNDED PRECEDING";
    case FrameBound::preceding:
      return " PRECEDING";
    case FrameBound::current_row:
      return "CURRENT ROW";
    case FrameBound::following:
      return " FOLLOWING";
    case FrameBound::unbounded_following:
      return "UNBOUNDED FOLLOWING";
  }
  return {};
}

std::string_view exclusion_word(FrameExclusion exclusion) {
  switch (exclusion) {
    case FrameExclusion::none:
      return "";
    case FrameExclusion::current_row:
      return " EXCLUDE CURRENT ROW";
    case FrameExclusion::group:
      return " EXCLUDE GROUP";
    case FrameExclusion::ties:
      return " EXCLUDE TIES";
  }
  return {};
}

}  // namespace

void Deparser::window_body(const WindowDefinition& window) {
  out_ += "(";
  std::string_view space;
  if (!window.partition_by.empty()) {
    out_ += "PARTITION BY ";
    list(window.partition_by);
    space = " ";
  }
  if (!window.order_by.empty()) {
    out_ += space;
    out_ += "ORDER BY ";
    space = " ";
    for (std::size_t i = 0; i < window.order_by.size(); ++i) {
      if (i > 0) out_ += ", ";
      const SortItem& item = window.order_by[i];
      sort_item(*item.expr, item.descending, item.nulls_first, item.op);
    }
  }
  if (window.has_frame) {
    out_ += space;
    out_ += window.mode == FrameMode::rows     ? "ROWS"
            : window.mode == FrameMode::groups ? "GROUPS"
                                               : "RANGE";
    out_ += " BETWEEN ";
    if (window.start_offset) expr(*window.start_offset, false);
    out_ += bound_word(window.start);
    out_ += " AND ";
    if (window.end_offset) expr(*window.end_offset, false);
    out_ += bound_word(window.end);
    out_ += exclusion_word(window.exclusion);
  }
  out_ += ")";
}

void Deparser::order_by(const Query& q, bool by_number) {
  keyword(" ORDER BY ", -step, step, 1);
  bool first = true;
  for (const SortClause& sort : q.order_by) {
    if (!first) out_ += ", ";
    first = false;
    const TargetEntry& target = q.targets[static_cast<std::size_t>(sort.target)];
    if (!by_number) {
      sort_item(*target.expr, sort.descending, sort.nulls_first, sort.op);
      continue;
    }
    out_ += std::to_string(sort.target + 1);
    if (sort.descending) out_ += " DESC";
    if (sort.descending != sort.nulls_first) {
      out_ += sort.nulls_first ? " NULLS FIRST" : " NULLS LAST";
    }
  }
}

void Deparser::locking(const Query& q) {
  switch (q.lock) {
    case LockStrength::none:
      return;
    case LockStrength::key_share:
      keyword(" FOR KEY SHARE", -step, step, 0);
      break;
    case LockStrength::share:
      keyword(" FOR SHARE", -step, step, 0);
      break;
    case LockStrength::no_key_update:
      keyword(" FOR NO KEY UPDATE", -step, step, 0);
      break;
    case LockStrength::update:
      keyword(" FOR UPDATE", -step, step, 0);
      break;
  }
  if (q.lock_nowait) out_ += " NOWAIT";
  if (q.lock_skip_locked) out_ += " SKIP LOCKED";
}

std::string deparse_expression(const Catalog& catalog, const Expr& expr,
                               const RelationDesc* relation, PrintStyle style) {
  Deparser deparser(catalog, style);
  deparser.set_relation(relation);
  deparser.expr(expr, false);
  return deparser.take();
}

std::string deparse_query(const Catalog& catalog, const Query& query, PrintStyle style) {
  Deparser deparser(catalog, style);
  deparser.query(query);
  return deparser.take();
}

}  // namespace dvecdb::server::query
