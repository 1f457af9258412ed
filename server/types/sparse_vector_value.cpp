#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <utility>

#include "server/types/binary.h"
#include "server/types/error.h"
#include "server/types/float_text.h"
#include "server/types/little_endian.h"
#include "server/types/vector_scanner.h"
#include "server/types/vector_value.h"

namespace dvecdb::server::types {
namespace {

constexpr std::string_view type_name = "sparsevec";

void check_element_count(std::int64_t count) {
  if (count > max_sparsevec_elements) {
    throw SqlError(sqlstate::program_limit_exceeded,
                   fmt::format("sparsevec cannot have more than {} non-zero elements",
                               max_sparsevec_elements));
  }
}

void check_index(const SparseVector& vector, std::size_t i) {
  std::int32_t index = vector.indices[i];
  auto refuse = [](const char* message) { return SqlError(sqlstate::data_exception, message); };
  if (index < 0 || index >= vector.dimensions) throw refuse("sparsevec index out of bounds");
  if (i == 0) return;
  if (index < vector.indices[i - 1]) throw refuse("sparsevec indices must be in ascending order");
  if (index == vector.indices[i - 1]) {
    throw refuse("sparsevec indices must not contain duplicates");
  }
}

// "{index:value,...}": pairs with zeros left out, indices from 0.
std::vector<std::pair<std::int32_t, float>> parse_elements(VectorScanner& scanner) {
  std::vector<std::pair<std::int32_t, float>> elements;
  if (!scanner.accept('{')) throw scanner.syntax_error("Vector contents must start with \"{\".");
  if (scanner.accept('}')) return elements;
  do {
    auto index = static_cast<std::int32_t>(scanner.read_integer());
    if (!scanner.accept(':')) throw scanner.syntax_error();
    VectorScanner::Number number = scanner.read_float();
    if (number.value == 0 && number.token.find_first_of("123456789") < number.token.find('e')) {
      throw SqlError(sqlstate::numeric_value_out_of_range,
                     fmt::format("\"{}\" is out of range for type sparsevec", number.token));
    }
    check_vector_element(type_name, number.value);
    if (number.value != 0) elements.emplace_back(index - 1, number.value);
  } while (scanner.accept(','));
  if (!scanner.accept('}')) throw scanner.syntax_error();
  return elements;
}

std::uint32_t ordered_bits(float value) {
  auto bits = std::bit_cast<std::uint32_t>(value);
  return value < 0 ? ~bits : bits | 0x80000000;
}

}  // namespace

std::string parse_sparsevec(std::string_view text, std::int32_t typmod) {
  check_element_count(std::count(text.begin(), text.end(), ',') + 1);
  VectorScanner scanner(type_name, text);
  auto elements = parse_elements(scanner);
  if (!scanner.accept('/')) throw scanner.syntax_error("Unexpected end of input.");
  std::int64_t dimensions = scanner.read_integer();
  if (!scanner.at_end()) throw scanner.syntax_error("Junk after closing.");
  check_vector_dimensions(type_name, dimensions);
  check_expected_dimensions(typmod, dimensions);
  std::stable_sort(elements.begin(), elements.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  SparseVector vector;
  vector.dimensions = static_cast<std::int32_t>(dimensions);
  for (std::size_t i = 0; i < elements.size(); ++i) {
    vector.indices.push_back(elements[i].first);
    vector.values.push_back(elements[i].second);
    check_index(vector, i);
  }
  return encode_sparsevec(vector);
}

void format_sparsevec(std::string_view bytes, std::string& out) {
  SparseVector vector = decode_sparsevec(bytes);
  out.push_back('{');
  for (std::size_t i = 0; i < vector.indices.size(); ++i) {
    if (i > 0) out.push_back(',');
    out += std::to_string(vector.indices[i] + 1);
    out.push_back(':');
    append_float4(out, vector.values[i]);
  }
  out += "}/";
  out += std::to_string(vector.dimensions);
}

std::string receive_sparsevec(std::string_view message, std::int32_t typmod) {
  BinaryReader reader(message);
  SparseVector vector;
  vector.dimensions = reader.i32();
  std::int32_t count = reader.i32();
  std::int32_t unused = reader.i32();
  check_vector_dimensions(type_name, vector.dimensions);
  if (count < 0) {
    throw SqlError(sqlstate::data_exception, "sparsevec cannot have negative number of elements");
  }
  check_element_count(count);
  if (count > vector.dimensions) {
    throw SqlError(sqlstate::program_limit_exceeded,
                   "sparsevec cannot have more elements than dimensions");
  }
  check_expected_dimensions(typmod, vector.dimensions);
  if (unused != 0) {
    throw SqlError(sqlstate::data_exception,
                   fmt::format("expected unused to be 0, not {}", unused));
  }
  for (std::int32_t i = 0; i < count; ++i) {
    vector.indices.push_back(reader.i32());
    check_index(vector, static_cast<std::size_t>(i));
  }
  for (std::int32_t i = 0; i < count; ++i) {
    auto value = std::bit_cast<float>(reader.u32());
    check_vector_element(type_name, value);
    if (value == 0) {
      throw SqlError(sqlstate::data_exception,
                     "binary representation of sparsevec cannot contain zero values");
    }
    vector.values.push_back(value);
  }
  reader.finish();
  return encode_sparsevec(vector);
}

void send_sparsevec(std::string_view bytes, std::string& out) {
  SparseVector vector = decode_sparsevec(bytes);
  append_u32(out, static_cast<std::uint32_t>(vector.dimensions));
  append_u32(out, static_cast<std::uint32_t>(vector.indices.size()));
  append_u32(out, 0);
  for (std::int32_t index : vector.indices) append_u32(out, static_cast<std::uint32_t>(index));
  for (float value : vector.values) append_u32(out, std::bit_cast<std::uint32_t>(value));
}

int compare_sparsevec(std::string_view a, std::string_view b) {
  int order = sparsevec_sort_key(a).compare(sparsevec_sort_key(b));
  return order < 0 ? -1 : (order > 0 ? 1 : 0);
}

// The order is that of the dense vectors. So an element above zero sorts after any run of zeros,
// the sooner it comes the higher; one below zero before, the sooner the lower. The end is like an
// element below everything: what goes on is greater.
std::string sparsevec_sort_key(std::string_view bytes) {
  constexpr char below_zero = 0;
  constexpr char above_zero = 1;
  SparseVector vector = decode_sparsevec(bytes);
  std::string key;
  for (std::size_t i = 0; i < vector.indices.size(); ++i) {
    auto index = static_cast<std::uint32_t>(vector.indices[i]);
    bool is_negative = vector.values[i] < 0;
    key.push_back(is_negative ? below_zero : above_zero);
    append_u32(key, is_negative ? index : ~index);
    append_u32(key, ordered_bits(vector.values[i]));
  }
  key.push_back(below_zero);
  append_u32(key, static_cast<std::uint32_t>(vector.dimensions));
  return key;
}

SparseVector decode_sparsevec(std::string_view bytes) {
  SparseVector vector;
  constexpr std::size_t header = 8;
  auto damaged = [] { return SqlError(sqlstate::data_corrupted, "damaged sparsevec value"); };
  if (bytes.size() < header) throw damaged();
  vector.dimensions = read_little_endian<std::int32_t>(bytes.data());
  auto count = read_little_endian<std::uint32_t>(bytes.data() + 4);
  if (bytes.size() != header + 8 * static_cast<std::size_t>(count)) throw damaged();
  vector.indices.resize(count);
  vector.values.resize(count);
  if (count == 0) return vector;
  std::memcpy(vector.indices.data(), bytes.data() + header, 4 * std::size_t{count});
  std::memcpy(vector.values.data(), bytes.data() + header + 4 * std::size_t{count},
              4 * std::size_t{count});
  return vector;
}

std::string encode_sparsevec(const SparseVector& vector) {
  std::string bytes;
  append_little_endian(bytes, vector.dimensions);
  append_little_endian(bytes, static_cast<std::uint32_t>(vector.indices.size()));
  for (std::int32_t index : vector.indices) append_little_endian(bytes, index);
  for (float value : vector.values) append_little_endian(bytes, value);
  return bytes;
}

}  // namespace dvecdb::server::types
