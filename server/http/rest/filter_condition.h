// Conditions on the values of one field, as SQL. Used by filters alone. All throw Failure 422.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "server/http/rest/filter_field.h"
#include "server/http/rest/json.h"
#include "server/http/rest/sql.h"

namespace dvecdb::server::http::rest {

// What stands beside "key": match, range, values_count, geo_radius, geo_bounding_box. Finishes
// the members.
std::string field_condition(const FieldPlace& place, Members& members, Parameters& parameters);
std::string is_empty(const FieldPlace& place, Parameters& parameters);
std::string is_null(const FieldPlace& place, Parameters& parameters);

// "(a AND b)"
std::string joined(const std::vector<std::string>& conditions, std::string_view op);

}  // namespace dvecdb::server::http::rest
