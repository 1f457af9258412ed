// IP addresses with a network mask, as inet and cidr hold them. Pure; parse throws SqlError.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace dvecdb::server::types {

struct NetworkAddress {
  bool is_v6 = false;
  bool is_cidr = false;
  int bits = 32;                            // of the network
  std::array<unsigned char, 16> address{};  // the first 4 for IPv4

  int address_bytes() const { return is_v6 ? 16 : 4; }
  int max_bits() const { return is_v6 ? 128 : 32; }
  bool bit(int index) const {
    return (address[static_cast<std::size_t>(index / 8)] >> (7 - index % 8) & 1) != 0;
  }
  void set_bit(int index, bool value);

  static NetworkAddress parse(std::string_view text, bool is_cidr);
  // The stored form, which is PostgreSQL's binary form: family (2, 3), bits, is_cidr, length,
  // address. Throws SqlError (22P03).
  static NetworkAddress decode(std::string_view bytes);
  std::string encode() const;
  // With "/bits" unless it is all of them and this is no cidr.
  std::string text() const;
  std::string host() const;
};

// Network, then its length, then the address.
int compare_networks(const NetworkAddress& a, const NetworkAddress& b);
// The first `bits` bits are the same.
bool same_network(const NetworkAddress& a, const NetworkAddress& b, int bits);

}  // namespace dvecdb::server::types
