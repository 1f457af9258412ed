// The text grammar of arrays, "[0:1]={{1,2},{NULL,\"a b\"}}", apart from the elements' types; and
// pieces that arrays and records share. Internal to the room and to the array functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/types/array.h"
#include "server/types/error.h"
#include "server/types/type_io.h"

namespace dvecdb::server::types {

struct ArrayText {
  std::vector<ArrayDimension> dimensions;
  std::vector<std::optional<std::string>> items;  // row-major; nullopt: NULL
};

// Throws SqlError (22P02, 54000, 2202E).
ArrayText parse_array_text(std::string_view text, char delimiter);
void format_array_text(const ArrayText& array, char delimiter, std::string& out);

SqlError too_many_dimensions(std::int64_t dimensions);

// Appends a self-delimiting item to a sort key: items compare one by one, NULL last, and no item
// compares as a prefix of another. The byte 0 ends a list.
void append_sort_item(const IoContext& context, Oid type, const Value& value, std::string& key);

}  // namespace dvecdb::server::types
