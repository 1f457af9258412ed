// Row values: ROW(...), whole rows, fields, IS NULL of rows.
#include <algorithm>

#include "server/exec/store_functions_call.h"
#include "server/types/error.h"
#include "server/types/record.h"

namespace dvecdb::server::exec {

namespace {

using Arguments = std::span<const Value>;

// record_construct('>type|columns', x...)
Value record_construct(StoreContext& store, Arguments arguments) {
  const auto call = store.call_types(arguments[0].as_bytes());
  std::vector<types::RecordField> fields;
  const Arguments values = arguments.subspan(1);
  const std::size_t count = std::min(values.size(), call->columns.size());
  fields.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    fields.push_back({call->columns[i].type, values[i], call->columns[i].name});
  }
  return types::encode_record(fields);
}

// record_field(record, number)
Value record_field(StoreContext&, Arguments arguments) {
  if (arguments[0].is_null()) return {};
  const auto fields = types::decode_record(arguments[0].as_bytes());
  const auto number = static_cast<std::size_t>(arguments[1].as_integer());
  return number >= 1 && number <= fields.size() ? fields[number - 1].value : Value();
}

// record_join(record, record, ...): the fields of each, for rows too wide for one call.
Value record_join(StoreContext&, Arguments arguments) {
  std::vector<types::RecordField> all;
  for (const Value& part : arguments) {
    auto fields = types::decode_record(part.as_bytes());
    std::move(fields.begin(), fields.end(), std::back_inserter(all));
  }
  return types::encode_record(all);
}

// row_is_null(record): every field is; row_is_not_null(record): none is.
template <bool wanted>
Value every_field_is_null(StoreContext&, Arguments arguments) {
  if (arguments[0].is_null()) return Value::boolean(wanted);
  const auto fields = types::decode_record(arguments[0].as_bytes());
  return Value::boolean(std::all_of(fields.begin(), fields.end(), [](const types::RecordField& f) {
    return f.value.is_null() == wanted;
  }));
}

constexpr HelperEntry helpers[] = {
    {"record_construct", record_construct},
    {"record_field", record_field},
    {"record_join", record_join},
    {"row_is_null", every_field_is_null<true>},
    {"row_is_not_null", every_field_is_null<false>},
};

}  // namespace

void register_record_helpers(StoreContext& store) {
  register_helpers(store, helpers);
}

}  // namespace dvecdb::server::exec
