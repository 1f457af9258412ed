// What the shared file keeps for logins and SQL does not see as tables: API keys, by the digest of
// what they are, and a secret of the data folder. The caller's transaction decides.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/storage/connection.h"

namespace dvecdb::server::catalog {

using types::Oid;

struct ApiKeyDesc {
  std::int64_t id = 0;  // never used again
  Oid role = types::invalid_oid;
  std::string label;
  std::int64_t created = 0;  // microseconds since 2000-01-01 UTC, as all times here
  std::optional<std::int64_t> valid_until;
  std::string digest;
};

// Does nothing where they are. The caller may write.
void create_access_tables(storage::Connection& connection);
// Made with the data folder, the same ever after.
std::string folder_secret(storage::Connection& connection);

// Answers the new key's id.
std::int64_t insert_api_key(storage::Connection& connection, const ApiKeyDesc& key);
std::optional<ApiKeyDesc> find_api_key(storage::Connection& connection, std::int64_t id);
std::vector<ApiKeyDesc> all_api_keys(storage::Connection& connection);
void delete_api_key(storage::Connection& connection, std::int64_t id);
void delete_api_keys_of(storage::Connection& connection, Oid role);

}  // namespace dvecdb::server::catalog
