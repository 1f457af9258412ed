// The parts of the JSON family, and what they share. Internal to it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "server/functions/families.h"
#include "server/types/json.h"

namespace dvecdb::server::functions {

ScalarTable json_access_functions();
ScalarTable json_build_functions();
ScalarTable json_edit_functions();
ScalarTable json_record_functions();
SetTable json_record_sets();
ScalarTable json_path_functions();
SetTable json_path_sets();

// json documents keep how they were written, jsonb ones are canonical.
template <bool is_jsonb>
types::JsonValue load_json(const Value& value) {
  return types::parse_json(value.as_bytes(),
                           is_jsonb ? types::JsonParse::canonical : types::JsonParse::decode);
}

inline Value jsonb_value(const types::JsonValue& json) {
  return Value::text(types::jsonb_text(json));
}

// A part of a document: as written for json, canonical for jsonb.
template <bool is_jsonb>
Value json_part(const types::JsonValue& part) {
  return is_jsonb ? jsonb_value(part) : Value::text(std::string(part.source));
}

// The same as text: a string without quotes, null as NULL.
template <bool is_jsonb>
Value json_part_text(const types::JsonValue& part) {
  if (part.kind == types::JsonValue::Kind::null) return Value::null();
  if (part.kind == types::JsonValue::Kind::string) return Value::text(part.text);
  return json_part<is_jsonb>(part);
}

types::SqlError json_error(std::string message);

// Any value as JSON text. `breaks`: line feeds between the members of the outermost container.
void append_json(const types::IoContext& io, TypeRef type, const Value& value, std::string& out,
                 bool breaks = false);
// A scalar as the key of an object. Throws SqlError (22023) for what is none.
void append_json_key(const types::IoContext& io, TypeRef type, const Value& value,
                     std::string& out);
// Whether json_agg puts an element of this type on a line of its own.
bool json_is_container(const types::IoContext& io, Oid type);

// A path argument: text[], or texts one by one from `first` on. Elements may be NULL.
std::vector<Value> path_of(std::span<const Value> args, std::size_t first);

}  // namespace dvecdb::server::functions
