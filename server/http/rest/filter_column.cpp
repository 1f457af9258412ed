#include "server/http/rest/filter_column.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace dvecdb::server::http::rest {

namespace {

bool is_text(const json::value& value) {
  return value.is_string();
}
bool is_whole(const json::value& value) {
  return value.is_int64();
}
bool is_number(const json::value& value) {
  return value.is_number();
}
bool is_boolean(const json::value& value) {
  return value.is_bool();
}

struct PlainType {
  std::string_view column;
  std::string_view parameter;
  bool (*takes)(const json::value&);
};
constexpr std::array<PlainType, 8> plain_types = {{{"text", "text", is_text},
                                                   {"character varying", "text", is_text},
                                                   {"smallint", "bigint", is_whole},
                                                   {"integer", "bigint", is_whole},
                                                   {"bigint", "bigint", is_whole},
                                                   {"double precision", "float8", is_number},
                                                   {"numeric", "numeric", is_number},
                                                   {"boolean", "boolean", is_boolean}}};

const PlainType* plain_type(const Column& column) {
  // Without the length: "character varying(10)".
  const std::string_view name = std::string_view(column.type).substr(0, column.type.find('('));
  const auto found = std::find_if(plain_types.begin(), plain_types.end(),
                                  [&](const PlainType& type) { return type.column == name; });
  return found == plain_types.end() ? nullptr : found;
}

std::string text_of(const json::value& value) {
  if (value.is_string()) return {value.get_string().data(), value.get_string().size()};
  return json_text(value);
}

}  // namespace

std::optional<std::string> column_equals(const Column& column, const json::array& values,
                                         Parameters& parameters) {
  const PlainType* type = plain_type(column);
  if (type == nullptr) return std::nullopt;
  // 3.0 equals 3: JSON's numbers are of one kind.
  const bool has_fractions = type->takes == is_whole &&
                             std::any_of(values.begin(), values.end(), [](const json::value& v) {
                               return v.is_number() && !v.is_int64();
                             });
  if (has_fractions) return std::nullopt;
  std::vector<std::string> texts;
  for (const json::value& value : values) {
    if (type->takes(value)) texts.push_back(text_of(value));
  }
  if (texts.empty()) return "false";
  if (texts.size() == 1) {
    return fmt::format("{} = {}", quote_name(column.name),
                       parameters.add(texts.front(), type->parameter));
  }
  return fmt::format("{} = ANY ({})", quote_name(column.name),
                     parameters.add(array_text(texts), std::string(type->parameter) + "[]"));
}

std::optional<std::string> column_compares(const Column& column, std::string_view op,
                                           const json::value& bound, Parameters& parameters) {
  if (bound.is_string()) {
    if (column.type != "timestamp with time zone") return std::nullopt;
    return fmt::format("{} {} {}", quote_name(column.name), op,
                       parameters.add(text_of(bound), "timestamptz"));
  }
  const PlainType* type = plain_type(column);
  if (type == nullptr || !bound.is_number() || !type->takes(bound)) return std::nullopt;
  return fmt::format("{} {} {}", quote_name(column.name), op,
                     parameters.add(text_of(bound), type->parameter));
}

}  // namespace dvecdb::server::http::rest
