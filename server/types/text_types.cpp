#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <string>

#include "server/types/error.h"
#include "server/types/oids.h"
#include "server/types/type_handler.h"
#include "server/types/utf8.h"

namespace dvecdb::server::types {
namespace {

constexpr std::int32_t length_offset = 4;  // a length modifier counts PostgreSQL's own header
constexpr std::int32_t max_length = 10485760;
constexpr std::size_t max_name_bytes = 63;

Value input_any(const IoContext&, TypeRef, std::string_view text) {
  check_utf8(text);
  return Value::text(std::string(text));
}

void output_any(const IoContext&, TypeRef, const Value& value, std::string& out) {
  out += value.as_bytes();
}

Value input_name(const IoContext&, TypeRef, std::string_view text) {
  check_utf8(text);
  return Value::text(std::string(utf8_clip(text, max_name_bytes)));
}

bool is_octal(char c) {
  return c >= '0' && c <= '7';
}

// One byte; above ASCII it is kept as it is shown, "\377", since it is no text by itself.
Value input_internal_char(const IoContext&, TypeRef, std::string_view text) {
  bool is_escape = text.size() == 4 && text[0] == '\\' && is_octal(text[1]) && is_octal(text[2]) &&
                   is_octal(text[3]);
  unsigned byte = text.empty() ? 0 : static_cast<unsigned char>(text[0]);
  if (is_escape) {
    byte = static_cast<unsigned>((text[1] - '0') * 64 + (text[2] - '0') * 8 + text[3] - '0') & 0xff;
  }
  if (byte == 0) return Value::text("");
  if (byte < 0x80) return Value::text(std::string(1, static_cast<char>(byte)));
  return Value::text(fmt::format("\\{:03o}", byte));
}

Value receive_internal_char(const IoContext& context, TypeRef type, std::string_view bytes) {
  if (bytes.size() != 1) {
    throw SqlError(sqlstate::invalid_binary_representation, "incorrect binary data format");
  }
  return input_internal_char(context, type, bytes == std::string_view("\0", 1) ? "" : bytes);
}

void send_internal_char(const IoContext&, TypeRef, const Value& value, std::string& out) {
  std::string_view text = value.as_bytes();
  if (text.size() == 4) {
    out.push_back(static_cast<char>((text[1] - '0') * 64 + (text[2] - '0') * 8 + text[3] - '0'));
  } else {
    out.push_back(text.empty() ? '\0' : text[0]);
  }
}

std::string_view without_blanks(std::string_view text) {
  std::size_t last = text.find_last_not_of(' ');
  return text.substr(0, last == std::string_view::npos ? 0 : last + 1);
}

int compare_bytes(std::string_view a, std::string_view b) {
  int order = a.compare(b);
  return (order > 0) - (order < 0);
}

int compare_padded(std::string_view a, std::string_view b) {
  return compare_bytes(without_blanks(a), without_blanks(b));
}

std::int32_t parse_length(std::string_view type, const std::string_view* args, std::size_t count) {
  if (count != 1) throw SqlError(sqlstate::invalid_parameter_value, "invalid type modifier");
  std::string_view arg = *args;
  std::int32_t length = 0;
  auto [stop, error] = std::from_chars(arg.data(), arg.data() + arg.size(), length);
  if (error != std::errc() || stop != arg.data() + arg.size()) {
    throw SqlError(sqlstate::invalid_text_representation,
                   fmt::format("invalid input syntax for type integer: \"{}\"", arg));
  }
  if (length < 1) {
    throw SqlError(sqlstate::invalid_parameter_value,
                   fmt::format("length for type {} must be at least 1", type));
  }
  if (length > max_length) {
    throw SqlError(sqlstate::invalid_parameter_value,
                   fmt::format("length for type {} cannot exceed {}", type, max_length));
  }
  return length + length_offset;
}

std::int32_t bpchar_typmod(const std::string_view* args, std::size_t count) {
  return parse_length("char", args, count);
}
std::int32_t varchar_typmod(const std::string_view* args, std::size_t count) {
  return parse_length("varchar", args, count);
}

std::string format_length(std::int32_t typmod) {
  return fmt::format("({})", typmod - length_offset);
}

// The text cut to `length` characters. Only blanks may fall away, unless the cast is explicit.
std::string_view cut(std::string_view text, std::size_t length, std::string_view type,
                     bool is_explicit) {
  std::size_t end = utf8_offset(text, length);
  bool loses_text = text.find_first_not_of(' ', end) != std::string_view::npos;
  if (loses_text && !is_explicit) {
    throw SqlError(sqlstate::string_data_right_truncation,
                   fmt::format("value too long for type {}({})", type, length));
  }
  return text.substr(0, end);
}

Value apply_varchar_length(const IoContext&, TypeRef type, const Value& value, bool is_explicit) {
  auto length = static_cast<std::size_t>(std::max(type.typmod - length_offset, 0));
  std::string_view text = value.as_bytes();
  if (text.size() <= length) return value;
  return Value::text(std::string(cut(text, length, "character varying", is_explicit)));
}

Value apply_bpchar_length(const IoContext&, TypeRef type, const Value& value, bool is_explicit) {
  auto length = static_cast<std::size_t>(std::max(type.typmod - length_offset, 0));
  std::string text(cut(value.as_bytes(), length, "character", is_explicit));
  text.append(length - utf8_length(text), ' ');
  return Value::text(std::move(text));
}

Value input_void(const IoContext&, TypeRef, std::string_view) {
  return Value::text("");
}

constexpr TypeHandler plain(Oid oid) {
  return {.oid = oid,
          .input = input_any,
          .output = output_any,
          .receive = input_any,
          .send = output_any};
}

constexpr std::array handlers{
    plain(oids::text),
    plain(oids::unknown),
    plain(oids::cstring),
    plain(oids::xml),
    plain(oids::pg_node_tree),
    plain(oids::aclitem),
    plain(oids::refcursor),
    plain(oids::tsvector),
    plain(oids::tsquery),
    TypeHandler{.oid = oids::void_,
                .input = input_void,
                .output = output_any,
                .receive = input_void,
                .send = output_any},
    TypeHandler{.oid = oids::name,
                .input = input_name,
                .output = output_any,
                .receive = input_name,
                .send = output_any},
    TypeHandler{.oid = oids::internal_char,
                .input = input_internal_char,
                .output = output_any,
                .receive = receive_internal_char,
                .send = send_internal_char},
    TypeHandler{.oid = oids::varchar,
                .input = input_any,
                .output = output_any,
                .receive = input_any,
                .send = output_any,
                .parse_typmod = varchar_typmod,
                .format_typmod = format_length,
                .apply_typmod = apply_varchar_length},
    TypeHandler{.oid = oids::bpchar,
                .input = input_any,
                .output = output_any,
                .receive = input_any,
                .send = output_any,
                .ordering = Ordering::collation,
                .collation = "bpchar",
                .collate = compare_padded,
                .parse_typmod = bpchar_typmod,
                .format_typmod = format_length,
                .apply_typmod = apply_bpchar_length},
};

}  // namespace

TypeHandlers text_types() {
  return handlers;
}

}  // namespace dvecdb::server::types
