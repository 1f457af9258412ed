#include "server/http/rest/filter.h"

#include <fmt/format.h>

#include <array>
#include <functional>
#include <regex>

#include "server/http/rest/failure.h"
#include "server/http/rest/filter_field.h"

namespace dvecdb::server::http::rest {

namespace {

// Texts that are a date or a point of time of RFC 3339, and exist in the calendar: SQL's cast
// would fail on others, which data may hold.
constexpr std::string_view date_pattern =
    R"(^(?!0000)(\d{4}-(0[13578]|1[02])-(0[1-9]|[12]\d|3[01])|\d{4}-(0[469]|11)-(0[1-9]|[12]\d|30))"
    R"(|\d{4}-02-(0[1-9]|1\d|2[0-8])|(\d\d(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)-02-29))"
    R"(([Tt ]([01]\d|2[0-3]):[0-5]\d(:[0-5]\d([.]\d{1,9})?)?([Zz]|[+-](0\d|1[0-4]):[0-5]\d)?)?$)";

constexpr double earth_radius_meters = 6371008.8;

struct Comparison {
  std::string_view name, op;
};
constexpr std::array<Comparison, 4> comparisons = {
    {{"gt", ">"}, {"gte", ">="}, {"lt", "<"}, {"lte", "<="}}};

class Compiler {
 public:
  Compiler(const Collection& collection, Parameters& parameters)
      : collection_(collection), parameters_(parameters) {}

  std::string filter(const json::value& value, const std::string& where, std::size_t depth);

 private:
  std::string condition(const json::value& value, const std::string& where, std::size_t depth);
  std::vector<std::string> conditions(const json::value& value, const std::string& where,
                                      std::size_t depth);
  std::string min_should(const json::value& value, const std::string& where, std::size_t depth);
  std::string has_id(Members& members);
  std::string match(const FieldPlace& place, Members match);
  std::string text(const FieldPlace& place, const std::string& words, const std::string& where);
  std::string range(const FieldPlace& place, Members range);
  std::string date_range(const FieldPlace& place, Members& range);
  std::string values_count(const FieldPlace& place, Members count);
  std::string geo_radius(const FieldPlace& place, Members circle);
  std::string geo_box(const FieldPlace& place, Members box);

  // Some value passes the jsonpath predicate over @ and $v.
  std::string some_value(const FieldPlace& place, std::string_view predicate,
                         const json::value& v) {
    const std::string values = path(place, fmt::format(" ? ({})", predicate));
    return fmt::format("jsonb_path_exists({}, {}, {})", place.document, values,
                       parameters_.add(json_text(json::object{{"v", v}}), "jsonb"));
  }
  // Some value e.v passes the condition of SQL.
  std::string some_row(const FieldPlace& place, const std::string& sql) {
    return fmt::format("EXISTS (SELECT 1 FROM jsonb_path_query({}, {}) AS e(v) WHERE {})",
                       place.document, path(place, "[*]"), sql);
  }
  std::string not_null_values(const FieldPlace& place) { return path(place, "[*] ? (@ != null)"); }
  std::string path(const FieldPlace& place, const std::string& rest) {
    return parameters_.add(place.path + rest, "jsonpath");
  }

  const Collection& collection_;
  Parameters& parameters_;
  std::size_t count_ = 0;
};

std::string joined(const std::vector<std::string>& conditions, std::string_view op) {
  return "(" + fmt::format("{}", fmt::join(conditions, op)) + ")";
}

std::string Compiler::filter(const json::value& value, const std::string& where,
                             std::size_t depth) {
  if (depth > max_filter_depth) {
    throw Failure(422,
                  fmt::format("{}: filters are nested at most {} deep", where, max_filter_depth));
  }
  Members members(value, where);
  std::vector<std::string> parts;
  if (const json::value* must = members.find("must")) {
    const auto all = conditions(*must, members.path("must"), depth);
    if (!all.empty()) parts.push_back(joined(all, " AND "));
  }
  if (const json::value* should = members.find("should")) {
    const auto some = conditions(*should, members.path("should"), depth);
    if (!some.empty()) parts.push_back(joined(some, " OR "));
  }
  if (const json::value* must_not = members.find("must_not")) {
    for (const std::string& one : conditions(*must_not, members.path("must_not"), depth)) {
      parts.push_back("NOT " + one);
    }
  }
  if (const json::value* least = members.find("min_should")) {
    parts.push_back(min_should(*least, members.path("min_should"), depth));
  }
  members.finish();
  return parts.empty() ? "" : joined(parts, " AND ");
}

// One condition, or an array of them.
std::vector<std::string> Compiler::conditions(const json::value& value, const std::string& where,
                                              std::size_t depth) {
  std::vector<std::string> compiled;
  if (!value.is_array()) {
    compiled.push_back(condition(value, where, depth));
    return compiled;
  }
  const json::array& items = value.get_array();
  for (std::size_t i = 0; i < items.size(); ++i) {
    compiled.push_back(condition(items[i], fmt::format("{}[{}]", where, i), depth));
  }
  return compiled;
}

std::string Compiler::min_should(const json::value& value, const std::string& where,
                                 std::size_t depth) {
  Members members(value, where);
  const json::value& list = members.get("conditions");
  const auto least = members.integer("min_count", 0, std::numeric_limits<std::int32_t>::max());
  members.finish();
  std::vector<std::string> counted;
  for (const std::string& one : conditions(list, members.path("conditions"), depth)) {
    counted.push_back(fmt::format("CASE WHEN {} THEN 1 ELSE 0 END", one));
  }
  if (counted.empty()) counted.emplace_back("0");
  return fmt::format("({} >= {})", joined(counted, " + "), least);
}

std::string Compiler::has_id(Members& members) {
  const json::array& ids = members.array("has_id", max_filter_values);
  const std::string list = array_text(ids_of(ids, members.path("has_id")));
  return fmt::format("({} = ANY ({}))", quote_name(collection_.key.name),
                     parameters_.add(list, collection_.key.type + "[]"));
}

// Always true or false in SQL, never NULL.
std::string Compiler::condition(const json::value& value, const std::string& where,
                                std::size_t depth) {
  if (++count_ > max_filter_conditions) {
    throw Failure(422, fmt::format("a filter has at most {} conditions", max_filter_conditions));
  }
  Members members(value, where);
  if (members.has("has_id")) {
    const std::string sql = has_id(members);
    members.finish();
    return sql;
  }
  if (const json::value* empty = members.find("is_empty")) {
    Members inner(*empty, members.path("is_empty"));
    const FieldPlace place = find_field(inner.text("key"), collection_, inner.path("key"));
    inner.finish();
    members.finish();
    return fmt::format("(jsonb_path_exists({}, {}) IS NOT TRUE)", place.document,
                       not_null_values(place));
  }
  if (const json::value* null = members.find("is_null")) {
    Members inner(*null, members.path("is_null"));
    const FieldPlace place = find_field(inner.text("key"), collection_, inner.path("key"));
    inner.finish();
    members.finish();
    return fmt::format("(jsonb_path_exists({}, {}) IS TRUE)", place.document,
                       path(place, " ? (@ == null)"));
  }
  if (!members.has("key")) {
    const std::string nested = filter(value, where, depth + 1);
    return nested.empty() ? "true" : nested;
  }

  const FieldPlace place = find_field(members.text("key"), collection_, members.path("key"));
  struct Kind {
    std::string_view name;
    std::string (Compiler::*compile)(const FieldPlace&, Members);
  };
  static constexpr std::array<Kind, 5> kinds = {{{"match", &Compiler::match},
                                                 {"range", &Compiler::range},
                                                 {"values_count", &Compiler::values_count},
                                                 {"geo_radius", &Compiler::geo_radius},
                                                 {"geo_bounding_box", &Compiler::geo_box}}};
  std::vector<std::string> parts;
  for (const Kind& kind : kinds) {
    if (const json::value* inner = members.find(kind.name)) {
      parts.push_back((this->*kind.compile)(place, Members(*inner, members.path(kind.name))));
    }
  }
  members.finish();
  if (parts.empty()) {
    throw Failure(422, fmt::format("{}: one of match, range, values_count, geo_radius or "
                                   "geo_bounding_box is needed beside key",
                                   where));
  }
  return fmt::format("({} IS TRUE)", joined(parts, " AND "));
}

const json::value& scalar(const json::value& value, const std::string& where) {
  if (value.is_structured() || value.is_null()) {
    throw Failure(422, fmt::format("{}: a string, a number, true or false is needed", where));
  }
  return value;
}

const json::array& scalars(const json::array& values, const std::string& where) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    scalar(values[i], fmt::format("{}[{}]", where, i));
  }
  return values;
}

std::string Compiler::match(const FieldPlace& place, Members match) {
  std::string sql;
  if (const json::value* value = match.find("value")) {
    sql = some_value(place, "@ == $v", scalar(*value, match.path("value")));
  } else if (match.has("any")) {
    const json::array& any = scalars(match.array("any", max_filter_values), match.path("any"));
    sql = some_value(place, "@ == $v[*]", any);
  } else if (match.has("except")) {
    // Values of other types are not comparable: that is unknown, not true, to jsonpath.
    const json::array& list =
        scalars(match.array("except", max_filter_values), match.path("except"));
    sql = some_value(place, "(@ != null) && (!(@ == $v[*]) || ((@ == $v[*]) is unknown))", list);
  } else if (match.has("text")) {
    sql = text(place, match.text("text"), match.path("text"));
  } else {
    throw Failure(422,
                  fmt::format("{}: one of value, any, except or text is needed", match.where()));
  }
  match.finish();
  return sql;
}

bool is_word_character(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x80 || c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
         (c >= 'A' && c <= 'Z');
}

std::string Compiler::text(const FieldPlace& place, const std::string& words,
                           const std::string& where) {
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
  if (patterns.empty() || patterns.size() > max_filter_conditions) {
    throw Failure(422, fmt::format("{}: 1 to {} words are needed", where, max_filter_conditions));
  }
  return some_row(place,
                  fmt::format("jsonb_typeof(e.v) = 'string' AND (e.v #>> '{{}}') ~* ALL ({})",
                              parameters_.add(array_text(patterns), "text[]")));
}

std::string Compiler::range(const FieldPlace& place, Members range) {
  std::vector<std::string> parts;
  json::object bounds;
  for (const Comparison& comparison : comparisons) {
    const json::value* bound = range.find(comparison.name);
    if (bound == nullptr) continue;
    if (bound->is_string()) return date_range(place, range);
    if (!bound->is_number()) {
      throw Failure(422, fmt::format("{}: a number or a date of RFC 3339 is needed",
                                     range.path(comparison.name)));
    }
    parts.push_back(fmt::format("@ {} $v.{}", comparison.op, comparison.name));
    bounds[json::string_view(comparison.name.data(), comparison.name.size())] = *bound;
  }
  range.finish();
  if (parts.empty()) {
    throw Failure(422, fmt::format("{}: one of gt, gte, lt or lte is needed", range.where()));
  }
  return some_value(place, fmt::format("{}", fmt::join(parts, " && ")), bounds);
}

std::string Compiler::date_range(const FieldPlace& place, Members& range) {
  static const std::regex pattern(date_pattern.data());
  std::vector<std::string> parts;
  const std::string value = fmt::format(
      "CASE WHEN jsonb_typeof(e.v) = 'string' AND (e.v #>> '{{}}') ~ '{}' "
      "THEN (e.v #>> '{{}}')::timestamptz END",
      date_pattern);
  for (const Comparison& comparison : comparisons) {
    const auto bound = range.optional_text(comparison.name);
    if (!bound) continue;
    if (bound->size() > 40 || !std::regex_match(*bound, pattern)) {
      throw Failure(422, fmt::format("{}: \"{}\" is no date of RFC 3339, such as "
                                     "2024-05-31T12:00:00Z",
                                     range.path(comparison.name), shortened(*bound)));
    }
    parts.push_back(
        fmt::format("{} {} {}", value, comparison.op, parameters_.add(*bound, "timestamptz")));
  }
  range.finish();
  return some_row(place, joined(parts, " AND "));
}

std::string Compiler::values_count(const FieldPlace& place, Members count) {
  std::vector<std::string> parts;
  const std::string values =
      fmt::format("coalesce(jsonb_array_length(jsonb_path_query_array({}, {})), 0)", place.document,
                  not_null_values(place));
  for (const Comparison& comparison : comparisons) {
    const auto bound =
        count.optional_integer(comparison.name, 0, std::numeric_limits<std::int32_t>::max());
    if (bound) parts.push_back(fmt::format("{} {} {}", values, comparison.op, *bound));
  }
  count.finish();
  if (parts.empty()) {
    throw Failure(422, fmt::format("{}: one of gt, gte, lt or lte is needed", count.where()));
  }
  return joined(parts, " AND ");
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

std::string Compiler::geo_radius(const FieldPlace& place, Members circle) {
  const Point center = point_of(Members(circle.get("center"), circle.path("center")));
  const double radius = circle.number("radius");
  circle.finish();
  if (radius < 0) throw Failure(422, circle.path("radius") + ": meters from 0 on are needed");
  const std::string center_lat = parameters_.add(fmt::format("{}", center.lat), "float8");
  const std::string center_lon = parameters_.add(fmt::format("{}", center.lon), "float8");
  // The haversine formula, on a sphere.
  const std::string distance = fmt::format(
      "{radius} * 2 * asin(least(1, sqrt(power(sin(radians({lat} - {lat0}) / 2), 2) + "
      "cos(radians({lat0})) * cos(radians({lat})) * power(sin(radians({lon} - {lon0}) / 2), 2))))",
      fmt::arg("radius", earth_radius_meters), fmt::arg("lat", lat), fmt::arg("lon", lon),
      fmt::arg("lat0", center_lat), fmt::arg("lon0", center_lon));
  return some_row(place,
                  if_point(fmt::format("{} <= {}", distance,
                                       parameters_.add(fmt::format("{}", radius), "float8"))));
}

std::string Compiler::geo_box(const FieldPlace& place, Members box) {
  const Point top_left = point_of(Members(box.get("top_left"), box.path("top_left")));
  const Point bottom_right = point_of(Members(box.get("bottom_right"), box.path("bottom_right")));
  box.finish();
  const auto number = [&](double value) {
    return parameters_.add(fmt::format("{}", value), "float8");
  };
  // A box whose left is east of its right goes over the 180th meridian.
  const std::string_view op = top_left.lon <= bottom_right.lon ? "AND" : "OR";
  return some_row(
      place, if_point(fmt::format("{0} <= {2} AND {0} >= {3} AND ({1} >= {4} {6} {1} <= {5})", lat,
                                  lon, number(top_left.lat), number(bottom_right.lat),
                                  number(top_left.lon), number(bottom_right.lon), op)));
}

}  // namespace

std::string compile_filter(const json::value& filter, const Collection& collection,
                           Parameters& parameters) {
  return Compiler(collection, parameters).filter(filter, "filter", 1);
}

std::string read_filter(Members& body, const Collection& collection, Parameters& parameters) {
  const json::value* filter = body.find("filter");
  return filter == nullptr ? "" : compile_filter(*filter, collection, parameters);
}

}  // namespace dvecdb::server::http::rest
