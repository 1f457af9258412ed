// Pieces of the row store's SQL: names, literals, lists. Internal to the lowering.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "server/types/value.h"

namespace dvecdb::server::query::lower {

// "name", with quotes doubled
std::string store_identifier(std::string_view name);
// The name of a table, which may be qualified already ("global.pg_database"): each part quoted.
std::string store_table(std::string_view name);
std::string text_literal(std::string_view text);
std::string value_literal(const types::Value& value);
std::string join(const std::vector<std::string>& parts, std::string_view separator);
// a AND b AND ... as a balanced tree: the store limits the depth of an expression.
std::string join_balanced(const std::vector<std::string>& parts, std::string_view op);
// name(a, b, ...)
std::string call_sql(std::string_view name, const std::vector<std::string>& arguments);

}  // namespace dvecdb::server::query::lower
