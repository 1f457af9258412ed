#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <map>

#include "server/functions/like.h"
#include "server/functions/text_tables.h"
#include "server/types/error.h"
#include "server/types/oids.h"
#include "server/types/utf8.h"

namespace dvecdb::server::functions {
namespace {

using types::SqlError;
namespace sqlstate = types::sqlstate;

constexpr std::size_t max_result_bytes = 0x3fffffff;  // as PostgreSQL's largest allocation

std::string_view str(const Value& value) {
  return value.as_bytes();
}

Value view(std::string_view text) {
  return Value::text_view(text);
}

std::string_view without_blanks(std::string_view text) {
  std::size_t last = text.find_last_not_of(' ');
  return text.substr(0, last == std::string_view::npos ? 0 : last + 1);
}

Value concat(const FunctionContext&, std::span<const Value> args) {
  std::string out(str(args[0]));
  out += str(args[1]);
  return own_text(std::move(out));
}

Value concat_any(const FunctionContext& context, std::span<const Value> args) {
  // As a cast to text: booleans are spelled out.
  const auto text = [&](std::size_t i) {
    if (context.call.arguments[i].oid != types::oids::boolean) {
      return std::string(argument_text(context, args, i));
    }
    return std::string(args[i].as_boolean() ? "true" : "false");
  };
  return own_text(text(0) + text(1));
}

Value length(const FunctionContext&, std::span<const Value> args) {
  return Value::integer(static_cast<std::int64_t>(types::utf8_length(str(args[0]))));
}

Value bpchar_length(const FunctionContext&, std::span<const Value> args) {
  return Value::integer(
      static_cast<std::int64_t>(types::utf8_length(without_blanks(str(args[0])))));
}

Value octets(const FunctionContext&, std::span<const Value> args) {
  return Value::integer(static_cast<std::int64_t>(str(args[0]).size()));
}

Value bits(const FunctionContext&, std::span<const Value> args) {
  return Value::integer(static_cast<std::int64_t>(str(args[0]).size() * 8));
}

Value lower(const FunctionContext&, std::span<const Value> args) {
  return own_text(to_lower(str(args[0])));
}
Value upper(const FunctionContext&, std::span<const Value> args) {
  return own_text(to_upper(str(args[0])));
}
Value initcap(const FunctionContext&, std::span<const Value> args) {
  return own_text(to_title(str(args[0])));
}

// Characters [start, start + count), counted from 1; what lies outside the text is not there.
std::string_view slice(std::string_view text, std::int64_t start, std::int64_t count) {
  std::int64_t end = start + count;
  start = std::max<std::int64_t>(start, 1);
  if (end <= start) return {};
  std::size_t begin = types::utf8_offset(text, static_cast<std::size_t>(start - 1));
  std::string_view rest = text.substr(begin);
  return rest.substr(0, types::utf8_offset(rest, static_cast<std::size_t>(end - start)));
}

constexpr std::int64_t to_the_end = std::numeric_limits<std::int32_t>::max();

void check_length(std::int64_t count) {
  if (count < 0) throw SqlError(sqlstate::substring_error, "negative substring length not allowed");
}

Value substring(const FunctionContext&, std::span<const Value> args) {
  check_length(args[2].as_integer());
  return view(slice(str(args[0]), args[1].as_integer(), args[2].as_integer()));
}

Value substring_from(const FunctionContext&, std::span<const Value> args) {
  std::int64_t start = std::max<std::int64_t>(args[1].as_integer(), 1);
  return view(slice(str(args[0]), start, to_the_end));
}

// A negative count repeats a part of the text.
Value overlay_part(std::span<const Value> args, std::int64_t count) {
  std::int64_t start = args[2].as_integer();
  check_length(start - 1);
  std::string out(slice(str(args[0]), 1, start - 1));
  out += str(args[1]);
  out += slice(str(args[0]), std::max<std::int64_t>(start + count, 1), to_the_end);
  return own_text(std::move(out));
}

Value overlay(const FunctionContext&, std::span<const Value> args) {
  return overlay_part(args, args[3].as_integer());
}

Value overlay_no_length(const FunctionContext&, std::span<const Value> args) {
  return overlay_part(args, static_cast<std::int64_t>(types::utf8_length(str(args[1]))));
}

Value position(const FunctionContext&, std::span<const Value> args) {
  std::size_t at = str(args[0]).find(str(args[1]));
  if (at == std::string_view::npos) return Value::integer(0);
  return Value::integer(static_cast<std::int64_t>(types::utf8_length(str(args[0]).substr(0, at))) +
                        1);
}

enum TrimSide { trim_left = 1, trim_right = 2, trim_both = 3 };

bool has_character(std::string_view set, std::string_view character) {
  for (std::size_t at = 0; at < set.size(); at += types::utf8_width(set[at])) {
    if (set.substr(at, types::utf8_width(set[at])) == character) return true;
  }
  return false;
}

std::string_view trim_set(std::string_view text, std::string_view set, int sides) {
  while ((sides & trim_left) != 0 && !text.empty()) {
    std::string_view first = text.substr(0, types::utf8_width(text[0]));
    if (!has_character(set, first)) break;
    text.remove_prefix(first.size());
  }
  while ((sides & trim_right) != 0 && !text.empty()) {
    std::size_t begin = types::utf8_clip(text, text.size() - 1).size();
    if (!has_character(set, text.substr(begin))) break;
    text = text.substr(0, begin);
  }
  return text;
}

template <int sides>
Value trim(const FunctionContext&, std::span<const Value> args) {
  return view(trim_set(str(args[0]), args.size() > 1 ? str(args[1]) : " ", sides));
}

Value trim_blanks(const FunctionContext&, std::span<const Value> args) {
  return view(without_blanks(str(args[0])));
}

// `length` characters of `fill`, repeated.
std::string padding(std::string_view fill, std::size_t length) {
  std::string out;
  if (fill.empty()) return out;
  std::size_t fill_length = types::utf8_length(fill);
  if (length / fill_length * fill.size() > max_result_bytes) {
    throw SqlError(sqlstate::program_limit_exceeded, "requested length too large");
  }
  for (; length >= fill_length; length -= fill_length) out += fill;
  out += fill.substr(0, types::utf8_offset(fill, length));
  return out;
}

template <bool on_left>
Value pad(const FunctionContext&, std::span<const Value> args) {
  std::string_view text = str(args[0]);
  auto wanted = static_cast<std::size_t>(std::max<std::int64_t>(args[1].as_integer(), 0));
  std::string_view fill = args.size() > 2 ? str(args[2]) : " ";
  std::size_t has = types::utf8_length(text);
  if (has >= wanted) return view(text.substr(0, types::utf8_offset(text, wanted)));
  std::string fill_text = padding(fill, wanted - has);
  if (on_left) return own_text(fill_text + std::string(text));
  return own_text(std::string(text) + fill_text);
}

Value repeat(const FunctionContext&, std::span<const Value> args) {
  std::string_view text = str(args[0]);
  auto count = static_cast<std::size_t>(std::max<std::int64_t>(args[1].as_integer(), 0));
  if (text.size() * count > max_result_bytes) {
    throw SqlError(sqlstate::program_limit_exceeded, "requested length too large");
  }
  std::string out;
  out.reserve(text.size() * count);
  for (std::size_t i = 0; i < count; ++i) out += text;
  return own_text(std::move(out));
}

Value replace(const FunctionContext&, std::span<const Value> args) {
  std::string_view text = str(args[0]);
  std::string_view from = str(args[1]);
  if (from.empty()) return args[0];
  std::string out;
  std::size_t at = 0;
  for (std::size_t found; (found = text.find(from, at)) != std::string_view::npos;
       at = found + from.size()) {
    out += text.substr(at, found - at);
    out += str(args[2]);
    if (out.size() > max_result_bytes) {
      throw SqlError(sqlstate::program_limit_exceeded, "requested length too large");
    }
  }
  out += text.substr(at);
  return own_text(std::move(out));
}

Value translate(const FunctionContext&, std::span<const Value> args) {
  std::map<std::string_view, std::string_view> mapping;
  std::string_view to = str(args[2]);
  std::size_t to_at = 0;
  std::string_view from = str(args[1]);
  for (std::size_t at = 0; at < from.size(); at += types::utf8_width(from[at])) {
    std::string_view replacement;
    if (to_at < to.size()) {
      replacement = to.substr(to_at, types::utf8_width(to[to_at]));
      to_at += replacement.size();
    }
    mapping.emplace(from.substr(at, types::utf8_width(from[at])), replacement);
  }
  std::string out;
  std::string_view text = str(args[0]);
  for (std::size_t at = 0; at < text.size();) {
    std::string_view c = text.substr(at, types::utf8_width(text[at]));
    at += c.size();
    auto found = mapping.find(c);
    out += found == mapping.end() ? c : found->second;
  }
  return own_text(std::move(out));
}

Value reverse(const FunctionContext&, std::span<const Value> args) {
  std::string_view text = str(args[0]);
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    std::size_t begin = types::utf8_clip(text, text.size() - 1).size();
    out += text.substr(begin);
    text = text.substr(0, begin);
  }
  return own_text(std::move(out));
}

Value split_part(const FunctionContext&, std::span<const Value> args) {
  std::string_view text = str(args[0]);
  std::string_view separator = str(args[1]);
  std::int64_t field = args[2].as_integer();
  if (field == 0) {
    throw SqlError(sqlstate::invalid_parameter_value, "field position must not be zero");
  }
  if (text.empty()) return view("");
  if (separator.empty()) return view(field == 1 || field == -1 ? text : "");
  if (field < 0) {
    std::int64_t parts = 1;
    for (std::size_t at = 0; (at = text.find(separator, at)) != std::string_view::npos;) {
      ++parts;
      at += separator.size();
    }
    field += parts + 1;
    if (field < 1) return view("");
  }
  std::size_t begin = 0;
  for (; field > 1; --field) {
    std::size_t found = text.find(separator, begin);
    if (found == std::string_view::npos) return view("");
    begin = found + separator.size();
  }
  std::size_t end = std::min(text.find(separator, begin), text.size());
  return view(text.substr(begin, end - begin));
}

Value left(const FunctionContext&, std::span<const Value> args) {
  std::int64_t count = args[1].as_integer();
  if (count < 0) count += static_cast<std::int64_t>(types::utf8_length(str(args[0])));
  return view(slice(str(args[0]), 1, count));
}

Value right(const FunctionContext&, std::span<const Value> args) {
  auto size = static_cast<std::int64_t>(types::utf8_length(str(args[0])));
  std::int64_t count = args[1].as_integer();
  std::int64_t start = count < 0 ? 1 - count : size - count + 1;
  return view(slice(str(args[0]), std::max<std::int64_t>(start, 1), size));
}

Value character(const FunctionContext&, std::span<const Value> args) {
  std::int64_t code = args[0].as_integer();
  if (code < 0) {
    throw SqlError(sqlstate::invalid_parameter_value, "character number must be positive");
  }
  if (code == 0) throw SqlError(sqlstate::program_limit_exceeded, "null character not permitted");
  if (code > 0x10ffff) {
    throw SqlError(sqlstate::program_limit_exceeded,
                   fmt::format("requested character too large for encoding: {}", code));
  }
  if (code >= 0xd800 && code < 0xe000) {
    throw SqlError(sqlstate::program_limit_exceeded,
                   fmt::format("requested character not valid for encoding: {}", code));
  }
  std::string out;
  types::utf8_append(out, static_cast<std::uint32_t>(code));
  return own_text(std::move(out));
}

Value ascii(const FunctionContext&, std::span<const Value> args) {
  std::size_t offset = 0;
  if (str(args[0]).empty()) return Value::integer(0);
  return Value::integer(types::utf8_decode(str(args[0]), offset));
}

Value starts_with(const FunctionContext&, std::span<const Value> args) {
  return Value::boolean(str(args[0]).substr(0, str(args[1]).size()) == str(args[1]));
}

template <bool expected>
Value like(const FunctionContext&, std::span<const Value> args) {
  return Value::boolean(like_matches(str(args[0]), str(args[1])) == expected);
}

template <bool expected>
Value like_bytes(const FunctionContext&, std::span<const Value> args) {
  return Value::boolean(like_matches(str(args[0]), str(args[1]), true) == expected);
}

template <bool expected>
Value like_any_case(const FunctionContext&, std::span<const Value> args) {
  return Value::boolean(like_matches(to_lower(str(args[0])), to_lower(str(args[1]))) == expected);
}

Value like_escape(const FunctionContext&, std::span<const Value> args) {
  return own_text(like_with_escape(str(args[0]), str(args[1])));
}

Value like_escape_bytes(const FunctionContext&, std::span<const Value> args) {
  return Value::blob(like_with_escape(str(args[0]), str(args[1])));
}

Value similar_to_escape(const FunctionContext&, std::span<const Value> args) {
  std::optional<std::string_view> escape;
  if (args.size() > 1) escape = str(args[1]);
  return own_text(similar_to_regex(str(args[0]), escape));
}

// As similar_to_escape, but a NULL escape means the default.
Value similar_escape(const FunctionContext&, std::span<const Value> args) {
  if (args[0].is_null()) return Value::null();
  std::optional<std::string_view> escape;
  if (!args[1].is_null()) escape = str(args[1]);
  return own_text(similar_to_regex(str(args[0]), escape));
}

Value same(const FunctionContext&, std::span<const Value> args) {
  return args[0];
}

Value to_name(const FunctionContext&, std::span<const Value> args) {
  constexpr std::size_t max_name_bytes = 63;
  return view(types::utf8_clip(str(args[0]), max_name_bytes));
}

Value bpchar_to_name(const FunctionContext&, std::span<const Value> args) {
  constexpr std::size_t max_name_bytes = 63;
  return view(types::utf8_clip(without_blanks(str(args[0])), max_name_bytes));
}

template <Oid type>
Value apply_length(const FunctionContext& context, std::span<const Value> args) {
  TypeRef target{type, static_cast<std::int32_t>(args[1].as_integer())};
  bool is_explicit = args.size() > 2 && args[2].as_boolean();
  return types::apply_typmod(context.io, target, args[0], is_explicit);
}

Value first_character(const FunctionContext&, std::span<const Value> args) {
  std::string_view text = str(args[0]);
  return view(text.substr(0, std::min<std::size_t>(text.size(), 1)));
}

Value char_to_integer(const FunctionContext&, std::span<const Value> args) {
  std::string_view text = str(args[0]);
  if (text.size() == 4) {  // "\377"
    int byte = (text[1] - '0') * 64 + (text[2] - '0') * 8 + text[3] - '0';
    return Value::integer(static_cast<std::int8_t>(byte));
  }
  return Value::integer(text.empty() ? 0 : text[0]);
}

Value integer_to_char(const FunctionContext&, std::span<const Value> args) {
  std::int64_t code = args[0].as_integer();
  if (code < -128 || code > 127) {
    throw SqlError(sqlstate::numeric_value_out_of_range, "\"char\" out of range");
  }
  if (code == 0) return view("");
  if (code < 0) return own_text(fmt::format("\\{:03o}", code & 0xff));
  return own_text(std::string(1, static_cast<char>(code)));
}

Value name_with_oid(const FunctionContext&, std::span<const Value> args) {
  constexpr std::size_t max_name_bytes = 63;
  std::string suffix = fmt::format("_{}", args[1].as_integer());
  std::string out(types::utf8_clip(str(args[0]), max_name_bytes - suffix.size()));
  return own_text(out + suffix);
}

Value boolean_text(const FunctionContext&, std::span<const Value> args) {
  return view(args[0].as_boolean() ? "true" : "false");
}

constexpr std::array entries{
    ScalarEntry{"textcat", concat},
    ScalarEntry{"textanycat", concat_any, true},
    ScalarEntry{"anytextcat", concat_any, true},
    ScalarEntry{"textlen", length},
    ScalarEntry{"bpcharlen", bpchar_length},
    ScalarEntry{"textoctetlen", octets},
    ScalarEntry{"bpcharoctetlen", octets},
    ScalarEntry{"bit_length_text", bits},
    ScalarEntry{"lower", lower},
    ScalarEntry{"upper", upper},
    ScalarEntry{"initcap", initcap},
    ScalarEntry{"text_substr", substring},
    ScalarEntry{"text_substr_no_len", substring_from},
    ScalarEntry{"textoverlay", overlay},
    ScalarEntry{"textoverlay_no_len", overlay_no_length},
    ScalarEntry{"textpos", position},
    ScalarEntry{"btrim", trim<trim_both>},
    ScalarEntry{"btrim1", trim<trim_both>},
    ScalarEntry{"ltrim", trim<trim_left>},
    ScalarEntry{"ltrim1", trim<trim_left>},
    ScalarEntry{"rtrim", trim<trim_right>},
    ScalarEntry{"rtrim1", trim_blanks},
    ScalarEntry{"lpad", pad<true>},
    ScalarEntry{"lpad_blanks", pad<true>},
    ScalarEntry{"rpad", pad<false>},
    ScalarEntry{"rpad_blanks", pad<false>},
    ScalarEntry{"repeat", repeat},
    ScalarEntry{"replace_text", replace},
    ScalarEntry{"translate", translate},
    ScalarEntry{"text_reverse", reverse},
    ScalarEntry{"split_part", split_part},
    ScalarEntry{"text_left", left},
    ScalarEntry{"text_right", right},
    ScalarEntry{"chr", character},
    ScalarEntry{"ascii", ascii},
    ScalarEntry{"text_starts_with", starts_with},
    ScalarEntry{"textlike", like<true>},
    ScalarEntry{"textnlike", like<false>},
    ScalarEntry{"namelike", like<true>},
    ScalarEntry{"namenlike", like<false>},
    ScalarEntry{"bpcharlike", like<true>},
    ScalarEntry{"bpcharnlike", like<false>},
    ScalarEntry{"bytealike", like_bytes<true>},
    ScalarEntry{"byteanlike", like_bytes<false>},
    ScalarEntry{"texticlike", like_any_case<true>},
    ScalarEntry{"texticnlike", like_any_case<false>},
    ScalarEntry{"nameiclike", like_any_case<true>},
    ScalarEntry{"nameicnlike", like_any_case<false>},
    ScalarEntry{"bpchariclike", like_any_case<true>},
    ScalarEntry{"bpcharicnlike", like_any_case<false>},
    ScalarEntry{"like_escape", like_escape},
    ScalarEntry{"like_escape_bytea", like_escape_bytes},
    ScalarEntry{"similar_to_escape_1", similar_to_escape},
    ScalarEntry{"similar_to_escape_2", similar_to_escape},
    ScalarEntry{"similar_escape", similar_escape},
    ScalarEntry{"name_text", same},
    ScalarEntry{"text_name", to_name},
    ScalarEntry{"name_bpchar", same},
    ScalarEntry{"bpchar_name", bpchar_to_name},
    ScalarEntry{"bpchar", apply_length<types::oids::bpchar>},
    ScalarEntry{"varchar", apply_length<types::oids::varchar>},
    ScalarEntry{"char_text", same},
    ScalarEntry{"char_bpchar", same},
    ScalarEntry{"text_char", first_character},
    ScalarEntry{"chartoi4", char_to_integer},
    ScalarEntry{"i4tochar", integer_to_char},
    ScalarEntry{"nameconcatoid", name_with_oid},
    ScalarEntry{"booltext", boolean_text},
};

}  // namespace

ScalarTable text_edit_functions() {
  return entries;
}

}  // namespace dvecdb::server::functions
