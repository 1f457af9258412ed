// The first byte: text or binary, and which of the vector types. The rest: a value of it. What is
// read must print, read back as the same elements, and go through the binary form unchanged; what
// is refused must say so in a message of bounded length beside what it quotes.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "dvecdb/vector_text.h"

using namespace dvecdb::core;

namespace {

[[noreturn]] void fail(std::string_view printed, const char* what) {
  std::fprintf(stderr, "\"%.*s\": %s\n", static_cast<int>(printed.size()), printed.data(), what);
  std::abort();
}

template <class T>
struct Dense {
  std::vector<T> elements;

  static Dense parse(std::string_view text) {
    Dense value{std::vector<T>(elements_at_most(text))};
    value.elements.resize(static_cast<std::size_t>(parse_dense(text, -1, value.elements.data())));
    return value;
  }
  static Dense receive(std::string_view& message) {
    const std::int32_t dimensions = receive_dense_head<T>(message, -1);
    Dense value{std::vector<T>(static_cast<std::size_t>(dimensions))};
    receive_dense_elements(message, dimensions, value.elements.data());
    return value;
  }
  std::string print() const {
    std::string out(dense_text_room(elements.size()), '\0');
    const char* end = print_dense(elements.data(), elements.size(), out.data());
    out.resize(static_cast<std::size_t>(end - out.data()));
    return out;
  }
  std::string send() const {
    std::string out(dense_message_size<T>(elements.size()), '\0');
    send_dense(elements.data(), elements.size(), out.data());
    return out;
  }
};

struct Sparse {
  std::int32_t dimensions;
  std::vector<std::int32_t> indices;
  std::vector<float> values;

  SparseView view() const { return {indices.data(), values.data(), indices.size()}; }

  static Sparse parse(std::string_view text) {
    std::vector<SparseElement> elements(elements_at_most(text));
    const SparseShape shape = parse_sparse(text, -1, elements.data());
    Sparse value{shape.dimensions, {}, {}};
    elements.resize(static_cast<std::size_t>(shape.count));
    for (const SparseElement& element : elements) {
      value.indices.push_back(element.index);
      value.values.push_back(element.value);
    }
    return value;
  }
  static Sparse receive(std::string_view& message) {
    const SparseShape shape = receive_sparse_head(message, -1);
    const auto count = static_cast<std::size_t>(shape.count);
    Sparse value{shape.dimensions, std::vector<std::int32_t>(count), std::vector<float>(count)};
    receive_sparse_elements(message, shape, value.indices.data(), value.values.data());
    return value;
  }
  std::string print() const {
    std::string out(sparse_text_room(indices.size()), '\0');
    const char* end = print_sparse(view(), dimensions, out.data());
    out.resize(static_cast<std::size_t>(end - out.data()));
    return out;
  }
  std::string send() const {
    std::string out(sparse_message_size(indices.size()), '\0');
    send_sparse(view(), dimensions, out.data());
    return out;
  }
};

template <class Value>
void check_round_trip(const Value& value) {
  const std::string text = value.print();
  const std::string message = value.send();
  try {
    if (Value::parse(text).send() != message) fail(text, "does not read back the same");
    std::string_view rest = message;
    if (Value::receive(rest).print() != text || !rest.empty()) {
      fail(text, "changes in its binary form");
    }
  } catch (const InvalidInput& refused) {
    fail(text, refused.what());
  }
}

template <class Value>
void run(bool is_text, std::string_view bytes) {
  try {
    std::string_view rest = bytes;
    check_round_trip(is_text ? Value::parse(bytes) : Value::receive(rest));
  } catch (const InvalidInput& refused) {
    const InputFault& fault = refused.fault();
    const std::size_t beside = std::strlen(refused.what());
    if (beside > sizeof(fault.lead) + sizeof(fault.tail) + 2 + fault.quoted.size()) {
      fail(bytes, "is refused at length");
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const bool is_text = data[0] % 2 == 0;
  switch (data[0] / 2 % 3) {
    case 0:
      run<Dense<float>>(is_text, bytes);
      break;
    case 1:
      run<Dense<Half>>(is_text, bytes);
      break;
    default:
      run<Sparse>(is_text, bytes);
  }
  return 0;
}
