#include "server/http/rest/filter_value.h"

#include <fmt/format.h>

#include <cmath>
#include <regex>
#include <vector>

#include "server/http/rest/failure.h"

namespace dvecdb::server::http::rest {

namespace {

constexpr std::size_t max_words = 256;

// Texts that are a date or a point of time of RFC 3339, and exist in the calendar: SQL's cast
// would fail on others, which data may hold.
constexpr std::string_view date_pattern =
    R"(^(?!0000)(\d{4}-(0[13578]|1[02])-(0[1-9]|[12]\d|3[01])|\d{4}-(0[469]|11)-(0[1-9]|[12]\d|30))"
    R"(|\d{4}-02-(0[1-9]|1\d|2[0-8])|(\d\d(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)-02-29))"
    R"(([Tt ]([01]\d|2[0-3]):[0-5]\d(:[0-5]\d([.]\d{1,9})?)?([Zz]|[+-](0\d|1[0-4]):[0-5]\d)?)?$)";

constexpr double earth_radius_meters = 6371008.8;

struct Point {
  double lat = 0;
  double lon = 0;
};

Point point_of(Members point) {
  const Point place{point.number("lat"), point.number("lon")};
  point.finish();
  if (std::abs(place.lat) > 90 || std::abs(place.lon) > 180) {
    throw Failure(422,
                  fmt::format("{}: lat is from -90 to 90, lon from -180 to 180", point.where()));
  }
  return place;
}

// A condition over lat and lon of e.v, for values that have both.
std::string if_point(const std::string& sql) {
  return fmt::format(
      "CASE WHEN jsonb_typeof(e.v -> 'lat') = 'number' AND jsonb_typeof(e.v -> 'lon') = 'number' "
      "THEN {} ELSE false END",
      sql);
}
constexpr std::string_view lat = "(e.v -> 'lat')::float8";
constexpr std::string_view lon = "(e.v -> 'lon')::float8";

bool is_word_character(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x80 || c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
         (c >= 'A' && c <= 'Z');
}

}  // namespace

std::string has_words(const std::string& words, const std::string& where, Parameters& parameters) {
  std::vector<std::string> patterns;
  std::string word;
  for (std::size_t i = 0; i <= words.size(); ++i) {
    if (i < words.size() && is_word_character(words[i])) {
      word += words[i];
    } else if (!word.empty()) {
      patterns.push_back("\\m" + word + "\\M");
      word.clear();
    }
  }
  if (patterns.empty() || patterns.size() > max_words) {
    throw Failure(422, fmt::format("{}: 1 to {} words are needed", where, max_words));
  }
  return fmt::format("jsonb_typeof(e.v) = 'string' AND (e.v #>> '{{}}') ~* ALL ({})",
                     parameters.add(array_text(patterns), "text[]"));
}

void check_date(const json::value& value, const std::string& where) {
  static const std::regex pattern(date_pattern.data());
  constexpr std::size_t longest = 40;
  const std::string text(value.get_string().data(), value.get_string().size());
  if (text.size() <= longest && std::regex_match(text, pattern)) return;
  throw Failure(422, fmt::format("{}: \"{}\" is no date of RFC 3339, such as 2024-05-31T12:00:00Z",
                                 where, shortened(text)));
}

std::string date_compares(std::string_view op, const json::value& bound, Parameters& parameters) {
  const json::string& text = bound.get_string();
  return fmt::format(
      "CASE WHEN jsonb_typeof(e.v) = 'string' AND (e.v #>> '{{}}') ~ '{}' "
      "THEN (e.v #>> '{{}}')::timestamptz END {} {}",
      date_pattern, op, parameters.add(std::string(text.data(), text.size()), "timestamptz"));
}

std::string is_within_radius(Members circle, Parameters& parameters) {
  const Point center = point_of(Members(circle.get("center"), circle.path("center")));
  const double radius = circle.number("radius");
  circle.finish();
  if (radius < 0) throw Failure(422, circle.path("radius") + ": meters from 0 on are needed");
  const std::string center_lat = parameters.add(fmt::format("{}", center.lat), "float8");
  const std::string center_lon = parameters.add(fmt::format("{}", center.lon), "float8");
  // The haversine formula, on a sphere.
  const std::string distance = fmt::format(
      "{radius} * 2 * asin(least(1, sqrt(power(sin(radians({lat} - {lat0}) / 2), 2) + "
      "cos(radians({lat0})) * cos(radians({lat})) * power(sin(radians({lon} - {lon0}) / 2), 2))))",
      fmt::arg("radius", earth_radius_meters), fmt::arg("lat", lat), fmt::arg("lon", lon),
      fmt::arg("lat0", center_lat), fmt::arg("lon0", center_lon));
  return if_point(
      fmt::format("{} <= {}", distance, parameters.add(fmt::format("{}", radius), "float8")));
}

std::string is_within_box(Members box, Parameters& parameters) {
  const Point top_left = point_of(Members(box.get("top_left"), box.path("top_left")));
  const Point bottom_right = point_of(Members(box.get("bottom_right"), box.path("bottom_right")));
  box.finish();
  const auto number = [&](double value) {
    return parameters.add(fmt::format("{}", value), "float8");
  };
  // A box whose left is east of its right goes over the 180th meridian.
  const std::string_view op = top_left.lon <= bottom_right.lon ? "AND" : "OR";
  return if_point(fmt::format("{0} <= {2} AND {0} >= {3} AND ({1} >= {4} {6} {1} <= {5})", lat, lon,
                              number(top_left.lat), number(bottom_right.lat), number(top_left.lon),
                              number(bottom_right.lon), op));
}

}  // namespace dvecdb::server::http::rest
