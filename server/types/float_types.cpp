#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <optional>

#include "dvecdb/float_text.h"
#include "server/types/binary.h"
#include "server/types/error.h"
#include "server/types/float_text.h"
#include "server/types/oids.h"
#include "server/types/scan.h"
#include "server/types/type_handler.h"

namespace dvecdb::server::types {

namespace {

template <typename Float>
constexpr std::string_view name_of = sizeof(Float) == 4 ? "real" : "double precision";

template <typename Float>
std::optional<Float> parse_special(std::string_view text) {
  Float sign = 1;
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) {
    sign = text[0] == '-' ? Float{-1} : Float{1};
    text.remove_prefix(1);
  }
  if (equals_ignore_case(text, "nan")) return std::numeric_limits<Float>::quiet_NaN();
  if (equals_ignore_case(text, "inf") || equals_ignore_case(text, "infinity")) {
    return sign * std::numeric_limits<Float>::infinity();
  }
  return std::nullopt;
}

template <typename Float>
Float parse_float(std::string_view text) {
  const auto refuse_syntax = [&]() {
    throw SqlError(sqlstate::invalid_text_representation,
                   fmt::format("invalid input syntax for type {}: \"{}\"", name_of<Float>, text));
  };
  std::string_view digits = trim_space(text);
  if (const auto special = parse_special<Float>(digits)) return *special;
  const bool negative = !digits.empty() && digits[0] == '-';
  if (negative || (!digits.empty() && digits[0] == '+')) digits.remove_prefix(1);
  const bool is_hex = digits.size() > 2 && digits[0] == '0' && lower_ascii(digits[1]) == 'x';
  if (is_hex) digits.remove_prefix(2);
  // from_chars would read signs, "inf" and "nan" here again.
  if (digits.empty() || !(is_digit(digits[0]) || digits[0] == '.' || is_hex)) refuse_syntax();
  if (digits[0] == '-' || lower_ascii(digits[0]) == 'i' || lower_ascii(digits[0]) == 'n') {
    refuse_syntax();
  }
  Float v = 0;
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), v,
                      is_hex ? std::chars_format::hex : std::chars_format::general);
  if (error == std::errc::invalid_argument || end != digits.data() + digits.size()) {
    refuse_syntax();
  }
  const std::string_view mantissa = digits.substr(0, digits.find_first_of("eE"));
  const bool vanished = v == 0 && !is_hex && mantissa.find_first_of("123456789") != mantissa.npos;
  if (error == std::errc::result_out_of_range || vanished || std::isinf(v)) {
    throw SqlError(sqlstate::numeric_value_out_of_range,
                   fmt::format("\"{}\" is out of range for type {}", text, name_of<Float>));
  }
  return negative ? -v : v;
}

template <typename Float>
void append_float(std::string& out, Float v, int extra_float_digits) {
  if (extra_float_digits <= 0 && std::isfinite(v)) {
    constexpr int digits10 = std::numeric_limits<Float>::digits10;
    const int precision = std::max(digits10 + extra_float_digits, 1);
    fmt::format_to(std::back_inserter(out), "{:.{}g}", static_cast<double>(v), precision);
    return;
  }
  char buffer[core::shortest_double_room];
  out.append(buffer, core::print_shortest(v, buffer));
}

Value real_value(double v) {
  return std::isnan(v) ? Value::blob_view(Value::nan_blob) : Value::real(v);
}

Value float4_input(const IoContext&, TypeRef, std::string_view text) {
  return real_value(static_cast<double>(parse_float4(text)));
}
Value float8_input(const IoContext&, TypeRef, std::string_view text) {
  return real_value(parse_float8(text));
}
void float4_output(const IoContext& context, TypeRef, const Value& value, std::string& out) {
  append_float4(out, static_cast<float>(value.as_real()), context.extra_float_digits);
}
void float8_output(const IoContext& context, TypeRef, const Value& value, std::string& out) {
  append_float8(out, value.as_real(), context.extra_float_digits);
}

Value float4_receive(const IoContext&, TypeRef, std::string_view bytes) {
  BinaryReader reader(bytes);
  const auto v = std::bit_cast<float>(reader.u32());
  reader.finish();
  return real_value(static_cast<double>(v));
}
Value float8_receive(const IoContext&, TypeRef, std::string_view bytes) {
  BinaryReader reader(bytes);
  const auto v = std::bit_cast<double>(reader.u64());
  reader.finish();
  return real_value(v);
}
void float4_send(const IoContext&, TypeRef, const Value& value, std::string& out) {
  append_u32(out, std::bit_cast<std::uint32_t>(static_cast<float>(value.as_real())));
}
void float8_send(const IoContext&, TypeRef, const Value& value, std::string& out) {
  append_u64(out, std::bit_cast<std::uint64_t>(value.as_real()));
}

int float_compare(const IoContext&, Oid, const Value& a, const Value& b) {
  const std::uint64_t x = float_sort_bits(a.as_real());
  const std::uint64_t y = float_sort_bits(b.as_real());
  return x < y ? -1 : (x > y ? 1 : 0);
}

std::string float_sort_key(const IoContext&, Oid, const Value& value) {
  std::string key;
  append_u64(key, float_sort_bits(value.as_real()));
  return key;
}

constexpr TypeHandler handlers[] = {
    {.oid = oids::float4,
     .input = float4_input,
     .output = float4_output,
     .receive = float4_receive,
     .send = float4_send,
     .compare = float_compare,
     .sort_key = float_sort_key},
    {.oid = oids::float8,
     .input = float8_input,
     .output = float8_output,
     .receive = float8_receive,
     .send = float8_send,
     .compare = float_compare,
     .sort_key = float_sort_key},
};

}  // namespace

double parse_float8(std::string_view text) {
  return parse_float<double>(text);
}
float parse_float4(std::string_view text) {
  return parse_float<float>(text);
}
void append_float8(std::string& out, double v, int extra_float_digits) {
  append_float(out, v, extra_float_digits);
}
void append_float4(std::string& out, float v, int extra_float_digits) {
  append_float(out, v, extra_float_digits);
}

TypeHandlers float_types() {
  return handlers;
}

}  // namespace dvecdb::server::types
