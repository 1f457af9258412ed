#include "server/http/rest/filter_condition.h"

#include <fmt/format.h>

#include <array>
#include <limits>
#include <optional>
#include <vector>

#include "server/http/rest/failure.h"
#include "server/http/rest/filter.h"
#include "server/http/rest/filter_column.h"
#include "server/http/rest/filter_member.h"
#include "server/http/rest/filter_value.h"

namespace dvecdb::server::http::rest {

namespace {

struct Comparison {
  std::string_view name, op;
};
constexpr std::array<Comparison, 4> comparisons = {
    {{"gt", ">"}, {"gte", ">="}, {"lt", "<"}, {"lte", "<="}}};

std::string path(const FieldPlace& place, const std::string& rest, Parameters& parameters) {
  return parameters.add(place.path + rest, "jsonpath");
}

std::string not_null_values(const FieldPlace& place, Parameters& parameters) {
  return path(place, "[*] ? (@ != null)", parameters);
}

// Some value passes the jsonpath predicate over @ and $v.
std::string some_value(const FieldPlace& place, std::string_view predicate, const json::value& v,
                       Parameters& parameters) {
  const std::string values = path(place, fmt::format(" ? ({})", predicate), parameters);
  return fmt::format("jsonb_path_exists({}, {}, {})", place.document, values,
                     parameters.add(json_text(json::object{{"v", v}}), "jsonb"));
}

// Some value e.v passes the condition of SQL.
std::string some_row(const FieldPlace& place, const std::string& sql, Parameters& parameters) {
  return fmt::format("EXISTS (SELECT 1 FROM jsonb_path_query({}, {}) AS e(v) WHERE {})",
                     place.document, path(place, "[*]", parameters), sql);
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

std::string equals(const FieldPlace& place, const json::array& values, Parameters& parameters) {
  if (place.column != nullptr) {
    if (auto sql = column_equals(*place.column, values, parameters)) return *sql;
  }
  const bool is_one = values.size() == 1;
  const std::string general = some_value(place, is_one ? "@ == $v" : "@ == $v[*]",
                                         is_one ? values.front() : json::value(values), parameters);
  return place.is_indexed ? member_equals(place.document, values, general, parameters) : general;
}

std::string match(const FieldPlace& place, Members match, Parameters& parameters) {
  std::string sql;
  if (const json::value* value = match.find("value")) {
    sql = equals(place, json::array{scalar(*value, match.path("value"))}, parameters);
  } else if (match.has("any")) {
    sql = equals(place, scalars(match.array("any", max_filter_values), match.path("any")),
                 parameters);
  } else if (match.has("except")) {
    // Values of other types are not comparable: that is unknown, not true, to jsonpath.
    const json::array& list =
        scalars(match.array("except", max_filter_values), match.path("except"));
    sql = some_value(place, "(@ != null) && (!(@ == $v[*]) || ((@ == $v[*]) is unknown))", list,
                     parameters);
  } else if (match.has("text")) {
    sql =
        some_row(place, has_words(match.text("text"), match.path("text"), parameters), parameters);
  } else {
    throw Failure(422,
                  fmt::format("{}: one of value, any, except or text is needed", match.where()));
  }
  match.finish();
  return sql;
}

std::optional<std::string> column_range(const Column& column, const std::vector<Bound>& bounds,
                                        Parameters& all) {
  Parameters parameters = all;  // those that were added in vain are forgotten
  std::vector<std::string> parts;
  for (const Bound& bound : bounds) {
    auto sql = column_compares(column, bound.op, *bound.value, parameters);
    if (!sql) return std::nullopt;
    parts.push_back(std::move(*sql));
  }
  all = std::move(parameters);
  return joined(parts, " AND ");
}

std::string number_range(const FieldPlace& place, const std::vector<Bound>& bounds,
                         Parameters& parameters) {
  std::vector<std::string> parts;
  json::object values;
  for (const auto& [name, op, value] : bounds) {
    parts.push_back(fmt::format("@ {} $v.{}", op, name));
    values[json::string_view(name.data(), name.size())] = *value;
  }
  return some_value(place, fmt::format("{}", fmt::join(parts, " && ")), values, parameters);
}

std::string date_range(const FieldPlace& place, const std::vector<Bound>& bounds,
                       Parameters& parameters) {
  std::vector<std::string> parts;
  for (const Bound& bound : bounds) {
    parts.push_back(date_compares(bound.op, *bound.value, parameters));
  }
  return some_row(place, joined(parts, " AND "), parameters);
}

std::string range(const FieldPlace& place, Members range, Parameters& parameters) {
  std::vector<Bound> bounds;
  for (const Comparison& comparison : comparisons) {
    const json::value* bound = range.find(comparison.name);
    if (bound == nullptr) continue;
    if (!bound->is_number() && !bound->is_string()) {
      throw Failure(422, fmt::format("{}: a number or a date of RFC 3339 is needed",
                                     range.path(comparison.name)));
    }
    if (!bounds.empty() && bound->is_string() != bounds.front().value->is_string()) {
      throw Failure(422, fmt::format("{}: its bounds are numbers, or dates", range.where()));
    }
    if (bound->is_string()) check_date(*bound, range.path(comparison.name));
    bounds.push_back({comparison.name, comparison.op, bound});
  }
  range.finish();
  if (bounds.empty()) {
    throw Failure(422, fmt::format("{}: one of gt, gte, lt or lte is needed", range.where()));
  }
  if (place.column != nullptr) {
    if (auto sql = column_range(*place.column, bounds, parameters)) return *sql;
  }
  if (bounds.front().value->is_string()) return date_range(place, bounds, parameters);
  const std::string general = number_range(place, bounds, parameters);
  return place.is_indexed ? member_in_range(place.document, bounds, general, parameters) : general;
}

std::string values_count(const FieldPlace& place, Members count, Parameters& parameters) {
  std::vector<std::string> parts;
  const std::string values =
      fmt::format("coalesce(jsonb_array_length(jsonb_path_query_array({}, {})), 0)", place.document,
                  not_null_values(place, parameters));
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

std::string geo_radius(const FieldPlace& place, Members circle, Parameters& parameters) {
  return some_row(place, is_within_radius(std::move(circle), parameters), parameters);
}

std::string geo_box(const FieldPlace& place, Members box, Parameters& parameters) {
  return some_row(place, is_within_box(std::move(box), parameters), parameters);
}

struct Kind {
  std::string_view name;
  std::string (*compile)(const FieldPlace&, Members, Parameters&);
};
constexpr std::array<Kind, 5> kinds = {{{"match", match},
                                        {"range", range},
                                        {"values_count", values_count},
                                        {"geo_radius", geo_radius},
                                        {"geo_bounding_box", geo_box}}};

}  // namespace

std::string joined(const std::vector<std::string>& conditions, std::string_view op) {
  return "(" + fmt::format("{}", fmt::join(conditions, op)) + ")";
}

std::string is_empty(const FieldPlace& place, Parameters& parameters) {
  const std::string general = fmt::format("(jsonb_path_exists({}, {}) IS NOT TRUE)", place.document,
                                          not_null_values(place, parameters));
  return place.is_indexed ? member_is_empty(place.document, general) : general;
}

std::string is_null(const FieldPlace& place, Parameters& parameters) {
  const std::string general = fmt::format("(jsonb_path_exists({}, {}) IS TRUE)", place.document,
                                          path(place, " ? (@ == null)", parameters));
  return place.is_indexed ? member_is_null(place.document, general) : general;
}

std::string field_condition(const FieldPlace& place, Members& members, Parameters& parameters) {
  std::vector<std::string> parts;
  for (const Kind& kind : kinds) {
    if (const json::value* inner = members.find(kind.name)) {
      parts.push_back(kind.compile(place, Members(*inner, members.path(kind.name)), parameters));
    }
  }
  members.finish();
  if (parts.empty()) {
    throw Failure(422, fmt::format("{}: one of match, range, values_count, geo_radius or "
                                   "geo_bounding_box is needed beside key",
                                   members.where()));
  }
  return joined(parts, " AND ");
}

}  // namespace dvecdb::server::http::rest
