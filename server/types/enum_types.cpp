#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "server/types/error.h"
#include "server/types/type_handler.h"

namespace dvecdb::server::types {
namespace {

const TypeDesc& enumeration(const IoContext& context, TypeRef type) {
  const TypeDesc* desc = context.types == nullptr ? nullptr : context.types->find_type(type.oid);
  if (desc == nullptr || desc->kind != TypeKind::enumeration) {
    throw SqlError(sqlstate::internal_error, fmt::format("{} is not an enum", type.oid));
  }
  return *desc;
}

Value input_label(const IoContext& context, TypeRef type, std::string_view text) {
  const TypeDesc& desc = enumeration(context, type);
  auto at = std::find_if(desc.labels.begin(), desc.labels.end(),
                         [&](const EnumLabel& label) { return label.label == text; });
  if (at == desc.labels.end()) {
    throw SqlError(sqlstate::invalid_text_representation,
                   fmt::format("invalid input value for enum {}: \"{}\"", desc.name, text));
  }
  return Value::integer(at - desc.labels.begin() + 1);
}

void output_label(const IoContext& context, TypeRef type, const Value& value, std::string& out) {
  const TypeDesc& desc = enumeration(context, type);
  auto position = static_cast<std::size_t>(value.as_integer());
  if (position < 1 || position > desc.labels.size()) {
    throw SqlError(sqlstate::invalid_binary_representation,
                   fmt::format("invalid internal value for enum: {}", position));
  }
  out += desc.labels[position - 1].label;
}

}  // namespace

const TypeHandler& enum_handler() {
  static constexpr TypeHandler handler{
      .input = input_label, .output = output_label, .receive = input_label, .send = output_label};
  return handler;
}

}  // namespace dvecdb::server::types
