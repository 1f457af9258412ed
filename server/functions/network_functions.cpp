#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "server/functions/families.h"
#include "server/types/binary.h"
#include "server/types/error.h"
#include "server/types/network_address.h"
#include "server/types/numeric.h"

namespace dvecdb::server::functions {
namespace {

using types::NetworkAddress;
using types::SqlError;
namespace sqlstate = types::sqlstate;

NetworkAddress decode(const Value& value) {
  return NetworkAddress::decode(value.as_bytes());
}
Value encode(const NetworkAddress& address) {
  return Value::blob(address.encode());
}

Value host(const FunctionContext&, std::span<const Value> args) {
  return Value::text(decode(args[0]).host());
}

Value show(const FunctionContext&, std::span<const Value> args) {
  NetworkAddress address = decode(args[0]);
  return Value::text(fmt::format("{}/{}", address.host(), address.bits));
}

Value inet_abbreviation(const FunctionContext&, std::span<const Value> args) {
  return Value::text(decode(args[0]).text());
}

// A cidr without the octets that lie wholly beyond its network.
Value cidr_abbreviation(const FunctionContext&, std::span<const Value> args) {
  NetworkAddress address = decode(args[0]);
  if (address.is_v6) {
    std::string text = address.host();
    bool is_open = text.size() > 2 && text.ends_with("::");
    if (is_open && address.bits > 0) text.resize(text.size() - 2);
    return Value::text(fmt::format("{}/{}", text, address.bits));
  }
  std::string text = fmt::format("{}", address.address[0]);
  for (int i = 1; i * 8 < address.bits; ++i) {
    text += fmt::format(".{}", address.address[static_cast<std::size_t>(i)]);
  }
  return Value::text(fmt::format("{}/{}", text, address.bits));
}

Value mask_length(const FunctionContext&, std::span<const Value> args) {
  return Value::integer(decode(args[0]).bits);
}

Value family(const FunctionContext&, std::span<const Value> args) {
  return Value::integer(decode(args[0]).is_v6 ? 6 : 4);
}

void set_host_bits(NetworkAddress& address, bool value) {
  for (int i = address.bits; i < address.max_bits(); ++i) address.set_bit(i, value);
}

Value network(const FunctionContext&, std::span<const Value> args) {
  NetworkAddress address = decode(args[0]);
  set_host_bits(address, false);
  address.is_cidr = true;
  return encode(address);
}

Value broadcast(const FunctionContext&, std::span<const Value> args) {
  NetworkAddress address = decode(args[0]);
  set_host_bits(address, true);
  address.is_cidr = false;
  return encode(address);
}

// All bits of the network, or all others, set.
template <bool of_network>
Value mask(const FunctionContext&, std::span<const Value> args) {
  NetworkAddress address = decode(args[0]);
  for (int i = 0; i < address.max_bits(); ++i) address.set_bit(i, (i < address.bits) == of_network);
  address.bits = address.max_bits();
  address.is_cidr = false;
  return encode(address);
}

template <bool is_cidr>
Value set_mask_length(const FunctionContext&, std::span<const Value> args) {
  NetworkAddress address = decode(args[0]);
  std::int64_t bits = args[1].as_integer();
  if (bits == -1) bits = address.max_bits();
  if (bits < 0 || bits > address.max_bits()) {
    throw SqlError(sqlstate::invalid_parameter_value, fmt::format("invalid mask length: {}", bits));
  }
  address.bits = static_cast<int>(bits);
  if (is_cidr) set_host_bits(address, false);
  return encode(address);
}

Value same_family(const FunctionContext&, std::span<const Value> args) {
  return Value::boolean(decode(args[0]).is_v6 == decode(args[1]).is_v6);
}

Value merge(const FunctionContext&, std::span<const Value> args) {
  NetworkAddress a = decode(args[0]);
  NetworkAddress b = decode(args[1]);
  if (a.is_v6 != b.is_v6) {
    throw SqlError(sqlstate::invalid_parameter_value,
                   "cannot merge addresses from different families");
  }
  int common = 0;
  while (common < std::min(a.bits, b.bits) && a.bit(common) == b.bit(common)) ++common;
  a.bits = common;
  a.is_cidr = true;
  set_host_bits(a, false);
  return encode(a);
}

// `part` lies within `whole`; an equal network counts if it may.
bool within(const NetworkAddress& part, const NetworkAddress& whole, bool may_equal) {
  if (part.is_v6 != whole.is_v6) return false;
  bool is_deep_enough = may_equal ? part.bits >= whole.bits : part.bits > whole.bits;
  return is_deep_enough && types::same_network(part, whole, whole.bits);
}

template <bool may_equal>
Value is_within(const FunctionContext&, std::span<const Value> args) {
  return Value::boolean(within(decode(args[0]), decode(args[1]), may_equal));
}

template <bool may_equal>
Value holds(const FunctionContext&, std::span<const Value> args) {
  return Value::boolean(within(decode(args[1]), decode(args[0]), may_equal));
}

Value overlaps(const FunctionContext&, std::span<const Value> args) {
  NetworkAddress a = decode(args[0]);
  NetworkAddress b = decode(args[1]);
  return Value::boolean(a.is_v6 == b.is_v6 && types::same_network(a, b, std::min(a.bits, b.bits)));
}

Value complement(const FunctionContext&, std::span<const Value> args) {
  NetworkAddress address = decode(args[0]);
  for (int i = 0; i < address.max_bits(); ++i) address.set_bit(i, !address.bit(i));
  return encode(address);
}

template <bool is_and>
Value combine(const FunctionContext&, std::span<const Value> args) {
  NetworkAddress a = decode(args[0]);
  NetworkAddress b = decode(args[1]);
  if (a.is_v6 != b.is_v6) {
    throw SqlError(sqlstate::invalid_parameter_value,
                   fmt::format("cannot {} inet values of different sizes", is_and ? "AND" : "OR"));
  }
  for (int i = 0; i < a.max_bits(); ++i) {
    a.set_bit(i, is_and ? a.bit(i) && b.bit(i) : a.bit(i) || b.bit(i));
  }
  a.bits = std::max(a.bits, b.bits);
  return encode(a);
}

Value moved(NetworkAddress address, std::int64_t distance) {
  std::int64_t carry = distance;
  for (int i = address.address_bytes() - 1; i >= 0; --i) {
    auto& byte = address.address[static_cast<std::size_t>(i)];
    std::int64_t sum = byte + (carry & 0xff);
    byte = static_cast<unsigned char>(sum & 0xff);
    carry = (carry >> 8) + (sum >> 8);
  }
  if (carry != 0) throw SqlError(sqlstate::numeric_value_out_of_range, "result is out of range");
  return encode(address);
}

Value add(const FunctionContext&, std::span<const Value> args) {
  return moved(decode(args[0]), args[1].as_integer());
}
Value add_to_right(const FunctionContext&, std::span<const Value> args) {
  return moved(decode(args[1]), args[0].as_integer());
}
Value subtract(const FunctionContext&, std::span<const Value> args) {
  return moved(decode(args[0]), -args[1].as_integer());
}

Value difference(const FunctionContext&, std::span<const Value> args) {
  NetworkAddress a = decode(args[0]);
  NetworkAddress b = decode(args[1]);
  if (a.is_v6 != b.is_v6) {
    throw SqlError(sqlstate::invalid_parameter_value,
                   "cannot subtract inet values of different sizes");
  }
  // Two's complement over sixteen bytes; what the sign does not fill must fit eight.
  std::uint64_t low = 0;
  int borrow = 0;
  int filler = 0;
  bool fits = true;
  int count = a.address_bytes();
  for (int i = 0; i < 16; ++i) {
    std::size_t at = static_cast<std::size_t>(count - 1 - i);
    int digit = (i < count ? a.address[at] - b.address[at] : 0) - borrow;
    borrow = digit < 0 ? 1 : 0;
    digit &= 0xff;
    if (i < 8) low |= static_cast<std::uint64_t>(digit) << (8 * i);
    if (i == 7) filler = (low >> 63) != 0 ? 0xff : 0;
    if (i > 7 && digit != filler) fits = false;
  }
  if (!fits) throw SqlError(sqlstate::numeric_value_out_of_range, "result is out of range");
  return Value::integer(static_cast<std::int64_t>(low));
}

std::uint64_t decode_position(const Value& value) {
  return types::BinaryReader(value.as_bytes()).u64();
}

Value position_difference(const FunctionContext&, std::span<const Value> args) {
  std::uint64_t a = decode_position(args[0]);
  std::uint64_t b = decode_position(args[1]);
  return Value::text(a >= b ? fmt::format("{}", a - b) : fmt::format("-{}", b - a));
}

template <int sign>
Value move_position(const FunctionContext&, std::span<const Value> args) {
  auto distance = types::Numeric::of(args[1]).to_int64();
  std::uint64_t position = decode_position(args[0]);
  std::int64_t by = distance.value_or(0) * sign;
  std::uint64_t moved_to = position + static_cast<std::uint64_t>(by);
  bool is_outside = !distance || (by >= 0 ? moved_to < position : moved_to > position);
  if (is_outside) {
    throw SqlError(sqlstate::invalid_parameter_value, "pg_lsn out of range");
  }
  std::string bytes;
  types::append_u64(bytes, moved_to);
  return Value::blob(std::move(bytes));
}

constexpr std::array entries{
    ScalarEntry{"network_host", host},
    ScalarEntry{"network_show", show},
    ScalarEntry{"inet_abbrev", inet_abbreviation},
    ScalarEntry{"cidr_abbrev", cidr_abbreviation},
    ScalarEntry{"network_masklen", mask_length},
    ScalarEntry{"network_family", family},
    ScalarEntry{"network_network", network},
    ScalarEntry{"inet_to_cidr", network},
    ScalarEntry{"network_broadcast", broadcast},
    ScalarEntry{"network_netmask", mask<true>},
    ScalarEntry{"network_hostmask", mask<false>},
    ScalarEntry{"inet_set_masklen", set_mask_length<false>},
    ScalarEntry{"cidr_set_masklen", set_mask_length<true>},
    ScalarEntry{"inet_same_family", same_family},
    ScalarEntry{"inet_merge", merge},
    ScalarEntry{"network_sub", is_within<false>},
    ScalarEntry{"network_subeq", is_within<true>},
    ScalarEntry{"network_sup", holds<false>},
    ScalarEntry{"network_supeq", holds<true>},
    ScalarEntry{"network_overlap", overlaps},
    ScalarEntry{"inetnot", complement},
    ScalarEntry{"inetand", combine<true>},
    ScalarEntry{"inetor", combine<false>},
    ScalarEntry{"inetpl", add},
    ScalarEntry{"int8pl_inet", add_to_right},
    ScalarEntry{"inetmi_int8", subtract},
    ScalarEntry{"inetmi", difference},
    ScalarEntry{"pg_lsn_mi", position_difference},
    ScalarEntry{"pg_lsn_pli", move_position<1>},
    ScalarEntry{"pg_lsn_mii", move_position<-1>},
};

}  // namespace

ScalarTable network_functions() {
  return entries;
}

}  // namespace dvecdb::server::functions
