#include <fmt/format.h>

#include <array>
#include <cmath>
#include <vector>

#include "dvecdb/distance.h"
#include "server/functions/float_errors.h"
#include "server/functions/vector_tables.h"
#include "server/types/error.h"
#include "server/types/vector_value.h"

namespace dvecdb::server::functions {
namespace {

using core::Metric;
using types::SparseVector;

double measure(Metric metric, std::span<const Value> args) {
  SparseVector a = types::decode_sparsevec(args[0].as_bytes());
  SparseVector b = types::decode_sparsevec(args[1].as_bytes());
  if (a.dimensions != b.dimensions) {
    throw types::SqlError(
        types::sqlstate::data_exception,
        fmt::format("different sparsevec dimensions {} and {}", a.dimensions, b.dimensions));
  }
  return core::operator_distance(metric, types::view_of(a), types::view_of(b));
}

template <Metric metric>
Value distance(const FunctionContext&, std::span<const Value> args) {
  return Value::real(measure(metric, args));
}

Value l2_squared(const FunctionContext&, std::span<const Value> args) {
  double length = measure(Metric::l2_squared, args);
  return Value::real(length * length);
}

Value inner_product(const FunctionContext&, std::span<const Value> args) {
  return Value::real(0 - measure(Metric::inner_product, args));
}

double length_of(const SparseVector& vector) {
  return core::l2_norm(vector.values.data(), vector.values.size());
}

Value norm(const FunctionContext&, std::span<const Value> args) {
  return Value::real(length_of(types::decode_sparsevec(args[0].as_bytes())));
}

Value normalize(const FunctionContext&, std::span<const Value> args) {
  SparseVector vector = types::decode_sparsevec(args[0].as_bytes());
  double length = length_of(vector);
  SparseVector result;
  result.dimensions = vector.dimensions;
  for (std::size_t i = 0; i < vector.values.size() && length > 0; ++i) {
    auto value = static_cast<float>(static_cast<double>(vector.values[i]) / length);
    if (std::isinf(value)) throw_float_overflow();
    if (value == 0) continue;
    result.indices.push_back(vector.indices[i]);
    result.values.push_back(value);
  }
  return Value::blob(types::encode_sparsevec(result));
}

int order(std::span<const Value> args) {
  return types::compare_sparsevec(args[0].as_bytes(), args[1].as_bytes());
}

Value compare(const FunctionContext&, std::span<const Value> args) {
  return Value::integer(order(args));
}

template <class Test>
Value test_order(const FunctionContext&, std::span<const Value> args) {
  return Value::boolean(Test{}(order(args), 0));
}

// Bit strings are their length in bits, then the bytes.
template <core::BitMetric metric>
Value bit_distance(const FunctionContext&, std::span<const Value> args) {
  std::string_view a = args[0].as_bytes();
  std::string_view b = args[1].as_bytes();
  constexpr std::size_t header = 4;
  if (a.substr(0, header) != b.substr(0, header)) {
    auto length = [](std::string_view bits) {
      std::uint32_t n = 0;
      for (char byte : bits.substr(0, header)) n = n << 8 | static_cast<unsigned char>(byte);
      return n;
    };
    throw types::SqlError(types::sqlstate::data_exception,
                          fmt::format("different bit lengths {} and {}", length(a), length(b)));
  }
  auto bytes = [](std::string_view bits) {
    return reinterpret_cast<const std::uint8_t*>(bits.data()) + header;
  };
  return Value::real(core::bit_distance(metric, bytes(a), bytes(b), a.size() - header));
}

constexpr std::array entries{
    ScalarEntry{"sparsevec_l2_distance", distance<Metric::l2_squared>},
    ScalarEntry{"sparsevec_l2_squared_distance", l2_squared},
    ScalarEntry{"sparsevec_inner_product", inner_product},
    ScalarEntry{"sparsevec_negative_inner_product", distance<Metric::inner_product>},
    ScalarEntry{"sparsevec_cosine_distance", distance<Metric::cosine>},
    ScalarEntry{"sparsevec_l1_distance", distance<Metric::l1>},
    ScalarEntry{"sparsevec_l2_norm", norm},
    ScalarEntry{"sparsevec_l2_normalize", normalize},
    ScalarEntry{"sparsevec_cmp", compare},
    ScalarEntry{"sparsevec_lt", test_order<std::less<>>},
    ScalarEntry{"sparsevec_le", test_order<std::less_equal<>>},
    ScalarEntry{"sparsevec_eq", test_order<std::equal_to<>>},
    ScalarEntry{"sparsevec_ne", test_order<std::not_equal_to<>>},
    ScalarEntry{"sparsevec_ge", test_order<std::greater_equal<>>},
    ScalarEntry{"sparsevec_gt", test_order<std::greater<>>},
    ScalarEntry{"hamming_distance", bit_distance<core::BitMetric::hamming>},
    ScalarEntry{"jaccard_distance", bit_distance<core::BitMetric::jaccard>},
};

}  // namespace

ScalarTable sparse_vector_functions() {
  return entries;
}

}  // namespace dvecdb::server::functions
