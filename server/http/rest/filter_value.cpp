#include "server/http/rest/filter_value.h"

#include <fmt/format.h>

#include <cmath>
#include <vector>

#include "server/http/rest/failure.h"
#include "server/types/calendar.h"

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

// The number of so many digits that the text begins with; -1: it does not.
int take_digits(std::string_view& text, std::size_t count) {
  int number = 0;
  if (text.size() < count) return -1;
  for (const char c : text.substr(0, count)) {
    if (c < '0' || c > '9') return -1;
    number = number * 10 + (c - '0');
  }
  text.remove_prefix(count);
  return number;
}

bool take_one_of(std::string_view& text, std::string_view characters) {
  if (text.empty() || characters.find(text.front()) == std::string_view::npos) return false;
  text.remove_prefix(1);
  return true;
}

bool take_up_to(std::string_view& text, int most) {
  const int number = take_digits(text, 2);
  return number >= 0 && number <= most;
}

bool is_time(std::string_view text) {
  if (!take_up_to(text, 23) || !take_one_of(text, ":") || !take_up_to(text, 59)) return false;
  if (take_one_of(text, ":")) {
    if (!take_up_to(text, 59)) return false;
    if (take_one_of(text, ".")) {
      int digits = 0;
      while (digits < 9 && take_one_of(text, "0123456789")) ++digits;
      if (digits == 0) return false;
    }
  }
  if (text.empty() || take_one_of(text, "Zz")) return text.empty();
  return take_one_of(text, "+-") && take_up_to(text, 14) && take_one_of(text, ":") &&
         take_up_to(text, 59) && text.empty();
}

// What date_pattern says.
bool is_date(std::string_view text) {
  const int year = take_digits(text, 4);
  if (year < 1 || !take_one_of(text, "-")) return false;
  const int month = take_digits(text, 2);
  if (month < 1 || month > 12 || !take_one_of(text, "-")) return false;
  const int day = take_digits(text, 2);
  if (day < 1 || day > types::days_in_month(year, month)) return false;
  return text.empty() || (take_one_of(text, "Tt ") && is_time(text));
}

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

void check_date(const json::value& bound, const std::string& where) {
  const std::string text(bound.get_string().data(), bound.get_string().size());
  if (is_date(text)) return;
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
