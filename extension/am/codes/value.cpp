#include "extension/am/codes/value.h"

#include <cstring>

#include "dvecdb/half.h"

extern "C" {
#include <utils/varbit.h>
}

namespace dvecdb::extension {
namespace {

// The datums' layouts, which pgvector has, too: see extension/types.
struct DenseDatum {
  std::int32_t length;
  std::int16_t dims;
  std::int16_t unused;
  char elements[1];
};

struct SparseDatum {
  std::int32_t length;
  std::int32_t dims;
  std::int32_t count;
  std::int32_t unused;
  std::int32_t indices[1];
};

core::SparseView sparse_view(const std::int32_t* indices, std::int32_t count) {
  const auto n = static_cast<std::size_t>(count);
  return {indices, reinterpret_cast<const float*>(indices + n), n};
}

}  // namespace

Value value_of(ElementKind element, Datum datum) {
  const void* pointer = DatumGetPointer(datum);
  if (element == ElementKind::bit) {
    const auto* bits = static_cast<const VarBit*>(pointer);
    return {bits->bit_dat, static_cast<std::uint32_t>(bits->bit_len), {}};
  }
  if (element == ElementKind::sparse) {
    const auto* sparse = static_cast<const SparseDatum*>(pointer);
    return {nullptr, static_cast<std::uint32_t>(sparse->dims),
            sparse_view(sparse->indices, sparse->count)};
  }
  const auto* dense = static_cast<const DenseDatum*>(pointer);
  return {dense->elements, static_cast<std::uint32_t>(dense->dims), {}};
}

std::size_t stored_bytes(ElementKind element, const Value& value) {
  switch (element) {
    case ElementKind::single:
      return value.dims * sizeof(float);
    case ElementKind::half:
      return value.dims * sizeof(core::Half);
    case ElementKind::bit:
      return (value.dims + 7) / 8;
    case ElementKind::sparse:
      break;
  }
  return sizeof(std::int32_t) + value.sparse.count * (sizeof(std::int32_t) + sizeof(float));
}

void store(ElementKind element, const Value& value, std::uint8_t* out) {
  if (element != ElementKind::sparse) {
    std::memcpy(out, value.elements, stored_bytes(element, value));
    return;
  }
  const auto count = static_cast<std::int32_t>(value.sparse.count);
  std::memcpy(out, &count, sizeof count);
  out += sizeof count;
  std::memcpy(out, value.sparse.indices, value.sparse.count * sizeof(std::int32_t));
  out += value.sparse.count * sizeof(std::int32_t);
  std::memcpy(out, value.sparse.values, value.sparse.count * sizeof(float));
}

Value stored_value(ElementKind element, std::uint32_t dims, const std::uint8_t* bytes) {
  if (element != ElementKind::sparse) return {bytes, dims, {}};
  std::int32_t count;
  std::memcpy(&count, bytes, sizeof count);
  return {nullptr, dims,
          sparse_view(reinterpret_cast<const std::int32_t*>(bytes + sizeof count), count)};
}

}  // namespace dvecdb::extension
