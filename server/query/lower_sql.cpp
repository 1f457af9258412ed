#include "server/query/lower_sql.h"

#include <fmt/format.h>

#include <bit>
#include <cmath>
#include <span>

namespace dvecdb::server::query::lower {

using types::Value;

namespace {

std::string doubled(std::string_view text, char quote) {
  std::string out(1, quote);
  for (const char c : text) {
    out += c;
    if (c == quote) out += quote;
  }
  out += quote;
  return out;
}

std::string hex_literal(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out = "x'";
  out.reserve(bytes.size() * 2 + 3);
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    out += digits[byte >> 4];
    out += digits[byte & 15];
  }
  out += '\'';
  return out;
}

// SQLite reads short decimals exactly; of others the bits are given.
std::string real_literal(double value) {
  if (std::isnan(value)) return hex_literal(Value::nan_blob);
  if (std::isinf(value)) return value > 0 ? "9e999" : "-9e999";
  constexpr double most = 1e15;
  if (std::abs(value) < most && value == std::trunc(value)) {
    return std::signbit(value) && value == 0 ? "real_bits(-9223372036854775808)"
                                             : fmt::format("{:.1f}", value);
  }
  return fmt::format("real_bits({})", std::bit_cast<std::int64_t>(value));
}

std::string balanced(std::span<const std::string> parts, std::string_view op) {
  if (parts.size() == 1) return parts.front();
  const std::size_t half = parts.size() / 2;
  return fmt::format("({} {} {})", balanced(parts.first(half), op), op,
                     balanced(parts.subspan(half), op));
}

}  // namespace

std::string store_identifier(std::string_view name) {
  return doubled(name, '"');
}

std::string store_table(std::string_view name) {
  if (name.starts_with('"')) return std::string(name);
  const std::size_t dot = name.find('.');
  if (dot == std::string_view::npos) return store_identifier(name);
  return store_identifier(name.substr(0, dot)) + "." + store_identifier(name.substr(dot + 1));
}

std::string text_literal(std::string_view text) {
  return doubled(text, '\'');
}

std::string value_literal(const Value& value) {
  switch (value.kind()) {
    case Value::Kind::null:
      return "NULL";
    case Value::Kind::integer:
      return std::to_string(value.as_integer());
    case Value::Kind::real:
      return real_literal(value.as_real());
    case Value::Kind::text:
      return text_literal(value.as_bytes());
    case Value::Kind::blob:
      return hex_literal(value.as_bytes());
  }
  return "NULL";
}

std::string join(const std::vector<std::string>& parts, std::string_view separator) {
  std::string out;
  for (const std::string& part : parts) {
    if (!out.empty()) out += separator;
    out += part;
  }
  return out;
}

std::string join_balanced(const std::vector<std::string>& parts, std::string_view op) {
  return parts.empty() ? std::string() : balanced(parts, op);
}

std::string call_sql(std::string_view name, const std::vector<std::string>& arguments) {
  return fmt::format("{}({})", name, join(arguments, ", "));
}

}  // namespace dvecdb::server::query::lower
