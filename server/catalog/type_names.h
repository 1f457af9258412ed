// Type names as SQL writes them, read without the grammar: "integer[]", "character varying(10)".
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "server/query/catalog.h"

namespace dvecdb::server::catalog {

// The type's oid; a modifier is read and dropped. nullopt: no such type. Throws SqlError (42601,
// 42602) for what is no type name.
std::optional<types::Oid> find_type_by_text(const query::Catalog& catalog, std::string_view text);

// The name as SQL writes it, with its modifier: "character varying(10)", "vector(3)[]"; with the
// schema where catalog.search_path() does not find it. "???" for an unknown oid.
std::string type_text(const query::Catalog& catalog, query::TypeRef type);
// The same for a column's type: a character or bit type that has no length is not the grammar's,
// whose length is 1.
std::string type_text_of_column(const query::Catalog& catalog, query::TypeRef type);

}  // namespace dvecdb::server::catalog
