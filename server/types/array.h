// Arrays of any element type in one blob, little-endian:
//   u32 element type oid, u8 dimensions (0 for an empty array, at most 6),
//   per dimension: i32 length, i32 lower bound,
//   then the elements in row-major order, each: u8 kind (Value::Kind) and
//   integer: i64; real: f64; text, blob: u32 length, bytes; null: nothing.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "server/types/value.h"

namespace dvecdb::server::types {

struct ArrayDimension {
  std::int32_t length = 0;
  std::int32_t lower_bound = 1;
};

struct Array {
  Oid element_type = invalid_oid;
  std::vector<ArrayDimension> dimensions;  // empty: the empty array
  std::vector<Value> elements;             // row-major
};

// A one-dimensional array with lower bound 1 (empty: no dimensions).
Array make_array(Oid element_type, std::vector<Value> elements);
Value encode_array(const Array& array);
// Elements borrow from `bytes`. Throws SqlError (XX001) on damaged bytes.
Array decode_array(std::string_view bytes);

// The same element encoding, for records and spools.
void append_value(std::string& out, const Value& value);
// Reads one value at `offset` and moves it on; borrows from `bytes`.
Value read_value(std::string_view bytes, std::size_t& offset);

}  // namespace dvecdb::server::types
