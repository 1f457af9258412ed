#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "server/types/array.h"
#include "server/types/array_text.h"
#include "server/types/binary.h"
#include "server/types/error.h"
#include "server/types/oids.h"
#include "server/types/type_handler.h"

namespace dvecdb::server::types {
namespace {

constexpr std::size_t max_dimensions = 6;
constexpr std::int64_t max_elements = 134217727;  // as PostgreSQL's MaxArraySize

struct ElementType {
  TypeRef type;
  char delimiter = ',';
};

bool is_plain_vector(Oid type) {
  return type == oids::oidvector || type == oids::int2vector;
}

ElementType element_type(const IoContext& context, TypeRef array) {
  if (array.oid == oids::oidvector) return {{oids::oid, -1}};
  if (array.oid == oids::int2vector) return {{oids::int2, -1}};
  const TypeDesc* desc = context.types == nullptr ? nullptr : context.types->find_type(array.oid);
  if (desc == nullptr || desc->element == invalid_oid) {
    throw SqlError(sqlstate::internal_error,
                   fmt::format("cache lookup failed for type {}", array.oid));
  }
  const TypeDesc* element = context.types->find_type(desc->element);
  return {{desc->element, array.typmod}, element == nullptr ? ',' : element->delimiter};
}

// "1 2 3", counted from 0.
Value input_plain_vector(const IoContext& context, TypeRef type, std::string_view text) {
  Array array;
  array.element_type = element_type(context, type).type.oid;
  std::size_t at = 0;
  while ((at = text.find_first_not_of(" \t\n\r\v\f", at)) != std::string_view::npos) {
    std::size_t end = std::min(text.find_first_of(" \t\n\r\v\f", at), text.size());
    array.elements.push_back(
        input_text(context, {array.element_type, -1}, text.substr(at, end - at)));
    at = end;
  }
  array.dimensions.push_back({static_cast<std::int32_t>(array.elements.size()), 0});
  if (array.elements.empty()) array.dimensions.clear();
  return encode_array(array);
}

void output_plain_vector(const IoContext& context, const Array& array, std::string& out) {
  for (std::size_t i = 0; i < array.elements.size(); ++i) {
    if (i > 0) out.push_back(' ');
    output_text(context, {array.element_type, -1}, array.elements[i], out);
  }
}

Value input_array(const IoContext& context, TypeRef type, std::string_view text) {
  if (is_plain_vector(type.oid)) return input_plain_vector(context, type, text);
  ElementType element = element_type(context, type);
  ArrayText parsed = parse_array_text(text, element.delimiter);
  Array array;
  array.element_type = element.type.oid;
  array.dimensions = std::move(parsed.dimensions);
  array.elements.reserve(parsed.items.size());
  for (const std::optional<std::string>& item : parsed.items) {
    array.elements.push_back(item ? input_text(context, element.type, *item).own() : Value::null());
  }
  return encode_array(array);
}

void output_array(const IoContext& context, TypeRef type, const Value& value, std::string& out) {
  Array array = decode_array(value.as_bytes());
  if (is_plain_vector(type.oid)) return output_plain_vector(context, array, out);
  const TypeDesc* element =
      context.types == nullptr ? nullptr : context.types->find_type(array.element_type);
  ArrayText shown;
  shown.dimensions = array.dimensions;
  shown.items.reserve(array.elements.size());
  for (const Value& item : array.elements) {
    shown.items.emplace_back();
    if (item.is_null()) continue;
    output_text(context, {array.element_type, -1}, item, shown.items.back().emplace());
  }
  format_array_text(shown, element == nullptr ? ',' : element->delimiter, out);
}

Value receive_array(const IoContext& context, TypeRef type, std::string_view bytes) {
  BinaryReader reader(bytes);
  std::int32_t dimensions = reader.i32();
  std::int32_t flags = reader.i32();
  auto sent_element = static_cast<Oid>(reader.u32());
  if (dimensions < 0) {
    throw SqlError(sqlstate::invalid_binary_representation,
                   fmt::format("invalid number of dimensions: {}", dimensions));
  }
  if (static_cast<std::size_t>(dimensions) > max_dimensions) throw too_many_dimensions(dimensions);
  if (flags != 0 && flags != 1) {
    throw SqlError(sqlstate::invalid_binary_representation, "invalid array flags");
  }
  ElementType element = element_type(context, type);
  if (sent_element != element.type.oid) {
    throw SqlError(sqlstate::datatype_mismatch,
                   fmt::format("binary data has array element type {} ({}) instead of expected "
                               "{} ({})",
                               sent_element, type_name(context, sent_element), element.type.oid,
                               type_name(context, element.type.oid)));
  }
  Array array;
  array.element_type = element.type.oid;
  std::int64_t count = dimensions == 0 ? 0 : 1;
  for (std::int32_t i = 0; i < dimensions; ++i) {
    ArrayDimension dimension;
    dimension.length = reader.i32();
    dimension.lower_bound = reader.i32();
    count *= std::max(dimension.length, 0);
    if (count > max_elements || dimension.length < 0) {
      throw SqlError(sqlstate::program_limit_exceeded,
                     fmt::format("array size exceeds the maximum allowed ({})", max_elements));
    }
    array.dimensions.push_back(dimension);
  }
  if (count == 0) array.dimensions.clear();
  for (std::int64_t i = 0; i < count; ++i) {
    std::int32_t length = reader.i32();
    if (length == -1) {
      array.elements.push_back(Value::null());
      continue;
    }
    if (length < 0) {
      throw SqlError(sqlstate::invalid_binary_representation, "insufficient data left in message");
    }
    array.elements.push_back(
        receive_binary(context, element.type, reader.take(static_cast<std::size_t>(length))));
  }
  reader.finish();
  return encode_array(array);
}

void send_array(const IoContext& context, TypeRef, const Value& value, std::string& out) {
  Array array = decode_array(value.as_bytes());
  bool has_null = std::any_of(array.elements.begin(), array.elements.end(),
                              [](const Value& element) { return element.is_null(); });
  append_u32(out, static_cast<std::uint32_t>(array.dimensions.size()));
  append_u32(out, has_null ? 1 : 0);
  append_u32(out, array.element_type);
  for (const ArrayDimension& dimension : array.dimensions) {
    append_u32(out, static_cast<std::uint32_t>(dimension.length));
    append_u32(out, static_cast<std::uint32_t>(dimension.lower_bound));
  }
  std::string bytes;
  for (const Value& element : array.elements) {
    if (element.is_null()) {
      append_u32(out, 0xffffffff);
      continue;
    }
    bytes.clear();
    send_binary(context, {array.element_type, -1}, element, bytes);
    append_u32(out, static_cast<std::uint32_t>(bytes.size()));
    out += bytes;
  }
}

int sign_of(std::int64_t difference) {
  return (difference > 0) - (difference < 0);
}

// Elements first, NULL after everything; then the number of elements, of dimensions, their
// lengths and bounds.
int compare_arrays(const IoContext& context, Oid, const Value& left, const Value& right) {
  Array a = decode_array(left.as_bytes());
  Array b = decode_array(right.as_bytes());
  if (a.element_type != b.element_type) {
    throw SqlError(sqlstate::datatype_mismatch, "cannot compare arrays of different element types");
  }
  std::size_t shared = std::min(a.elements.size(), b.elements.size());
  for (std::size_t i = 0; i < shared; ++i) {
    bool a_null = a.elements[i].is_null();
    bool b_null = b.elements[i].is_null();
    if (a_null && b_null) continue;
    if (a_null || b_null) return a_null ? 1 : -1;
    int order = compare(context, a.element_type, a.elements[i], b.elements[i]);
    if (order != 0) return order;
  }
  if (a.elements.size() != b.elements.size()) return a.elements.size() < b.elements.size() ? -1 : 1;
  if (a.dimensions.size() != b.dimensions.size()) {
    return a.dimensions.size() < b.dimensions.size() ? -1 : 1;
  }
  for (std::size_t i = 0; i < a.dimensions.size(); ++i) {
    if (int order = sign_of(std::int64_t{a.dimensions[i].length} - b.dimensions[i].length)) {
      return order;
    }
    if (int order =
            sign_of(std::int64_t{a.dimensions[i].lower_bound} - b.dimensions[i].lower_bound)) {
      return order;
    }
  }
  return 0;
}

std::string array_sort_key(const IoContext& context, Oid, const Value& value) {
  Array array = decode_array(value.as_bytes());
  std::string key;
  for (const Value& element : array.elements) {
    append_sort_item(context, array.element_type, element, key);
  }
  key.push_back('\0');
  append_u32(key, static_cast<std::uint32_t>(array.dimensions.size()));
  for (const ArrayDimension& dimension : array.dimensions) {
    append_u32(key, static_cast<std::uint32_t>(dimension.length) ^ 0x80000000);
    append_u32(key, static_cast<std::uint32_t>(dimension.lower_bound) ^ 0x80000000);
  }
  return key;
}

Value apply_element_typmod(const IoContext& context, TypeRef type, const Value& value,
                           bool is_explicit) {
  Array array = decode_array(value.as_bytes());
  for (Value& element : array.elements) {
    if (element.is_null()) continue;
    element = apply_typmod(context, {array.element_type, type.typmod}, element, is_explicit);
  }
  return encode_array(array);
}

}  // namespace

const TypeHandler& array_handler() {
  static constexpr TypeHandler handler{.input = input_array,
                                       .output = output_array,
                                       .receive = receive_array,
                                       .send = send_array,
                                       .ordering = Ordering::sort_key,
                                       .compare = compare_arrays,
                                       .sort_key = array_sort_key,
                                       .apply_typmod = apply_element_typmod};
  return handler;
}

}  // namespace dvecdb::server::types
