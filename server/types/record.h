// Records and composite values in one blob, little-endian:
//   u16 columns, per column: u32 type oid, i32 typmod, the value (as array.h's elements);
//   then, only for a record that no type in the catalog describes, per column its name as a text
//   value, so that row_to_json() and others can tell it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "server/types/value.h"

namespace dvecdb::server::types {

struct RecordField {
  TypeRef type;
  Value value;
  std::string name = {};  // "" when the record carries no names
};

Value encode_record(const std::vector<RecordField>& fields);
// Values borrow from `bytes`. Throws SqlError (XX001) on damaged bytes.
std::vector<RecordField> decode_record(std::string_view bytes);

}  // namespace dvecdb::server::types
