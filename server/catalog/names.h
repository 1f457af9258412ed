// Qualified names as text: reading "schema"."Name", printing what the search path needs.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace dvecdb::server::catalog {

// Splits "a.\"B.c\"" into its parts: unquoted parts are folded to lower case. Throws SqlError
// (42602 invalid name syntax).
std::vector<std::string> split_identifier(std::string_view text);

// In double quotes when the grammar needs them.
std::string quote_name(std::string_view name);
// schema.name, each quoted where needed; without the schema when it is "".
std::string qualified_name(std::string_view schema, std::string_view name);

}  // namespace dvecdb::server::catalog
