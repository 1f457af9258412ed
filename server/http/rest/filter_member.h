// Conditions on a member of metadata in a form that an index on the member serves: one on the
// expression (metadata -> 'color'), which PUT /collections/{name}/index makes. Without that they
// are slower than `general`.
//
// jsonb has an order: null, strings, numbers, booleans, arrays, objects; [] comes first of all. So
// a plain value is found by comparing the member with it, and what is an array lies between true
// and {}: of those alone `general`, the condition that takes arrays apart, has to be asked. Used by
// filters alone.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "server/http/rest/json.h"
#include "server/http/rest/sql.h"

namespace dvecdb::server::http::rest {

struct Bound {
  std::string_view name, op;  // "gte", ">="
  const json::value* value = nullptr;
};

std::string member_equals(const std::string& member, const json::array& values,
                          const std::string& general, Parameters& parameters);
// Bounds are numbers.
std::string member_in_range(const std::string& member, const std::vector<Bound>& bounds,
                            const std::string& general, Parameters& parameters);
std::string member_is_empty(const std::string& member, const std::string& general);
std::string member_is_null(const std::string& member, const std::string& general);

}  // namespace dvecdb::server::http::rest
