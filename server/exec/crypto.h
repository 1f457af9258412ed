// The few pieces of cryptography that logins need, over OpenSSL. Thread-safe; raw bytes in strings.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace dvecdb::server::exec {

inline constexpr std::size_t sha256_bytes = 32;

std::string sha256(std::string_view text);
std::string hmac_sha256(std::string_view key, std::string_view text);
// Throws SqlError (XX000) when the system has no randomness.
std::string random_bytes(std::size_t count);
bool equal_in_constant_time(std::string_view a, std::string_view b);

std::string to_base64(std::string_view raw);  // in one line
// nullopt on anything else than base64 in its one form; "" too.
std::optional<std::string> from_base64(std::string_view text);
std::string to_hex(std::string_view raw);

}  // namespace dvecdb::server::exec
