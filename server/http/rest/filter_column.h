// Conditions on a column of a plain type, in that type: SQL's own comparison, which can use the
// column's index. Used by filters alone.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "server/http/rest/collection.h"
#include "server/http/rest/json.h"
#include "server/http/rest/sql.h"

namespace dvecdb::server::http::rest {

// Each is nullopt where the type is not a plain one; then the general way is to be gone. Values
// that the column cannot equal make it "false".
std::optional<std::string> column_equals(const Column& column, const json::array& values,
                                         Parameters& parameters);
// `op`: "<", "<=", ">" or ">="; `bound`: a number, or a string for timestamptz.
std::optional<std::string> column_compares(const Column& column, std::string_view op,
                                           const json::value& bound, Parameters& parameters);

}  // namespace dvecdb::server::http::rest
