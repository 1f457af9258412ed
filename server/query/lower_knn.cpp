// Nearest-neighbour queries: ORDER BY column <op> query LIMIT n over a vector index.
//
// The module knn() (storage/vector_indexes.h) gives rowids in the order of distance; the table
// is joined to them one by one, WHERE is checked as always, and LIMIT stops the scan. Around that,
// the rows found are sorted by the distance that the operator itself computes.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "server/query/lower.h"
#include "server/query/lower_sql.h"
#include "server/query/lower_types.h"
#include "server/query/lower_walk.h"

namespace dvecdb::server::query::lower {

namespace {

// What the module takes after its five fixed arguments.
constexpr std::size_t most_filter_parameters = 64;

struct Nearest {
  int entry = -1;
  const RelationDesc* relation = nullptr;
  const IndexDesc* index = nullptr;
  const Expr* vector = nullptr;  // what the distance is measured to
  const Expr* order = nullptr;   // the whole "column <op> vector"
};

bool is_inner(JoinKind kind) {
  return kind == JoinKind::inner || kind == JoinKind::cross;
}

bool is_all_inner(const FromItem& item) {
  return !item.is_join ||
         (is_inner(item.join) && is_all_inner(*item.left) && is_all_inner(*item.right));
}

// The first table that a chain of joins reads, if all joins to it keep its rows' order.
int driving_entry(const FromItem& item) {
  const FromItem* at = &item;
  while (at->is_join) {
    if (!is_inner(at->join) && at->join != JoinKind::left) return -1;
    at = at->left.get();
  }
  return at->entry;
}

void collect_inner(const FromItem& item, std::vector<int>& entries,
                   std::vector<const Expr*>& conditions) {
  if (!item.is_join) {
    entries.push_back(item.entry);
    return;
  }
  collect_inner(*item.left, entries, conditions);
  collect_inner(*item.right, entries, conditions);
  if (item.condition != nullptr) conditions.push_back(item.condition.get());
}

bool refers_to_own_query(const Expr& expr) {
  bool found = false;
  visit_own_columns(expr, [&](const ColumnExpr&) { found = true; });
  return found;
}

bool refers_only_to(const Expr& expr, int entry) {
  bool only = true;
  visit_own_columns(expr, [&](const ColumnExpr& c) { only = only && c.entry == entry; });
  return only;
}

void set_entry(Expr& expr, int entry) {
  if (expr.kind == ExprKind::column) static_cast<ColumnExpr&>(expr).entry = entry;
  visit_children(expr, [&](ExprPtr& child) { set_entry(*child, entry); });
}

bool only_plain_rows(const Query& query) {
  return !query.has_aggregates && !query.has_windows && !query.has_target_sets &&
         query.group_by.empty() && query.having == nullptr && !query.is_distinct &&
         query.distinct_on.empty() && !query.with_ties && query.limit != nullptr &&
         !query.order_by.empty() && !query.order_by.front().descending && !query.from.empty();
}

class NearestFinder {
 public:
  NearestFinder(const AnalyzeContext& context, const Query& query)
      : context_(context), query_(query) {}

  std::optional<Nearest> find() const {
    const Expr& order =
        *query_.targets.at(static_cast<std::size_t>(query_.order_by.front().target)).expr;
    if (order.kind != ExprKind::operation) return {};
    const auto& operation = static_cast<const OperationExpr&>(order);
    if (operation.arguments.size() != 2) return {};
    for (const std::size_t side : {0, 1}) {
      const Expr& indexed = *operation.arguments[side];
      const Expr& vector = *operation.arguments[1 - side];
      if (refers_to_own_query(vector) || is_volatile(vector)) continue;
      std::optional<Nearest> found = find_index(*operation.op, indexed);
      if (!found) continue;
      found->vector = &vector;
      found->order = &order;
      return found;
    }
    return {};
  }

 private:
  std::optional<Nearest> find_index(const OperatorDesc& op, const Expr& indexed) const {
    int entry = -1;
    visit_own_columns(indexed, [&](const ColumnExpr& column) { entry = column.entry; });
    if (entry < 0 || !refers_only_to(indexed, entry)) return {};
    const RangeEntry& range = query_.range_table.at(static_cast<std::size_t>(entry));
    if (range.kind != RangeKind::relation || range.relation == nullptr) return {};
    for (const IndexDesc* index : range.relation->indexes) {
      if (index->method != "hnsw" || !index->is_valid || index->keys.empty()) continue;
      const OperatorClassDesc* operators =
          context_.catalog.find_operator_class(index->keys.front().operator_class);
      if (operators == nullptr || operators->order_operator != op.name) continue;
      if (operators->type != op.left) continue;
      if (!is_key(index->keys.front(), indexed, *range.relation, entry)) continue;
      if (!implies_predicate(*index, *range.relation, entry)) continue;
      return Nearest{entry, range.relation, index, nullptr, nullptr};
    }
    return {};
  }

  bool is_key(const IndexDesc::Key& key, const Expr& indexed, const RelationDesc& relation,
              int entry) const {
    if (key.column != 0) {
      return indexed.kind == ExprKind::column &&
             static_cast<const ColumnExpr&>(indexed).column == key.column;
    }
    const ExprPtr expression =
        analyze_expression(context_, key.expression_text, &relation, TypeRef{});
    set_entry(*expression, entry);
    return equal(*expression, indexed);
  }

  // Every condition of the index's WHERE is one of the query's.
  bool implies_predicate(const IndexDesc& index, const RelationDesc& relation, int entry) const {
    if (index.predicate_text.empty()) return true;
    const ExprPtr predicate =
        analyze_expression(context_, index.predicate_text, &relation, TypeRef{});
    set_entry(*predicate, entry);
    std::vector<const Expr*> needed;
    std::vector<const Expr*> given;
    split_conjuncts(predicate.get(), needed);
    split_conjuncts(query_.where.get(), given);
    return std::all_of(needed.begin(), needed.end(), [&](const Expr* wanted) {
      return std::any_of(given.begin(), given.end(),
                         [&](const Expr* have) { return equal(*wanted, *have); });
    });
  }

  const AnalyzeContext& context_;
  const Query& query_;
};

}  // namespace

// The rows of the table that pass what WHERE says of it alone, as a statement of its own. Empty
// arguments: no such condition.
std::vector<std::string> Lowering::nearest_filter(Scope& scope, int entry) {
  const Query& query = *scope.query;
  std::vector<const Expr*> conjuncts;
  split_conjuncts(query.where.get(), conjuncts);
  StoreText text;
  text.outer = scope.text;
  Scope inner(&query, scope.outer, &text);
  inner.cte_names = scope.cte_names;
  inner.entries.resize(query.range_table.size());
  const std::string alias = next_alias();
  inner.entries.at(static_cast<std::size_t>(entry)).alias = alias;
  std::vector<std::string> conditions;
  for (const Expr* conjunct : conjuncts) {
    if (!refers_only_to(*conjunct, entry) || is_volatile(*conjunct)) continue;
    conditions.push_back(expr(*conjunct, Context{.scope = &inner}));
  }
  if (conditions.empty() || text.captured.size() > most_filter_parameters) return {};
  const RelationDesc& relation = *query.range_table[static_cast<std::size_t>(entry)].relation;
  std::string sql = fmt::format("SELECT {0}.rowid FROM {1} AS {0} WHERE {2}", alias,
                                store_table(relation.store_name), join(conditions, " AND "));
  if (!text.ctes.empty()) sql = fmt::format("WITH {} {}", join(text.ctes, ", "), sql);
  std::vector<std::string> arguments{text_literal(sql)};
  arguments.insert(arguments.end(), text.captured.begin(), text.captured.end());
  return arguments;
}

std::optional<std::string> Lowering::nearest(Scope& scope, const std::string& with) {
  const Query& query = *scope.query;
  if (!settings_.enable_indexscan || !only_plain_rows(query)) return {};
  const std::optional<Nearest> found = NearestFinder(context_, query).find();
  if (!found || has_changed(*found->relation)) return {};
  const bool all_inner = std::all_of(query.from.begin(), query.from.end(),
                                     [](const FromPtr& item) { return is_all_inner(*item); });
  const bool drives = query.from.size() == 1 && driving_entry(*query.from.front()) == found->entry;
  if (!all_inner && !drives) return {};

  const Context context{.scope = &scope};
  const std::string limit = query.limit == nullptr ? "NULL" : expr(*query.limit, context);
  const std::string offset = query.offset == nullptr ? "NULL" : expr(*query.offset, context);
  const std::string wanted = call_sql("limit_sum", {limit, offset});
  std::vector<std::string> arguments{std::to_string(found->index->oid),
                                     expr(*found->vector, context), "hnsw_ef_search()",
                                     call_sql("limit_hint", {wanted})};
  const std::vector<std::string> filter = nearest_filter(scope, found->entry);
  if (filter.empty()) arguments.emplace_back("NULL");
  arguments.insert(arguments.end(), filter.begin(), filter.end());

  const std::string nearest_alias = next_alias();
  const std::string& table_alias = scope.entries.at(static_cast<std::size_t>(found->entry)).alias;
  const std::string driving = fmt::format("{0} AS {1} CROSS JOIN {2} AS {3} ON {3}.rowid = {1}.id",
                                          call_sql("knn", arguments), nearest_alias,
                                          store_table(found->relation->store_name), table_alias);
  SelectSql rows;
  std::vector<std::string> conditions;
  if (all_inner) {
    std::vector<int> entries;
    std::vector<const Expr*> joins;
    for (const FromPtr& item : query.from) collect_inner(*item, entries, joins);
    rows.from = driving;
    for (const int entry : entries) {
      if (entry != found->entry) rows.from += " CROSS JOIN " + from_entry(scope, entry);
    }
    for (const Expr* condition : joins) conditions.push_back(expr(*condition, context));
  } else {
    driving_ = {&scope, found->entry, driving};
    rows.from = from_item(scope, *query.from.front(), true);
    driving_ = {};
  }
  if (query.where != nullptr) conditions.push_back(expr(*query.where, context));
  rows.where = join_balanced(conditions, "AND");
  for (const TargetEntry& target : query.targets) {
    rows.outputs.push_back(expr(*target.expr, context));
  }
  rows.limit = wanted;

  VectorScan scan;
  scan.table = found->relation;
  scan.index = found->index;
  scan.alias = nearest_alias;
  // What is not a number stays unknown.
  std::from_chars(limit.data(), limit.data() + limit.size(), scan.limit);
  describe_nearest(scan, query, *found->order, found->entry);
  plan_.vector_scans.push_back(std::move(scan));
  return wrap(with, rows.text(), query, context);
}

}  // namespace dvecdb::server::query::lower
