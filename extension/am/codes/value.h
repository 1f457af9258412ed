#pragma once

#include <cstddef>
#include <cstdint>

#include "dvecdb/distance.h"
#include "extension/am/pages/format.h"

namespace dvecdb::extension {

/// A value of an indexed column, as the index takes it. A view: borrows the datum's memory.
struct Value {
  const void* elements = nullptr;  ///< float[], core::Half[] or the bytes of a bit string
  std::uint32_t dims = 0;          ///< elements, or bits
  core::SparseView sparse = {};    ///< in place of elements, of sparse vectors
};

/// Whether values are vectors of all their elements: not bits, nor sparse vectors.
constexpr bool is_dense(const IndexShape& shape) {
  return shape.element == ElementKind::single || shape.element == ElementKind::half;
}

/// The value in a datum that is not toasted.
Value value_of(ElementKind element, Datum datum);

/// The bytes of a value as the index keeps them: those of its elements; for sparse vectors their
/// number, the indices, the elements.
std::size_t stored_bytes(ElementKind element, const Value& value);
void store(ElementKind element, const Value& value, std::uint8_t* out);
Value stored_value(ElementKind element, std::uint32_t dims, const std::uint8_t* bytes);

}  // namespace dvecdb::extension
