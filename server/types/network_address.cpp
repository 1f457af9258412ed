#include "server/types/network_address.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "server/types/binary.h"
#include "server/types/error.h"

namespace dvecdb::server::types {
namespace {

constexpr std::uint8_t family_v4 = 2;
constexpr std::uint8_t family_v6 = 3;

std::optional<int> parse_number(std::string_view text, int highest) {
  int number = 0;
  auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  bool is_number = error == std::errc() && stop == text.data() + text.size() && text[0] != '-';
  return is_number && number <= highest ? std::optional(number) : std::nullopt;
}

// Octets between points; nullopt when one is none.
std::optional<int> parse_octets(std::string_view text, NetworkAddress& out) {
  int count = 0;
  while (true) {
    std::size_t point = std::min(text.find('.'), text.size());
    auto octet = point == 0 ? std::nullopt : parse_number(text.substr(0, point), 255);
    if (!octet || count == 4) return std::nullopt;
    out.address[static_cast<std::size_t>(count++)] = static_cast<unsigned char>(*octet);
    if (point == text.size()) return count;
    text.remove_prefix(point + 1);
  }
}

// The network length of an address without one: by the address class, or the octets given.
int implied_bits(const NetworkAddress& address, int octets) {
  unsigned first = address.address[0];
  int by_class =
      first >= 240 ? 32 : (first >= 224 ? 8 : (first >= 192 ? 24 : (first >= 128 ? 16 : 8)));
  int bits = std::max(by_class, octets * 8);
  return bits == 8 && first == 224 ? 4 : bits;  // multicast, with nothing said
}

bool parse_v4(std::string_view text, bool has_bits, NetworkAddress& out) {
  auto octets = parse_octets(text, out);
  if (!octets || (!out.is_cidr && *octets != 4)) return false;
  out.bits = !out.is_cidr ? 32 : (has_bits ? 32 : implied_bits(out, *octets));
  return true;
}

bool parse_v6(std::string_view text, NetworkAddress& out) {
  out.is_v6 = true;
  out.bits = 128;
  return inet_pton(AF_INET6, std::string(text).c_str(), out.address.data()) == 1;
}

std::string show_v6(const NetworkAddress& address) {
  char text[INET6_ADDRSTRLEN];
  if (inet_ntop(AF_INET6, address.address.data(), text, sizeof(text)) == nullptr) return {};
  return text;
}

}  // namespace

void NetworkAddress::set_bit(int index, bool value) {
  unsigned char& byte = address[static_cast<std::size_t>(index / 8)];
  auto mask = static_cast<unsigned char>(1 << (7 - index % 8));
  byte = static_cast<unsigned char>(value ? byte | mask : byte & ~mask);
}

NetworkAddress NetworkAddress::parse(std::string_view text, bool is_cidr) {
  auto invalid = [&] {
    return SqlError(
        sqlstate::invalid_text_representation,
        fmt::format("invalid input syntax for type {}: \"{}\"", is_cidr ? "cidr" : "inet", text));
  };
  NetworkAddress out;
  out.is_cidr = is_cidr;
  std::size_t slash = text.find('/');
  bool has_bits = slash != std::string_view::npos;
  std::string_view address = text.substr(0, slash);
  bool is_v6 = address.find(':') != std::string_view::npos;
  if (!(is_v6 ? parse_v6(address, out) : parse_v4(address, has_bits, out))) throw invalid();
  if (has_bits) {
    std::string_view bits_text = text.substr(slash + 1);
    auto bits = bits_text.empty() ? std::nullopt : parse_number(bits_text, out.max_bits());
    if (!bits) throw invalid();
    out.bits = *bits;
  }
  for (int i = out.bits; is_cidr && i < out.max_bits(); ++i) {
    if (!out.bit(i)) continue;
    throw SqlError(sqlstate::invalid_text_representation,
                   fmt::format("invalid cidr value: \"{}\"", text))
        .detail("Value has bits set to right of mask.");
  }
  return out;
}

NetworkAddress NetworkAddress::decode(std::string_view bytes) {
  auto invalid = [](const char* what) {
    return SqlError(sqlstate::invalid_binary_representation,
                    fmt::format("invalid {} in external \"inet\" value", what));
  };
  BinaryReader reader(bytes);
  NetworkAddress out;
  std::uint8_t family = reader.u8();
  if (family != family_v4 && family != family_v6) throw invalid("address family");
  out.is_v6 = family == family_v6;
  out.bits = reader.u8();
  if (out.bits > out.max_bits()) throw invalid("bits");
  out.is_cidr = reader.u8() != 0;
  if (reader.u8() != out.address_bytes()) throw invalid("length");
  std::string_view address = reader.take(static_cast<std::size_t>(out.address_bytes()));
  std::copy(address.begin(), address.end(), out.address.begin());
  reader.finish();
  return out;
}

std::string NetworkAddress::encode() const {
  std::string out;
  append_u8(out, is_v6 ? family_v6 : family_v4);
  append_u8(out, static_cast<std::uint8_t>(bits));
  append_u8(out, is_cidr ? 1 : 0);
  append_u8(out, static_cast<std::uint8_t>(address_bytes()));
  out.append(reinterpret_cast<const char*>(address.data()),
             static_cast<std::size_t>(address_bytes()));
  return out;
}

std::string NetworkAddress::host() const {
  if (is_v6) return show_v6(*this);
  return fmt::format("{}.{}.{}.{}", address[0], address[1], address[2], address[3]);
}

std::string NetworkAddress::text() const {
  if (!is_cidr && bits == max_bits()) return host();
  return fmt::format("{}/{}", host(), bits);
}

bool same_network(const NetworkAddress& a, const NetworkAddress& b, int bits) {
  for (int i = 0; i < bits; ++i) {
    if (a.bit(i) != b.bit(i)) return false;
  }
  return true;
}

int compare_networks(const NetworkAddress& a, const NetworkAddress& b) {
  if (a.is_v6 != b.is_v6) return a.is_v6 ? 1 : -1;
  auto first_difference = [&](int bits) {
    for (int i = 0; i < bits; ++i) {
      if (a.bit(i) != b.bit(i)) return a.bit(i) ? 1 : -1;
    }
    return 0;
  };
  if (int order = first_difference(std::min(a.bits, b.bits))) return order;
  if (a.bits != b.bits) return a.bits < b.bits ? -1 : 1;
  return first_difference(a.max_bits());
}

}  // namespace dvecdb::server::types
