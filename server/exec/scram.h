// SCRAM-SHA-256 verifiers, as pg_authid.rolpassword keeps them.
#pragma once

#include <string>
#include <string_view>

namespace dvecdb::server::exec {

// "SCRAM-SHA-256$4096:<salt>$<StoredKey>:<ServerKey>". A password that already is a verifier stays
// as it is. Throws SqlError (XX000) when the system has no randomness.
std::string make_scram_verifier(std::string_view password);

}  // namespace dvecdb::server::exec
