#include "server/types/vector_value.h"

#include <algorithm>
#include <bit>
#include <cstdlib>

#include "dvecdb/half.h"
#include "server/types/binary.h"
#include "server/types/little_endian.h"
#include "server/types/vector_refusal.h"

namespace dvecdb::server::types {
namespace {

using core::Half;

template <class T>
std::string parse_dense(std::string_view text, std::int32_t typmod) {
  std::string bytes(core::elements_at_most(text) * sizeof(T), '\0');
  const std::int32_t dimensions = translated(
      [&] { return core::parse_dense(text, typmod, reinterpret_cast<T*>(bytes.data())); });
  bytes.resize(static_cast<std::size_t>(dimensions) * sizeof(T));
  return bytes;
}

template <class T>
void format_dense(std::string_view bytes, std::string& out) {
  const std::vector<T> elements = decode_elements<T>(bytes);
  const std::size_t start = out.size();
  out.resize(start + core::dense_text_room(elements.size()));
  const char* end = core::print_dense(elements.data(), elements.size(), out.data() + start);
  out.resize(static_cast<std::size_t>(end - out.data()));
}

template <class T>
std::string receive_dense(std::string_view message, std::int32_t typmod) {
  const std::int32_t dimensions =
      translated([&] { return core::receive_dense_head<T>(message, typmod); });
  std::string bytes(static_cast<std::size_t>(dimensions) * sizeof(T), '\0');
  translated([&] {
    core::receive_dense_elements(message, dimensions, reinterpret_cast<T*>(bytes.data()));
  });
  BinaryReader(message).finish();
  return bytes;
}

template <class T>
void send_dense(std::string_view bytes, std::string& out) {
  const std::vector<T> elements = decode_elements<T>(bytes);
  const std::size_t start = out.size();
  out.resize(start + core::dense_message_size<T>(elements.size()));
  core::send_dense(elements.data(), elements.size(), out.data() + start);
}

float float_from_half(std::uint16_t bits) {
  return core::to_float(Half{bits});
}

float as_float(float value) {
  return value;
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

// Bits whose unsigned order is the order of the floats; -0 equals 0.
std::uint32_t ordered_bits(float value) {
  auto bits = std::bit_cast<std::uint32_t>(value == 0 ? 0.0F : value);
  constexpr std::uint32_t sign = 0x80000000;
  return (bits & sign) != 0 ? ~bits : bits | sign;
}

}  // namespace

void check_vector_dimensions(const core::VectorType& type, std::int64_t dimensions) {
  translated([&] { core::check_dimensions(type, dimensions); });
}

void check_expected_dimensions(std::int32_t typmod, std::int64_t dimensions) {
  translated([&] { core::check_expected_dimensions(typmod, dimensions); });
}

void check_vector_element(const core::VectorType& type, float value) {
  translated([&] { core::check_element(type, value); });
}

void check_sparsevec_elements(std::int64_t count) {
  translated([&] { core::check_element_count(count); });
}

std::uint16_t checked_half(float value) {
  return translated([&] { return core::checked_half(value); }).bits;
}

std::int32_t check_vector_typmod(const core::VectorType& type, std::int64_t dimensions) {
  return translated([&] { return core::check_typmod(type, dimensions); });
}

std::string parse_vector(std::string_view text, std::int32_t typmod) {
  return parse_dense<float>(text, typmod);
}

std::string parse_halfvec(std::string_view text, std::int32_t typmod) {
  return parse_dense<Half>(text, typmod);
}

void format_vector(std::string_view bytes, std::string& out) {
  format_dense<float>(bytes, out);
}

void format_halfvec(std::string_view bytes, std::string& out) {
  format_dense<Half>(bytes, out);
}

std::string receive_vector(std::string_view message, std::int32_t typmod) {
  return receive_dense<float>(message, typmod);
}

std::string receive_halfvec(std::string_view message, std::int32_t typmod) {
  return receive_dense<Half>(message, typmod);
}

void send_vector(std::string_view bytes, std::string& out) {
  send_dense<float>(bytes, out);
}

void send_halfvec(std::string_view bytes, std::string& out) {
  send_dense<Half>(bytes, out);
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
  return bytes.size() / sizeof(Half);
}

std::vector<float> decode_vector(std::string_view bytes) {
  return decode_elements<float>(bytes);
}

std::vector<float> decode_halfvec(std::string_view bytes) {
  const std::vector<Half> halves = decode_elements<Half>(bytes);
  std::vector<float> elements(halves.size());
  core::to_float(halves.data(), elements.data(), halves.size());
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
