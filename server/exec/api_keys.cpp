#include "server/exec/api_keys.h"

#include <charconv>

#include "server/exec/crypto.h"

namespace dvecdb::server::exec {

namespace {

constexpr std::size_t secret_bytes = 32;

struct KeyParts {
  std::int64_t id = 0;
  std::string_view secret;
};

// nullopt: not of the form of our keys.
std::optional<KeyParts> split(std::string_view key) {
  if (!key.starts_with(api_key_prefix)) return std::nullopt;
  key.remove_prefix(api_key_prefix.size());
  KeyParts parts;
  const char* last = key.data() + key.size();
  const auto [end, error] = std::from_chars(key.data(), last, parts.id);
  if (error != std::errc() || end == last || *end != '_') return std::nullopt;
  parts.secret = {end + 1, static_cast<std::size_t>(last - end - 1)};
  return parts;
}

}  // namespace

std::string api_key_digest(std::string_view key) {
  const auto parts = split(key);
  return sha256(parts ? parts->secret : key);
}

std::string create_api_key(storage::Connection& writer, catalog::ApiKeyDesc key) {
  const std::string secret = to_hex(random_bytes(secret_bytes));

  key.digest = sha256(secret);
  const std::int64_t id = catalog::insert_api_key(writer, key);
  return std::string(api_key_prefix) + std::to_string(id) + "_" + secret;
}

std::optional<types::Oid> find_role_of_api_key(storage::Connection& reader, std::string_view key,
                                               std::string_view digest, std::int64_t now) {
  const auto parts = split(key);
  const auto found = parts ? catalog::find_api_key(reader, parts->id) : std::nullopt;
  if (!found || !equal_in_constant_time(found->digest, digest)) return std::nullopt;
  if (found->valid_until && *found->valid_until <= now) return std::nullopt;
  return found->role;
}

}  // namespace dvecdb::server::exec
