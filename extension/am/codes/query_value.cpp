#include "extension/am/codes/query_value.h"

#include <algorithm>

#include "dvecdb/half.h"

namespace dvecdb::extension {
namespace {

template <class T>
bool is_zero(const Value& value) {
  const auto* elements = static_cast<const T*>(value.elements);
  return core::l2_norm(elements, value.dims) == 0;
}

}  // namespace

void check_dims(const IndexShape& shape, const Value& value) {
  if (value.dims == shape.dims) return;
  static constexpr const char* kNames[] = {"vector", "halfvec", "sparsevec"};
  if (shape.element == ElementKind::bit) {
    ereport(ERROR, (errcode(ERRCODE_DATA_EXCEPTION),
                    errmsg("different bit lengths %u and %u", shape.dims, value.dims)));
  }
  ereport(ERROR, (errcode(ERRCODE_DATA_EXCEPTION),
                  errmsg("different %s dimensions %u and %u",
                         kNames[static_cast<int>(shape.element)], shape.dims, value.dims)));
}

Value query_value(const IndexShape& shape, const ScanKeyData* key) {
  if ((key->sk_flags & SK_ISNULL) != 0) {
    return {palloc0(shape.dims * sizeof(float)), shape.dims, {}};
  }
  const Datum datum = PointerGetDatum(PG_DETOAST_DATUM_COPY(key->sk_argument));
  const Value value = value_of(shape.element, datum);
  check_dims(shape, value);
  return value;
}

bool has_direction(const IndexShape& shape, const Value& value) {
  if (shape.distance != DistanceKind::cosine) return true;
  switch (shape.element) {
    case ElementKind::single:
      return !is_zero<float>(value);
    case ElementKind::half:
      return !is_zero<core::Half>(value);
    case ElementKind::sparse:
      return std::any_of(value.sparse.values, value.sparse.values + value.sparse.count,
                         [](float element) { return element != 0; });
    case ElementKind::bit:
      break;
  }
  return true;
}

}  // namespace dvecdb::extension
