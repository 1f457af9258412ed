// The options of a COPY statement.
#pragma once

#include <string>
#include <vector>

#include "server/exec/copy/copy_format.h"
#include "server/query/raw_tree.h"

namespace dvecdb::server::exec {

// `columns`: the names of the copied columns, for the FORCE options; `text`: the statement's, for
// positions. Throws SqlError.
CopyOptions parse_copy_options(const PgQuery__CopyStmt& statement,
                               const std::vector<std::string>& columns, std::string_view text);

}  // namespace dvecdb::server::exec
