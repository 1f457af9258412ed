// From the analyzed tree back to SQL text in PostgreSQL's canonical form, as pg_get_expr,
// pg_get_viewdef and pg_get_constraintdef print it and pg_dump relies on.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "server/functions/quote.h"
#include "server/query/analyze.h"
#include "server/query/tree.h"

namespace dvecdb::server::query {

// plain: one line, every parenthesis; indented: line breaks as well; pretty: line breaks, and only
// the parentheses that PostgreSQL's pretty form keeps.
enum class PrintStyle : std::uint8_t { plain, indented, pretty };

// `relation`: columns of it print unqualified; may be null.
std::string deparse_expression(const Catalog& catalog, const Expr& expr,
                               const RelationDesc* relation, PrintStyle style = PrintStyle::plain);
std::string deparse_query(const Catalog& catalog, const Query& query, PrintStyle style);
// Whether the expression prints as a call, which an index key shows without parentheses.
bool prints_as_call(const Expr& expr);
// "character varying(10)", "vector(3)", "integer[]"
std::string format_type(const Catalog& catalog, TypeRef type);
using functions::quote_identifier;

}  // namespace dvecdb::server::query
