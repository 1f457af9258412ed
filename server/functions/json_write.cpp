#include <fmt/format.h>

#include <algorithm>

#include "server/functions/json_tables.h"
#include "server/types/array.h"
#include "server/types/error.h"
#include "server/types/oids.h"
#include "server/types/record.h"
#include "server/types/type_catalog.h"

namespace dvecdb::server::functions {
namespace {

namespace oids = types::oids;

enum class JsonForm { boolean, number, moment, json, array, record, text };

const types::TypeDesc* describe(const types::IoContext& io, Oid type) {
  return io.types == nullptr ? nullptr : io.types->find_type(type);
}

// A domain takes the form of its base type.
JsonForm form_of(const types::IoContext& io, Oid type) {
  constexpr int max_domains = 64;
  for (int depth = 0; depth < max_domains; ++depth) {
    switch (type) {
      case oids::boolean:
        return JsonForm::boolean;
      case oids::int2:
      case oids::int4:
      case oids::int8:
      case oids::float4:
      case oids::float8:
      case oids::numeric:
        return JsonForm::number;
      case oids::date:
      case oids::timestamp:
      case oids::timestamptz:
        return JsonForm::moment;
      case oids::json:
      case oids::jsonb:
        return JsonForm::json;
      case oids::record:
        return JsonForm::record;
      case oids::oidvector:
      case oids::int2vector:
        return JsonForm::array;
      default:
        break;
    }
    const types::TypeDesc* desc = describe(io, type);
    if (desc == nullptr) return JsonForm::text;
    if (desc->is_array) return JsonForm::array;
    if (desc->kind == types::TypeKind::composite) return JsonForm::record;
    if (desc->kind != types::TypeKind::domain) return JsonForm::text;
    type = desc->base.oid;
  }
  return JsonForm::text;
}

// "2020-01-02T03:04:05+00:00", whatever the session's date style.
void append_moment(const types::IoContext& io, TypeRef type, const Value& value, std::string& out) {
  types::IoContext iso = io;
  iso.date_style = types::DateStyle::iso;
  std::string text;
  types::output_text(iso, type, value, text);
  std::size_t blank = text.find(' ');
  bool has_time = blank != std::string::npos && text.compare(blank, 3, " BC") != 0;
  if (has_time) text[blank] = 'T';
  std::size_t zone = has_time ? text.find_first_of("+-", blank) : std::string::npos;
  if (zone != std::string::npos && text.find(':', zone) == std::string::npos) {
    text.insert(zone + 3, ":00");
  }
  types::append_json_string(text, out);
}

void append_dimension(const types::IoContext& io, const types::Array& array, std::size_t dimension,
                      std::size_t& next, bool breaks, std::string& out) {
  out.push_back('[');
  for (std::int32_t i = 0; i < array.dimensions[dimension].length; ++i) {
    if (i > 0) out += breaks ? ",\n " : ",";
    if (dimension + 1 < array.dimensions.size()) {
      append_dimension(io, array, dimension + 1, next, false, out);
    } else {
      append_json(io, {array.element_type, -1}, array.elements[next++], out);
    }
  }
  out.push_back(']');
}

void append_array(const types::IoContext& io, const Value& value, bool breaks, std::string& out) {
  types::Array array = types::decode_array(value.as_bytes());
  if (array.dimensions.empty()) {
    out += "[]";
    return;
  }
  std::size_t next = 0;
  append_dimension(io, array, 0, next, breaks, out);
}

void append_record(const types::IoContext& io, TypeRef type, const Value& value, bool breaks,
                   std::string& out) {
  const types::TypeDesc* desc = describe(io, type.oid);
  std::vector<types::RecordField> fields = types::decode_record(value.as_bytes());
  out.push_back('{');
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (i > 0) out += breaks ? ",\n " : ",";
    std::string name = fields[i].name;
    if (desc != nullptr && i < desc->columns.size()) name = desc->columns[i].name;
    if (name.empty()) name = fmt::format("f{}", i + 1);
    types::append_json_string(name, out);
    out.push_back(':');
    append_json(io, fields[i].type, fields[i].value, out);
  }
  out.push_back('}');
}

}  // namespace

void append_json(const types::IoContext& io, TypeRef type, const Value& value, std::string& out,
                 bool breaks) {
  if (value.is_null()) {
    out += "null";
    return;
  }
  std::string text;
  switch (form_of(io, type.oid)) {
    case JsonForm::boolean:
      out += value.as_boolean() ? "true" : "false";
      return;
    case JsonForm::json:
      out += value.as_bytes();
      return;
    case JsonForm::array:
      return append_array(io, value, breaks, out);
    case JsonForm::record:
      return append_record(io, type, value, breaks, out);
    case JsonForm::moment:
      return append_moment(io, type, value, out);
    case JsonForm::number:
      types::output_text(io, type, value, text);
      if (text.find_first_of("Nn") == std::string::npos) {  // not NaN nor Infinity
        out += text;
      } else {
        types::append_json_string(text, out);
      }
      return;
    case JsonForm::text:
      break;
  }
  types::output_text(io, type, value, text);
  types::append_json_string(text, out);
}

void append_json_key(const types::IoContext& io, TypeRef type, const Value& value,
                     std::string& out) {
  JsonForm form = form_of(io, type.oid);
  if (form == JsonForm::json || form == JsonForm::array || form == JsonForm::record) {
    throw json_error("key value must be scalar, not array, composite, or json");
  }
  std::string text;
  append_json(io, type, value, text);
  if (text.starts_with('"')) {
    out += text;
  } else {
    types::append_json_string(text, out);
  }
}

bool json_is_container(const types::IoContext& io, Oid type) {
  JsonForm form = form_of(io, type);
  return form == JsonForm::array || form == JsonForm::record;
}

}  // namespace dvecdb::server::functions
