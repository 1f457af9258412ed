#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <limits>

#include "server/functions/families.h"
#include "server/types/bit_string.h"
#include "server/types/error.h"
#include "server/types/oids.h"

namespace dvecdb::server::functions {
namespace {

using types::BitString;
using types::SqlError;
namespace sqlstate = types::sqlstate;

BitString decode(const Value& value) {
  return BitString::decode(value.as_bytes());
}
Value encode(const BitString& bits) {
  return Value::blob(bits.encode());
}

template <class Operation>
Value combine(std::span<const Value> args, std::string_view name, Operation operation) {
  BitString a = decode(args[0]);
  BitString b = decode(args[1]);
  if (a.length() != b.length()) {
    throw SqlError(sqlstate::string_data_length_mismatch,
                   fmt::format("cannot {} bit strings of different sizes", name));
  }
  for (std::size_t i = 0; i < a.bytes().size(); ++i) {
    a.bytes()[i] = static_cast<char>(operation(a.bytes()[i], b.bytes()[i]));
  }
  return encode(a);
}

Value bits_and(const FunctionContext&, std::span<const Value> args) {
  return combine(args, "AND", std::bit_and<>());
}
Value bits_or(const FunctionContext&, std::span<const Value> args) {
  return combine(args, "OR", std::bit_or<>());
}
Value bits_xor(const FunctionContext&, std::span<const Value> args) {
  return combine(args, "XOR", std::bit_xor<>());
}

Value bits_not(const FunctionContext&, std::span<const Value> args) {
  BitString bits = decode(args[0]);
  for (char& byte : bits.bytes()) byte = static_cast<char>(~byte);
  bits.resize(bits.length());  // clears the unused bits
  return encode(bits);
}

// Bits [start, start + count) from 0; what lies outside is left out.
BitString slice(const BitString& bits, std::int64_t start, std::int64_t count) {
  std::int64_t end = std::min<std::int64_t>(start + count, bits.length());
  start = std::max<std::int64_t>(start, 0);
  BitString part(static_cast<std::int32_t>(std::max<std::int64_t>(end - start, 0)));
  for (std::int32_t i = 0; i < part.length(); ++i) {
    part.set(i, bits.get(static_cast<std::int32_t>(start) + i));
  }
  return part;
}

void append(BitString& bits, const BitString& added) {
  constexpr std::int64_t max_bits = 83886080;
  if (std::int64_t{bits.length()} + added.length() > max_bits) {
    throw SqlError(sqlstate::program_limit_exceeded,
                   fmt::format("bit string length exceeds the maximum allowed ({})", max_bits));
  }
  std::int32_t length = bits.length();
  bits.resize(length + added.length());
  for (std::int32_t i = 0; i < added.length(); ++i) bits.set(length + i, added.get(i));
}

// Towards the start; the length stays.
Value shifted(const Value& value, std::int64_t distance) {
  BitString bits = decode(value);
  BitString out(bits.length());
  for (std::int32_t i = 0; i < bits.length(); ++i) {
    std::int64_t from = i + distance;
    if (from >= 0 && from < bits.length()) out.set(i, bits.get(static_cast<std::int32_t>(from)));
  }
  return encode(out);
}

Value shift_left(const FunctionContext&, std::span<const Value> args) {
  return shifted(args[0], args[1].as_integer());
}
Value shift_right(const FunctionContext&, std::span<const Value> args) {
  return shifted(args[0], -args[1].as_integer());
}

Value concatenate(const FunctionContext&, std::span<const Value> args) {
  BitString bits = decode(args[0]);
  append(bits, decode(args[1]));
  return encode(bits);
}

Value length(const FunctionContext&, std::span<const Value> args) {
  return Value::integer(decode(args[0]).length());
}

Value octets(const FunctionContext&, std::span<const Value> args) {
  return Value::integer(static_cast<std::int64_t>(decode(args[0]).bytes().size()));
}

Value count(const FunctionContext&, std::span<const Value> args) {
  std::int64_t total = 0;
  BitString bits = decode(args[0]);
  for (char byte : bits.bytes()) total += std::popcount(static_cast<unsigned char>(byte));
  return Value::integer(total);
}

Value position(const FunctionContext&, std::span<const Value> args) {
  std::string text = decode(args[0]).text();
  std::size_t found = text.find(decode(args[1]).text());
  if (text.empty()) return Value::integer(0);
  return Value::integer(found == std::string::npos ? 0 : static_cast<std::int64_t>(found) + 1);
}

void check_length(std::int64_t length) {
  if (length >= 0) return;
  throw SqlError(sqlstate::substring_error, "negative substring length not allowed");
}

Value substring(const FunctionContext&, std::span<const Value> args) {
  BitString bits = decode(args[0]);
  if (args.size() < 3) {
    return encode(slice(bits, std::max<std::int64_t>(args[1].as_integer() - 1, 0), bits.length()));
  }
  check_length(args[2].as_integer());
  return encode(slice(bits, args[1].as_integer() - 1, args[2].as_integer()));
}

Value overlay(const FunctionContext&, std::span<const Value> args) {
  BitString bits = decode(args[0]);
  BitString added = decode(args[1]);
  std::int64_t start = args[2].as_integer();
  std::int64_t count = args.size() > 3 ? args[3].as_integer() : added.length();
  check_length(start - 1);
  BitString out = slice(bits, 0, start - 1);
  append(out, added);
  append(out, slice(bits, std::max<std::int64_t>(start - 1 + count, 0), bits.length()));
  return encode(out);
}

std::int32_t checked_index(const BitString& bits, std::int64_t index) {
  if (index >= 0 && index < bits.length()) return static_cast<std::int32_t>(index);
  throw SqlError(sqlstate::array_subscript_error,
                 fmt::format("bit index {} out of valid range (0..{})", index, bits.length() - 1));
}

Value get_bit(const FunctionContext&, std::span<const Value> args) {
  BitString bits = decode(args[0]);
  return Value::integer(bits.get(checked_index(bits, args[1].as_integer())) ? 1 : 0);
}

Value set_bit(const FunctionContext&, std::span<const Value> args) {
  BitString bits = decode(args[0]);
  std::int32_t index = checked_index(bits, args[1].as_integer());
  std::int64_t bit = args[2].as_integer();
  if (bit != 0 && bit != 1) {
    throw SqlError(sqlstate::invalid_parameter_value, "new bit must be 0 or 1");
  }
  bits.set(index, bit == 1);
  return encode(bits);
}

template <int width>
Value from_integer(const FunctionContext&, std::span<const Value> args) {
  constexpr std::int64_t max_bits = 83886080;
  std::int64_t number = args[0].as_integer();
  std::int64_t wanted = args[1].as_integer();
  if (wanted <= 0 || wanted > max_bits) wanted = 1;
  BitString bits(static_cast<std::int32_t>(wanted));
  for (std::int32_t i = 0; i < bits.length(); ++i) {
    int shift = std::min(bits.length() - 1 - i, width - 1);  // the sign goes on to the left
    bits.set(i, (number >> shift & 1) != 0);
  }
  return encode(bits);
}

template <int width>
Value to_integer(const FunctionContext&, std::span<const Value> args) {
  BitString bits = decode(args[0]);
  if (bits.length() > width) {
    throw SqlError(sqlstate::numeric_value_out_of_range,
                   width == 32 ? "integer out of range" : "bigint out of range");
  }
  std::uint64_t number = 0;
  for (std::int32_t i = 0; i < bits.length(); ++i) number = number << 1 | (bits.get(i) ? 1 : 0);
  if (width == 32) return Value::integer(static_cast<std::int32_t>(number));
  return Value::integer(static_cast<std::int64_t>(number));
}

template <Oid type>
Value apply_length(const FunctionContext& context, std::span<const Value> args) {
  TypeRef target{type, static_cast<std::int32_t>(args[1].as_integer())};
  return types::apply_typmod(context.io, target, args[0], args[2].as_boolean());
}

constexpr std::array entries{
    ScalarEntry{"bit_and", bits_and},
    ScalarEntry{"bit_or", bits_or},
    ScalarEntry{"bitxor", bits_xor},
    ScalarEntry{"bitnot", bits_not},
    ScalarEntry{"bitshiftleft", shift_left},
    ScalarEntry{"bitshiftright", shift_right},
    ScalarEntry{"bitcat", concatenate},
    ScalarEntry{"bitlength", length},
    ScalarEntry{"bit_length_bit", length},
    ScalarEntry{"bitoctetlength", octets},
    ScalarEntry{"bit_bit_count", count},
    ScalarEntry{"bitposition", position},
    ScalarEntry{"bitsubstr", substring},
    ScalarEntry{"bitsubstr_no_len", substring},
    ScalarEntry{"bitoverlay", overlay},
    ScalarEntry{"bitoverlay_no_len", overlay},
    ScalarEntry{"bitgetbit", get_bit},
    ScalarEntry{"bitsetbit", set_bit},
    ScalarEntry{"bitfromint4", from_integer<32>},
    ScalarEntry{"bitfromint8", from_integer<64>},
    ScalarEntry{"bittoint4", to_integer<32>},
    ScalarEntry{"bittoint8", to_integer<64>},
    ScalarEntry{"bit", apply_length<types::oids::bit>},
    ScalarEntry{"varbit", apply_length<types::oids::varbit>},
};

}  // namespace

ScalarTable bit_functions() {
  return entries;
}

}  // namespace dvecdb::server::functions
