#include <array>

#include "server/functions/families.h"
#include "server/functions/value_rows.h"
#include "server/types/array.h"
#include "server/types/record.h"

namespace dvecdb::server::functions {
namespace {

// Composite elements come out as their fields.
std::unique_ptr<RowSource> unnest(const FunctionContext& context, std::span<const Value> args) {
  if (args[0].is_null()) return value_rows({});
  std::vector<Value> elements = types::decode_array(args[0].as_bytes()).elements;
  const auto* type =
      context.io.types == nullptr ? nullptr : context.io.types->find_type(context.call.result.oid);
  if (type == nullptr || type->kind != types::TypeKind::composite) {
    return value_rows(std::move(elements));
  }
  const std::size_t width = context.call.columns.size();
  std::vector<Value> fields;
  for (const Value& element : elements) {
    const std::size_t end = fields.size() + width;
    if (!element.is_null()) {
      for (types::RecordField& field : types::decode_record(element.as_bytes())) {
        if (fields.size() < end) fields.push_back(std::move(field.value.own()));
      }
    }
    fields.resize(end, Value::null());
  }
  return value_rows(std::move(fields), width);
}

std::unique_ptr<RowSource> subscripts(const FunctionContext&, std::span<const Value> args) {
  types::Array array = types::decode_array(args[0].as_bytes());
  std::int64_t number = args[1].as_integer();
  bool is_reversed = args.size() > 2 && args[2].as_boolean();
  std::vector<Value> rows;
  if (number < 1 || number > static_cast<std::int64_t>(array.dimensions.size())) {
    return value_rows({});
  }
  const types::ArrayDimension& d = array.dimensions[static_cast<std::size_t>(number - 1)];
  for (std::int64_t i = 0; i < d.length; ++i) {
    rows.push_back(Value::integer(d.lower_bound + (is_reversed ? d.length - 1 - i : i)));
  }
  return value_rows(std::move(rows));
}

// The elements of a one-dimensional array beside their positions from 1.
std::unique_ptr<RowSource> expand(const FunctionContext&, std::span<const Value> args) {
  types::Array array = types::decode_array(args[0].as_bytes());
  std::vector<Value> rows;
  for (std::size_t i = 0; i < array.elements.size(); ++i) {
    rows.push_back(array.elements[i]);
    rows.push_back(Value::integer(static_cast<std::int64_t>(i) + 1));
  }
  return value_rows(std::move(rows), 2);
}

constexpr std::array entries{
    SetEntry{"array_unnest", unnest},
    SetEntry{"generate_subscripts", subscripts},
    SetEntry{"generate_subscripts_nodir", subscripts},
    SetEntry{"_pg_expandarray", expand},
};

}  // namespace

SetTable array_sets() {
  return entries;
}

}  // namespace dvecdb::server::functions
