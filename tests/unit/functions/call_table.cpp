#include "tests/unit/functions/call_table.h"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "server/types/oids.h"
#include "tests/unit/functions/call.h"

namespace dvecdb::server::functions::testing {
namespace {

namespace oids = types::oids;

Oid type_named(std::string_view name) {
  static const std::map<std::string_view, Oid> types = {
      {"bool", oids::boolean},
      {"int2", oids::int2},
      {"int4", oids::int4},
      {"int8", oids::int8},
      {"oid", oids::oid},
      {"float4", oids::float4},
      {"float8", oids::float8},
      {"numeric", oids::numeric},
      {"date", oids::date},
      {"time", oids::time},
      {"timetz", oids::timetz},
      {"timestamp", oids::timestamp},
      {"timestamptz", oids::timestamptz},
      {"interval", oids::interval},
      {"text", oids::text},
      {"tid", oids::tid},
      {"pg_lsn", oids::pg_lsn},
  };
  return types.at(name);
}

std::vector<std::string_view> split(std::string_view text, std::string_view separator) {
  std::vector<std::string_view> parts;
  while (true) {
    const auto at = text.find(separator);
    parts.push_back(text.substr(0, at));
    if (at == text.npos) return parts;
    text.remove_prefix(at + separator.size());
  }
}

// "int4 5"; "text " is the empty text.
Argument argument_of(std::string_view text) {
  const auto space = text.find(' ');
  const Oid type = type_named(text.substr(0, space));
  const std::string_view value = text.substr(space + 1);
  if (value == "NULL") return {type, std::nullopt};
  return {type, std::string(value)};
}

std::vector<Argument> arguments_of(const std::vector<std::string_view>& parts) {
  std::vector<Argument> arguments;
  for (const std::string_view part : parts) arguments.push_back(argument_of(part));
  return arguments;
}

struct Line {
  std::string_view whole;
  std::string_view symbol;
  Oid result;
  std::vector<std::string_view> rest;
  std::string_view expected;
};

template <typename Check>
void for_each_line(std::string_view table, Check&& check) {
  for (const std::string_view whole : split(table, "\n")) {
    if (whole.empty()) continue;
    const auto arrow = whole.rfind(" => ");
    ASSERT_NE(arrow, whole.npos) << whole;
    std::vector<std::string_view> parts = split(whole.substr(0, arrow), " | ");
    ASSERT_GE(parts.size(), 2U) << whole;
    check(Line{whole,
               parts[0],
               type_named(parts[1]),
               {parts.begin() + 2, parts.end()},
               whole.substr(arrow + 4)});
  }
}

}  // namespace

void expect_calls(std::string_view table) {
  for_each_line(table, [](const Line& line) {
    EXPECT_EQ(call(line.symbol, arguments_of(line.rest), line.result), line.expected) << line.whole;
  });
}

void expect_aggregates(std::string_view table) {
  for_each_line(table, [](const Line& line) {
    std::vector<std::vector<Argument>> rows(1);
    for (const std::string_view part : line.rest) {
      const auto cells = split(part, " ; ");
      rows.back().push_back(argument_of(cells[0]));
      for (std::size_t i = 1; i < cells.size(); ++i) rows.push_back({argument_of(cells[i])});
    }
    EXPECT_EQ(aggregate(line.symbol, rows, line.result), line.expected) << line.whole;
  });
}

void expect_sets(std::string_view table) {
  for_each_line(table, [](const Line& line) {
    EXPECT_EQ(call_set(line.symbol, arguments_of(line.rest), {line.result}), line.expected)
        << line.whole;
  });
}

}  // namespace dvecdb::server::functions::testing
