// The order of values, by which btree indexes and sorts go.
#include <algorithm>
#include <functional>

#include "dvecdb/half.h"
#include "extension/types/functions.h"

namespace dvecdb::extension {
namespace {

// Element by element, then by dimensions.
template <class T>
int compare(const DenseValue<T>& a, const DenseValue<T>& b) {
  const std::size_t shared = std::min(a.count(), b.count());
  for (std::size_t i = 0; i < shared; ++i) {
    const float x = widen(a.elements()[i]);
    const float y = widen(b.elements()[i]);
    if (x < y) return -1;
    if (x > y) return 1;
  }
  return (a.dimensions > b.dimensions) - (a.dimensions < b.dimensions);
}
int compare(const Sparsevec& a, const Sparsevec& b) {
  return core::compare_sparse(a.view(), a.dimensions, b.view(), b.dimensions);
}

// Copies that unpacking made are freed: a sort may compare in a context that lives long.
template <class Value>
int order(FunctionCallInfo fcinfo) {
  const auto* a = value_of<Value>(PG_GETARG_DATUM(0));
  const auto* b = value_of<Value>(PG_GETARG_DATUM(1));
  const int order = compare(*a, *b);
  PG_FREE_IF_COPY(const_cast<Value*>(a), 0);
  PG_FREE_IF_COPY(const_cast<Value*>(b), 1);
  return order;
}

template <class Value>
Datum cmp(FunctionCallInfo fcinfo) {
  return Int32GetDatum(order<Value>(fcinfo));
}

template <class Test>
struct Tested {
  template <class Value>
  static Datum of(FunctionCallInfo fcinfo) {
    return BoolGetDatum(Test{}(order<Value>(fcinfo), 0));
  }
};

}  // namespace
}  // namespace dvecdb::extension

DVECDB_VALUE_FUNCTION(cmp, cmp)
DVECDB_VALUE_FUNCTION(lt, Tested<std::less<>>::of)
DVECDB_VALUE_FUNCTION(le, Tested<std::less_equal<>>::of)
DVECDB_VALUE_FUNCTION(eq, Tested<std::equal_to<>>::of)
DVECDB_VALUE_FUNCTION(ne, Tested<std::not_equal_to<>>::of)
DVECDB_VALUE_FUNCTION(ge, Tested<std::greater_equal<>>::of)
DVECDB_VALUE_FUNCTION(gt, Tested<std::greater<>>::of)
