// The parts of the text family, and what they share. Internal to it.
#pragma once

#include <string>
#include <string_view>

#include "server/functions/families.h"

namespace dvecdb::server::functions {

ScalarTable text_comparison_functions();
ScalarTable text_edit_functions();
ScalarTable text_format_functions();
ScalarTable text_array_functions();
ScalarTable encoding_functions();

inline Value own_text(std::string text) {
  return Value::text(std::move(text));
}

// The output form of argument `index`; "t" for a true boolean, as output functions give it.
std::string argument_text(const FunctionContext& context, std::span<const Value> arguments,
                          std::size_t index);

}  // namespace dvecdb::server::functions
