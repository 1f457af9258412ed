#include <fmt/format.h>

#include <array>
#include <charconv>
#include <string>

#include "server/types/binary.h"
#include "server/types/bytea_text.h"
#include "server/types/error.h"
#include "server/types/network_address.h"
#include "server/types/oids.h"
#include "server/types/type_handler.h"

namespace dvecdb::server::types {
namespace {

SqlError invalid_syntax(std::string_view type, std::string_view text) {
  return SqlError(sqlstate::invalid_text_representation,
                  fmt::format("invalid input syntax for type {}: \"{}\"", type, text));
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

// Sixteen bytes in hexadecimal; a hyphen may stand after every second byte, braces around all.
Value input_uuid(const IoContext&, TypeRef, std::string_view text) {
  std::string_view digits = text;
  bool has_braces = !digits.empty() && digits.front() == '{';
  if (has_braces) {
    if (digits.back() != '}') throw invalid_syntax("uuid", text);
    digits = digits.substr(1, digits.size() - 2);
  }
  constexpr std::size_t uuid_bytes = 16;
  std::string bytes;
  std::size_t at = 0;
  while (bytes.size() < uuid_bytes) {
    if (digits.size() < at + 2 || hex_value(digits[at]) < 0 || hex_value(digits[at + 1]) < 0) {
      throw invalid_syntax("uuid", text);
    }
    bytes.push_back(static_cast<char>(hex_value(digits[at]) << 4 | hex_value(digits[at + 1])));
    at += 2;
    bool may_break = bytes.size() % 2 == 0 && bytes.size() < uuid_bytes;
    if (may_break && at < digits.size() && digits[at] == '-') ++at;
  }
  if (at != digits.size()) throw invalid_syntax("uuid", text);
  return Value::blob(std::move(bytes));
}

void output_uuid(const IoContext&, TypeRef, const Value& value, std::string& out) {
  std::string hex;
  append_hex(value.as_bytes(), hex);
  hex.resize(32, '0');
  out += fmt::format("{}-{}-{}-{}-{}", hex.substr(0, 8), hex.substr(8, 4), hex.substr(12, 4),
                     hex.substr(16, 4), hex.substr(20));
}

template <std::size_t size>
Value receive_bytes(const IoContext&, TypeRef, std::string_view bytes) {
  BinaryReader reader(bytes);
  std::string content(reader.take(size));
  reader.finish();
  return Value::blob(std::move(content));
}

void send_bytes(const IoContext&, TypeRef, const Value& value, std::string& out) {
  out += value.as_bytes();
}

// Six bytes in hexadecimal: all in one, or groups of equal size between ":", "-" or ".".
Value input_macaddr(const IoContext&, TypeRef, std::string_view text) {
  constexpr std::size_t macaddr_bytes = 6;
  std::string_view trimmed = text;
  while (!trimmed.empty() && trimmed.front() == ' ') trimmed.remove_prefix(1);
  while (!trimmed.empty() && trimmed.back() == ' ') trimmed.remove_suffix(1);
  std::string digits;
  char separator = '\0';
  std::size_t group = 0;       // digits in each group, 0: not known yet
  std::size_t group_size = 0;  // digits in the group so far
  for (char c : trimmed) {
    if (hex_value(c) >= 0) {
      digits.push_back(c);
      ++group_size;
      continue;
    }
    bool is_separator = c == ':' || c == '-' || c == '.';
    bool fits = is_separator && (separator == '\0' || c == separator) &&
                (group == 0 || group == group_size);
    if (!fits || group_size == 0) throw invalid_syntax("macaddr", text);
    separator = c;
    group = group_size;
    group_size = 0;
  }
  bool has_all = digits.size() == 2 * macaddr_bytes && (group == 0 || group == group_size);
  if (!has_all) throw invalid_syntax("macaddr", text);
  return Value::blob(parse_hex(digits));
}

void output_macaddr(const IoContext&, TypeRef, const Value& value, std::string& out) {
  bool is_first = true;
  for (char c : value.as_bytes()) {
    out += fmt::format("{}{:02x}", is_first ? "" : ":", static_cast<unsigned char>(c));
    is_first = false;
  }
}

template <bool is_cidr>
Value input_network(const IoContext&, TypeRef, std::string_view text) {
  return Value::blob(NetworkAddress::parse(text, is_cidr).encode());
}

void output_network(const IoContext&, TypeRef, const Value& value, std::string& out) {
  out += NetworkAddress::decode(value.as_bytes()).text();
}

template <bool is_cidr>
Value receive_network(const IoContext&, TypeRef, std::string_view bytes) {
  NetworkAddress address = NetworkAddress::decode(bytes);
  address.is_cidr = is_cidr;
  for (int i = address.bits; is_cidr && i < address.max_bits(); ++i) {
    if (!address.bit(i)) continue;
    throw SqlError(sqlstate::invalid_binary_representation, "invalid external \"cidr\" value")
        .detail("Value has bits set to right of mask.");
  }
  return Value::blob(address.encode());
}

int compare_values(const IoContext&, Oid, const Value& a, const Value& b) {
  return compare_networks(NetworkAddress::decode(a.as_bytes()),
                          NetworkAddress::decode(b.as_bytes()));
}

// The network's bits one a byte, so that a shorter network comes before those within it.
std::string network_sort_key(const IoContext&, Oid, const Value& value) {
  NetworkAddress address = NetworkAddress::decode(value.as_bytes());
  std::string key(1, address.is_v6 ? '\2' : '\1');
  for (int i = 0; i < address.bits; ++i) key.push_back(address.bit(i) ? '\2' : '\1');
  key.push_back('\0');
  key.append(reinterpret_cast<const char*>(address.address.data()),
             static_cast<std::size_t>(address.address_bytes()));
  return key;
}

// "16/B374D848", kept as eight bytes.
Value input_lsn(const IoContext&, TypeRef, std::string_view text) {
  std::size_t slash = text.find('/');
  std::uint32_t halves[2] = {};
  for (int i = 0; i < 2; ++i) {
    std::string_view part = slash == std::string_view::npos ? std::string_view()
                            : i == 0                        ? text.substr(0, slash)
                                                            : text.substr(slash + 1);
    auto [stop, error] = std::from_chars(part.data(), part.data() + part.size(), halves[i], 16);
    if (part.empty() || part.size() > 8 || error != std::errc() ||
        stop != part.data() + part.size()) {
      throw invalid_syntax("pg_lsn", text);
    }
  }
  std::string bytes;
  append_u32(bytes, halves[0]);
  append_u32(bytes, halves[1]);
  return Value::blob(std::move(bytes));
}

void output_lsn(const IoContext&, TypeRef, const Value& value, std::string& out) {
  BinaryReader reader(value.as_bytes());
  std::uint32_t high = reader.u32();
  out += fmt::format("{:X}/{:X}", high, reader.u32());
}

constexpr std::array handlers{
    TypeHandler{.oid = oids::uuid,
                .input = input_uuid,
                .output = output_uuid,
                .receive = receive_bytes<16>,
                .send = send_bytes},
    TypeHandler{.oid = oids::macaddr,
                .input = input_macaddr,
                .output = output_macaddr,
                .receive = receive_bytes<6>,
                .send = send_bytes},
    TypeHandler{.oid = oids::pg_lsn,
                .input = input_lsn,
                .output = output_lsn,
                .receive = receive_bytes<8>,
                .send = send_bytes},
    TypeHandler{.oid = oids::inet,
                .input = input_network<false>,
                .output = output_network,
                .receive = receive_network<false>,
                .send = send_bytes,
                .ordering = Ordering::sort_key,
                .compare = compare_values,
                .sort_key = network_sort_key},
    TypeHandler{.oid = oids::cidr,
                .input = input_network<true>,
                .output = output_network,
                .receive = receive_network<true>,
                .send = send_bytes,
                .ordering = Ordering::sort_key,
                .compare = compare_values,
                .sort_key = network_sort_key},
};

}  // namespace

TypeHandlers network_types() {
  return handlers;
}

}  // namespace dvecdb::server::types
