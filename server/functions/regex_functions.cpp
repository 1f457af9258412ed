#include <fmt/format.h>

#include <array>

#include "server/functions/families.h"
#include "server/functions/like.h"
#include "server/functions/regex.h"
#include "server/functions/regex_matches.h"
#include "server/types/array.h"
#include "server/types/error.h"
#include "server/types/oids.h"
#include "server/types/utf8.h"

namespace dvecdb::server::functions {
namespace {

using types::SqlError;
namespace sqlstate = types::sqlstate;

std::string_view str(const Value& value) {
  return value.as_bytes();
}

std::string_view text_argument(std::span<const Value> args, std::size_t index) {
  return index < args.size() ? str(args[index]) : std::string_view();
}

// An integer argument that may be missing, and must be at least `least`.
std::int64_t number_argument(std::span<const Value> args, std::size_t index, std::string_view name,
                             std::int64_t missing, std::int64_t least) {
  if (index >= args.size()) return missing;
  std::int64_t number = args[index].as_integer();
  if (number < least) {
    throw SqlError(sqlstate::invalid_parameter_value,
                   fmt::format("invalid value for parameter \"{}\": {}", name, number));
  }
  return number;
}

// Byte offset of the character position `start` (from 1); past the end when it lies there.
std::size_t start_offset(std::string_view text, std::int64_t start) {
  std::size_t length = types::utf8_length(text);
  if (static_cast<std::size_t>(start - 1) > length) return text.size() + 1;
  return types::utf8_offset(text, static_cast<std::size_t>(start - 1));
}

template <bool expected, bool ignore_case>
Value matches(const FunctionContext&, std::span<const Value> args) {
  RegexFlags flags;
  flags.ignore_case = ignore_case;
  return Value::boolean(Regex::compile(str(args[1]), flags)->matches(str(args[0])) == expected);
}

Value first_group(std::string_view text, std::string_view pattern) {
  auto groups = Regex::compile(pattern, {})->find_first(text, 0);
  if (!groups) return Value::null();
  const RegexSpan& chosen = groups->size() > 1 ? (*groups)[1] : (*groups)[0];
  return chosen.is_set() ? Value::text_view(chosen.of(text)) : Value::null();
}

Value substring(const FunctionContext&, std::span<const Value> args) {
  return first_group(str(args[0]), str(args[1]));
}

Value substring_similar(const FunctionContext&, std::span<const Value> args) {
  return first_group(str(args[0]), similar_to_regex(str(args[1]), str(args[2])));
}

// "\1" to "\9" and "\&" stand for groups.
void append_replacement(std::string_view text, const std::vector<RegexSpan>& groups,
                        std::string_view replacement, std::string& out) {
  for (std::size_t at = 0; at < replacement.size(); ++at) {
    if (replacement[at] != '\\' || at + 1 == replacement.size()) {
      out.push_back(replacement[at]);
      continue;
    }
    char c = replacement[++at];
    bool is_group = c == '&' || (c >= '1' && c <= '9');
    if (!is_group) {
      if (c != '\\') out.push_back('\\');
      out.push_back(c);
      continue;
    }
    std::size_t group = c == '&' ? 0 : static_cast<std::size_t>(c - '0');
    if (group < groups.size() && groups[group].is_set()) out += groups[group].of(text);
  }
}

struct Replacing {
  std::int64_t start = 1;
  std::int64_t which = 1;  // the match to replace; 0: all
};

Value replace(std::span<const Value> args, const RegexFlags& flags, const Replacing& what) {
  constexpr std::size_t max_result_bytes = 0x3fffffff;
  std::string_view text = str(args[0]);
  RegexMatches found(Regex::compile(str(args[1]), flags), text, start_offset(text, what.start));
  std::string out;
  std::size_t copied = 0;
  std::int64_t number = 0;
  while (auto groups = found.next()) {
    ++number;
    if (what.which != 0 && number != what.which) continue;
    const RegexSpan& match = groups->front();
    out += text.substr(copied, match.begin - copied);
    append_replacement(text, *groups, str(args[2]), out);
    copied = match.end;
    if (out.size() > max_result_bytes) {
      throw SqlError(sqlstate::program_limit_exceeded, "requested length too large");
    }
    if (what.which != 0) break;
  }
  out += text.substr(copied);
  return Value::text(std::move(out));
}

Value replace_with_flags(const FunctionContext&, std::span<const Value> args) {
  std::string_view letters = text_argument(args, 3);
  if (!letters.empty() && letters[0] >= '0' && letters[0] <= '9') {
    throw SqlError(sqlstate::invalid_parameter_value,
                   fmt::format("invalid regular expression option: \"{}\"", letters.substr(0, 1)))
        .hint(
            "If you meant to use regexp_replace() with a start parameter, cast the fourth "
            "argument to integer explicitly.");
  }
  RegexFlags flags = parse_regex_flags(letters);
  return replace(args, flags, {1, flags.global ? 0 : 1});
}

Value replace_extended(const FunctionContext&, std::span<const Value> args) {
  Replacing what;
  what.start = number_argument(args, 3, "start", 1, 1);
  RegexFlags flags = parse_regex_flags(text_argument(args, 5));
  what.which = number_argument(args, 4, "n", flags.global ? 0 : 1, 0);
  return replace(args, flags, what);
}

Value match(const FunctionContext&, std::span<const Value> args) {
  RegexFlags flags = flags_without_global(text_argument(args, 2), "regexp_match",
                                          "Use the regexp_matches function instead.");
  auto groups = Regex::compile(str(args[1]), flags)->find_first(str(args[0]), 0);
  return groups ? groups_array(str(args[0]), *groups) : Value::null();
}

Value split_to_array(const FunctionContext&, std::span<const Value> args) {
  RegexFlags flags = flags_without_global(text_argument(args, 2), "regexp_split_to_array");
  return types::encode_array(types::make_array(
      types::oids::text, split_at_matches(Regex::compile(str(args[1]), flags), str(args[0]))));
}

Value like(const FunctionContext&, std::span<const Value> args) {
  RegexFlags flags = flags_without_global(text_argument(args, 2), "regexp_like");
  return Value::boolean(Regex::compile(str(args[1]), flags)->matches(str(args[0])));
}

Value count(const FunctionContext& context, std::span<const Value> args) {
  std::int64_t start = number_argument(args, 2, "start", 1, 1);
  RegexFlags flags = flags_without_global(text_argument(args, 3), "regexp_count");
  std::string_view text = str(args[0]);
  RegexMatches found(Regex::compile(str(args[1]), flags), text, start_offset(text, start));
  std::int64_t number = 0;
  while (found.next()) {
    if (++number % 1024 == 0) context.environment.check_cancel();
  }
  return Value::integer(number);
}

// Match number `which` at or after `start`; the group `subexpression` of it.
std::optional<RegexSpan> find_group(std::span<const Value> args, const RegexFlags& flags,
                                    std::int64_t subexpression) {
  std::string_view text = str(args[0]);
  std::int64_t start = number_argument(args, 2, "start", 1, 1);
  std::int64_t which = number_argument(args, 3, "n", 1, 1);
  RegexMatches found(Regex::compile(str(args[1]), flags), text, start_offset(text, start));
  while (auto groups = found.next()) {
    if (--which > 0) continue;
    auto index = static_cast<std::size_t>(subexpression);
    if (index >= groups->size() || !(*groups)[index].is_set()) return std::nullopt;
    return (*groups)[index];
  }
  return std::nullopt;
}

Value position(const FunctionContext&, std::span<const Value> args) {
  number_argument(args, 2, "start", 1, 1);
  number_argument(args, 3, "n", 1, 1);
  std::int64_t end_option = number_argument(args, 4, "endoption", 0, 0);
  if (end_option > 1) {
    throw SqlError(sqlstate::invalid_parameter_value,
                   fmt::format("invalid value for parameter \"endoption\": {}", end_option));
  }
  RegexFlags flags = flags_without_global(text_argument(args, 5), "regexp_instr");
  auto group = find_group(args, flags, number_argument(args, 6, "subexpr", 0, 0));
  if (!group) return Value::integer(0);
  std::size_t offset = end_option == 1 ? group->end : group->begin;
  return Value::integer(
      static_cast<std::int64_t>(types::utf8_length(str(args[0]).substr(0, offset))) + 1);
}

Value extract(const FunctionContext&, std::span<const Value> args) {
  number_argument(args, 2, "start", 1, 1);
  number_argument(args, 3, "n", 1, 1);
  RegexFlags flags = flags_without_global(text_argument(args, 4), "regexp_substr");
  auto group = find_group(args, flags, number_argument(args, 5, "subexpr", 0, 0));
  return group ? Value::text_view(group->of(str(args[0]))) : Value::null();
}

constexpr std::array entries{
    ScalarEntry{"textregexeq", matches<true, false>},
    ScalarEntry{"textregexne", matches<false, false>},
    ScalarEntry{"texticregexeq", matches<true, true>},
    ScalarEntry{"texticregexne", matches<false, true>},
    ScalarEntry{"nameregexeq", matches<true, false>},
    ScalarEntry{"nameregexne", matches<false, false>},
    ScalarEntry{"nameicregexeq", matches<true, true>},
    ScalarEntry{"nameicregexne", matches<false, true>},
    ScalarEntry{"textregexsubstr", substring},
    ScalarEntry{"substring_similar", substring_similar},
    ScalarEntry{"textregexreplace_noopt", replace_with_flags},
    ScalarEntry{"textregexreplace", replace_with_flags},
    ScalarEntry{"textregexreplace_extended", replace_extended},
    ScalarEntry{"textregexreplace_extended_no_flags", replace_extended},
    ScalarEntry{"textregexreplace_extended_no_n", replace_extended},
    ScalarEntry{"regexp_match", match},
    ScalarEntry{"regexp_match_no_flags", match},
    ScalarEntry{"regexp_split_to_array", split_to_array},
    ScalarEntry{"regexp_split_to_array_no_flags", split_to_array},
    ScalarEntry{"regexp_like", like},
    ScalarEntry{"regexp_like_no_flags", like},
    ScalarEntry{"regexp_count", count},
    ScalarEntry{"regexp_count_no_start", count},
    ScalarEntry{"regexp_count_no_flags", count},
    ScalarEntry{"regexp_instr", position},
    ScalarEntry{"regexp_instr_no_start", position},
    ScalarEntry{"regexp_instr_no_n", position},
    ScalarEntry{"regexp_instr_no_endoption", position},
    ScalarEntry{"regexp_instr_no_flags", position},
    ScalarEntry{"regexp_instr_no_subexpr", position},
    ScalarEntry{"regexp_substr", extract},
    ScalarEntry{"regexp_substr_no_start", extract},
    ScalarEntry{"regexp_substr_no_n", extract},
    ScalarEntry{"regexp_substr_no_flags", extract},
    ScalarEntry{"regexp_substr_no_subexpr", extract},
};

}  // namespace

ScalarTable regex_functions() {
  return entries;
}

}  // namespace dvecdb::server::functions
