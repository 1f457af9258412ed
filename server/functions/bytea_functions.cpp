#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>

#include "server/functions/families.h"
#include "server/types/error.h"

namespace dvecdb::server::functions {
namespace {

using types::SqlError;
namespace sqlstate = types::sqlstate;

std::string_view str(const Value& value) {
  return value.as_bytes();
}

Value concat(const FunctionContext&, std::span<const Value> args) {
  return Value::blob(std::string(str(args[0])).append(str(args[1])));
}

Value octets(const FunctionContext&, std::span<const Value> args) {
  return Value::integer(static_cast<std::int64_t>(str(args[0]).size()));
}

Value bits(const FunctionContext&, std::span<const Value> args) {
  return Value::integer(static_cast<std::int64_t>(str(args[0]).size() * 8));
}

Value bit_count(const FunctionContext&, std::span<const Value> args) {
  std::int64_t count = 0;
  for (char c : str(args[0])) count += std::popcount(static_cast<unsigned char>(c));
  return Value::integer(count);
}

// Bytes [start, start + count), counted from 1.
std::string_view slice(std::string_view bytes, std::int64_t start, std::int64_t count) {
  auto size = static_cast<std::int64_t>(bytes.size());
  std::int64_t end = std::min(start + count, size + 1);
  start = std::max<std::int64_t>(start, 1);
  if (end <= start) return {};
  return bytes.substr(static_cast<std::size_t>(start - 1), static_cast<std::size_t>(end - start));
}

constexpr std::int64_t to_the_end = 0x7fffffff;

void check_length(std::int64_t count) {
  if (count < 0) throw SqlError(sqlstate::substring_error, "negative substring length not allowed");
}

Value substring(const FunctionContext&, std::span<const Value> args) {
  std::int64_t count = args.size() > 2 ? args[2].as_integer() : to_the_end;
  check_length(count);
  std::int64_t start = args[1].as_integer();
  if (args.size() < 3) start = std::max<std::int64_t>(start, 1);
  return Value::blob_view(slice(str(args[0]), start, count));
}

Value overlay(const FunctionContext&, std::span<const Value> args) {
  std::int64_t start = args[2].as_integer();
  check_length(start - 1);
  std::int64_t count =
      args.size() > 3 ? args[3].as_integer() : static_cast<std::int64_t>(str(args[1]).size());
  std::string out(slice(str(args[0]), 1, start - 1));
  out += str(args[1]);
  out += slice(str(args[0]), std::max<std::int64_t>(start + count, 1), to_the_end);
  return Value::blob(std::move(out));
}

Value position(const FunctionContext&, std::span<const Value> args) {
  std::size_t at = str(args[0]).find(str(args[1]));
  return Value::integer(at == std::string_view::npos ? 0 : static_cast<std::int64_t>(at) + 1);
}

template <bool left, bool right>
Value trim(const FunctionContext&, std::span<const Value> args) {
  std::string_view bytes = str(args[0]);
  std::string_view set = str(args[1]);
  auto in_set = [set](char c) { return set.find(c) != std::string_view::npos; };
  while (left && !bytes.empty() && in_set(bytes.front())) bytes.remove_prefix(1);
  while (right && !bytes.empty() && in_set(bytes.back())) bytes.remove_suffix(1);
  return Value::blob_view(bytes);
}

std::size_t checked_index(std::int64_t index, std::size_t size) {
  if (index >= 0 && index < static_cast<std::int64_t>(size)) return static_cast<std::size_t>(index);
  throw SqlError(sqlstate::array_subscript_error,
                 fmt::format("index {} out of valid range, 0..{}", index,
                             static_cast<std::int64_t>(size) - 1));
}

Value get_byte(const FunctionContext&, std::span<const Value> args) {
  std::size_t at = checked_index(args[1].as_integer(), str(args[0]).size());
  return Value::integer(static_cast<unsigned char>(str(args[0])[at]));
}

Value set_byte(const FunctionContext&, std::span<const Value> args) {
  std::string bytes(str(args[0]));
  bytes[checked_index(args[1].as_integer(), bytes.size())] =
      static_cast<char>(args[2].as_integer());
  return Value::blob(std::move(bytes));
}

// Bits count from the least significant one of the first byte.
Value get_bit(const FunctionContext&, std::span<const Value> args) {
  std::size_t at = checked_index(args[1].as_integer(), str(args[0]).size() * 8);
  return Value::integer(static_cast<unsigned char>(str(args[0])[at / 8]) >> (at % 8) & 1);
}

Value set_bit(const FunctionContext&, std::span<const Value> args) {
  std::string bytes(str(args[0]));
  std::size_t at = checked_index(args[1].as_integer(), bytes.size() * 8);
  std::int64_t bit = args[2].as_integer();
  if (bit != 0 && bit != 1) {
    throw SqlError(sqlstate::invalid_parameter_value, "new bit must be 0 or 1");
  }
  auto mask = static_cast<char>(1 << (at % 8));
  bytes[at / 8] = static_cast<char>(bit == 1 ? bytes[at / 8] | mask : bytes[at / 8] & ~mask);
  return Value::blob(std::move(bytes));
}

constexpr std::array entries{
    ScalarEntry{"byteacat", concat},
    ScalarEntry{"byteaoctetlen", octets},
    ScalarEntry{"bit_length_bytea", bits},
    ScalarEntry{"bytea_bit_count", bit_count},
    ScalarEntry{"bytea_substr", substring},
    ScalarEntry{"bytea_substr_no_len", substring},
    ScalarEntry{"byteaoverlay", overlay},
    ScalarEntry{"byteaoverlay_no_len", overlay},
    ScalarEntry{"byteapos", position},
    ScalarEntry{"byteatrim", trim<true, true>},
    ScalarEntry{"bytealtrim", trim<true, false>},
    ScalarEntry{"byteartrim", trim<false, true>},
    ScalarEntry{"byteaGetByte", get_byte},
    ScalarEntry{"byteaSetByte", set_byte},
    ScalarEntry{"byteaGetBit", get_bit},
    ScalarEntry{"byteaSetBit", set_bit},
};

}  // namespace

ScalarTable bytea_functions() {
  return entries;
}

}  // namespace dvecdb::server::functions
