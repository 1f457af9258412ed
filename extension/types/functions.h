// SQL functions that several types share are templates over the value; these make the SQL function
// of each: dvecdb_vector_<name>, dvecdb_halfvec_<name>, dvecdb_sparsevec_<name>.
#pragma once

#include "extension/function.h"
#include "extension/types/values.h"

#define DVECDB_TYPE_FUNCTION(type, Value, name, ...) \
  DVECDB_FUNCTION(dvecdb_##type##_##name) {          \
    using namespace dvecdb::extension;               \
    return __VA_ARGS__<Value>(fcinfo);               \
  }

// name, and a function template over Value: Datum f<Value>(PG_FUNCTION_ARGS)
#define DVECDB_DENSE_FUNCTION(name, ...)                  \
  DVECDB_TYPE_FUNCTION(vector, Vector, name, __VA_ARGS__) \
  DVECDB_TYPE_FUNCTION(halfvec, Halfvec, name, __VA_ARGS__)

#define DVECDB_VALUE_FUNCTION(name, ...)   \
  DVECDB_DENSE_FUNCTION(name, __VA_ARGS__) \
  DVECDB_TYPE_FUNCTION(sparsevec, Sparsevec, name, __VA_ARGS__)
