#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>

#include "server/functions/quote.h"
#include "server/functions/text_tables.h"
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

Value concat(const FunctionContext& context, std::span<const Value> args) {
  std::string out;
  for (std::size_t i = 0; i < args.size(); ++i) {
    if (!args[i].is_null()) out += argument_text(context, args, i);
  }
  return own_text(std::move(out));
}

Value concat_with_separator(const FunctionContext& context, std::span<const Value> args) {
  if (args[0].is_null()) return Value::null();
  std::string out;
  bool is_first = true;
  for (std::size_t i = 1; i < args.size(); ++i) {
    if (args[i].is_null()) continue;
    if (!is_first) out += str(args[0]);
    is_first = false;
    out += argument_text(context, args, i);
  }
  return own_text(std::move(out));
}

Value quote_ident(const FunctionContext&, std::span<const Value> args) {
  return own_text(quote_identifier(str(args[0])));
}

Value quote_text(const FunctionContext&, std::span<const Value> args) {
  return own_text(quote_literal(str(args[0])));
}

Value quote_nullable(const FunctionContext&, std::span<const Value> args) {
  return own_text(args[0].is_null() ? "NULL" : quote_literal(str(args[0])));
}

// As a cast to text gives it: booleans as words.
std::string cast_text(const FunctionContext& context, std::span<const Value> args) {
  if (context.call.arguments.at(0).oid == types::oids::boolean) {
    return args[0].as_boolean() ? "true" : "false";
  }
  return argument_text(context, args, 0);
}

Value quote_any(const FunctionContext& context, std::span<const Value> args) {
  return own_text(quote_literal(cast_text(context, args)));
}

Value quote_nullable_any(const FunctionContext& context, std::span<const Value> args) {
  return own_text(args[0].is_null() ? "NULL" : quote_literal(cast_text(context, args)));
}

// The text of format(): "%[position$][-][width]type".
class Formatter {
 public:
  Formatter(const FunctionContext& context, std::span<const Value> args)
      : context_(context), args_(args), text_(str(args[0])) {}

  std::string run() {
    while (at_ < text_.size()) {
      std::size_t percent = std::min(text_.find('%', at_), text_.size());
      out_ += text_.substr(at_, percent - at_);
      at_ = percent;
      if (at_ == text_.size()) break;
      ++at_;
      if (next() == '%') {
        out_.push_back('%');
        ++at_;
      } else {
        format_one();
      }
    }
    return std::move(out_);
  }

 private:
  char next() const {
    if (at_ == text_.size()) {
      throw SqlError(sqlstate::invalid_parameter_value, "unterminated format() type specifier")
          .hint("For a single \"%\" use \"%%\".");
    }
    return text_[at_];
  }

  bool read_number(std::int64_t& number) {
    std::size_t begin = at_;
    number = 0;
    for (; next() >= '0' && next() <= '9'; ++at_) {
      number = number * 10 + (next() - '0');
      if (number > std::numeric_limits<std::int32_t>::max()) {
        throw SqlError(sqlstate::numeric_value_out_of_range, "number is out of range");
      }
    }
    return at_ > begin;
  }

  void check_position(std::int64_t position) const {
    if (position != 0) return;
    throw SqlError(sqlstate::invalid_parameter_value,
                   "format specifies argument 0, but arguments are numbered from 1");
  }

  std::size_t argument_index(std::int64_t position) {
    std::int64_t index = position > 0 ? position : last_argument_ + 1;
    last_argument_ = index;
    if (index >= static_cast<std::int64_t>(args_.size())) {
      throw SqlError(sqlstate::invalid_parameter_value, "too few arguments for format()");
    }
    return static_cast<std::size_t>(index);
  }

  std::int64_t width_argument(std::int64_t position) {
    std::size_t index = argument_index(position);
    const Value& value = args_[index];
    if (value.is_null()) return 0;
    if (value.kind() == Value::Kind::integer) return value.as_integer();
    std::string text = argument_text(context_, args_, index);
    return types::input_text(context_.io, {types::oids::int4, -1}, text).as_integer();
  }

  void format_one() {
    std::int64_t number = 0;
    std::int64_t position = 0;
    std::int64_t width = 0;
    bool has_number = read_number(number);
    if (has_number && next() == '$') {
      check_position(number);
      position = number;
      ++at_;
      has_number = false;
    }
    bool align_left = false;
    if (has_number) {
      width = number;
    } else {
      for (; next() == '-'; ++at_) align_left = true;
      if (next() == '*') {
        ++at_;
        std::int64_t width_position = 0;
        if (read_number(width_position)) {
          if (next() != '$') {
            throw SqlError(sqlstate::invalid_parameter_value,
                           "width argument position must be ended by \"$\"");
          }
          check_position(width_position);
          ++at_;
        }
        width = width_argument(width_position);
      } else {
        read_number(width);
      }
    }
    char type = next();
    if (type != 's' && type != 'I' && type != 'L') {
      throw SqlError(sqlstate::invalid_parameter_value,
                     fmt::format("unrecognized format() type specifier \"{}\"",
                                 text_.substr(at_, types::utf8_width(type))))
          .hint("For a single \"%\" use \"%%\".");
    }
    ++at_;
    append(converted(type, argument_index(position)), width, align_left);
  }

  std::string converted(char type, std::size_t index) const {
    if (args_[index].is_null()) {
      if (type == 'I') {
        throw SqlError(sqlstate::null_value_not_allowed,
                       "null values cannot be formatted as an SQL identifier");
      }
      return type == 'L' ? "NULL" : "";
    }
    std::string text = argument_text(context_, args_, index);
    if (type == 'I') return quote_identifier(text);
    return type == 'L' ? quote_literal(text) : text;
  }

  void append(const std::string& text, std::int64_t width, bool align_left) {
    constexpr std::int64_t max_width = 0x3fffffff;
    if (width < 0) {
      align_left = true;
      width = -width;
    }
    if (width > max_width) {
      throw SqlError(sqlstate::numeric_value_out_of_range, "number is out of range");
    }
    auto length = static_cast<std::int64_t>(types::utf8_length(text));
    auto blanks = static_cast<std::size_t>(std::max<std::int64_t>(width - length, 0));
    if (!align_left) out_.append(blanks, ' ');
    out_ += text;
    if (align_left) out_.append(blanks, ' ');
  }

  const FunctionContext& context_;
  std::span<const Value> args_;
  std::string_view text_;
  std::size_t at_ = 0;
  std::int64_t last_argument_ = 0;
  std::string out_;
};

Value format(const FunctionContext& context, std::span<const Value> args) {
  if (args[0].is_null()) return Value::null();
  return own_text(Formatter(context, args).run());
}

Value to_hex_32(const FunctionContext&, std::span<const Value> args) {
  return own_text(fmt::format("{:x}", static_cast<std::uint32_t>(args[0].as_integer())));
}
Value to_hex_64(const FunctionContext&, std::span<const Value> args) {
  return own_text(fmt::format("{:x}", static_cast<std::uint64_t>(args[0].as_integer())));
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

// Hexadecimal digits after an escape's prefix; nullopt when they are not all there.
std::optional<std::uint32_t> read_hex(std::string_view text, std::size_t at, std::size_t digits) {
  if (text.size() < at + digits) return std::nullopt;
  std::uint32_t code = 0;
  for (char c : text.substr(at, digits)) {
    if (hex_value(c) < 0) return std::nullopt;
    code = code << 4 | static_cast<std::uint32_t>(hex_value(c));
  }
  return code;
}

[[noreturn]] void throw_surrogate() {
  throw SqlError(sqlstate::syntax_error, "invalid Unicode surrogate pair");
}

Value unistr(const FunctionContext&, std::span<const Value> args) {
  struct Prefix {
    std::string_view text;
    std::size_t digits;
  };
  constexpr Prefix prefixes[] = {{"\\+", 6}, {"\\u", 4}, {"\\U", 8}, {"\\", 4}};
  std::string_view text = str(args[0]);
  std::string out;
  std::uint32_t high = 0;  // first half of a surrogate pair
  for (std::size_t at = 0; at < text.size();) {
    bool is_plain = text[at] != '\\' || text.substr(at, 2) == "\\\\";
    if (is_plain) {
      if (high != 0) throw_surrogate();
      out.push_back(text[at]);
      at += text[at] == '\\' ? 2 : 1;
      continue;
    }
    std::optional<std::uint32_t> code;
    for (const Prefix& prefix : prefixes) {
      if (text.substr(at, prefix.text.size()) != prefix.text) continue;
      code = read_hex(text, at + prefix.text.size(), prefix.digits);
      if (code) at += prefix.text.size() + prefix.digits;
      break;
    }
    if (!code) {
      throw SqlError(sqlstate::syntax_error, "invalid Unicode escape")
          .hint("Unicode escapes must be \\XXXX, \\+XXXXXX, \\uXXXX, or \\UXXXXXXXX.");
    }
    if (*code == 0 || *code > 0x10ffff) {
      throw SqlError(sqlstate::invalid_parameter_value, fmt::format("invalid Unicode code point: "
                                                                    "{:04X}",
                                                                    *code));
    }
    bool is_high = *code >= 0xd800 && *code < 0xdc00;
    bool is_low = *code >= 0xdc00 && *code < 0xe000;
    if (is_low != (high != 0)) throw_surrogate();
    if (is_high) {
      high = *code;
      continue;
    }
    if (is_low) *code = 0x10000 + ((high - 0xd800) << 10) + (*code - 0xdc00);
    high = 0;
    types::utf8_append(out, *code);
  }
  if (high != 0) throw_surrogate();
  return own_text(std::move(out));
}

SqlError invalid_identifier(std::string_view text, std::string detail) {
  return SqlError(sqlstate::invalid_parameter_value,
                  fmt::format("string is not a valid identifier: \"{}\"", text))
      .detail(std::move(detail));
}

bool is_identifier_start(char c) {
  return (c | 0x20) >= 'a' ? ((c | 0x20) <= 'z' || static_cast<unsigned char>(c) >= 0x80)
                           : (c == '_' || static_cast<unsigned char>(c) >= 0x80);
}

// "a.B.\"C\"" as its parts, unquoted ones in lower case.
Value parse_ident(const FunctionContext&, std::span<const Value> args) {
  std::string_view text = str(args[0]);
  bool is_strict = args.size() < 2 || args[1].as_boolean();
  std::size_t at = 0;
  auto skip_blanks = [&] {
    while (at < text.size() && (text[at] == ' ' || (text[at] >= '\t' && text[at] <= '\r'))) ++at;
  };
  std::vector<Value> parts;
  skip_blanks();
  while (true) {
    std::string part;
    bool is_missing = false;
    if (at < text.size() && text[at] == '"') {
      for (++at;; ++at) {
        if (at >= text.size()) {
          throw invalid_identifier(text, "String has unclosed double quotes.");
        }
        if (text[at] == '"' && text.substr(at, 2) != "\"\"") break;
        if (text[at] == '"') ++at;
        part.push_back(text[at]);
      }
      ++at;
      if (part.empty()) throw invalid_identifier(text, "Quoted identifier must not be empty.");
    } else if (at < text.size() && (is_identifier_start(text[at]) || text[at] == '_')) {
      for (; at < text.size() && (is_identifier_start(text[at]) || text[at] == '_' ||
                                  text[at] == '$' || (text[at] >= '0' && text[at] <= '9'));
           ++at) {
        char c = text[at];
        part.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c);
      }
    } else {
      is_missing = true;
    }
    if (is_missing) {
      if (at < text.size() && text[at] == '.') {
        throw invalid_identifier(text, "No valid identifier before \".\".");
      }
      throw invalid_identifier(text, parts.empty() ? "" : "No valid identifier after \".\".");
    }
    parts.push_back(own_text(std::move(part)));
    skip_blanks();
    if (at == text.size()) break;
    if (text[at] == '.') {
      ++at;
      skip_blanks();
      continue;
    }
    if (is_strict) throw invalid_identifier(text, "");
    break;
  }
  return types::encode_array(types::make_array(types::oids::text, std::move(parts)));
}

template <bool nulls>
Value count_nulls(const FunctionContext&, std::span<const Value> args) {
  return Value::integer(
      std::count_if(args.begin(), args.end(), [](const Value& v) { return v.is_null() == nulls; }));
}

constexpr std::array entries{
    ScalarEntry{"text_concat", concat, true},
    ScalarEntry{"text_concat_ws", concat_with_separator, true},
    ScalarEntry{"quote_ident", quote_ident},
    ScalarEntry{"quote_literal", quote_text},
    ScalarEntry{"quote_nullable", quote_nullable},
    ScalarEntry{"quote_literal_any", quote_any, true},
    ScalarEntry{"quote_nullable_any", quote_nullable_any, true},
    ScalarEntry{"text_format", format, true},
    ScalarEntry{"text_format_nv", format, true},
    ScalarEntry{"to_hex32", to_hex_32},
    ScalarEntry{"to_hex64", to_hex_64},
    ScalarEntry{"unistr", unistr},
    ScalarEntry{"parse_ident", parse_ident},
    ScalarEntry{"pg_num_nulls", count_nulls<true>},
    ScalarEntry{"pg_num_nonnulls", count_nulls<false>},
};

}  // namespace

std::string argument_text(const FunctionContext& context, std::span<const Value> arguments,
                          std::size_t index) {
  std::string out;
  types::output_text(context.io, context.call.arguments.at(index), arguments[index], out);
  return out;
}

ScalarTable text_format_functions() {
  return entries;
}

}  // namespace dvecdb::server::functions
