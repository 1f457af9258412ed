// API keys: dvk_<id>_<64 hex digits>, 256 random bits. Only their SHA-256 is kept.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "server/catalog/access.h"

namespace dvecdb::server::exec {

inline constexpr std::string_view api_key_prefix = "dvk_";

// Of the random part, or of the whole where a key is not of this form.
std::string api_key_digest(std::string_view key);

// Keeps the key and answers what the client shows, in the connection's transaction.
std::string create_api_key(storage::Connection& writer, catalog::ApiKeyDesc key);

// The role of a key with this digest; nullopt when there is none, or it is valid no more at `now`.
// The key's id leads to the digest that is kept, which is compared as a whole: how long that takes
// tells nothing.
std::optional<types::Oid> find_role_of_api_key(storage::Connection& reader, std::string_view key,
                                               std::string_view digest, std::int64_t now);

}  // namespace dvecdb::server::exec
