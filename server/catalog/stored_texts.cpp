#include "server/catalog/stored_texts.h"

#include <algorithm>

#include "server/catalog/loader.h"
#include "server/catalog/session_catalog.h"
#include "server/catalog/sql_functions.h"
#include "server/catalog/table.h"
#include "server/query/deparse.h"
#include "server/query/parse.h"
#include "server/query/walk.h"

namespace dvecdb::server::catalog {

namespace {

// Points a query's relations at their new descriptions and takes over new names where the query
// gave none of its own.
class Renamer {
 public:
  explicit Renamer(const Snapshot& snapshot) : snapshot_(snapshot) {}

  void rename(query::Query& query) {
    for (query::RangeEntry& entry : query.range_table) {
      rename_relation(entry, entry.relation);
      rename_relation(entry, entry.view);
    }
    query::visit_query(
        query, [this](query::ExprPtr& expr) { rename(*expr); },
        [this](query::Query& inner) { rename(inner); });
  }

 private:
  void rename_relation(query::RangeEntry& entry, const RelationDesc*& relation) {
    if (relation == nullptr) return;
    const RelationDesc* renamed = snapshot_.find_relation(relation->oid);
    if (renamed == nullptr || renamed == relation) return;
    if (entry.alias == relation->name) entry.alias = renamed->name;
    const std::size_t count = std::min(entry.columns.size(), renamed->columns.size());
    for (std::size_t i = 0; i < count; ++i) {
      if (entry.columns[i].name == relation->columns[i].name) {
        entry.columns[i].name = renamed->columns[i].name;
      }
    }
    relation = renamed;
  }

  void rename(query::Expr& expr) {
    if (expr.kind == query::ExprKind::sublink) {
      rename(*static_cast<query::SublinkExpr&>(expr).query);
    }
    query::visit_children(expr, [this](query::ExprPtr& child) { rename(*child); });
  }

  const Snapshot& snapshot_;
};

}  // namespace

query::AnalyzeContext stored_text_context(const query::Catalog& catalog, const types::IoContext& io,
                                          std::string user) {
  return {catalog, io, {"pg_catalog"}, std::move(user), {}};
}

StoredTexts::StoredTexts(storage::Connection& connection, const Snapshot& snapshot,
                         const query::AnalyzeContext& context)
    : snapshot_(snapshot),
      context_(stored_text_context(snapshot, context.io, context.current_user)) {
  read_expressions(connection, pg_attrdef::table, pg_attrdef::adbin, pg_attrdef::adrelid);
  read_expressions(connection, pg_constraint::table, pg_constraint::conbin,
                   pg_constraint::conrelid);
  read_expressions(connection, pg_index::table, pg_index::indexprs, pg_index::indrelid);
  read_expressions(connection, pg_index::table, pg_index::indpred, pg_index::indrelid);
  read_views(connection);
}

void StoredTexts::read_expressions(storage::Connection& connection, const CatalogTable& table,
                                   int text_column, int relation_column) {
  for (const StoreRow& row : find_user_rows(connection, table, 1)) {
    const RelationDesc* relation = snapshot_.find_relation(row.oid(relation_column));
    if (row.is_null(text_column) || relation == nullptr) continue;
    Item item{table, text_column, row.oid(1), relation->oid, row.text(text_column), {}, nullptr};
    for (const std::string& text : split_expressions(item.text)) {
      item.expressions.push_back(query::analyze_expression(context_, text, relation, {}));
    }
    items_.push_back(std::move(item));
  }
}

void StoredTexts::read_views(storage::Connection& connection) {
  for (const StoreRow& row : find_user_rows(connection, pg_rewrite::table, 1)) {
    Item item{pg_rewrite::table,
              pg_rewrite::ev_action,
              row.oid(pg_rewrite::oid),
              row.oid(pg_rewrite::ev_class),
              row.text(pg_rewrite::ev_action),
              {},
              nullptr};
    query::AnalyzeContext context = context_;
    context.statement_text = item.text;
    query::ParamTypes no_params;
    item.query = query::analyze(context, query::parse(item.text).at(0), no_params);
    items_.push_back(std::move(item));
  }
}

void StoredTexts::rewrite(storage::Connection& connection) {
  Loader loader;
  const SnapshotPtr renamed = loader.load(connection);
  const StorageCatalog catalog(*renamed);
  for (Item& item : items_) {
    std::string text;
    if (item.query != nullptr) {
      Renamer(*renamed).rename(*item.query);
      text = query::deparse_query(catalog, *item.query, query::PrintStyle::plain);
    }
    for (const query::ExprPtr& expression : item.expressions) {
      if (!text.empty()) text += ", ";
      text +=
          query::deparse_expression(catalog, *expression, renamed->find_relation(item.relation));
    }
    if (text == item.text) continue;
    update_rows(connection, item.table, {{1, oid_value(item.key)}},
                {{item.text_column, text_value(text)}});
  }
}

}  // namespace dvecdb::server::catalog
