// Casts between the types. Each is called with the value, the typmod that it must fit (or -1), and
// whether the cast was written out, which makes no difference.
#include <algorithm>
#include <cmath>

#include "dvecdb/half.h"
#include "extension/memory.h"
#include "extension/types/checks.h"
#include "extension/types/functions.h"
#include "extension/types/sparse_of.h"

namespace dvecdb::extension {
namespace {

void check_fit(const core::VectorType& type, FunctionCallInfo fcinfo, std::int64_t dimensions) {
  const std::int32_t typmod = PG_GETARG_INT32(1);
  accepted([&] {
    core::check_dimensions(type, dimensions);
    core::check_expected_dimensions(typmod, dimensions);
  });
}

void convert(const float* from, float* to, std::size_t count) {
  std::copy_n(from, count, to);
}
void convert(const core::Half* from, float* to, std::size_t count) {
  core::to_float(from, to, count);
}
void convert(const float* from, core::Half* to, std::size_t count) {
  accepted([&] { std::transform(from, from + count, to, core::checked_half); });
}

// The value itself, when it has as many dimensions as the typmod asks for.
template <class Value>
Datum same_type(FunctionCallInfo fcinfo) {
  const auto* value = value_of<Value>(PG_GETARG_DATUM(0));
  const std::int32_t typmod = PG_GETARG_INT32(1);
  accepted([&] { core::check_expected_dimensions(typmod, value->dimensions); });
  return PointerGetDatum(value);
}

template <class From, class To>
Datum dense_to_dense(FunctionCallInfo fcinfo) {
  const auto* from = value_of<From>(PG_GETARG_DATUM(0));
  check_fit(To::type, fcinfo, from->dimensions);
  auto* to = new_dense<typename To::Element>(from->dimensions);
  convert(from->elements(), to->elements(), from->count());
  return PointerGetDatum(to);
}

template <class From>
Datum dense_to_sparse(FunctionCallInfo fcinfo) {
  const auto* from = value_of<From>(PG_GETARG_DATUM(0));
  check_fit(core::sparsevec_type, fcinfo, from->dimensions);
  return PointerGetDatum(
      sparse_of(from->dimensions, [&](std::int32_t i) { return widen(from->elements()[i]); }));
}

template <class To>
Datum sparse_to_dense(FunctionCallInfo fcinfo) {
  const auto* from = value_of<Sparsevec>(PG_GETARG_DATUM(0));
  check_fit(To::type, fcinfo, from->dimensions);
  auto* to = new_dense<typename To::Element>(from->dimensions);
  std::fill_n(to->elements(), to->count(), typename To::Element{});
  for (std::size_t i = 0; i < from->count(); ++i) {
    convert(from->values() + i, to->elements() + from->indices()[i], 1);
  }
  return PointerGetDatum(to);
}

template <class From>
Datum dense_to_float4(FunctionCallInfo fcinfo) {
  const auto* from = value_of<From>(PG_GETARG_DATUM(0));
  const std::size_t size = ARR_OVERHEAD_NONULLS(1) + from->count() * sizeof(float);
  auto* array = static_cast<ArrayType*>(palloc0(size));
  SET_VARSIZE(array, size);
  array->ndim = 1;
  array->elemtype = FLOAT4OID;
  ARR_DIMS(array)[0] = from->dimensions;
  ARR_LBOUND(array)[0] = 1;
  convert(from->elements(), reinterpret_cast<float*>(ARR_DATA_PTR(array)), from->count());
  return PointerGetDatum(array);
}

}  // namespace
}  // namespace dvecdb::extension

DVECDB_TYPE_FUNCTION(vector, Vector, to_vector, same_type)
DVECDB_TYPE_FUNCTION(halfvec, Halfvec, to_halfvec, same_type)
DVECDB_TYPE_FUNCTION(sparsevec, Sparsevec, to_sparsevec, same_type)
DVECDB_DENSE_FUNCTION(to_float4, dense_to_float4)
DVECDB_DENSE_FUNCTION(to_sparsevec, dense_to_sparse)
DVECDB_TYPE_FUNCTION(sparsevec, Vector, to_vector, sparse_to_dense)
DVECDB_TYPE_FUNCTION(sparsevec, Halfvec, to_halfvec, sparse_to_dense)

DVECDB_FUNCTION(dvecdb_vector_to_halfvec) {
  using namespace dvecdb::extension;
  return dense_to_dense<Vector, Halfvec>(fcinfo);
}
DVECDB_FUNCTION(dvecdb_halfvec_to_vector) {
  using namespace dvecdb::extension;
  return dense_to_dense<Halfvec, Vector>(fcinfo);
}
