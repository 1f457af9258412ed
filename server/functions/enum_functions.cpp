#include <fmt/format.h>

#include <array>

#include "server/functions/families.h"
#include "server/types/array.h"
#include "server/types/error.h"
#include "server/types/type_catalog.h"

namespace dvecdb::server::functions {
namespace {

// The enum that a polymorphic call is about; its arguments may all be NULL.
const types::TypeDesc& enum_of(const FunctionContext& context) {
  Oid type = context.call.arguments.at(0).oid;
  const types::TypeDesc* desc =
      context.io.types == nullptr ? nullptr : context.io.types->find_type(type);
  if (desc == nullptr || desc->kind != types::TypeKind::enumeration) {
    throw types::SqlError(types::sqlstate::feature_not_supported,
                          "could not determine actual enum type");
  }
  return *desc;
}

// Labels are kept as their positions from 1.
Value range(const FunctionContext& context, std::int64_t first, std::int64_t last) {
  std::vector<Value> labels;
  for (std::int64_t position = first; position <= last; ++position) {
    labels.push_back(Value::integer(position));
  }
  return types::encode_array(
      types::make_array(context.call.arguments.at(0).oid, std::move(labels)));
}

std::int64_t label_count(const FunctionContext& context) {
  return static_cast<std::int64_t>(enum_of(context).labels.size());
}

Value first(const FunctionContext& context, std::span<const Value>) {
  return label_count(context) == 0 ? Value::null() : Value::integer(1);
}

Value last(const FunctionContext& context, std::span<const Value>) {
  std::int64_t count = label_count(context);
  return count == 0 ? Value::null() : Value::integer(count);
}

Value range_all(const FunctionContext& context, std::span<const Value>) {
  return range(context, 1, label_count(context));
}

Value range_bounds(const FunctionContext& context, std::span<const Value> args) {
  std::int64_t low = args[0].is_null() ? 1 : args[0].as_integer();
  return range(context, low, args[1].is_null() ? label_count(context) : args[1].as_integer());
}

constexpr std::array entries{
    ScalarEntry{"enum_first", first, true},
    ScalarEntry{"enum_last", last, true},
    ScalarEntry{"enum_range_all", range_all, true},
    ScalarEntry{"enum_range_bounds", range_bounds, true},
};

}  // namespace

ScalarTable enum_functions() {
  return entries;
}

}  // namespace dvecdb::server::functions
