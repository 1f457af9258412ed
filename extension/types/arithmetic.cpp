// Arithmetic, parts of vectors, and vectors made of one other.
#include <algorithm>
#include <cmath>
#include <functional>

#include "dvecdb/distance.h"
#include "dvecdb/half.h"
#include "extension/types/checks.h"
#include "extension/types/functions.h"
#include "extension/types/same_dimensions.h"

extern "C" {
#include <utils/float.h>
#include <utils/varbit.h>
}

namespace dvecdb::extension {
namespace {

void narrow(float value, float& out) {
  out = value;
}
void narrow(float value, core::Half& out) {
  out = core::to_half(value);
}

// Stores a result; one that the element cannot hold is an overflow.
template <class T>
void store(float value, T& out) {
  narrow(value, out);
  if (std::isinf(widen(out))) float_overflow_error();
}

struct Operands {
  float a;
  float b;
};

// A product that vanishes though neither factor is zero is an underflow; sums cannot vanish so.
void check_result(const std::multiplies<>&, Operands operands, float result) {
  if (result == 0 && operands.a != 0 && operands.b != 0) float_underflow_error();
}
template <class Operation>
void check_result(const Operation&, Operands, float) {}

template <class Operation>
struct Combined {
  template <class Value>
  static Datum of(FunctionCallInfo fcinfo) {
    const auto* a = value_of<Value>(PG_GETARG_DATUM(0));
    const auto* b = value_of<Value>(PG_GETARG_DATUM(1));
    check_same_dimensions(*a, *b);
    auto* result = new_dense<typename Value::Element>(a->dimensions);
    for (std::size_t i = 0; i < a->count(); ++i) {
      const Operands operands{widen(a->elements()[i]), widen(b->elements()[i])};
      auto& element = result->elements()[i];
      store(Operation{}(operands.a, operands.b), element);
      check_result(Operation{}, operands, widen(element));
    }
    return PointerGetDatum(result);
  }
};

template <class Value>
Datum concatenate(FunctionCallInfo fcinfo) {
  const auto* a = value_of<Value>(PG_GETARG_DATUM(0));
  const auto* b = value_of<Value>(PG_GETARG_DATUM(1));
  const std::int32_t dimensions = a->dimensions + b->dimensions;
  accepted([&] { core::check_dimensions(Value::type, dimensions); });
  auto* result = new_dense<typename Value::Element>(dimensions);
  std::copy_n(b->elements(), b->count(),
              std::copy_n(a->elements(), a->count(), result->elements()));
  return PointerGetDatum(result);
}

// `count` elements from place `start`, counted from 1; what lies outside of the vector is left out.
template <class Value>
Datum subvector(FunctionCallInfo fcinfo) {
  const auto* value = value_of<Value>(PG_GETARG_DATUM(0));
  const std::int64_t start = PG_GETARG_INT32(1);
  const std::int64_t count = PG_GETARG_INT32(2);
  const std::int64_t first = std::max<std::int64_t>(start, 1);
  const std::int64_t end = std::min<std::int64_t>(start + count, value->dimensions + 1);
  const std::int64_t dimensions = std::max<std::int64_t>(end - first, 0);
  accepted([&] { core::check_dimensions(Value::type, dimensions); });
  auto* result = new_dense<typename Value::Element>(static_cast<std::int32_t>(dimensions));
  std::copy_n(value->elements() + (first - 1), dimensions, result->elements());
  return PointerGetDatum(result);
}

template <class Value>
Datum dimensions(FunctionCallInfo fcinfo) {
  return Int32GetDatum(value_of<Value>(PG_GETARG_DATUM(0))->dimensions);
}

// One bit an element, set where it is above zero.
template <class Value>
Datum binary_quantize(FunctionCallInfo fcinfo) {
  const auto* value = value_of<Value>(PG_GETARG_DATUM(0));
  const int size = VARBITTOTALLEN(value->dimensions);
  auto* bits = static_cast<VarBit*>(palloc0(static_cast<Size>(size)));
  SET_VARSIZE(bits, size);
  VARBITLEN(bits) = value->dimensions;
  bits8* bytes = VARBITS(bits);
  for (std::size_t i = 0; i < value->count(); ++i) {
    const unsigned bit = widen(value->elements()[i]) > 0 ? 0x80U >> (i % 8) : 0U;
    bytes[i / 8] = static_cast<bits8>(bytes[i / 8] | bit);
  }
  return PointerGetDatum(bits);
}

// A zero vector stays zero.
float scaled(float element, double length) {
  return length > 0 ? static_cast<float>(static_cast<double>(element) / length) : 0.0F;
}

template <class T>
Datum normalized(const DenseValue<T>& value) {
  const double length = core::l2_norm(value.elements(), value.count());
  auto* result = new_dense<T>(value.dimensions);
  for (std::size_t i = 0; i < value.count(); ++i) {
    store(scaled(widen(value.elements()[i]), length), result->elements()[i]);
  }
  return PointerGetDatum(result);
}

// What is scaled to nothing is left out, since sparse vectors hold no zeros.
Datum normalized(const Sparsevec& value) {
  const double length = core::l2_norm(value.values(), value.count());
  std::int32_t kept = 0;
  for (std::size_t i = 0; i < value.count(); ++i) kept += scaled(value.values()[i], length) != 0;
  Sparsevec* result = new_sparse(value.dimensions, kept);
  std::int32_t place = 0;
  for (std::size_t i = 0; i < value.count(); ++i) {
    const float element = scaled(value.values()[i], length);
    if (element == 0) continue;
    result->indices()[place] = value.indices()[i];
    store(element, result->values()[place]);
    ++place;
  }
  return PointerGetDatum(result);
}

template <class Value>
Datum normalize(FunctionCallInfo fcinfo) {
  return normalized(*value_of<Value>(PG_GETARG_DATUM(0)));
}

}  // namespace
}  // namespace dvecdb::extension

DVECDB_DENSE_FUNCTION(add, Combined<std::plus<>>::of)
DVECDB_DENSE_FUNCTION(sub, Combined<std::minus<>>::of)
DVECDB_DENSE_FUNCTION(mul, Combined<std::multiplies<>>::of)
DVECDB_DENSE_FUNCTION(concat, concatenate)
DVECDB_DENSE_FUNCTION(subvector, subvector)
DVECDB_DENSE_FUNCTION(dims, dimensions)
DVECDB_DENSE_FUNCTION(binary_quantize, binary_quantize)
DVECDB_VALUE_FUNCTION(l2_normalize, normalize)
