#include <fmt/format.h>

#include <array>
#include <charconv>

#include "server/types/binary.h"
#include "server/types/bit_string.h"
#include "server/types/error.h"
#include "server/types/oids.h"
#include "server/types/type_handler.h"
#include "server/types/utf8.h"

namespace dvecdb::server::types {
namespace {

constexpr std::int32_t max_bits = 83886080;

SqlError invalid_digit(std::string_view text, std::size_t at, std::string_view kind) {
  return SqlError(
      sqlstate::invalid_text_representation,
      fmt::format("\"{}\" is not a valid {} digit", text.substr(at, utf8_width(text[at])), kind));
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

// "101", "b101" or "x1f".
Value input(const IoContext&, TypeRef, std::string_view text) {
  bool is_hex = !text.empty() && (text[0] == 'x' || text[0] == 'X');
  bool is_marked = is_hex || (!text.empty() && (text[0] == 'b' || text[0] == 'B'));
  std::size_t first = is_marked ? 1 : 0;
  std::size_t digits = text.size() - first;
  if (digits > static_cast<std::size_t>(max_bits)) {
    throw SqlError(sqlstate::program_limit_exceeded,
                   fmt::format("bit string length exceeds the maximum allowed ({})", max_bits));
  }
  auto per_digit = is_hex ? 4 : 1;
  BitString bits(static_cast<std::int32_t>(digits) * per_digit);
  for (std::size_t i = 0; i < digits; ++i) {
    char c = text[first + i];
    int value = is_hex ? hex_value(c) : (c == '0' || c == '1' ? c - '0' : -1);
    if (value < 0) throw invalid_digit(text, first + i, is_hex ? "hexadecimal" : "binary");
    for (int bit = 0; bit < per_digit; ++bit) {
      bits.set(static_cast<std::int32_t>(i) * per_digit + bit,
               (value >> (per_digit - 1 - bit) & 1) != 0);
    }
  }
  return Value::blob(bits.encode());
}

void output(const IoContext&, TypeRef, const Value& value, std::string& out) {
  out += BitString::decode(value.as_bytes()).text();
}

Value receive(const IoContext&, TypeRef, std::string_view message) {
  BinaryReader reader(message);
  std::int32_t length = reader.i32();
  if (length < 0 || length > max_bits) {
    throw SqlError(sqlstate::invalid_binary_representation,
                   "invalid length in external bit string");
  }
  BitString bits(length);
  bits.bytes() = reader.take(bits.bytes().size());
  reader.finish();
  bits.resize(length);
  return Value::blob(bits.encode());
}

void send(const IoContext&, TypeRef, const Value& value, std::string& out) {
  out += value.as_bytes();
}

int compare_values(const IoContext&, Oid, const Value& a, const Value& b) {
  return compare_bits(BitString::decode(a.as_bytes()), BitString::decode(b.as_bytes()));
}

// The bytes, escaped so that no string is a prefix of another, then the length.
std::string key_of(const IoContext&, Oid, const Value& value) {
  BitString bits = BitString::decode(value.as_bytes());
  std::string key;
  for (char c : bits.bytes()) {
    key.push_back(c);
    if (c == '\0') key.push_back('\xff');
  }
  key.append(2, '\0');
  append_u32(key, static_cast<std::uint32_t>(bits.length()));
  return key;
}

std::int32_t parse_bit_length(std::string_view type, const std::string_view* args,
                              std::size_t count) {
  if (count != 1) throw SqlError(sqlstate::invalid_parameter_value, "invalid type modifier");
  std::int32_t length = 0;
  auto [stop, error] = std::from_chars(args->data(), args->data() + args->size(), length);
  if (error != std::errc() || stop != args->data() + args->size()) {
    throw SqlError(sqlstate::invalid_text_representation,
                   fmt::format("invalid input syntax for type integer: \"{}\"", *args));
  }
  if (length < 1) {
    throw SqlError(sqlstate::invalid_parameter_value,
                   fmt::format("length for type {} must be at least 1", type));
  }
  if (length > max_bits) {
    throw SqlError(sqlstate::invalid_parameter_value,
                   fmt::format("length for type {} cannot exceed {}", type, max_bits));
  }
  return length;
}

std::int32_t bit_typmod(const std::string_view* args, std::size_t count) {
  return parse_bit_length("bit", args, count);
}
std::int32_t varbit_typmod(const std::string_view* args, std::size_t count) {
  return parse_bit_length("varbit", args, count);
}

Value apply_bit_length(const IoContext&, TypeRef type, const Value& value, bool is_explicit) {
  BitString bits = BitString::decode(value.as_bytes());
  if (bits.length() == type.typmod) return value;
  if (!is_explicit) {
    throw SqlError(sqlstate::string_data_length_mismatch,
                   fmt::format("bit string length {} does not match type bit({})", bits.length(),
                               type.typmod));
  }
  bits.resize(type.typmod);
  return Value::blob(bits.encode());
}

Value apply_varbit_length(const IoContext&, TypeRef type, const Value& value, bool is_explicit) {
  BitString bits = BitString::decode(value.as_bytes());
  if (bits.length() <= type.typmod) return value;
  if (!is_explicit) {
    throw SqlError(sqlstate::string_data_right_truncation,
                   fmt::format("bit string too long for type bit varying({})", type.typmod));
  }
  bits.resize(type.typmod);
  return Value::blob(bits.encode());
}

constexpr std::array handlers{
    TypeHandler{.oid = oids::bit,
                .input = input,
                .output = output,
                .receive = receive,
                .send = send,
                .ordering = Ordering::sort_key,
                .compare = compare_values,
                .sort_key = key_of,
                .parse_typmod = bit_typmod,
                .apply_typmod = apply_bit_length},
    TypeHandler{.oid = oids::varbit,
                .input = input,
                .output = output,
                .receive = receive,
                .send = send,
                .ordering = Ordering::sort_key,
                .compare = compare_values,
                .sort_key = key_of,
                .parse_typmod = varbit_typmod,
                .apply_typmod = apply_varbit_length},
};

}  // namespace

TypeHandlers bit_types() {
  return handlers;
}

}  // namespace dvecdb::server::types
