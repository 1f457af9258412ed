#include <fmt/format.h>

#include <charconv>

#include "server/types/error.h"
#include "server/types/numeric.h"
#include "server/types/oids.h"
#include "server/types/scan.h"
#include "server/types/type_handler.h"

namespace dvecdb::server::types {

namespace {

constexpr int max_precision = 1000;
constexpr int min_typmod_scale = -1000;
constexpr int max_typmod_scale = 1000;
constexpr std::int32_t typmod_offset = 4;

int precision_of(std::int32_t typmod) {
  return ((typmod - typmod_offset) >> 16) & 0xffff;
}
// The low 11 bits, signed.
int scale_of(std::int32_t typmod) {
  return (((typmod - typmod_offset) & 0x7ff) ^ 1024) - 1024;
}

Value numeric_input(const IoContext&, TypeRef, std::string_view text) {
  return Numeric::parse(text).to_value();
}
void numeric_output(const IoContext&, TypeRef, const Value& value, std::string& out) {
  out += value.as_bytes();
}
Value numeric_receive(const IoContext&, TypeRef, std::string_view bytes) {
  return Numeric::receive(bytes).to_value();
}
void numeric_send(const IoContext&, TypeRef, const Value& value, std::string& out) {
  Numeric::of(value).send(out);
}
std::string numeric_sort_key(const IoContext&, Oid, const Value& value) {
  return Numeric::of(value).sort_key();
}

int parse_argument(std::string_view text) {
  int v = 0;
  const std::string_view digits = trim_space(text);
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), v);
  if (error != std::errc() || end != digits.data() + digits.size()) {
    throw SqlError(sqlstate::invalid_text_representation,
                   fmt::format("invalid input syntax for type integer: \"{}\"", text));
  }
  return v;
}

std::int32_t numeric_parse_typmod(const std::string_view* args, std::size_t count) {
  if (count < 1 || count > 2) {
    throw SqlError(sqlstate::invalid_parameter_value, "invalid NUMERIC type modifier");
  }
  const int precision = parse_argument(args[0]);
  const int scale = count == 2 ? parse_argument(args[1]) : 0;
  if (precision < 1 || precision > max_precision) {
    throw SqlError(
        sqlstate::invalid_parameter_value,
        fmt::format("NUMERIC precision {} must be between 1 and {}", precision, max_precision));
  }
  if (scale < min_typmod_scale || scale > max_typmod_scale) {
    throw SqlError(sqlstate::invalid_parameter_value,
                   fmt::format("NUMERIC scale {} must be between {} and {}", scale,
                               min_typmod_scale, max_typmod_scale));
  }
  return (precision << 16 | (scale & 0x7ff)) + typmod_offset;
}

std::string numeric_format_typmod(std::int32_t typmod) {
  return fmt::format("({},{})", precision_of(typmod), scale_of(typmod));
}

[[noreturn]] void refuse_overflow(std::string detail) {
  throw SqlError(sqlstate::numeric_value_out_of_range, "numeric field overflow")
      .detail(std::move(detail));
}

Value numeric_apply_typmod(const IoContext&, TypeRef type, const Value& value, bool) {
  if (type.typmod < typmod_offset) return value;
  const int precision = precision_of(type.typmod);
  const int scale = scale_of(type.typmod);
  const Numeric n = Numeric::of(value);
  if (n.is_nan()) return value;
  if (n.is_infinite()) {
    refuse_overflow(fmt::format(
        "A field with precision {}, scale {} cannot hold an infinite value.", precision, scale));
  }
  const Numeric rounded = n.rounded(scale);
  const int limit = precision - scale;
  // The number must be below 10^limit: compare the exponent of its first decimal digit.
  if (!rounded.is_zero()) {
    int digits = rounded.weight() * 4 + 1;
    for (int first = rounded.digits().front(); first >= 10; first /= 10) ++digits;
    if (digits > limit) {
      refuse_overflow(fmt::format(
          "A field with precision {}, scale {} must round to an absolute value less than {}{}.",
          precision, scale, limit != 0 ? "10^" : "", limit != 0 ? limit : 1));
    }
  }
  return rounded.to_value();
}

constexpr TypeHandler handlers[] = {
    {.oid = oids::numeric,
     .input = numeric_input,
     .output = numeric_output,
     .receive = numeric_receive,
     .send = numeric_send,
     .ordering = Ordering::collation,
     .collation = "numeric",
     .collate = Numeric::compare_text,
     .sort_key = numeric_sort_key,
     .parse_typmod = numeric_parse_typmod,
     .format_typmod = numeric_format_typmod,
     .apply_typmod = numeric_apply_typmod},
};

}  // namespace

TypeHandlers numeric_types() {
  return handlers;
}

}  // namespace dvecdb::server::types
