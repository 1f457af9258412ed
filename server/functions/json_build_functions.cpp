#include <fmt/format.h>

#include <array>

#include "server/functions/json_tables.h"
#include "server/types/array.h"
#include "server/types/error.h"

namespace dvecdb::server::functions {
namespace {

using types::JsonValue;
using types::SqlError;
namespace sqlstate = types::sqlstate;

// jsonb is built as json text, then made canonical.
template <bool is_jsonb>
Value finished(std::string text) {
  if (!is_jsonb) return Value::text(std::move(text));
  return jsonb_value(types::parse_jsonb(text));
}

template <bool is_jsonb>
Value convert(const FunctionContext& context, std::span<const Value> args) {
  std::string out;
  append_json(context.io, context.call.arguments.at(0), args[0], out);
  return finished<is_jsonb>(std::move(out));
}

// row_to_json and array_to_json, the second argument asking for line feeds.
Value convert_container(const FunctionContext& context, std::span<const Value> args) {
  std::string out;
  append_json(context.io, context.call.arguments.at(0), args[0], out,
              args.size() > 1 && args[1].as_boolean());
  return Value::text(std::move(out));
}

template <bool is_jsonb>
Value build_array(const FunctionContext& context, std::span<const Value> args) {
  std::string out = "[";
  for (std::size_t i = 0; i < args.size(); ++i) {
    if (i > 0) out += ", ";
    append_json(context.io, context.call.arguments.at(i), args[i], out);
  }
  return finished<is_jsonb>(out + "]");
}

template <bool is_jsonb>
Value build_object(const FunctionContext& context, std::span<const Value> args) {
  if (args.size() % 2 != 0) {
    throw json_error("argument list must have even number of elements")
        .hint(fmt::format("The arguments of {}() must consist of alternating keys and values.",
                          is_jsonb ? "jsonb_build_object" : "json_build_object"));
  }
  std::string out = "{";
  for (std::size_t i = 0; i < args.size(); i += 2) {
    if (args[i].is_null()) {
      if (is_jsonb) throw json_error(fmt::format("argument {}: key must not be null", i + 1));
      throw json_error(fmt::format("argument {} cannot be null", i + 1))
          .hint("Object keys should be text.");
    }
    if (i > 0) out += ", ";
    append_json_key(context.io, context.call.arguments.at(i), args[i], out);
    out += " : ";
    append_json(context.io, context.call.arguments.at(i + 1), args[i + 1], out);
  }
  return finished<is_jsonb>(out + "}");
}

void append_pair(const Value& key, const Value& value, std::string& out) {
  if (key.is_null()) {
    throw SqlError(sqlstate::null_value_not_allowed, "null value not allowed for object key");
  }
  if (out.size() > 1) out += ", ";
  types::append_json_string(key.as_bytes(), out);
  out += " : ";
  if (value.is_null()) {
    out += "null";
  } else {
    types::append_json_string(value.as_bytes(), out);
  }
}

// From text[]: keys and values by turns, or rows of two.
template <bool is_jsonb>
Value object_of_pairs(const FunctionContext&, std::span<const Value> args) {
  types::Array array = types::decode_array(args[0].as_bytes());
  auto refuse = [](const char* message) {
    return SqlError(sqlstate::array_subscript_error, message);
  };
  if (array.dimensions.size() == 1 && array.elements.size() % 2 != 0) {
    throw refuse("array must have even number of elements");
  }
  if (array.dimensions.size() == 2 && array.dimensions[1].length != 2) {
    throw refuse("array must have two columns");
  }
  if (array.dimensions.size() > 2) throw refuse("wrong number of array subscripts");
  std::string out = "{";
  for (std::size_t i = 0; i + 1 < array.elements.size(); i += 2) {
    append_pair(array.elements[i], array.elements[i + 1], out);
  }
  return finished<is_jsonb>(out + "}");
}

template <bool is_jsonb>
Value object_of_arrays(const FunctionContext&, std::span<const Value> args) {
  types::Array keys = types::decode_array(args[0].as_bytes());
  types::Array values = types::decode_array(args[1].as_bytes());
  auto refuse = [](const char* message) {
    return SqlError(sqlstate::array_subscript_error, message);
  };
  if (keys.dimensions.size() > 1 || keys.dimensions.size() != values.dimensions.size()) {
    throw refuse("wrong number of array subscripts");
  }
  if (keys.elements.size() != values.elements.size()) throw refuse("mismatched array dimensions");
  std::string out = "{";
  for (std::size_t i = 0; i < keys.elements.size(); ++i) {
    append_pair(keys.elements[i], values.elements[i], out);
  }
  return finished<is_jsonb>(out + "}");
}

constexpr std::array entries{
    ScalarEntry{"to_json", convert<false>, true},
    ScalarEntry{"to_jsonb", convert<true>, true},
    ScalarEntry{"row_to_json", convert_container, true},
    ScalarEntry{"row_to_json_pretty", convert_container, true},
    ScalarEntry{"array_to_json", convert_container, true},
    ScalarEntry{"array_to_json_pretty", convert_container, true},
    ScalarEntry{"json_build_array", build_array<false>, true},
    ScalarEntry{"json_build_array_noargs", build_array<false>, true},
    ScalarEntry{"jsonb_build_array", build_array<true>, true},
    ScalarEntry{"jsonb_build_array_noargs", build_array<true>, true},
    ScalarEntry{"json_build_object", build_object<false>, true},
    ScalarEntry{"json_build_object_noargs", build_object<false>, true},
    ScalarEntry{"jsonb_build_object", build_object<true>, true},
    ScalarEntry{"jsonb_build_object_noargs", build_object<true>, true},
    ScalarEntry{"json_object", object_of_pairs<false>},
    ScalarEntry{"jsonb_object", object_of_pairs<true>},
    ScalarEntry{"json_object_two_arg", object_of_arrays<false>},
    ScalarEntry{"jsonb_object_two_arg", object_of_arrays<true>},
};

}  // namespace

ScalarTable json_build_functions() {
  return entries;
}

}  // namespace dvecdb::server::functions
