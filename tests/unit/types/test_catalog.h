// A type catalog for tests: the arrays of built-in types, an enum (mood), a composite (pair) and
// a domain (short_text).
#pragma once

#include "server/types/type_catalog.h"

namespace dvecdb::server::types::testing {

inline constexpr Oid mood = 90001;  // enum: sad, ok, happy
inline constexpr Oid mood_array = 90002;
inline constexpr Oid pair = 90003;        // composite: a int4, b text
inline constexpr Oid short_text = 90004;  // domain over varchar(3)

const TypeCatalog& test_catalog();

}  // namespace dvecdb::server::types::testing
