// JSON into SQL values of given types. Internal to the JSON family.
#pragma once

#include <string_view>
#include <vector>

#include "server/functions/function.h"
#include "server/types/json.h"
#include "server/types/record.h"

namespace dvecdb::server::functions {

struct PopulateColumn {
  std::string name;
  TypeRef type;
  Value fallback;  // when the object has no such member
};

// One value for each column from the members of an object. Throws SqlError as the input functions
// of the types do, and 22023 when `json` is no object.
std::vector<Value> populate_columns(const types::IoContext& io, const types::JsonValue& json,
                                    const std::vector<PopulateColumn>& columns, bool is_jsonb);

// The columns that a call asks for: its column definition list, or those of the composite type
// (with the fields of `base` to fall back to).
std::vector<PopulateColumn> columns_of_call(const FunctionContext& context, const Value& base);

}  // namespace dvecdb::server::functions
