#include <array>

#include "server/functions/json_tables.h"
#include "server/functions/value_rows.h"

namespace dvecdb::server::functions {
namespace {

using types::JsonValue;
using Show = Value (*)(const JsonValue&);

template <bool is_jsonb, Show show>
std::unique_ptr<RowSource> each(const FunctionContext&, std::span<const Value> args) {
  JsonValue json = load_json<is_jsonb>(args[0]);
  if (!json.is_object()) {
    if (is_jsonb) {
      throw json_error(show == json_part<true> ? "cannot call jsonb_each on a non-object"
                                               : "cannot call jsonb_each_text on a non-object");
    }
    throw json_error(json.is_array() ? "cannot deconstruct an array as an object"
                                     : "cannot deconstruct a scalar");
  }
  std::vector<Value> rows;
  for (std::size_t i = 0; i < json.items.size(); ++i) {
    rows.push_back(Value::text(json.keys[i]));
    rows.push_back(show(json.items[i]));
  }
  return value_rows(std::move(rows), 2);
}

template <bool is_jsonb, bool as_text>
std::unique_ptr<RowSource> elements(const FunctionContext&, std::span<const Value> args) {
  JsonValue json = load_json<is_jsonb>(args[0]);
  if (!json.is_array()) {
    if (is_jsonb) {
      throw json_error(json.is_object() ? "cannot extract elements from an object"
                                        : "cannot extract elements from a scalar");
    }
    std::string name = as_text ? "json_array_elements_text" : "json_array_elements";
    throw json_error("cannot call " + name +
                     (json.is_object() ? " on a non-array" : " on a scalar"));
  }
  std::vector<Value> rows;
  for (const JsonValue& item : json.items) {
    rows.push_back(as_text ? json_part_text<is_jsonb>(item) : json_part<is_jsonb>(item));
  }
  return value_rows(std::move(rows));
}

template <bool is_jsonb>
std::unique_ptr<RowSource> keys(const FunctionContext&, std::span<const Value> args) {
  JsonValue json = load_json<is_jsonb>(args[0]);
  if (!json.is_object()) {
    std::string name = is_jsonb ? "jsonb_object_keys" : "json_object_keys";
    throw json_error("cannot call " + name + (json.is_array() ? " on an array" : " on a scalar"));
  }
  std::vector<Value> rows;
  for (std::string& key : json.keys) rows.push_back(Value::text(std::move(key)));
  return value_rows(std::move(rows));
}

constexpr std::array entries{
    SetEntry{"json_each", each<false, json_part<false>>},
    SetEntry{"json_each_text", each<false, json_part_text<false>>},
    SetEntry{"jsonb_each", each<true, json_part<true>>},
    SetEntry{"jsonb_each_text", each<true, json_part_text<true>>},
    SetEntry{"json_array_elements", elements<false, false>},
    SetEntry{"json_array_elements_text", elements<false, true>},
    SetEntry{"jsonb_array_elements", elements<true, false>},
    SetEntry{"jsonb_array_elements_text", elements<true, true>},
    SetEntry{"json_object_keys", keys<false>},
    SetEntry{"jsonb_object_keys", keys<true>},
};

}  // namespace

SetTable json_sets() {
  static const std::vector<SetEntry> all = [] {
    std::vector<SetEntry> joined(entries.begin(), entries.end());
    for (SetTable table : {json_record_sets(), json_path_sets()}) {
      joined.insert(joined.end(), table.begin(), table.end());
    }
    return joined;
  }();
  return all;
}

}  // namespace dvecdb::server::functions
