#pragma once

#include "extension/am/pages/format.h"

namespace dvecdb::extension {

/// What the operator classes of the index method consist of: one ordering operator, the distance,
/// and where only directions count the norm of a value. The index itself goes by the names of type
/// and operator, and compares by the library's own functions.
constexpr StrategyNumber kOrderingStrategy = 1;
constexpr int kDistanceFunction = 1;
constexpr int kNormFunction = 2;
constexpr int kSupportFunctions = 2;

/// False for a type that is not indexed.
bool find_element(const char* type_name, ElementKind* out);

/// False for an operator (null: none) that is no distance of such values.
bool find_distance(const char* operator_name, ElementKind element, DistanceKind* out);

/// In the current memory context.
char* type_name(Oid type);

/// amvalidate: whether an operator class is one that the index method can use. What is wrong is
/// told as INFO.
bool validate_operator_class(Oid operator_class);

}  // namespace dvecdb::extension
