// From the analyzed tree back to SQL text in PostgreSQL's canonical form, as pg_get_expr,
// pg_get_viewdef and pg_get_constraintdef print it and pg_dump relies on.
#pragma once

#include <string>

#include "server/query/analyze.h"
#include "server/query/tree.h"

namespace dvecdb::server::query {

// `relation`: columns of it print unqualified; may be null. `pretty`: without the parentheses
// that nobody needs, as "bare" of a query.
std::string deparse_expression(const Catalog& catalog, const Expr& expr,
                               const RelationDesc* relation, bool pretty = false);
std::string deparse_query(const Catalog& catalog, const Query& query, bool pretty,
                          bool bare = false);
// "character varying(10)", "vector(3)", "integer[]"
std::string format_type(const Catalog& catalog, TypeRef type);
// Quotes where the grammar needs it.
std::string quote_identifier(std::string_view name);

}  // namespace dvecdb::server::query
