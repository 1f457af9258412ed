#include "server/http/rest/filter.h"

#include <fmt/format.h>

#include <array>
#include <functional>
#include <optional>

#include "server/http/rest/failure.h"
#include "server/http/rest/filter_column.h"
#include "server/http/rest/filter_field.h"
#include "server/http/rest/filter_value.h"

namespace dvecdb::server::http::rest {

namespace {

struct Comparison {
  std::string_view name, op;
};
constexpr std::array<Comparison, 4> comparisons = {
    {{"gt", ">"}, {"gte", ">="}, {"lt", "<"}, {"lte", "<="}}};

struct Bound {
  Comparison comparison;
  const json::value* value = nullptr;
};

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
  std::string equals(const FieldPlace& place, const json::array& values);
  std::string match(const FieldPlace& place, Members match);
  std::string range(const FieldPlace& place, Members range);
  std::optional<std::string> column_range(const Column& column, const std::vector<Bound>& bounds);
  std::string number_range(const FieldPlace& place, const std::vector<Bound>& bounds);
  std::string date_range(const FieldPlace& place, const std::vector<Bound>& bounds);
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
      parts.push_back(fmt::format("({} IS NOT TRUE)", one));
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

// NULL in SQL counts as false: must_not says IS NOT TRUE.
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
  return joined(parts, " AND ");
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

std::string Compiler::equals(const FieldPlace& place, const json::array& values) {
  if (place.column != nullptr) {
    if (auto sql = column_equals(*place.column, values, parameters_)) return *sql;
  }
  if (values.size() == 1) return some_value(place, "@ == $v", values.front());
  return some_value(place, "@ == $v[*]", values);
}

std::string Compiler::match(const FieldPlace& place, Members match) {
  std::string sql;
  if (const json::value* value = match.find("value")) {
    sql = equals(place, json::array{scalar(*value, match.path("value"))});
  } else if (match.has("any")) {
    sql = equals(place, scalars(match.array("any", max_filter_values), match.path("any")));
  } else if (match.has("except")) {
    // Values of other types are not comparable: that is unknown, not true, to jsonpath.
    const json::array& list =
        scalars(match.array("except", max_filter_values), match.path("except"));
    sql = some_value(place, "(@ != null) && (!(@ == $v[*]) || ((@ == $v[*]) is unknown))", list);
  } else if (match.has("text")) {
    sql = some_row(place, has_words(match.text("text"), match.path("text"), parameters_));
  } else {
    throw Failure(422,
                  fmt::format("{}: one of value, any, except or text is needed", match.where()));
  }
  match.finish();
  return sql;
}

std::string Compiler::range(const FieldPlace& place, Members range) {
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
    bounds.push_back({comparison, bound});
  }
  range.finish();
  if (bounds.empty()) {
    throw Failure(422, fmt::format("{}: one of gt, gte, lt or lte is needed", range.where()));
  }
  if (place.column != nullptr) {
    if (auto sql = column_range(*place.column, bounds)) return *sql;
  }
  return bounds.front().value->is_string() ? date_range(place, bounds)
                                           : number_range(place, bounds);
}

std::optional<std::string> Compiler::column_range(const Column& column,
                                                  const std::vector<Bound>& bounds) {
  Parameters parameters = parameters_;  // those that were added in vain are forgotten
  std::vector<std::string> parts;
  for (const Bound& bound : bounds) {
    auto sql = column_compares(column, bound.comparison.op, *bound.value, parameters);
    if (!sql) return std::nullopt;
    parts.push_back(std::move(*sql));
  }
  parameters_ = std::move(parameters);
  return joined(parts, " AND ");
}

std::string Compiler::number_range(const FieldPlace& place, const std::vector<Bound>& bounds) {
  std::vector<std::string> parts;
  json::object values;
  for (const auto& [comparison, value] : bounds) {
    parts.push_back(fmt::format("@ {} $v.{}", comparison.op, comparison.name));
    values[json::string_view(comparison.name.data(), comparison.name.size())] = *value;
  }
  return some_value(place, fmt::format("{}", fmt::join(parts, " && ")), values);
}

std::string Compiler::date_range(const FieldPlace& place, const std::vector<Bound>& bounds) {
  std::vector<std::string> parts;
  for (const Bound& bound : bounds) {
    parts.push_back(date_compares(bound.comparison.op, *bound.value, parameters_));
  }
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

std::string Compiler::geo_radius(const FieldPlace& place, Members circle) {
  return some_row(place, is_within_radius(std::move(circle), parameters_));
}

std::string Compiler::geo_box(const FieldPlace& place, Members box) {
  return some_row(place, is_within_box(std::move(box), parameters_));
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
