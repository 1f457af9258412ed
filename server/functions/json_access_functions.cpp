#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>

#include "server/functions/json_tables.h"
#include "server/types/array.h"
#include "server/types/error.h"
#include "server/types/numeric.h"

namespace dvecdb::server::functions {
namespace {

using types::JsonValue;
using Kind = JsonValue::Kind;
namespace sqlstate = types::sqlstate;

using Show = Value (*)(const JsonValue&);

const JsonValue* element_at(const JsonValue& array, std::int64_t index) {
  auto size = static_cast<std::int64_t>(array.items.size());
  if (index < 0) index += size;
  if (index < 0 || index >= size) return nullptr;
  return &array.items[static_cast<std::size_t>(index)];
}

template <bool is_jsonb, Show show>
Value field(const FunctionContext&, std::span<const Value> args) {
  JsonValue json = load_json<is_jsonb>(args[0]);
  const JsonValue* found = json.is_object() ? json.find(args[1].as_bytes()) : nullptr;
  return found == nullptr ? Value::null() : show(*found);
}

template <bool is_jsonb, Show show>
Value element(const FunctionContext&, std::span<const Value> args) {
  JsonValue json = load_json<is_jsonb>(args[0]);
  std::int64_t index = args[1].as_integer();
  // A jsonb scalar counts as an array of one.
  if (is_jsonb && !json.is_container()) {
    return index == 0 || index == -1 ? show(json) : Value::null();
  }
  const JsonValue* found = json.is_array() ? element_at(json, index) : nullptr;
  return found == nullptr ? Value::null() : show(*found);
}

const JsonValue* step_into(const JsonValue& json, std::string_view step) {
  if (json.is_object()) return json.find(step);
  if (!json.is_array()) return nullptr;
  std::int32_t index = 0;
  auto [stop, error] = std::from_chars(step.data(), step.data() + step.size(), index);
  bool is_index = error == std::errc() && stop == step.data() + step.size();
  return is_index ? element_at(json, index) : nullptr;
}

template <bool is_jsonb, Show show>
Value path(const FunctionContext&, std::span<const Value> args) {
  JsonValue json = load_json<is_jsonb>(args[0]);
  const JsonValue* found = &json;
  for (const Value& step : path_of(args, 1)) {
    if (step.is_null()) return Value::null();
    found = step_into(*found, step.as_bytes());
    if (found == nullptr) return Value::null();
  }
  return show(*found);
}

std::string_view kind_name(Kind kind) {
  constexpr std::string_view names[] = {"null", "boolean", "number", "string", "array", "object"};
  return names[static_cast<std::size_t>(kind)];
}

template <bool is_jsonb>
Value type_of(const FunctionContext&, std::span<const Value> args) {
  return Value::text_view(kind_name(load_json<is_jsonb>(args[0]).kind));
}

template <bool is_jsonb>
Value array_length(const FunctionContext&, std::span<const Value> args) {
  JsonValue json = load_json<is_jsonb>(args[0]);
  if (json.is_object()) throw json_error("cannot get array length of a non-array");
  if (!json.is_array()) throw json_error("cannot get array length of a scalar");
  return Value::integer(static_cast<std::int64_t>(json.items.size()));
}

bool has_key(const JsonValue& json, std::string_view key) {
  auto is_key = [key](const JsonValue& v) { return v.kind == Kind::string && v.text == key; };
  if (json.is_object()) return json.find(key) != nullptr;
  if (json.is_array()) return std::any_of(json.items.begin(), json.items.end(), is_key);
  return is_key(json);
}

Value exists(const FunctionContext&, std::span<const Value> args) {
  return Value::boolean(has_key(load_json<true>(args[0]), args[1].as_bytes()));
}

template <bool wants_all>
Value exists_many(const FunctionContext&, std::span<const Value> args) {
  JsonValue json = load_json<true>(args[0]);
  types::Array keys = types::decode_array(args[1].as_bytes());
  for (const Value& key : keys.elements) {
    if (!key.is_null() && has_key(json, key.as_bytes()) != wants_all) {
      return Value::boolean(!wants_all);
    }
  }
  return Value::boolean(wants_all);
}

bool contains(const JsonValue& whole, const JsonValue& part);

bool array_has(const JsonValue& array, const JsonValue& part) {
  return std::any_of(array.items.begin(), array.items.end(),
                     [&part](const JsonValue& item) { return contains(item, part); });
}

bool contains(const JsonValue& whole, const JsonValue& part) {
  if (whole.kind != part.kind) return false;
  if (part.is_array()) {
    return std::all_of(part.items.begin(), part.items.end(),
                       [&whole](const JsonValue& item) { return array_has(whole, item); });
  }
  if (!part.is_object()) return types::compare_json(whole, part) == 0;
  for (std::size_t i = 0; i < part.items.size(); ++i) {
    const JsonValue* member = whole.find(part.keys[i]);
    if (member == nullptr || !contains(*member, part.items[i])) return false;
  }
  return true;
}

bool document_contains(const Value& whole_text, const Value& part_text) {
  JsonValue whole = load_json<true>(whole_text);
  JsonValue part = load_json<true>(part_text);
  if (whole.is_array() && !part.is_container()) return array_has(whole, part);
  return contains(whole, part);
}

Value contains_right(const FunctionContext&, std::span<const Value> args) {
  return Value::boolean(document_contains(args[0], args[1]));
}

Value contained_left(const FunctionContext&, std::span<const Value> args) {
  return Value::boolean(document_contains(args[1], args[0]));
}

// The number or boolean that a cast wants.
JsonValue load_scalar(const Value& value, Kind wanted, std::string_view type) {
  JsonValue json = load_json<true>(value);
  if (json.kind == wanted) return json;
  std::string_view kind = json.kind == Kind::number ? "numeric" : kind_name(json.kind);
  throw json_error(fmt::format("cannot cast jsonb {} to type {}", kind, type));
}

Value to_boolean(const FunctionContext&, std::span<const Value> args) {
  return Value::boolean(load_scalar(args[0], Kind::boolean, "boolean").boolean);
}

Value to_numeric(const FunctionContext&, std::span<const Value> args) {
  return Value::text(load_scalar(args[0], Kind::number, "numeric").text);
}

template <int bits>
Value to_integer(const FunctionContext&, std::span<const Value> args) {
  constexpr std::string_view type = bits == 16 ? "smallint" : (bits == 32 ? "integer" : "bigint");
  auto number = types::Numeric::parse(load_scalar(args[0], Kind::number, type).text).to_int64();
  constexpr std::int64_t highest = static_cast<std::int64_t>((std::uint64_t{1} << (bits - 1)) - 1);
  if (!number || *number > highest || *number < -highest - 1) {
    throw types::SqlError(sqlstate::numeric_value_out_of_range,
                          fmt::format("{} out of range", type));
  }
  return Value::integer(*number);
}

Value to_float8(const FunctionContext&, std::span<const Value> args) {
  return Value::real(
      std::strtod(load_scalar(args[0], Kind::number, "double precision").text.c_str(), nullptr));
}

Value to_float4(const FunctionContext&, std::span<const Value> args) {
  return Value::real(static_cast<double>(
      std::strtof(load_scalar(args[0], Kind::number, "real").text.c_str(), nullptr)));
}

constexpr std::array entries{
    ScalarEntry{"json_object_field", field<false, json_part<false>>},
    ScalarEntry{"json_object_field_text", field<false, json_part_text<false>>},
    ScalarEntry{"json_array_element", element<false, json_part<false>>},
    ScalarEntry{"json_array_element_text", element<false, json_part_text<false>>},
    ScalarEntry{"json_extract_path", path<false, json_part<false>>},
    ScalarEntry{"json_extract_path_text", path<false, json_part_text<false>>},
    ScalarEntry{"json_typeof", type_of<false>},
    ScalarEntry{"json_array_length", array_length<false>},
    ScalarEntry{"jsonb_object_field", field<true, json_part<true>>},
    ScalarEntry{"jsonb_object_field_text", field<true, json_part_text<true>>},
    ScalarEntry{"jsonb_array_element", element<true, json_part<true>>},
    ScalarEntry{"jsonb_array_element_text", element<true, json_part_text<true>>},
    ScalarEntry{"jsonb_extract_path", path<true, json_part<true>>},
    ScalarEntry{"jsonb_extract_path_text", path<true, json_part_text<true>>},
    ScalarEntry{"jsonb_typeof", type_of<true>},
    ScalarEntry{"jsonb_array_length", array_length<true>},
    ScalarEntry{"jsonb_exists", exists},
    ScalarEntry{"jsonb_exists_any", exists_many<false>},
    ScalarEntry{"jsonb_exists_all", exists_many<true>},
    ScalarEntry{"jsonb_contains", contains_right},
    ScalarEntry{"jsonb_contained", contained_left},
    ScalarEntry{"jsonb_bool", to_boolean},
    ScalarEntry{"jsonb_numeric", to_numeric},
    ScalarEntry{"jsonb_int2", to_integer<16>},
    ScalarEntry{"jsonb_int4", to_integer<32>},
    ScalarEntry{"jsonb_int8", to_integer<64>},
    ScalarEntry{"jsonb_float4", to_float4},
    ScalarEntry{"jsonb_float8", to_float8},
};

}  // namespace

types::SqlError json_error(std::string message) {
  return types::SqlError(sqlstate::invalid_parameter_value, std::move(message));
}

std::vector<Value> path_of(std::span<const Value> args, std::size_t first) {
  if (args.size() <= first) return {};
  if (args[first].kind() != Value::Kind::blob) return {args.begin() + first, args.end()};
  return types::decode_array(args[first].as_bytes()).elements;
}

ScalarTable json_access_functions() {
  return entries;
}

}  // namespace dvecdb::server::functions
