#include "server/types/vector_value.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>

#include "dvecdb/half.h"
#include "server/types/binary.h"
#include "server/types/error.h"
#include "server/types/float_text.h"
#include "server/types/little_endian.h"
#include "server/types/vector_scanner.h"

namespace dvecdb::server::types {
namespace {

// The text "[1,2,3]" of both dense types; `append` stores one element or refuses it.
template <typename Append>
std::int32_t parse_dense(std::string_view type, std::string_view text, Append append) {
  VectorScanner scanner(type, text);
  if (!scanner.accept('[')) throw scanner.syntax_error("Vector contents must start with \"[\".");
  if (scanner.accept(']')) check_vector_dimensions(type, 0);
  std::int32_t dimensions = 0;
  do {
    if (dimensions == max_vector_dimensions) check_vector_dimensions(type, dimensions + 1);
    VectorScanner::Number number = scanner.read_float();
    append(number);
    ++dimensions;
  } while (scanner.accept(','));
  if (!scanner.accept(']')) throw scanner.syntax_error();
  if (!scanner.at_end()) throw scanner.syntax_error("Junk after closing right brace.");
  return dimensions;
}

std::int32_t receive_header(std::string_view type, BinaryReader& reader, std::int32_t typmod) {
  std::int32_t dimensions = reader.i16();
  std::int32_t unused = reader.i16();
  check_vector_dimensions(type, dimensions);
  check_expected_dimensions(typmod, dimensions);
  if (unused != 0) {
    throw SqlError(sqlstate::data_exception,
                   fmt::format("expected unused to be 0, not {}", unused));
  }
  return dimensions;
}

void send_header(std::size_t dimensions, std::string& out) {
  append_u16(out, static_cast<std::uint16_t>(dimensions));
  append_u16(out, 0);
}

template <typename Element, typename ToFloat>
int compare_dense(std::string_view a, std::string_view b, ToFloat to_float) {
  std::size_t shared = std::min(a.size(), b.size());
  for (std::size_t at = 0; at + sizeof(Element) <= shared; at += sizeof(Element)) {
    float x = to_float(read_little_endian<Element>(a.data() + at));
    float y = to_float(read_little_endian<Element>(b.data() + at));
    if (x < y) return -1;
    if (x > y) return 1;
  }
  if (a.size() == b.size()) return 0;
  return a.size() < b.size() ? -1 : 1;
}

template <typename Element, typename ToFloat>
void format_dense(std::string_view bytes, std::string& out, ToFloat to_float) {
  out.push_back('[');
  for (std::size_t at = 0; at + sizeof(Element) <= bytes.size(); at += sizeof(Element)) {
    if (at > 0) out.push_back(',');
    append_float4(out, to_float(read_little_endian<Element>(bytes.data() + at)));
  }
  out.push_back(']');
}

// Bits whose unsigned order is the order of the floats; -0 equals 0.
std::uint32_t ordered_bits(float value) {
  auto bits = std::bit_cast<std::uint32_t>(value == 0 ? 0.0F : value);
  constexpr std::uint32_t sign = 0x80000000;
  return (bits & sign) != 0 ? ~bits : bits | sign;
}

float float_from_half(std::uint16_t bits) {
  return core::to_float(core::Half{bits});
}

// A finite value too large for a half becomes infinity: the caller refuses it.
bool overflows_half(float value, std::uint16_t half) {
  return !std::isinf(value) && std::isinf(float_from_half(half));
}

float as_float(float value) {
  return value;
}

}  // namespace

void check_vector_dimensions(std::string_view type, std::int64_t dimensions) {
  if (dimensions < 1) {
    throw SqlError(sqlstate::data_exception,
                   fmt::format("{} must have at least 1 dimension", type));
  }
  std::int64_t limit = type == "sparsevec" ? max_sparsevec_dimensions : max_vector_dimensions;
  if (dimensions > limit) {
    throw SqlError(sqlstate::program_limit_exceeded,
                   fmt::format("{} cannot have more than {} dimensions", type, limit));
  }
}

void check_expected_dimensions(std::int32_t typmod, std::int64_t dimensions) {
  if (typmod == -1 || typmod == dimensions) return;
  throw SqlError(sqlstate::data_exception,
                 fmt::format("expected {} dimensions, not {}", typmod, dimensions));
}

void check_vector_element(std::string_view type, float value) {
  if (std::isnan(value)) {
    throw SqlError(sqlstate::data_exception, fmt::format("NaN not allowed in {}", type));
  }
  if (std::isinf(value)) {
    throw SqlError(sqlstate::data_exception, fmt::format("infinite value not allowed in {}", type));
  }
}

std::uint16_t checked_half(float value) {
  std::uint16_t half = core::to_half(value).bits;
  if (overflows_half(value, half)) {
    std::string shown;
    append_float4(shown, value);
    throw SqlError(sqlstate::numeric_value_out_of_range,
                   fmt::format("\"{}\" is out of range for type halfvec", shown));
  }
  return half;
}

std::int32_t check_vector_typmod(std::string_view type, std::int64_t dimensions) {
  std::int64_t limit = type == "sparsevec" ? max_sparsevec_dimensions : max_vector_dimensions;
  if (dimensions < 1) {
    throw SqlError(sqlstate::invalid_parameter_value,
                   fmt::format("dimensions for type {} must be at least 1", type));
  }
  if (dimensions > limit) {
    throw SqlError(sqlstate::invalid_parameter_value,
                   fmt::format("dimensions for type {} cannot exceed {}", type, limit));
  }
  return static_cast<std::int32_t>(dimensions);
}

std::string parse_vector(std::string_view text, std::int32_t typmod) {
  std::string bytes;
  bytes.reserve(text.size());
  std::int32_t dimensions = parse_dense("vector", text, [&](const VectorScanner::Number& number) {
    check_vector_element("vector", number.value);
    append_little_endian(bytes, number.value);
  });
  check_expected_dimensions(typmod, dimensions);
  return bytes;
}

std::string parse_halfvec(std::string_view text, std::int32_t typmod) {
  std::string bytes;
  std::int32_t dimensions = parse_dense("halfvec", text, [&](const VectorScanner::Number& number) {
    std::uint16_t half = core::to_half(number.value).bits;
    if (overflows_half(number.value, half)) {
      throw SqlError(sqlstate::numeric_value_out_of_range,
                     fmt::format("\"{}\" is out of range for type halfvec", number.token));
    }
    check_vector_element("halfvec", number.value);
    append_little_endian(bytes, half);
  });
  check_expected_dimensions(typmod, dimensions);
  return bytes;
}

void format_vector(std::string_view bytes, std::string& out) {
  format_dense<float>(bytes, out, as_float);
}

void format_halfvec(std::string_view bytes, std::string& out) {
  format_dense<std::uint16_t>(bytes, out, float_from_half);
}

std::string receive_vector(std::string_view message, std::int32_t typmod) {
  BinaryReader reader(message);
  std::int32_t dimensions = receive_header("vector", reader, typmod);
  std::string bytes;
  bytes.reserve(static_cast<std::size_t>(dimensions) * sizeof(float));
  for (std::int32_t i = 0; i < dimensions; ++i) {
    auto element = std::bit_cast<float>(reader.u32());
    check_vector_element("vector", element);
    append_little_endian(bytes, element);
  }
  reader.finish();
  return bytes;
}

std::string receive_halfvec(std::string_view message, std::int32_t typmod) {
  BinaryReader reader(message);
  std::int32_t dimensions = receive_header("halfvec", reader, typmod);
  std::string bytes;
  bytes.reserve(static_cast<std::size_t>(dimensions) * sizeof(std::uint16_t));
  for (std::int32_t i = 0; i < dimensions; ++i) {
    std::uint16_t half = reader.u16();
    check_vector_element("halfvec", float_from_half(half));
    append_little_endian(bytes, half);
  }
  reader.finish();
  return bytes;
}

void send_vector(std::string_view bytes, std::string& out) {
  send_header(vector_dimensions(bytes), out);
  for (std::size_t at = 0; at + sizeof(float) <= bytes.size(); at += sizeof(float)) {
    append_u32(out, read_little_endian<std::uint32_t>(bytes.data() + at));
  }
}

void send_halfvec(std::string_view bytes, std::string& out) {
  send_header(halfvec_dimensions(bytes), out);
  for (std::size_t at = 0; at + sizeof(std::uint16_t) <= bytes.size(); at += 2) {
    append_u16(out, read_little_endian<std::uint16_t>(bytes.data() + at));
  }
}

int compare_vector(std::string_view a, std::string_view b) {
  return compare_dense<float>(a, b, as_float);
}

int compare_halfvec(std::string_view a, std::string_view b) {
  return compare_dense<std::uint16_t>(a, b, float_from_half);
}

std::string vector_sort_key(std::string_view bytes) {
  std::string key;
  key.reserve(bytes.size());
  for (float element : decode_vector(bytes)) append_u32(key, ordered_bits(element));
  return key;
}

std::string halfvec_sort_key(std::string_view bytes) {
  return vector_sort_key(encode_vector(decode_halfvec(bytes)));
}

std::size_t vector_dimensions(std::string_view bytes) {
  return bytes.size() / sizeof(float);
}

std::size_t halfvec_dimensions(std::string_view bytes) {
  return bytes.size() / sizeof(std::uint16_t);
}

std::vector<float> decode_vector(std::string_view bytes) {
  std::vector<float> elements(vector_dimensions(bytes));
  if (!elements.empty()) {
    std::memcpy(elements.data(), bytes.data(), elements.size() * sizeof(float));
  }
  return elements;
}

std::vector<float> decode_halfvec(std::string_view bytes) {
  std::vector<float> elements;
  elements.reserve(halfvec_dimensions(bytes));
  for (std::size_t at = 0; at + sizeof(std::uint16_t) <= bytes.size(); at += 2) {
    elements.push_back(float_from_half(read_little_endian<std::uint16_t>(bytes.data() + at)));
  }
  return elements;
}

std::string encode_vector(const std::vector<float>& elements) {
  return std::string(reinterpret_cast<const char*>(elements.data()),
                     elements.size() * sizeof(float));
}

std::string encode_halfvec(const std::vector<float>& elements) {
  std::string bytes;
  for (float element : elements) append_little_endian(bytes, checked_half(element));
  return bytes;
}

}  // namespace dvecdb::server::types
