// Casts from arrays of integer, real, double precision and numeric, as in casts.cpp.
#include <algorithm>

#include "dvecdb/half.h"
#include "extension/memory.h"
#include "extension/types/checks.h"
#include "extension/types/functions.h"
#include "extension/types/sparse_of.h"

extern "C" {
#include <utils/lsyscache.h>
}

namespace dvecdb::extension {
namespace {

// The elements of an array of one dimension without nulls, as float.
class ArrayElements {
 public:
  explicit ArrayElements(ArrayType* array) : type_(ARR_ELEMTYPE(array)) {
    if (ARR_NDIM(array) > 1) {
      ereport(ERROR, (errcode(ERRCODE_DATA_EXCEPTION), errmsg("array must be 1-D")));
    }
    if (ARR_HASNULL(array) && array_contains_nulls(array)) {
      ereport(ERROR,
              (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("array must not contain nulls")));
    }
    count_ = ArrayGetNItems(ARR_NDIM(array), ARR_DIMS(array));
    data_ = ARR_DATA_PTR(array);
    if (type_ == NUMERICOID) {
      deconstruct_array(array, NUMERICOID, -1, false, TYPALIGN_INT, &numerics_, nullptr, &count_);
    }
  }

  std::int32_t count() const { return count_; }

  // May raise: a numeric may not fit.
  float at(std::int32_t i) const {
    switch (type_) {
      case INT4OID:
        return static_cast<float>(reinterpret_cast<const std::int32_t*>(data_)[i]);
      case FLOAT4OID:
        return reinterpret_cast<const float*>(data_)[i];
      case FLOAT8OID:
        return static_cast<float>(reinterpret_cast<const double*>(data_)[i]);
      case NUMERICOID:
        return DatumGetFloat4(DirectFunctionCall1(numeric_float4, numerics_[i]));
      default:
        ereport(ERROR, (errcode(ERRCODE_DATA_EXCEPTION), errmsg("unsupported array type")));
    }
  }

 private:
  Oid type_;
  int count_ = 0;
  const char* data_ = nullptr;
  Datum* numerics_ = nullptr;
};

void put(float value, float& out) {
  core::check_element(core::vector_type, value);
  out = value;
}
void put(float value, core::Half& out) {
  out = core::checked_half(value);
  core::check_element(core::halfvec_type, value);
}

template <class T>
Datum made_of(const ArrayElements& elements, DenseValue<T>*) {
  auto* value = new_dense<T>(elements.count());
  for (std::int32_t i = 0; i < elements.count(); ++i) {
    const float element = elements.at(i);
    accepted([&] { put(element, value->elements()[i]); });
  }
  return PointerGetDatum(value);
}

Datum made_of(const ArrayElements& elements, Sparsevec*) {
  Sparsevec* value = sparse_of(elements.count(), [&](std::int32_t i) { return elements.at(i); });
  accepted([&] {
    for (std::size_t i = 0; i < value->count(); ++i) {
      core::check_element(core::sparsevec_type, value->values()[i]);
    }
  });
  return PointerGetDatum(value);
}

template <class Value>
Datum from_array(FunctionCallInfo fcinfo) {
  const ArrayElements elements(PG_GETARG_ARRAYTYPE_P(0));
  const std::int32_t typmod = PG_GETARG_INT32(1);
  accepted([&] {
    core::check_dimensions(Value::type, elements.count());
    core::check_expected_dimensions(typmod, elements.count());
  });
  return made_of(elements, static_cast<Value*>(nullptr));
}

}  // namespace
}  // namespace dvecdb::extension

DVECDB_FUNCTION(dvecdb_array_to_vector) {
  using namespace dvecdb::extension;
  return from_array<Vector>(fcinfo);
}
DVECDB_FUNCTION(dvecdb_array_to_halfvec) {
  using namespace dvecdb::extension;
  return from_array<Halfvec>(fcinfo);
}
DVECDB_FUNCTION(dvecdb_array_to_sparsevec) {
  using namespace dvecdb::extension;
  return from_array<Sparsevec>(fcinfo);
}
