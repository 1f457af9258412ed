// Conditions of SQL on one value of a field, e.v of type jsonb: texts, dates and places, which
// jsonpath cannot compare. Used by filters alone. All throw Failure 422.
#pragma once

#include <string>
#include <string_view>

#include "server/http/rest/json.h"
#include "server/http/rest/sql.h"

namespace dvecdb::server::http::rest {

// The value is a string with all of the words.
std::string has_words(const std::string& words, const std::string& where, Parameters& parameters);

// That a bound is a date of RFC 3339.
void check_date(const json::value& bound, const std::string& where);
// The value is such a date, and before or after the bound.
std::string date_compares(std::string_view op, const json::value& bound, Parameters& parameters);

// The value is {"lat", "lon"}, and within {"center", "radius"} or {"top_left", "bottom_right"}.
std::string is_within_radius(Members circle, Parameters& parameters);
std::string is_within_box(Members box, Parameters& parameters);

}  // namespace dvecdb::server::http::rest
