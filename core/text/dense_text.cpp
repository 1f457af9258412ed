#include <algorithm>
#include <cmath>

#include "core/text/network_order.h"
#include "core/text/scanner.h"
#include "dvecdb/float_text.h"
#include "dvecdb/vector_text.h"

namespace dvecdb::core {
namespace {

float widen(float value) {
  return value;
}
float widen(Half value) {
  return to_float(value);
}

void store(const Scanner::Number& number, float* out) {
  check_element(vector_type, number.value);
  *out = number.value;
}
void store(const Scanner::Number& number, Half* out) {
  *out = to_half(number.value);
  if (std::isinf(to_float(*out)) && !std::isinf(number.value)) {
    refuse_out_of_range(halfvec_type, number.token);
  }
  check_element(halfvec_type, number.value);
}

}  // namespace

std::size_t elements_at_most(std::string_view text) {
  const auto commas = static_cast<std::size_t>(std::count(text.begin(), text.end(), ','));
  static_assert(vector_type.max_dimensions == max_sparsevec_elements);
  return std::min<std::size_t>(commas + 1, max_sparsevec_elements);
}

template <class T>
std::int32_t parse_dense(std::string_view text, std::int32_t typmod, T* out) {
  const VectorType& type = dense_type<T>;
  Scanner scanner(type, text);
  if (!scanner.accept('[')) scanner.refuse_text("Vector contents must start with \"[\".");
  if (scanner.accept(']')) check_dimensions(type, 0);
  std::int32_t dimensions = 0;
  do {
    if (dimensions == type.max_dimensions) check_dimensions(type, dimensions + 1);
    store(scanner.read_float(), out + dimensions);
    ++dimensions;
  } while (scanner.accept(','));
  if (!scanner.accept(']')) scanner.refuse_text();
  if (!scanner.at_end()) scanner.refuse_text("Junk after closing right brace.");
  check_expected_dimensions(typmod, dimensions);
  return dimensions;
}

template <class T>
std::int32_t receive_dense_head(std::string_view& message, std::int32_t typmod) {
  const std::int32_t dimensions = take_network<std::int16_t>(message);
  const std::int32_t unused = take_network<std::int16_t>(message);
  check_dimensions(dense_type<T>, dimensions);
  check_expected_dimensions(typmod, dimensions);
  if (unused != 0) {
    refuse(Refusal::data_exception, "expected unused to be 0, not %d", unused);
  }
  return dimensions;
}

template <class T>
void receive_dense_elements(std::string_view& message, std::int32_t dimensions, T* out) {
  for (std::int32_t i = 0; i < dimensions; ++i) {
    out[i] = take_network<T>(message);
    check_element(dense_type<T>, widen(out[i]));
  }
}

std::size_t dense_text_room(std::size_t dimensions) {
  return 2 + dimensions * shortest_float_room;
}

template <class T>
char* print_dense(const T* elements, std::size_t dimensions, char* out) {
  *out++ = '[';
  for (std::size_t i = 0; i < dimensions; ++i) {
    if (i > 0) *out++ = ',';
    out = print_shortest(widen(elements[i]), out);
  }
  *out++ = ']';
  return out;
}

template <class T>
void send_dense(const T* elements, std::size_t dimensions, char* out) {
  out = put_network(out, static_cast<std::uint16_t>(dimensions));
  out = put_network(out, std::uint16_t{0});
  for (std::size_t i = 0; i < dimensions; ++i) out = put_network(out, elements[i]);
}

#define DVECDB_INSTANTIATE(T)                                                   \
  template std::int32_t parse_dense(std::string_view, std::int32_t, T*);        \
  template std::int32_t receive_dense_head<T>(std::string_view&, std::int32_t); \
  template void receive_dense_elements(std::string_view&, std::int32_t, T*);    \
  template char* print_dense(const T*, std::size_t, char*);                     \
  template void send_dense(const T*, std::size_t, char*);
DVECDB_INSTANTIATE(float)
DVECDB_INSTANTIATE(Half)
#undef DVECDB_INSTANTIATE

}  // namespace dvecdb::core
