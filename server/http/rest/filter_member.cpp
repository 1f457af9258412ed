#include "server/http/rest/filter_member.h"

#include <fmt/format.h>

#include <algorithm>

namespace dvecdb::server::http::rest {

namespace {

std::string or_in_array(const std::string& plain, const std::string& member,
                        const std::string& general) {
  return fmt::format("({0} OR ({1} > 'true'::jsonb AND {1} < '{{}}'::jsonb AND {2}))", plain,
                     member, general);
}

}  // namespace

std::string member_equals(const std::string& member, const json::array& values,
                          const std::string& general, Parameters& parameters) {
  if (values.size() == 1) {
    const std::string value = parameters.add(json_text(values.front()), "jsonb");
    return or_in_array(fmt::format("{} = {}", member, value), member, general);
  }
  std::vector<std::string> texts;
  for (const json::value& value : values) texts.push_back(json_text(value));
  const std::string list = parameters.add(array_text(texts), "jsonb[]");
  return or_in_array(fmt::format("{} = ANY ({})", member, list), member, general);
}

std::string member_in_range(const std::string& member, const std::vector<Bound>& bounds,
                            const std::string& general, Parameters& parameters) {
  // Numbers alone, on the side that has no bound, too. Not more than that: a scan of the index
  // begins and ends at one bound each.
  const auto has = [&](char side) {
    return std::any_of(bounds.begin(), bounds.end(),
                       [&](const Bound& bound) { return bound.op.front() == side; });
  };
  std::vector<std::string> parts;
  for (const Bound& bound : bounds) {
    parts.push_back(fmt::format("{} {} {}", member, bound.op,
                                parameters.add(json_text(*bound.value), "jsonb")));
  }
  if (!has('<')) parts.push_back(fmt::format("{} < 'false'::jsonb", member));
  if (!has('>')) parts.push_back(fmt::format("jsonb_typeof({}) = 'number'", member));
  return or_in_array(fmt::format("({})", fmt::join(parts, " AND ")), member, general);
}

std::string member_is_empty(const std::string& member, const std::string& general) {
  return or_in_array(fmt::format("{0} IS NULL OR {0} = 'null'::jsonb OR {0} = '[]'::jsonb", member),
                     member, general);
}

std::string member_is_null(const std::string& member, const std::string& general) {
  return or_in_array(fmt::format("{} = 'null'::jsonb", member), member, general);
}

}  // namespace dvecdb::server::http::rest
