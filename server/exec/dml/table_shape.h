// What writing rows of one table takes: the store's statements and what must hold. Made once for
// a table in one catalog snapshot; immutable.
#pragma once

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "server/catalog/snapshot.h"
#include "server/query/plan.h"

namespace dvecdb::server::exec {

class SessionContext;
using types::Oid;

struct TableShape {
  catalog::SnapshotPtr catalog;  // keeps what is pointed to
  const query::RelationDesc* relation = nullptr;

  std::vector<int> live;      // indexes (attnum - 1) of columns that are not dropped
  std::vector<int> not_null;  // indexes
  std::string insert_sql;     // ?1.. are the live columns
  std::string insert_or_ignore_sql;
  std::string fetch_sql;  // the live columns of row ?1
  std::string delete_sql;

  std::vector<int> generated;  // indexes of stored generated columns
  std::string generated_sql;   // their values from the live columns ?1..
  std::vector<std::string> check_names;
  std::string check_sql;  // their results from the live columns ?1..

  std::vector<const query::ConstraintDesc*> references;  // foreign keys of this table
  std::vector<const query::IndexDesc*> unique_indexes;

  // Updates must know the whole row.
  bool needs_old_row() const {
    return !generated.empty() || !check_names.empty() || !relation->referencing.empty();
  }
};
using TableShapePtr = std::shared_ptr<const TableShape>;

// One session's shapes, for one snapshot at a time.
class TableShapes {
 public:
  TableShapePtr get(SessionContext& context, const query::RelationDesc& relation);

 private:
  catalog::SnapshotPtr catalog_;
  std::unordered_map<Oid, TableShapePtr> shapes_;
};

TableShapePtr make_table_shape(SessionContext& context, const query::RelationDesc& relation);

// "?3" values as columns of a one-row subquery: (SELECT ?1 AS c1, ...) AS <alias>.
std::string row_subquery(const query::RelationDesc& relation, const std::vector<int>& live,
                         std::string_view alias);
// An expression text of a table (CHECK, index key) in the store's SQL.
std::string lower_table_expression(SessionContext& context, const query::RelationDesc& relation,
                                   std::string_view text, std::string_view qualifier,
                                   types::TypeRef target);
// What two equal values of a type have in common: the value itself, or its sort key.
std::string key_sql(SessionContext& context, types::TypeRef type, const std::string& sql);

}  // namespace dvecdb::server::exec
