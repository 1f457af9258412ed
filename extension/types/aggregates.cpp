// avg(vector) and avg(halfvec). Their state is an array of double precision: the number of vectors,
// then the sum of each dimension; at first only the number, 0.
#include <algorithm>
#include <cmath>

#include "dvecdb/half.h"
#include "extension/memory.h"
#include "extension/types/checks.h"
#include "extension/types/functions.h"

extern "C" {
#include <utils/float.h>
}

namespace dvecdb::extension {
namespace {

struct State {
  ArrayType* array;

  double* numbers() const { return reinterpret_cast<double*>(ARR_DATA_PTR(array)); }
  double& count() const { return numbers()[0]; }
  double* sums() const { return numbers() + 1; }
  std::int32_t dimensions() const { return ARR_DIMS(array)[0] - 1; }
};

// `function` is the end of its name, for the message.
template <class Value>
State checked_state(ArrayType* array, const char* function) {
  if (ARR_NDIM(array) != 1 || ARR_DIMS(array)[0] < 1 || ARR_HASNULL(array) ||
      ARR_ELEMTYPE(array) != FLOAT8OID) {
    elog(ERROR, "%s_%s: expected state array", Value::type.name, function);
  }
  return State{array};
}

State new_state(std::int32_t dimensions) {
  const auto numbers = static_cast<std::size_t>(dimensions) + 1;
  const std::size_t size = ARR_OVERHEAD_NONULLS(1) + numbers * sizeof(double);
  auto* array = static_cast<ArrayType*>(palloc0(size));
  SET_VARSIZE(array, size);
  array->ndim = 1;
  array->elemtype = FLOAT8OID;
  ARR_DIMS(array)[0] = static_cast<int>(numbers);
  ARR_LBOUND(array)[0] = 1;
  return State{array};
}

State copy_of(const State& state) {
  const State copy = new_state(state.dimensions());
  std::copy_n(state.numbers(), state.dimensions() + 1, copy.numbers());
  return copy;
}

void add(double& sum, double value) {
  sum += value;
  if (std::isinf(sum)) float_overflow_error();
}

void narrow(float value, float& out) {
  out = value;
}
void narrow(float value, core::Half& out) {
  out = core::checked_half(value);
}

// Within an aggregate the state is ours to change in place.
template <class Value>
Datum accumulate(FunctionCallInfo fcinfo) {
  State state = checked_state<Value>(PG_GETARG_ARRAYTYPE_P(0), "accum");
  const auto* value = value_of<Value>(PG_GETARG_DATUM(1));
  const bool is_first = state.dimensions() == 0;
  if (!is_first) {
    accepted([&] { core::check_expected_dimensions(state.dimensions(), value->dimensions); });
  }
  const double count = state.count();
  if (is_first) {
    state = new_state(value->dimensions);
  } else if (AggCheckCallContext(fcinfo, nullptr) == 0) {
    state = copy_of(state);
  }
  state.count() = count + 1;
  for (std::size_t i = 0; i < value->count(); ++i) {
    add(state.sums()[i], static_cast<double>(widen(value->elements()[i])));
  }
  return PointerGetDatum(state.array);
}

// The same for both types.
Datum combine(FunctionCallInfo fcinfo) {
  const State a = checked_state<Vector>(PG_GETARG_ARRAYTYPE_P(0), "combine");
  const State b = checked_state<Vector>(PG_GETARG_ARRAYTYPE_P(1), "combine");
  if (a.count() == 0) return PointerGetDatum(copy_of(b).array);
  const State result = copy_of(a);
  if (b.count() == 0) return PointerGetDatum(result.array);
  accepted([&] { core::check_expected_dimensions(a.dimensions(), b.dimensions()); });
  for (std::int32_t i = 0; i <= a.dimensions(); ++i) add(result.numbers()[i], b.numbers()[i]);
  return PointerGetDatum(result.array);
}

template <class Value>
Datum average(FunctionCallInfo fcinfo) {
  const State state = checked_state<Value>(PG_GETARG_ARRAYTYPE_P(0), "avg");
  if (state.count() == 0) PG_RETURN_NULL();
  accepted([&] { core::check_dimensions(Value::type, state.dimensions()); });
  auto* result = new_dense<typename Value::Element>(state.dimensions());
  accepted([&] {
    for (std::int32_t i = 0; i < state.dimensions(); ++i) {
      const auto mean = static_cast<float>(state.sums()[i] / state.count());
      narrow(mean, result->elements()[i]);
      core::check_element(Value::type, mean);
    }
  });
  return PointerGetDatum(result);
}

}  // namespace
}  // namespace dvecdb::extension

DVECDB_DENSE_FUNCTION(accum, accumulate)
DVECDB_DENSE_FUNCTION(avg, average)
DVECDB_FUNCTION(dvecdb_vector_combine) {
  return dvecdb::extension::combine(fcinfo);
}
