// Records and composite values in one blob, little-endian:
//   u16 columns, per column: u32 type oid, i32 typmod, the value (as array.h's elements).
#pragma once

#include <string_view>
#include <vector>

#include "server/types/value.h"

namespace dvecdb::server::types {

struct RecordField {
  TypeRef type;
  Value value;
};

Value encode_record(const std::vector<RecordField>& fields);
// Values borrow from `bytes`. Throws SqlError (XX001) on damaged bytes.
std::vector<RecordField> decode_record(std::string_view bytes);

}  // namespace dvecdb::server::types
