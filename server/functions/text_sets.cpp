#include <array>

#include "server/functions/families.h"
#include "server/functions/regex_matches.h"
#include "server/functions/text_split.h"
#include "server/functions/value_rows.h"

namespace dvecdb::server::functions {
namespace {

std::string_view flags_argument(std::span<const Value> args) {
  return args.size() > 2 ? args[2].as_bytes() : std::string_view();
}

std::unique_ptr<RowSource> text_to_table(const FunctionContext&, std::span<const Value> args) {
  if (args[0].is_null()) return value_rows({});
  return value_rows(split_text(args));
}

std::unique_ptr<RowSource> regexp_matches(const FunctionContext&, std::span<const Value> args) {
  RegexFlags flags = parse_regex_flags(flags_argument(args));
  std::string_view text = args[0].as_bytes();
  RegexMatches matches(Regex::compile(args[1].as_bytes(), flags), text);
  std::vector<Value> rows;
  while (auto groups = matches.next()) {
    rows.push_back(groups_array(text, *groups));
    if (!flags.global) break;
  }
  return value_rows(std::move(rows));
}

std::unique_ptr<RowSource> regexp_split(const FunctionContext&, std::span<const Value> args) {
  RegexFlags flags = flags_without_global(flags_argument(args), "regexp_split_to_table");
  return value_rows(
      split_at_matches(Regex::compile(args[1].as_bytes(), flags), args[0].as_bytes()));
}

constexpr std::array entries{
    SetEntry{"text_to_table", text_to_table},
    SetEntry{"text_to_table_null", text_to_table},
    SetEntry{"regexp_matches", regexp_matches},
    SetEntry{"regexp_matches_no_flags", regexp_matches},
    SetEntry{"regexp_split_to_table", regexp_split},
    SetEntry{"regexp_split_to_table_no_flags", regexp_split},
};

}  // namespace

SetTable text_sets() {
  return entries;
}

}  // namespace dvecdb::server::functions
