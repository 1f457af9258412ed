// SCRAM-SHA-256 verifiers, as pg_authid.rolpassword keeps them:
//   SCRAM-SHA-256$<iterations>:<salt>$<StoredKey>:<ServerKey>   (base64)
// Pure, but for random salts.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace dvecdb::server::exec {

inline constexpr int scram_iterations = 4096;
// What is taken from others' verifiers: HTTP's passwords cost the server so much.
inline constexpr int max_scram_iterations = 1'000'000;

struct ScramVerifier {
  int iterations = scram_iterations;
  std::string salt, stored_key, server_key;  // raw bytes
};

// nullopt: the text is no verifier.
std::optional<ScramVerifier> parse_scram_verifier(std::string_view text);

// What to keep of a password. One that already is a verifier stays as it is. Throws SqlError: 0A000
// for an MD5 hash, 22023 for a verifier of too many iterations, XX000 when the system has no
// randomness.
std::string make_scram_verifier(std::string_view password);

// The same for every call with the same secret and name: what a role shows that has no password,
// so that strangers cannot tell it from one that has.
std::string made_up_scram_verifier(std::string_view secret, std::string_view role);

// As long for a wrong password as for the right one.
bool is_password_of(const ScramVerifier& verifier, std::string_view password);

}  // namespace dvecdb::server::exec
