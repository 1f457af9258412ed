#include "server/exec/scram.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <openssl/sha.h>

#include <array>

#include "server/types/error.h"

namespace dvecdb::server::exec {

namespace {

using Digest = std::array<unsigned char, SHA256_DIGEST_LENGTH>;
constexpr int iterations = 4096;
constexpr int salt_length = 16;
constexpr std::string_view scheme = "SCRAM-SHA-256$";

std::string base64(const unsigned char* bytes, int length) {
  std::string out(static_cast<std::size_t>((length + 2) / 3 * 4), '\0');
  std::array<unsigned char, 128> buffer{};
  const int written = EVP_EncodeBlock(buffer.data(), bytes, length);
  out.assign(reinterpret_cast<const char*>(buffer.data()), static_cast<std::size_t>(written));
  return out;
}

Digest hmac(const Digest& key, std::string_view text) {
  Digest out{};
  unsigned int length = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), out.data(), &length);
  return out;
}

}  // namespace

std::string make_scram_verifier(std::string_view password) {
  if (password.substr(0, scheme.size()) == scheme) return std::string(password);
  std::array<unsigned char, salt_length> salt{};
  if (RAND_bytes(salt.data(), salt_length) != 1) {
    throw types::SqlError(types::sqlstate::internal_error, "could not generate random salt");
  }
  Digest salted{};
  PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()), salt.data(), salt_length,
                    iterations, EVP_sha256(), static_cast<int>(salted.size()), salted.data());
  const Digest client_key = hmac(salted, "Client Key");
  Digest stored_key{};
  SHA256(client_key.data(), client_key.size(), stored_key.data());
  const Digest server_key = hmac(salted, "Server Key");
  return std::string(scheme) + std::to_string(iterations) + ":" + base64(salt.data(), salt_length) +
         "$" + base64(stored_key.data(), static_cast<int>(stored_key.size())) + ":" +
         base64(server_key.data(), static_cast<int>(server_key.size()));
}

}  // namespace dvecdb::server::exec
