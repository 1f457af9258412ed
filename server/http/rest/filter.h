// Filters: JSON compiled into one SQL condition with parameters, so that the search itself applies
// it. The language is told in docs/rest.md.
//
// A condition about a field holds if it holds for any of the field's values: an array has many, a
// missing field none. Where SQL would say "unknown", the condition does not hold.
#pragma once

#include <string>

#include "server/http/rest/collection.h"
#include "server/http/rest/json.h"
#include "server/http/rest/sql.h"

namespace dvecdb::server::http::rest {

inline constexpr std::size_t max_filter_conditions = 256;
inline constexpr std::size_t max_filter_depth = 16;
inline constexpr std::size_t max_filter_values = 10000;  // of any, except and has_id

// A condition over a row of the collection; "" when it holds for every row. Throws Failure 422.
std::string compile_filter(const json::value& filter, const Collection& collection,
                           Parameters& parameters);

// The member "filter" of a body, if there is one.
std::string read_filter(Members& body, const Collection& collection, Parameters& parameters);

}  // namespace dvecdb::server::http::rest
