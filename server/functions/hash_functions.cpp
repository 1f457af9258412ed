// Hashes for every type with an order: equal values have equal sort keys, so the key is hashed.
// The numbers differ from PostgreSQL's; they are the same on every machine.
#include "server/functions/families.h"
#include "server/functions/numbers.h"

namespace dvecdb::server::functions {

namespace {

std::uint64_t mix(std::uint64_t h) {
  h ^= h >> 33;
  h *= 0xff51afd7ed558ccdULL;
  h ^= h >> 33;
  h *= 0xc4ceb9fe1a85ec53ULL;
  return h ^ (h >> 33);
}

std::uint64_t hash_value(const FunctionContext& context, const Value& value, std::uint64_t seed) {
  const std::string key = types::sort_key(context.io, context.call.arguments.at(0).oid, value);
  std::uint64_t h = 0xcbf29ce484222325ULL ^ mix(seed);
  for (const char byte : key) {
    h = (h ^ static_cast<std::uint8_t>(byte)) * 0x100000001b3ULL;
  }
  return mix(h);
}

Value hash(const FunctionContext& context, Arguments args) {
  return Value::integer(static_cast<std::int32_t>(hash_value(context, args[0], 0)));
}

Value hash_extended(const FunctionContext& context, Arguments args) {
  const auto seed = static_cast<std::uint64_t>(args[1].as_integer());
  return Value::integer(static_cast<std::int64_t>(hash_value(context, args[0], seed)));
}

constexpr ScalarEntry table[] = {
    {"hashint2", hash, true},       {"hashint2extended", hash_extended, true},
    {"hashint4", hash, true},       {"hashint4extended", hash_extended, true},
    {"hashint8", hash, true},       {"hashint8extended", hash_extended, true},
    {"hashoid", hash, true},        {"hashoidextended", hash_extended, true},
    {"hashfloat4", hash, true},     {"hashfloat4extended", hash_extended, true},
    {"hashfloat8", hash, true},     {"hashfloat8extended", hash_extended, true},
    {"hash_numeric", hash, true},   {"hash_numeric_extended", hash_extended, true},
    {"hashchar", hash, true},       {"hashcharextended", hash_extended, true},
    {"hashname", hash, true},       {"hashnameextended", hash_extended, true},
    {"hashtext", hash, true},       {"hashtextextended", hash_extended, true},
    {"hashbpchar", hash, true},     {"hashbpcharextended", hash_extended, true},
    {"hashvarlena", hash, true},    {"hashvarlenaextended", hash_extended, true},
    {"hashenum", hash, true},       {"hashenumextended", hash_extended, true},
    {"hashtid", hash, true},        {"hashtidextended", hash_extended, true},
    {"hashinet", hash, true},       {"hashinetextended", hash_extended, true},
    {"hashoidvector", hash, true},  {"hashoidvectorextended", hash_extended, true},
    {"hash_array", hash, true},     {"hash_array_extended", hash_extended, true},
    {"hash_record", hash, true},    {"hash_record_extended", hash_extended, true},
    {"jsonb_hash", hash, true},     {"jsonb_hash_extended", hash_extended, true},
    {"uuid_hash", hash, true},      {"uuid_hash_extended", hash_extended, true},
    {"time_hash", hash, true},      {"time_hash_extended", hash_extended, true},
    {"timetz_hash", hash, true},    {"timetz_hash_extended", hash_extended, true},
    {"timestamp_hash", hash, true}, {"timestamp_hash_extended", hash_extended, true},
    {"interval_hash", hash, true},  {"interval_hash_extended", hash_extended, true},
    {"pg_lsn_hash", hash, true},    {"pg_lsn_hash_extended", hash_extended, true},
};

}  // namespace

ScalarTable hash_functions() {
  return table;
}

}  // namespace dvecdb::server::functions
