#include <array>

#include "server/functions/text_split.h"
#include "server/functions/text_tables.h"
#include "server/types/array.h"
#include "server/types/oids.h"
#include "server/types/utf8.h"

namespace dvecdb::server::functions {
namespace {

Value to_array(const FunctionContext&, std::span<const Value> args) {
  if (args[0].is_null()) return Value::null();
  return types::encode_array(types::make_array(types::oids::text, split_text(args)));
}

// array_to_string: elements in order, whatever the dimensions.
Value to_text(const FunctionContext& context, std::span<const Value> args) {
  if (args[0].is_null() || args[1].is_null()) return Value::null();
  bool shows_nulls = args.size() > 2 && !args[2].is_null();
  types::Array array = types::decode_array(args[0].as_bytes());
  std::string out;
  bool is_first = true;
  for (const Value& element : array.elements) {
    if (element.is_null() && !shows_nulls) continue;
    if (!is_first) out += args[1].as_bytes();
    is_first = false;
    if (element.is_null()) {
      out += args[2].as_bytes();
    } else {
      types::output_text(context.io, {array.element_type, -1}, element, out);
    }
  }
  return own_text(std::move(out));
}

constexpr std::array entries{
    ScalarEntry{"text_to_array", to_array},
    ScalarEntry{"text_to_array_null", to_array},
    ScalarEntry{"array_to_text", to_text},
    ScalarEntry{"array_to_text_null", to_text},
};

}  // namespace

std::vector<Value> split_text(std::span<const Value> args) {
  std::string_view text = args[0].as_bytes();
  std::vector<Value> parts;
  auto add = [&](std::string_view part) {
    bool is_null = args.size() > 2 && !args[2].is_null() && args[2].as_bytes() == part;
    parts.push_back(is_null ? Value::null() : Value::text_view(part));
  };
  if (args[1].is_null()) {
    for (std::size_t at = 0; at < text.size(); at += types::utf8_width(text[at])) {
      add(text.substr(at, types::utf8_width(text[at])));
    }
    return parts;
  }
  if (text.empty()) return parts;
  std::string_view separator = args[1].as_bytes();
  std::size_t at = 0;
  while (!separator.empty()) {
    std::size_t found = text.find(separator, at);
    if (found == std::string_view::npos) break;
    add(text.substr(at, found - at));
    at = found + separator.size();
  }
  add(text.substr(at));
  return parts;
}

ScalarTable text_array_functions() {
  return entries;
}

}  // namespace dvecdb::server::functions
