// SQLite's result codes as the errors that a client sees.
#pragma once

#include <string>

struct sqlite3;

namespace dvecdb::server::storage {

// Throws the SqlError (ConstraintError for uniqueness) for the failure that `database` just
// reported with the extended result code `code`.
[[noreturn]] void throw_store_error(sqlite3* database, int code);

// The same for a failed open, where there may be no connection to ask.
[[noreturn]] void throw_open_error(int code, const std::string& path, const std::string& message);

}  // namespace dvecdb::server::storage
