#include <fmt/format.h>

#include <array>

#include "server/types/bytea_text.h"
#include "server/types/error.h"
#include "server/types/oids.h"
#include "server/types/type_handler.h"
#include "server/types/utf8.h"

namespace dvecdb::server::types {
namespace {

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

Value input(const IoContext&, TypeRef, std::string_view text) {
  return Value::blob(parse_bytea(text));
}

void output(const IoContext& context, TypeRef, const Value& value, std::string& out) {
  if (context.bytea_output == ByteaOutput::escape) return append_escaped(value.as_bytes(), out);
  out += "\\x";
  append_hex(value.as_bytes(), out);
}

Value receive(const IoContext&, TypeRef, std::string_view bytes) {
  return Value::blob(std::string(bytes));
}

void send(const IoContext&, TypeRef, const Value& value, std::string& out) {
  out += value.as_bytes();
}

constexpr std::array handlers{TypeHandler{
    .oid = oids::bytea, .input = input, .output = output, .receive = receive, .send = send}};

}  // namespace

void append_hex(std::string_view bytes, std::string& out) {
  constexpr char digits[] = "0123456789abcdef";
  out.reserve(out.size() + bytes.size() * 2);
  for (char c : bytes) {
    out.push_back(digits[static_cast<unsigned char>(c) >> 4]);
    out.push_back(digits[static_cast<unsigned char>(c) & 15]);
  }
}

std::string parse_hex(std::string_view text) {
  std::string bytes;
  bytes.reserve(text.size() / 2);
  auto is_blank = [](char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; };
  auto digit_at = [&](std::size_t at) {
    if (at == text.size()) {
      throw SqlError(sqlstate::invalid_parameter_value,
                     "invalid hexadecimal data: odd number of digits");
    }
    int value = hex_value(text[at]);
    if (value < 0) {
      throw SqlError(
          sqlstate::invalid_parameter_value,
          fmt::format("invalid hexadecimal digit: \"{}\"", text.substr(at, utf8_width(text[at]))));
    }
    return value;
  };
  for (std::size_t at = 0; at < text.size();) {
    if (is_blank(text[at])) {
      ++at;
      continue;
    }
    int high = digit_at(at);
    bytes.push_back(static_cast<char>(high << 4 | digit_at(at + 1)));
    at += 2;
  }
  return bytes;
}

void append_escaped(std::string_view bytes, std::string& out) {
  for (char c : bytes) {
    auto byte = static_cast<unsigned char>(c);
    if (c == '\\') {
      out += "\\\\";
    } else if (byte < 0x20 || byte > 0x7e) {
      out += fmt::format("\\{:03o}", byte);
    } else {
      out.push_back(c);
    }
  }
}

std::string parse_escaped(std::string_view text) {
  auto octal = [&](std::size_t at, char highest) {
    return at < text.size() && text[at] >= '0' && text[at] <= highest;
  };
  std::string bytes;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '\\') {
      bytes.push_back(text[at]);
    } else if (at + 1 < text.size() && text[at + 1] == '\\') {
      bytes.push_back('\\');
      ++at;
    } else if (octal(at + 1, '3') && octal(at + 2, '7') && octal(at + 3, '7')) {
      bytes.push_back(static_cast<char>((text[at + 1] - '0') << 6 | (text[at + 2] - '0') << 3 |
                                        (text[at + 3] - '0')));
      at += 3;
    } else {
      throw SqlError(sqlstate::invalid_text_representation, "invalid input syntax for type bytea");
    }
  }
  return bytes;
}

std::string parse_bytea(std::string_view text) {
  bool is_hex = text.size() >= 2 && text[0] == '\\' && text[1] == 'x';
  return is_hex ? parse_hex(text.substr(2)) : parse_escaped(text);
}

TypeHandlers bytea_types() {
  return handlers;
}

}  // namespace dvecdb::server::types
