#include "server/types/array.h"

#include <limits>

#include "server/types/error.h"
#include "server/types/little_endian.h"

namespace dvecdb::server::types {
namespace {

constexpr std::size_t max_dimensions = 6;

[[noreturn]] void throw_damaged() {
  throw SqlError(sqlstate::data_corrupted, "damaged array or record value");
}

template <typename T>
T read_stored(std::string_view bytes, std::size_t& offset) {
  if (bytes.size() - offset < sizeof(T)) throw_damaged();
  T value = read_little_endian<T>(bytes.data() + offset);
  offset += sizeof(T);
  return value;
}

}  // namespace

void append_value(std::string& out, const Value& value) {
  out.push_back(static_cast<char>(value.kind()));
  switch (value.kind()) {
    case Value::Kind::null:
      return;
    case Value::Kind::integer:
      return append_little_endian(out, value.as_integer());
    case Value::Kind::real:
      return append_little_endian(out, value.as_real());
    case Value::Kind::text:
    case Value::Kind::blob: {
      std::string_view bytes = value.as_bytes();
      if (bytes.size() > std::numeric_limits<std::int32_t>::max()) {
        throw SqlError(sqlstate::program_limit_exceeded, "array size exceeds the maximum allowed");
      }
      append_little_endian(out, static_cast<std::uint32_t>(bytes.size()));
      out.append(bytes);
      return;
    }
  }
}

Value read_value(std::string_view bytes, std::size_t& offset) {
  auto kind = static_cast<Value::Kind>(read_stored<std::uint8_t>(bytes, offset));
  switch (kind) {
    case Value::Kind::null:
      return Value::null();
    case Value::Kind::integer:
      return Value::integer(read_stored<std::int64_t>(bytes, offset));
    case Value::Kind::real:
      return Value::real(read_stored<double>(bytes, offset));
    case Value::Kind::text:
    case Value::Kind::blob: {
      auto length = read_stored<std::uint32_t>(bytes, offset);
      if (bytes.size() - offset < length) throw_damaged();
      std::string_view content = bytes.substr(offset, length);
      offset += length;
      return kind == Value::Kind::text ? Value::text_view(content) : Value::blob_view(content);
    }
  }
  throw_damaged();
}

Array make_array(Oid element_type, std::vector<Value> elements) {
  Array array;
  array.element_type = element_type;
  if (!elements.empty()) {
    array.dimensions.push_back({static_cast<std::int32_t>(elements.size()), 1});
  }
  array.elements = std::move(elements);
  return array;
}

Value encode_array(const Array& array) {
  std::string out;
  out.reserve(5 + 8 * array.dimensions.size() + 9 * array.elements.size());
  append_little_endian(out, array.element_type);
  out.push_back(static_cast<char>(array.dimensions.size()));
  for (const ArrayDimension& dimension : array.dimensions) {
    append_little_endian(out, dimension.length);
    append_little_endian(out, dimension.lower_bound);
  }
  for (const Value& element : array.elements) append_value(out, element);
  return Value::blob(std::move(out));
}

Array decode_array(std::string_view bytes) {
  Array array;
  std::size_t offset = 0;
  array.element_type = read_stored<Oid>(bytes, offset);
  auto dimensions = read_stored<std::uint8_t>(bytes, offset);
  if (dimensions > max_dimensions) throw_damaged();
  std::size_t count = dimensions == 0 ? 0 : 1;
  for (int i = 0; i < dimensions; ++i) {
    ArrayDimension dimension;
    dimension.length = read_stored<std::int32_t>(bytes, offset);
    dimension.lower_bound = read_stored<std::int32_t>(bytes, offset);
    if (dimension.length < 1) throw_damaged();
    count *= static_cast<std::size_t>(dimension.length);
    // Every element takes at least one byte, so a larger count is damage (and cannot overflow).
    if (count > bytes.size()) throw_damaged();
    array.dimensions.push_back(dimension);
  }
  array.elements.reserve(count);
  for (std::size_t i = 0; i < count; ++i) array.elements.push_back(read_value(bytes, offset));
  if (offset != bytes.size()) throw_damaged();
  return array;
}

}  // namespace dvecdb::server::types
