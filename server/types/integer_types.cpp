// Truth values, integers and the system's identifiers: all stored as integers.
#include <fmt/format.h>

#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <limits>
#include <optional>

#include "server/types/binary.h"
#include "server/types/error.h"
#include "server/types/oids.h"
#include "server/types/scan.h"
#include "server/types/type_handler.h"

namespace dvecdb::server::types {

namespace {

[[noreturn]] void refuse_syntax(std::string_view name, std::string_view text) {
  throw SqlError(sqlstate::invalid_text_representation,
                 fmt::format("invalid input syntax for type {}: \"{}\"", name, text));
}

[[noreturn]] void refuse_range(std::string_view name, std::string_view text) {
  throw SqlError(sqlstate::numeric_value_out_of_range,
                 fmt::format("value \"{}\" is out of range for type {}", text, name));
}

// --- bool

bool is_prefix_of(std::string_view text, std::string_view word) {
  return text.size() <= word.size() && equals_ignore_case(text, word.substr(0, text.size()));
}

std::optional<bool> parse_bool(std::string_view word) {
  if (word.empty()) return std::nullopt;
  if (is_prefix_of(word, "true") || is_prefix_of(word, "yes") || word == "1") return true;
  if (is_prefix_of(word, "false") || is_prefix_of(word, "no") || word == "0") return false;
  if (word.size() < 2) return std::nullopt;  // "o" may be on or off
  if (is_prefix_of(word, "on")) return true;
  if (is_prefix_of(word, "off")) return false;
  return std::nullopt;
}

Value bool_input(const IoContext&, TypeRef, std::string_view text) {
  const auto parsed = parse_bool(trim_space(text));
  if (!parsed) refuse_syntax("boolean", text);
  return Value::boolean(*parsed);
}

void bool_output(const IoContext&, TypeRef, const Value& value, std::string& out) {
  out.push_back(value.as_boolean() ? 't' : 'f');
}

Value bool_receive(const IoContext&, TypeRef, std::string_view bytes) {
  BinaryReader reader(bytes);
  const bool v = reader.u8() != 0;
  reader.finish();
  return Value::boolean(v);
}

void bool_send(const IoContext&, TypeRef, const Value& value, std::string& out) {
  append_u8(out, value.as_boolean() ? 1 : 0);
}

// --- int2, int4, int8

constexpr std::string_view name_of(std::int16_t) {
  return "smallint";
}
constexpr std::string_view name_of(std::int32_t) {
  return "integer";
}
constexpr std::string_view name_of(std::int64_t) {
  return "bigint";
}

template <typename Integer>
Value integer_input(const IoContext&, TypeRef, std::string_view text) {
  constexpr std::string_view name = name_of(Integer{});
  std::string_view digits = trim_space(text);
  if (!digits.empty() && digits[0] == '+') {
    digits.remove_prefix(1);
    if (digits.empty() || !is_digit(digits[0])) refuse_syntax(name, text);
  }
  Integer v = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), v);
  if (error == std::errc::invalid_argument || end != digits.data() + digits.size()) {
    refuse_syntax(name, text);
  }
  if (error == std::errc::result_out_of_range) refuse_range(name, text);
  return Value::integer(v);
}

void integer_output(const IoContext&, TypeRef, const Value& value, std::string& out) {
  char buffer[24];
  const auto result = std::to_chars(buffer, buffer + sizeof(buffer), value.as_integer());
  out.append(buffer, result.ptr);
}

template <typename Signed, typename Unsigned>
Value integer_receive(const IoContext&, TypeRef, std::string_view bytes) {
  BinaryReader reader(bytes);
  Unsigned v = 0;
  if constexpr (sizeof(Unsigned) == 2) v = reader.u16();
  if constexpr (sizeof(Unsigned) == 4) v = reader.u32();
  if constexpr (sizeof(Unsigned) == 8) v = reader.u64();
  reader.finish();
  return Value::integer(static_cast<Signed>(v));
}

template <typename Unsigned>
void integer_send(const IoContext&, TypeRef, const Value& value, std::string& out) {
  append_big_endian(out, static_cast<Unsigned>(value.as_integer()));
}

// --- oid, xid, cid, xid8

// strtoul() as oidin uses it: a sign is allowed, -1 is the greatest oid.
Value oid_input(const IoContext&, TypeRef, std::string_view text) {
  const std::string copy(trim_space(text));
  errno = 0;
  char* end = nullptr;
  const unsigned long v = std::strtoul(copy.c_str(), &end, 10);
  if (end == copy.c_str() || *end != '\0') refuse_syntax("oid", text);
  const bool fits = v <= std::numeric_limits<std::uint32_t>::max() ||
                    static_cast<long>(v) >= std::numeric_limits<std::int32_t>::min();
  const bool wrapped = v > std::numeric_limits<std::uint32_t>::max() && static_cast<long>(v) >= 0;
  if (errno == ERANGE || !fits || wrapped) refuse_range("oid", text);
  return Value::integer(static_cast<std::uint32_t>(v));
}

// Transaction and command identifiers take any number, and anything else as 0.
template <typename Unsigned>
Value identifier_input(const IoContext&, TypeRef, std::string_view text) {
  const std::string copy(text);
  const auto v = static_cast<Unsigned>(std::strtoull(copy.c_str(), nullptr, 0));
  return Value::integer(static_cast<std::int64_t>(v));
}

void unsigned_output(const IoContext&, TypeRef, const Value& value, std::string& out) {
  out += std::to_string(static_cast<std::uint64_t>(value.as_integer()));
}

// --- tid: block number * 65536 + offset, so that a row number makes a tid

constexpr int offset_bits = 16;

Value tid_input(const IoContext&, TypeRef, std::string_view text) {
  const std::string_view body = trim_space(text);
  const auto comma = body.find(',');
  if (body.size() < 5 || body.front() != '(' || body.back() != ')' || comma == body.npos) {
    refuse_syntax("tid", text);
  }
  const auto parse = [&](std::string_view digits, std::uint64_t limit) {
    std::uint64_t v = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), v);
    if (error != std::errc() || end != digits.data() + digits.size() || v > limit) {
      refuse_syntax("tid", text);
    }
    return v;
  };
  const std::uint64_t block = parse(body.substr(1, comma - 1), 0xffffffff);
  const std::uint64_t offset = parse(body.substr(comma + 1, body.size() - comma - 2), 0xffff);
  return Value::integer(static_cast<std::int64_t>(block << offset_bits | offset));
}

void tid_output(const IoContext&, TypeRef, const Value& value, std::string& out) {
  const auto v = static_cast<std::uint64_t>(value.as_integer());
  fmt::format_to(std::back_inserter(out), "({},{})", (v >> offset_bits) & 0xffffffff, v & 0xffff);
}

Value tid_receive(const IoContext&, TypeRef, std::string_view bytes) {
  BinaryReader reader(bytes);
  const std::uint64_t block = reader.u32();
  const std::uint64_t offset = reader.u16();
  reader.finish();
  return Value::integer(static_cast<std::int64_t>(block << offset_bits | offset));
}

void tid_send(const IoContext&, TypeRef, const Value& value, std::string& out) {
  const auto v = static_cast<std::uint64_t>(value.as_integer());
  append_u32(out, static_cast<std::uint32_t>(v >> offset_bits));
  append_u16(out, static_cast<std::uint16_t>(v));
}

// --- pg_lsn: two hexadecimal halves

Value lsn_input(const IoContext&, TypeRef, std::string_view text) {
  const auto slash = text.find('/');
  if (slash == text.npos) refuse_syntax("pg_lsn", text);
  const auto parse = [&](std::string_view digits) {
    std::uint32_t v = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), v, 16);
    if (error != std::errc() || end != digits.data() + digits.size() || digits.size() > 8) {
      refuse_syntax("pg_lsn", text);
    }
    return std::uint64_t{v};
  };
  const std::uint64_t v = parse(text.substr(0, slash)) << 32 | parse(text.substr(slash + 1));
  return Value::integer(static_cast<std::int64_t>(v));
}

void lsn_output(const IoContext&, TypeRef, const Value& value, std::string& out) {
  const auto v = static_cast<std::uint64_t>(value.as_integer());
  fmt::format_to(std::back_inserter(out), "{:X}/{:X}", v >> 32, v & 0xffffffff);
}

constexpr TypeHandler handlers[] = {
    {.oid = oids::boolean,
     .input = bool_input,
     .output = bool_output,
     .receive = bool_receive,
     .send = bool_send},
    {.oid = oids::int2,
     .input = integer_input<std::int16_t>,
     .output = integer_output,
     .receive = integer_receive<std::int16_t, std::uint16_t>,
     .send = integer_send<std::uint16_t>},
    {.oid = oids::int4,
     .input = integer_input<std::int32_t>,
     .output = integer_output,
     .receive = integer_receive<std::int32_t, std::uint32_t>,
     .send = integer_send<std::uint32_t>},
    {.oid = oids::int8,
     .input = integer_input<std::int64_t>,
     .output = integer_output,
     .receive = integer_receive<std::int64_t, std::uint64_t>,
     .send = integer_send<std::uint64_t>},
    {.oid = oids::oid,
     .input = oid_input,
     .output = integer_output,
     .receive = integer_receive<std::uint32_t, std::uint32_t>,
     .send = integer_send<std::uint32_t>},
    {.oid = oids::xid,
     .input = identifier_input<std::uint32_t>,
     .output = integer_output,
     .receive = integer_receive<std::uint32_t, std::uint32_t>,
     .send = integer_send<std::uint32_t>},
    {.oid = oids::cid,
     .input = identifier_input<std::uint32_t>,
     .output = integer_output,
     .receive = integer_receive<std::uint32_t, std::uint32_t>,
     .send = integer_send<std::uint32_t>},
    {.oid = oids::xid8,
     .input = identifier_input<std::uint64_t>,
     .output = unsigned_output,
     .receive = integer_receive<std::int64_t, std::uint64_t>,
     .send = integer_send<std::uint64_t>},
    {.oid = oids::tid,
     .input = tid_input,
     .output = tid_output,
     .receive = tid_receive,
     .send = tid_send},
    {.oid = oids::pg_lsn,
     .input = lsn_input,
     .output = lsn_output,
     .receive = integer_receive<std::int64_t, std::uint64_t>,
     .send = integer_send<std::uint64_t>},
};

}  // namespace

TypeHandlers integer_types() {
  return handlers;
}

}  // namespace dvecdb::server::types
