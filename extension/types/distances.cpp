// Distances and lengths.
#include <algorithm>
#include <cmath>
#include <numbers>

#include "dvecdb/distance.h"
#include "extension/failure_point.h"
#include "extension/types/argument.h"
#include "extension/types/functions.h"
#include "extension/types/same_dimensions.h"

namespace dvecdb::extension {
namespace {

using core::Metric;

template <class T>
double measure(Metric metric, const DenseValue<T>& a, const DenseValue<T>& b) {
  return core::ordering_distance(metric, a.elements(), b.elements(), a.count());
}
double measure(Metric metric, const Sparsevec& a, const Sparsevec& b) {
  return core::ordering_distance(metric, a.view(), b.view());
}

template <class T>
double length(const DenseValue<T>& value) {
  return core::l2_norm(value.elements(), value.count());
}
double length(const Sparsevec& value) {
  return core::l2_norm(value.values(), value.count());
}

// What orders by the metric, l2 still squared.
template <Metric metric>
struct Ordering {
  template <class Value>
  static double of(FunctionCallInfo fcinfo) {
    failure_point("distance");
    const Arguments<Value> values(fcinfo);
    check_same_dimensions(*values.a, *values.b);
    return measure(metric, *values.a, *values.b);
  }
};

template <class Value>
Datum l2_distance(FunctionCallInfo fcinfo) {
  return Float8GetDatum(std::sqrt(Ordering<Metric::l2_squared>::of<Value>(fcinfo)));
}
template <class Value>
Datum l2_squared_distance(FunctionCallInfo fcinfo) {
  return Float8GetDatum(Ordering<Metric::l2_squared>::of<Value>(fcinfo));
}
template <class Value>
Datum inner_product(FunctionCallInfo fcinfo) {
  return Float8GetDatum(-Ordering<Metric::inner_product>::of<Value>(fcinfo));
}
template <class Value>
Datum negative_inner_product(FunctionCallInfo fcinfo) {
  return Float8GetDatum(Ordering<Metric::inner_product>::of<Value>(fcinfo));
}
template <class Value>
Datum cosine_distance(FunctionCallInfo fcinfo) {
  return Float8GetDatum(Ordering<Metric::cosine>::of<Value>(fcinfo));
}
template <class Value>
Datum l1_distance(FunctionCallInfo fcinfo) {
  return Float8GetDatum(Ordering<Metric::l1>::of<Value>(fcinfo));
}

// The angle between vectors of length one, in half turns.
template <class Value>
Datum spherical_distance(FunctionCallInfo fcinfo) {
  const double dot = -Ordering<Metric::inner_product>::of<Value>(fcinfo);
  return Float8GetDatum(std::acos(std::clamp(dot, -1.0, 1.0)) / std::numbers::pi);
}

template <class Value>
Datum norm(FunctionCallInfo fcinfo) {
  return Float8GetDatum(length(*value_of<Value>(PG_GETARG_DATUM(0))));
}

}  // namespace
}  // namespace dvecdb::extension

DVECDB_VALUE_FUNCTION(l2_distance, l2_distance)
DVECDB_VALUE_FUNCTION(l2_squared_distance, l2_squared_distance)
DVECDB_VALUE_FUNCTION(inner_product, inner_product)
DVECDB_VALUE_FUNCTION(negative_inner_product, negative_inner_product)
DVECDB_VALUE_FUNCTION(cosine_distance, cosine_distance)
DVECDB_VALUE_FUNCTION(l1_distance, l1_distance)
DVECDB_DENSE_FUNCTION(spherical_distance, spherical_distance)
DVECDB_VALUE_FUNCTION(norm, norm)
