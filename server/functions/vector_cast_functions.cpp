#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <cmath>
#include <cstdlib>
#include <string>
#include <vector>

#include "server/functions/vector_tables.h"
#include "server/types/array.h"
#include "server/types/error.h"
#include "server/types/oids.h"
#include "server/types/vector_value.h"

namespace dvecdb::server::functions {
namespace {

using types::SparseVector;
using types::SqlError;
namespace sqlstate = types::sqlstate;

// Casts are called with the value, then perhaps the typmod and whether the cast is explicit.
std::int32_t typmod_of(std::span<const Value> args) {
  return args.size() > 1 ? static_cast<std::int32_t>(args[1].as_integer()) : -1;
}

float element_to_float(Oid type, const Value& element) {
  if (type != types::oids::numeric) return static_cast<float>(element.as_real());
  std::string text(element.as_bytes());
  float value = std::strtof(text.c_str(), nullptr);
  if (std::isinf(value) && text.find("nf") == std::string::npos) {
    throw SqlError(sqlstate::numeric_value_out_of_range,
                   fmt::format("\"{}\" is out of range for type real", text));
  }
  return value;
}

std::vector<float> array_elements(const core::VectorType& type, std::span<const Value> args) {
  types::Array array = types::decode_array(args[0].as_bytes());
  if (array.dimensions.size() > 1) throw SqlError(sqlstate::data_exception, "array must be 1-D");
  std::vector<float> elements;
  elements.reserve(array.elements.size());
  for (const Value& element : array.elements) {
    if (element.is_null()) {
      throw SqlError(sqlstate::null_value_not_allowed, "array must not contain nulls");
    }
    elements.push_back(element_to_float(array.element_type, element));
  }
  auto size = static_cast<std::int64_t>(elements.size());
  types::check_vector_dimensions(type, size);
  types::check_expected_dimensions(typmod_of(args), size);
  return elements;
}

void check_elements(const core::VectorType& type, const std::vector<float>& elements) {
  for (float element : elements) types::check_vector_element(type, element);
}

SparseVector sparse_from_dense(const std::vector<float>& elements) {
  SparseVector vector;
  vector.dimensions = static_cast<std::int32_t>(elements.size());
  for (std::size_t i = 0; i < elements.size(); ++i) {
    if (elements[i] == 0) continue;
    vector.indices.push_back(static_cast<std::int32_t>(i));
    vector.values.push_back(elements[i]);
  }
  return vector;
}

std::vector<float> dense_from_sparse(const core::VectorType& type, std::span<const Value> args) {
  SparseVector vector = types::decode_sparsevec(args[0].as_bytes());
  types::check_vector_dimensions(type, vector.dimensions);
  types::check_expected_dimensions(typmod_of(args), vector.dimensions);
  std::vector<float> elements(static_cast<std::size_t>(vector.dimensions));
  for (std::size_t i = 0; i < vector.indices.size(); ++i) {
    elements[static_cast<std::size_t>(vector.indices[i])] = vector.values[i];
  }
  return elements;
}

void check_typmod(std::span<const Value> args, std::size_t dimensions) {
  types::check_expected_dimensions(typmod_of(args), static_cast<std::int64_t>(dimensions));
}

Value array_to_vector(const FunctionContext&, std::span<const Value> args) {
  std::vector<float> elements = array_elements(core::vector_type, args);
  check_elements(core::vector_type, elements);
  return Value::blob(types::encode_vector(elements));
}

Value array_to_halfvec(const FunctionContext&, std::span<const Value> args) {
  std::vector<float> elements = array_elements(core::halfvec_type, args);
  std::string bytes = types::encode_halfvec(elements);
  check_elements(core::halfvec_type, elements);
  return Value::blob(std::move(bytes));
}

Value array_to_sparsevec(const FunctionContext&, std::span<const Value> args) {
  std::vector<float> elements = array_elements(core::sparsevec_type, args);
  check_elements(core::sparsevec_type, elements);
  SparseVector vector = sparse_from_dense(elements);
  types::check_sparsevec_elements(static_cast<std::int64_t>(vector.indices.size()));
  return Value::blob(types::encode_sparsevec(vector));
}

Value vector_to_vector(const FunctionContext&, std::span<const Value> args) {
  check_typmod(args, types::vector_dimensions(args[0].as_bytes()));
  return args[0];
}

Value halfvec_to_halfvec(const FunctionContext&, std::span<const Value> args) {
  check_typmod(args, types::halfvec_dimensions(args[0].as_bytes()));
  return args[0];
}

Value sparsevec_to_sparsevec(const FunctionContext&, std::span<const Value> args) {
  SparseVector vector = types::decode_sparsevec(args[0].as_bytes());
  check_typmod(args, static_cast<std::size_t>(vector.dimensions));
  return args[0];
}

Value vector_to_halfvec(const FunctionContext&, std::span<const Value> args) {
  check_typmod(args, types::vector_dimensions(args[0].as_bytes()));
  return Value::blob(types::encode_halfvec(types::decode_vector(args[0].as_bytes())));
}

Value halfvec_to_vector(const FunctionContext&, std::span<const Value> args) {
  check_typmod(args, types::halfvec_dimensions(args[0].as_bytes()));
  return Value::blob(types::encode_vector(types::decode_halfvec(args[0].as_bytes())));
}

Value vector_to_sparsevec(const FunctionContext&, std::span<const Value> args) {
  check_typmod(args, types::vector_dimensions(args[0].as_bytes()));
  return Value::blob(
      types::encode_sparsevec(sparse_from_dense(types::decode_vector(args[0].as_bytes()))));
}

Value halfvec_to_sparsevec(const FunctionContext&, std::span<const Value> args) {
  check_typmod(args, types::halfvec_dimensions(args[0].as_bytes()));
  return Value::blob(
      types::encode_sparsevec(sparse_from_dense(types::decode_halfvec(args[0].as_bytes()))));
}

Value sparsevec_to_vector(const FunctionContext&, std::span<const Value> args) {
  return Value::blob(types::encode_vector(dense_from_sparse(core::vector_type, args)));
}

Value sparsevec_to_halfvec(const FunctionContext&, std::span<const Value> args) {
  return Value::blob(types::encode_halfvec(dense_from_sparse(core::halfvec_type, args)));
}

Value to_float4_array(const std::vector<float>& elements) {
  std::vector<Value> values;
  values.reserve(elements.size());
  for (float element : elements) values.push_back(Value::real(static_cast<double>(element)));
  return types::encode_array(types::make_array(types::oids::float4, std::move(values)));
}

Value vector_to_float4(const FunctionContext&, std::span<const Value> args) {
  return to_float4_array(types::decode_vector(args[0].as_bytes()));
}

Value halfvec_to_float4(const FunctionContext&, std::span<const Value> args) {
  return to_float4_array(types::decode_halfvec(args[0].as_bytes()));
}

constexpr std::array entries{
    ScalarEntry{"vector", vector_to_vector},
    ScalarEntry{"halfvec", halfvec_to_halfvec},
    ScalarEntry{"sparsevec", sparsevec_to_sparsevec},
    ScalarEntry{"array_to_vector", array_to_vector},
    ScalarEntry{"array_to_halfvec", array_to_halfvec},
    ScalarEntry{"array_to_sparsevec", array_to_sparsevec},
    ScalarEntry{"vector_to_float4", vector_to_float4},
    ScalarEntry{"halfvec_to_float4", halfvec_to_float4},
    ScalarEntry{"vector_to_halfvec", vector_to_halfvec},
    ScalarEntry{"halfvec_to_vector", halfvec_to_vector},
    ScalarEntry{"vector_to_sparsevec", vector_to_sparsevec},
    ScalarEntry{"halfvec_to_sparsevec", halfvec_to_sparsevec},
    ScalarEntry{"sparsevec_to_vector", sparsevec_to_vector},
    ScalarEntry{"sparsevec_to_halfvec", sparsevec_to_halfvec},
};

}  // namespace

ScalarTable vector_cast_functions() {
  return entries;
}

}  // namespace dvecdb::server::functions
