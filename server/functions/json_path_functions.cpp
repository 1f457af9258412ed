#include <array>

#include "server/functions/json_path_run.h"
#include "server/functions/json_tables.h"
#include "server/functions/value_rows.h"
#include "server/types/error.h"

namespace dvecdb::server::functions {
namespace {

using types::JsonValue;
using types::SqlError;

// Arguments: document, path, then perhaps variables and whether errors are silent. The operators
// are always silent. nullopt: there was an error and it is silent.
std::optional<std::vector<JsonValue>> query(std::span<const Value> args) {
  types::JsonPath path = types::parse_json_path(args[1].as_bytes());
  JsonValue variables = JsonValue::make(JsonValue::Kind::object);
  if (args.size() > 2) variables = load_json<true>(args[2]);
  if (!variables.is_object()) {
    throw json_error("\"vars\" argument is not an object")
        .detail("Jsonpath parameters should be encoded as key-value pairs of \"vars\" object.");
  }
  bool is_silent = args.size() < 3 || (args.size() > 3 && args[3].as_boolean());
  JsonValue document = load_json<true>(args[0]);
  try {
    return run_json_path(path, document, variables);
  } catch (const SqlError& error) {
    bool may_hide = is_silent && error.sqlstate().substr(0, 2) == "22";
    if (!may_hide) throw;
    return std::nullopt;
  }
}

Value exists(const FunctionContext&, std::span<const Value> args) {
  auto items = query(args);
  return items ? Value::boolean(!items->empty()) : Value::null();
}

Value match(const FunctionContext&, std::span<const Value> args) {
  auto items = query(args);
  if (!items) return Value::null();
  if (items->size() == 1 && items->front().kind == JsonValue::Kind::boolean) {
    return Value::boolean(items->front().boolean);
  }
  bool is_null = items->size() == 1 && items->front().kind == JsonValue::Kind::null;
  bool is_silent = args.size() < 3 || (args.size() > 3 && args[3].as_boolean());
  if (is_null || is_silent) return Value::null();
  throw SqlError("22038", "single boolean result is expected");
}

Value query_array(const FunctionContext&, std::span<const Value> args) {
  JsonValue array = JsonValue::make(JsonValue::Kind::array);
  array.items = query(args).value_or(std::vector<JsonValue>());
  return jsonb_value(array);
}

Value query_first(const FunctionContext&, std::span<const Value> args) {
  auto items = query(args);
  return items && !items->empty() ? jsonb_value(items->front()) : Value::null();
}

std::unique_ptr<RowSource> query_rows(const FunctionContext&, std::span<const Value> args) {
  std::vector<Value> rows;
  std::vector<JsonValue> items = query(args).value_or(std::vector<JsonValue>());
  for (const JsonValue& item : items) {
    rows.push_back(jsonb_value(item));
  }
  return value_rows(std::move(rows));
}

constexpr std::array scalars{
    ScalarEntry{"jsonb_path_exists", exists},
    ScalarEntry{"jsonb_path_exists_tz", exists},
    ScalarEntry{"jsonb_path_exists_opr", exists},
    ScalarEntry{"jsonb_path_match", match},
    ScalarEntry{"jsonb_path_match_tz", match},
    ScalarEntry{"jsonb_path_match_opr", match},
    ScalarEntry{"jsonb_path_query_array", query_array},
    ScalarEntry{"jsonb_path_query_array_tz", query_array},
    ScalarEntry{"jsonb_path_query_first", query_first},
    ScalarEntry{"jsonb_path_query_first_tz", query_first},
};

constexpr std::array sets{
    SetEntry{"jsonb_path_query", query_rows},
    SetEntry{"jsonb_path_query_tz", query_rows},
};

}  // namespace

ScalarTable json_path_functions() {
  return scalars;
}

SetTable json_path_sets() {
  return sets;
}

}  // namespace dvecdb::server::functions
