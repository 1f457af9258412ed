// UUIDs made: PostgreSQL's own and those of the extension uuid-ossp.
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <chrono>

#include "server/functions/families.h"
#include "server/types/error.h"

namespace dvecdb::server::functions {
namespace {

using types::SqlError;
namespace sqlstate = types::sqlstate;

constexpr std::size_t uuid_bytes = 16;

void fill_random(std::string& bytes, std::size_t from) {
  auto* data = reinterpret_cast<unsigned char*>(bytes.data());
  if (RAND_bytes(data + from, static_cast<int>(bytes.size() - from)) != 1) {
    throw SqlError(sqlstate::internal_error, "could not generate random values");
  }
}

// Version and variant are six bits that are the same in all UUIDs of a kind.
Value stamped(std::string bytes, int version) {
  bytes[6] = static_cast<char>((bytes[6] & 0x0f) | (version << 4));
  bytes[8] = static_cast<char>((bytes[8] & 0x3f) | 0x80);
  return Value::blob(std::move(bytes));
}

Value random_uuid(const FunctionContext&, std::span<const Value>) {
  std::string bytes(uuid_bytes, '\0');
  fill_random(bytes, 0);
  return stamped(std::move(bytes), 4);
}

// Version 1: tenths of microseconds since 1582-10-15, then a random clock sequence and a random
// node, marked as multicast so that it is no network card's.
Value time_uuid(const FunctionContext&, std::span<const Value>) {
  constexpr std::uint64_t gregorian_to_unix = 0x01b21dd213814000;
  const auto since_1970 = std::chrono::duration_cast<std::chrono::nanoseconds>(
      std::chrono::system_clock::now().time_since_epoch());
  const std::uint64_t ticks =
      static_cast<std::uint64_t>(since_1970.count()) / 100 + gregorian_to_unix;
  std::string bytes(uuid_bytes, '\0');
  constexpr int places[] = {3, 2, 1, 0, 5, 4, 7, 6};  // of the clock's bytes, lowest first
  for (std::size_t i = 0; i < std::size(places); ++i) {
    bytes[static_cast<std::size_t>(places[i])] = static_cast<char>(ticks >> (8 * i));
  }
  fill_random(bytes, 8);
  bytes[10] = static_cast<char>(bytes[10] | 1);
  return stamped(std::move(bytes), 1);
}

// Versions 3 and 5: a hash of a name within a namespace.
template <const EVP_MD* (*algorithm)(), int version>
Value name_uuid(const FunctionContext&, std::span<const Value> args) {
  std::string named(args[0].as_bytes());
  named += args[1].as_bytes();
  std::string hash(EVP_MAX_MD_SIZE, '\0');
  if (EVP_Digest(named.data(), named.size(), reinterpret_cast<unsigned char*>(hash.data()), nullptr,
                 algorithm(), nullptr) != 1) {
    throw SqlError(sqlstate::internal_error, "could not compute the hash");
  }
  hash.resize(uuid_bytes);
  return stamped(std::move(hash), version);
}

Value nil_uuid(const FunctionContext&, std::span<const Value>) {
  return Value::blob(std::string(uuid_bytes, '\0'));
}

// The namespaces of RFC 4122 differ in one byte.
template <char last_of_time>
Value namespace_uuid(const FunctionContext&, std::span<const Value>) {
  std::string bytes("\x6b\xa7\xb8\x10\x9d\xad\x11\xd1\x80\xb4\x00\xc0\x4f\xd4\x30\xc8", uuid_bytes);
  bytes[3] = last_of_time;
  return Value::blob(std::move(bytes));
}

constexpr ScalarEntry entries[] = {
    {"gen_random_uuid", random_uuid},
    {"uuid_generate_v1", time_uuid},
    {"uuid_generate_v1mc", time_uuid},
    {"uuid_generate_v3", name_uuid<EVP_md5, 3>},
    {"uuid_generate_v4", random_uuid},
    {"uuid_generate_v5", name_uuid<EVP_sha1, 5>},
    {"uuid_nil", nil_uuid},
    {"uuid_ns_dns", namespace_uuid<0x10>},
    {"uuid_ns_oid", namespace_uuid<0x12>},
    {"uuid_ns_url", namespace_uuid<0x11>},
    {"uuid_ns_x500", namespace_uuid<0x14>},
};

}  // namespace

ScalarTable uuid_functions() {
  return entries;
}

}  // namespace dvecdb::server::functions
