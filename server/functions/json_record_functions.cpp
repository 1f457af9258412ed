#include <fmt/format.h>

#include <array>

#include "server/functions/json_populate.h"
#include "server/functions/json_tables.h"
#include "server/functions/value_rows.h"

namespace dvecdb::server::functions {
namespace {

using types::JsonValue;

// json_to_record(json) has the document first, json_populate_record(base, json) second.
template <bool has_base>
const Value& document_of(std::span<const Value> args) {
  return args[has_base ? 1 : 0];
}

template <bool has_base>
Value base_of(std::span<const Value> args) {
  return has_base ? args[0] : Value::null();
}

template <bool is_jsonb, bool has_base>
std::vector<Value> one_row(const FunctionContext& context, std::span<const Value> args,
                           std::vector<PopulateColumn>& columns) {
  columns = columns_of_call(context, base_of<has_base>(args));
  return populate_columns(context.io, load_json<is_jsonb>(document_of<has_base>(args)), columns,
                          is_jsonb);
}

template <bool is_jsonb, bool has_base>
Value record(const FunctionContext& context, std::span<const Value> args) {
  if (document_of<has_base>(args).is_null()) return base_of<has_base>(args);
  std::vector<PopulateColumn> columns;
  std::vector<Value> values = one_row<is_jsonb, has_base>(context, args, columns);
  std::vector<types::RecordField> fields;
  for (std::size_t i = 0; i < values.size(); ++i) {
    fields.push_back({columns[i].type, std::move(values[i]), columns[i].name});
  }
  return types::encode_record(fields);
}

template <bool is_jsonb, bool has_base>
std::unique_ptr<RowSource> record_row(const FunctionContext& context, std::span<const Value> args) {
  if (document_of<has_base>(args).is_null() && base_of<has_base>(args).is_null()) {
    return value_rows({});
  }
  std::vector<PopulateColumn> columns;
  std::vector<Value> values = one_row<is_jsonb, has_base>(context, args, columns);
  std::size_t width = values.size();
  return value_rows(std::move(values), width);
}

template <bool is_jsonb, bool has_base>
std::unique_ptr<RowSource> record_rows(const FunctionContext& context,
                                       std::span<const Value> args) {
  std::string_view prefix = is_jsonb ? "jsonb" : "json";
  std::string name = fmt::format("{}_{}_recordset", prefix, has_base ? "populate" : "to");
  if (document_of<has_base>(args).is_null()) return value_rows({});
  std::vector<PopulateColumn> columns = columns_of_call(context, base_of<has_base>(args));
  JsonValue json = load_json<is_jsonb>(document_of<has_base>(args));
  if (!json.is_array()) {
    if (!is_jsonb) {
      throw json_error(
          fmt::format("cannot call {} on {}", name, json.is_object() ? "an object" : "a scalar"));
    }
    throw json_error(fmt::format("cannot call {} on a non-array", name));
  }
  std::vector<Value> rows;
  for (const JsonValue& item : json.items) {
    if (!item.is_object()) {
      throw json_error(fmt::format("argument of {} must be an array of objects", name));
    }
    for (Value& value : populate_columns(context.io, item, columns, is_jsonb)) {
      rows.push_back(std::move(value));
    }
  }
  return value_rows(std::move(rows), columns.size());
}

constexpr std::array scalars{
    ScalarEntry{"json_to_record", record<false, false>, true},
    ScalarEntry{"jsonb_to_record", record<true, false>, true},
    ScalarEntry{"json_populate_record", record<false, true>, true},
    ScalarEntry{"jsonb_populate_record", record<true, true>, true},
};

constexpr std::array sets{
    SetEntry{"json_to_record", record_row<false, false>},
    SetEntry{"jsonb_to_record", record_row<true, false>},
    SetEntry{"json_populate_record", record_row<false, true>},
    SetEntry{"jsonb_populate_record", record_row<true, true>},
    SetEntry{"json_to_recordset", record_rows<false, false>},
    SetEntry{"jsonb_to_recordset", record_rows<true, false>},
    SetEntry{"json_populate_recordset", record_rows<false, true>},
    SetEntry{"jsonb_populate_recordset", record_rows<true, true>},
};

}  // namespace

ScalarTable json_record_functions() {
  return scalars;
}

SetTable json_record_sets() {
  return sets;
}

}  // namespace dvecdb::server::functions
