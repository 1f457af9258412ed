// Objects as the SQL that makes them: pg_get_indexdef, pg_get_constraintdef, pg_get_viewdef and
// pg_get_expr. Names print as the session's search path needs.
#pragma once

#include <string>
#include <string_view>

#include "server/catalog/session_catalog.h"
#include "server/query/deparse.h"
#include "server/storage/connection.h"
#include "server/types/type_io.h"

namespace dvecdb::server::catalog {

struct DefinitionContext {
  const SessionCatalog& catalog;
  const types::IoContext& io;
  storage::Connection& connection;
  std::string user;
};

// A kept expression (or list of them). `relation`: whose columns it uses, may be null.
std::string expression_definition(const DefinitionContext& context, std::string_view text,
                                  const RelationDesc* relation, query::PrintStyle style);
// Unless pretty, the table has its schema always, as pg_dump wants it.
std::string index_definition(const DefinitionContext& context, const IndexDesc& index,
                             query::PrintStyle style);
// One column's definition, without its order; "" when there is no such column.
std::string index_column_definition(const DefinitionContext& context, const IndexDesc& index,
                                    int column, query::PrintStyle style);
std::string constraint_definition(const DefinitionContext& context,
                                  const ConstraintDesc& constraint, query::PrintStyle style);
std::string view_definition(const DefinitionContext& context, const RelationDesc& view,
                            query::PrintStyle style);

}  // namespace dvecdb::server::catalog
