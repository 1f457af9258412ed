// Runs SQL/JSON paths. Internal to the JSON family.
#pragma once

#include <vector>

#include "server/types/json.h"
#include "server/types/json_path.h"

namespace dvecdb::server::functions {

// The items that the path leads to. `variables` is an object. Throws SqlError for a path that does
// not fit the document in strict mode, for arithmetic that fails, and (54000) for too many items.
std::vector<types::JsonValue> run_json_path(const types::JsonPath& path,
                                            const types::JsonValue& document,
                                            const types::JsonValue& variables);

}  // namespace dvecdb::server::functions
