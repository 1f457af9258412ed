// The values of vector, halfvec and sparsevec as they lie in tuples: equal to pgvector's, so that
// each reads the other's tables. All are varlena; none owns anything.
#pragma once

#include <cstddef>
#include <cstdint>

#include "dvecdb/vector_text.h"
#include "extension/postgres.h"

namespace dvecdb::extension {

// vector and halfvec. The elements follow.
template <class T>
struct DenseValue {
  using Element = T;
  static constexpr const core::VectorType& type = core::dense_type<T>;

  std::int32_t varlena_header;
  std::int16_t dimensions;
  std::int16_t unused;  // 0

  static constexpr std::size_t size(std::size_t dimensions) {
    return sizeof(DenseValue) + dimensions * sizeof(T);
  }
  T* elements() { return reinterpret_cast<T*>(this + 1); }
  const T* elements() const { return reinterpret_cast<const T*>(this + 1); }
  std::size_t count() const { return static_cast<std::size_t>(dimensions); }
};
using Vector = DenseValue<float>;
using Halfvec = DenseValue<core::Half>;
static_assert(sizeof(Vector) == 8);

// sparsevec. `elements` indices follow, ascending from 0, then as many values, none zero.
struct Sparsevec {
  static constexpr const core::VectorType& type = core::sparsevec_type;

  std::int32_t varlena_header;
  std::int32_t dimensions;
  std::int32_t elements;
  std::int32_t unused;  // 0

  static constexpr std::size_t size(std::size_t elements) {
    return sizeof(Sparsevec) + elements * (sizeof(std::int32_t) + sizeof(float));
  }
  std::size_t count() const { return static_cast<std::size_t>(elements); }
  std::int32_t* indices() { return reinterpret_cast<std::int32_t*>(this + 1); }
  const std::int32_t* indices() const { return reinterpret_cast<const std::int32_t*>(this + 1); }
  float* values() { return reinterpret_cast<float*>(indices() + elements); }
  const float* values() const { return reinterpret_cast<const float*>(indices() + elements); }
  core::SparseView view() const { return {indices(), values(), count()}; }
};
static_assert(sizeof(Sparsevec) == 16);

inline float widen(float element) {
  return element;
}
inline float widen(core::Half element) {
  return core::to_float(element);
}

// Room for a value in the current memory context, with its header set. The elements are not.
template <class T>
DenseValue<T>* new_dense(std::int32_t dimensions) {
  const std::size_t size = DenseValue<T>::size(static_cast<std::size_t>(dimensions));
  auto* value = static_cast<DenseValue<T>*>(palloc(size));
  SET_VARSIZE(value, size);
  value->dimensions = static_cast<std::int16_t>(dimensions);
  value->unused = 0;
  return value;
}
Sparsevec* new_sparse(std::int32_t dimensions, std::int32_t elements);

// The value of a datum, fetched and unpacked where it is stored out of line or with a short header;
// else in its place.
template <class Value>
const Value* value_of(Datum datum) {
  return reinterpret_cast<const Value*>(PG_DETOAST_DATUM(datum));
}

}  // namespace dvecdb::extension
