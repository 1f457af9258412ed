#include <algorithm>
#include <charconv>

#include "core/text/network_order.h"
#include "core/text/scanner.h"
#include "dvecdb/float_text.h"
#include "dvecdb/vector_text.h"

namespace dvecdb::core {
namespace {

constexpr std::size_t index_room = 11;  // "1000000000" and a colon

void check_index(std::int32_t index, std::int32_t dimensions) {
  if (index < 0 || index >= dimensions) {
    refuse(Refusal::data_exception, "sparsevec index out of bounds");
  }
}

void check_ascending(std::int32_t before, std::int32_t index) {
  if (index < before) {
    refuse(Refusal::data_exception, "sparsevec indices must be in ascending order");
  }
  if (index == before) {
    refuse(Refusal::data_exception, "sparsevec indices must not contain duplicates");
  }
}

// A zero that is not written as one: too small for a float, and nothing would be left of it.
bool has_vanished(const Scanner::Number& number) {
  return number.value == 0 &&
         number.token.find_first_of("123456789") < number.token.find_first_of("eE");
}

std::int32_t parse_elements(Scanner& scanner, SparseElement* out) {
  if (!scanner.accept('{')) scanner.refuse_text("Vector contents must start with \"{\".");
  if (scanner.accept('}')) return 0;
  std::int32_t count = 0;
  do {
    const std::int32_t index = scanner.read_integer();
    if (!scanner.accept(':')) scanner.refuse_text();
    const Scanner::Number number = scanner.read_float();
    if (has_vanished(number)) refuse_out_of_range(sparsevec_type, number.token);
    check_element(sparsevec_type, number.value);
    if (number.value != 0) out[count++] = {index - 1, number.value};
  } while (scanner.accept(','));
  if (!scanner.accept('}')) scanner.refuse_text();
  return count;
}

// How a vector with this element compares to one with a zero in its place.
int against_zero(float value) {
  return value < 0 ? -1 : 1;
}

}  // namespace

SparseShape parse_sparse(std::string_view text, std::int32_t typmod, SparseElement* out) {
  check_element_count(std::count(text.begin(), text.end(), ',') + 1);
  Scanner scanner(sparsevec_type, text);
  const std::int32_t count = parse_elements(scanner, out);
  if (!scanner.accept('/')) scanner.refuse_text("Unexpected end of input.");
  const std::int32_t dimensions = scanner.read_integer();
  if (!scanner.at_end()) scanner.refuse_text("Junk after closing.");
  check_dimensions(sparsevec_type, dimensions);
  check_expected_dimensions(typmod, dimensions);
  std::sort(out, out + count,
            [](const SparseElement& a, const SparseElement& b) { return a.index < b.index; });
  for (std::int32_t i = 0; i < count; ++i) {
    check_index(out[i].index, dimensions);
    if (i > 0) check_ascending(out[i - 1].index, out[i].index);
  }
  return {dimensions, count};
}

SparseShape receive_sparse_head(std::string_view& message, std::int32_t typmod) {
  const auto dimensions = take_network<std::int32_t>(message);
  const auto count = take_network<std::int32_t>(message);
  const auto unused = take_network<std::int32_t>(message);
  check_dimensions(sparsevec_type, dimensions);
  if (count < 0) {
    refuse(Refusal::data_exception, "sparsevec cannot have negative number of elements");
  }
  check_element_count(count);
  if (count > dimensions) {
    refuse(Refusal::program_limit_exceeded, "sparsevec cannot have more elements than dimensions");
  }
  check_expected_dimensions(typmod, dimensions);
  if (unused != 0) {
    refuse(Refusal::data_exception, "expected unused to be 0, not %d", unused);
  }
  return {dimensions, count};
}

void receive_sparse_elements(std::string_view& message, SparseShape shape, std::int32_t* indices,
                             float* values) {
  for (std::int32_t i = 0; i < shape.count; ++i) {
    indices[i] = take_network<std::int32_t>(message);
    check_index(indices[i], shape.dimensions);
    if (i > 0) check_ascending(indices[i - 1], indices[i]);
  }
  for (std::int32_t i = 0; i < shape.count; ++i) {
    values[i] = take_network<float>(message);
    check_element(sparsevec_type, values[i]);
    if (values[i] == 0) {
      refuse(Refusal::data_exception,
             "binary representation of sparsevec cannot contain zero values");
    }
  }
}

std::size_t sparse_text_room(std::size_t count) {
  return 3 + index_room + count * (index_room + 1 + shortest_float_room);
}

char* print_sparse(const SparseView& vector, std::int32_t dimensions, char* out) {
  *out++ = '{';
  for (std::size_t i = 0; i < vector.count; ++i) {
    if (i > 0) *out++ = ',';
    out = std::to_chars(out, out + index_room, vector.indices[i] + 1).ptr;
    *out++ = ':';
    out = print_shortest(vector.values[i], out);
  }
  *out++ = '}';
  *out++ = '/';
  return std::to_chars(out, out + index_room, dimensions).ptr;
}

void send_sparse(const SparseView& vector, std::int32_t dimensions, char* out) {
  out = put_network(out, dimensions);
  out = put_network(out, static_cast<std::uint32_t>(vector.count));
  out = put_network(out, std::uint32_t{0});
  for (std::size_t i = 0; i < vector.count; ++i) out = put_network(out, vector.indices[i]);
  for (std::size_t i = 0; i < vector.count; ++i) out = put_network(out, vector.values[i]);
}

int compare_sparse(const SparseView& a, std::int32_t a_dimensions, const SparseView& b,
                   std::int32_t b_dimensions) {
  const std::size_t shared = std::min(a.count, b.count);
  for (std::size_t i = 0; i < shared; ++i) {
    if (a.indices[i] < b.indices[i]) return against_zero(a.values[i]);
    if (a.indices[i] > b.indices[i]) return -against_zero(b.values[i]);
    if (a.values[i] < b.values[i]) return -1;
    if (a.values[i] > b.values[i]) return 1;
  }
  // An element past the end of the other vector decides nothing: the dimensions do.
  if (a.count > shared && a.indices[shared] < b_dimensions) return against_zero(a.values[shared]);
  if (b.count > shared && b.indices[shared] < a_dimensions) return -against_zero(b.values[shared]);
  return (a_dimensions > b_dimensions) - (a_dimensions < b_dimensions);
}

}  // namespace dvecdb::core
