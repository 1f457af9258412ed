// The expressions and view queries that the catalog keeps as text, carried over a change of names:
// analyzed under the old names, written again under the new ones.
#pragma once

#include <string>
#include <vector>

#include "server/catalog/snapshot.h"
#include "server/catalog/tables.h"
#include "server/query/analyze.h"
#include "server/storage/connection.h"

namespace dvecdb::server::catalog {

// The context in which kept texts are analyzed: all names but pg_catalog's have their schema.
query::AnalyzeContext stored_text_context(const query::Catalog& catalog, const types::IoContext& io,
                                          std::string user);

class StoredTexts {
 public:
  // All of the database's, as of before the change. `snapshot` and `context` must outlive this.
  StoredTexts(storage::Connection& connection, const Snapshot& snapshot,
              const query::AnalyzeContext& context);

  // After the change: brings the texts that read differently now up to date.
  void rewrite(storage::Connection& connection);

 private:
  struct Item {
    CatalogTable table;  // keyed by its first column
    int text_column;
    Oid key;
    Oid relation;
    std::string text;
    std::vector<query::ExprPtr> expressions;
    query::QueryPtr query;
  };

  void read_expressions(storage::Connection& connection, const CatalogTable& table, int text_column,
                        int relation_column);
  void read_views(storage::Connection& connection);

  const Snapshot& snapshot_;
  const query::AnalyzeContext context_;
  std::vector<Item> items_;
};

}  // namespace dvecdb::server::catalog
