#include "server/exec/scram.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <cctype>
#include <charconv>

#include "server/exec/crypto.h"
#include "server/types/error.h"

namespace dvecdb::server::exec {

using types::SqlError;
namespace sqlstate = types::sqlstate;

namespace {

constexpr std::size_t salt_bytes = 16;
constexpr std::string_view scheme = "SCRAM-SHA-256$";

std::string salted(std::string_view password, std::string_view salt, int iterations) {
  std::string out(sha256_bytes, '\0');
  PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()),
                    reinterpret_cast<const unsigned char*>(salt.data()),
                    static_cast<int>(salt.size()), iterations, EVP_sha256(),
                    static_cast<int>(out.size()), reinterpret_cast<unsigned char*>(out.data()));
  return out;
}

std::string stored_key_of(std::string_view salted_password) {
  return sha256(hmac_sha256(salted_password, "Client Key"));
}

std::string text_of(const ScramVerifier& verifier) {
  return fmt::format("{}{}:{}${}:{}", scheme, verifier.iterations, to_base64(verifier.salt),
                     to_base64(verifier.stored_key), to_base64(verifier.server_key));
}

bool is_md5(std::string_view password) {
  return password.size() == 35 && password.starts_with("md5") &&
         std::all_of(password.begin() + 3, password.end(),
                     [](unsigned char c) { return std::isxdigit(c) != 0; });
}

}  // namespace

std::optional<ScramVerifier> parse_scram_verifier(std::string_view text) {
  if (!text.starts_with(scheme)) return std::nullopt;
  const std::size_t colon = text.find(':', scheme.size());
  const std::size_t dollar = text.find('$', scheme.size());
  const std::size_t key_colon = dollar == text.npos ? text.npos : text.find(':', dollar);
  if (colon == text.npos || key_colon == text.npos || colon > dollar) return std::nullopt;
  ScramVerifier verifier;
  const char* end = text.data() + colon;
  const auto [stop, error] = std::from_chars(text.data() + scheme.size(), end, verifier.iterations);
  const auto salt = from_base64(text.substr(colon + 1, dollar - colon - 1));
  const auto stored_key = from_base64(text.substr(dollar + 1, key_colon - dollar - 1));
  const auto server_key = from_base64(text.substr(key_colon + 1));
  if (error != std::errc() || stop != end || verifier.iterations < 1 || !salt || !stored_key ||
      stored_key->size() != sha256_bytes || !server_key || server_key->size() != sha256_bytes) {
    return std::nullopt;
  }
  verifier.salt = *salt;
  verifier.stored_key = *stored_key;
  verifier.server_key = *server_key;
  return verifier;
}

std::string make_scram_verifier(std::string_view password) {
  if (const auto known = parse_scram_verifier(password)) {
    if (known->iterations <= max_scram_iterations) return std::string(password);
    throw SqlError(sqlstate::invalid_parameter_value,
                   fmt::format("a SCRAM verifier of {} iterations is too costly (limit {})",
                               known->iterations, max_scram_iterations));
  }
  if (is_md5(password)) {
    throw SqlError(sqlstate::feature_not_supported, "MD5 passwords are not supported")
        .hint("Give the password itself, or a SCRAM-SHA-256 verifier.");
  }
  ScramVerifier verifier;
  verifier.salt = random_bytes(salt_bytes);
  const std::string key = salted(password, verifier.salt, verifier.iterations);
  verifier.stored_key = stored_key_of(key);
  verifier.server_key = hmac_sha256(key, "Server Key");
  return text_of(verifier);
}

std::string made_up_scram_verifier(std::string_view secret, std::string_view role) {
  const std::string seed = hmac_sha256(secret, role);
  ScramVerifier verifier;
  verifier.salt = hmac_sha256(seed, "salt").substr(0, salt_bytes);
  verifier.stored_key = hmac_sha256(seed, "stored key");
  verifier.server_key = hmac_sha256(seed, "server key");
  return text_of(verifier);
}

bool is_password_of(const ScramVerifier& verifier, std::string_view password) {
  const std::string key = stored_key_of(salted(password, verifier.salt, verifier.iterations));
  return equal_in_constant_time(key, verifier.stored_key);
}

}  // namespace dvecdb::server::exec
