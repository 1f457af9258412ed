#include "server/http/rest/filter.h"

#include <fmt/format.h>

#include <limits>
#include <vector>

#include "server/http/rest/failure.h"
#include "server/http/rest/filter_condition.h"
#include "server/http/rest/filter_field.h"

namespace dvecdb::server::http::rest {

namespace {

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
  FieldPlace field_of(Members& members) const {
    return find_field(members.text("key"), collection_, members.path("key"));
  }
  // {"is_empty": {"key"}} or {"is_null": {"key"}}
  template <typename Test>
  std::string about_key(Members& members, std::string_view name, const Test& test) {
    Members inner(members.get(name), members.path(name));
    const FieldPlace place = field_of(inner);
    inner.finish();
    members.finish();
    return test(place, parameters_);
  }

  const Collection& collection_;
  Parameters& parameters_;
  std::size_t count_ = 0;
};

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
  if (members.has("is_empty")) return about_key(members, "is_empty", is_empty);
  if (members.has("is_null")) return about_key(members, "is_null", is_null);
  if (!members.has("key")) {
    const std::string nested = filter(value, where, depth + 1);
    return nested.empty() ? "true" : nested;
  }
  return field_condition(field_of(members), members, parameters_);
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
