// A collection's table taken apart and put together again: its definition as JSON, its rows as
// COPY has them.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "server/http/rest/json.h"
#include "server/http/rest/sql.h"

namespace dvecdb::server::http::rest {

// Columns, constraints and indexes of the table public.<name>, in no relation to its name. Empty
// columns: there is no such table.
json::object read_definition(Sql& sql, const std::string& name);
void copy_rows_out(Sql& sql, const std::string& name, const json::object& definition,
                   const std::function<void(std::string_view)>& take);

// Makes the table, or empties one that has the same columns, and fills it. To be called in a
// transaction. Failure 409 when there is a table with other columns, 422 for a wrong definition.
void restore_table(Sql& sql, const std::string& name, const json::object& definition,
                   const std::function<std::string()>& next);

}  // namespace dvecdb::server::http::rest
