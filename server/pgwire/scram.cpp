#include "server/pgwire/scram.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <charconv>
#include <stdexcept>

#include "server/types/error.h"

namespace dvecdb::server::pgwire {

namespace {

using types::SqlError;
namespace sqlstate = types::sqlstate;

constexpr std::size_t key_bytes = 32;
constexpr std::size_t salt_bytes = 16;
constexpr std::size_t nonce_bytes = 18;
constexpr std::string_view scheme = "SCRAM-SHA-256$";

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::string random_bytes(std::size_t count) {
  std::string bytes(count, '\0');
  if (RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(count)) != 1) {
    throw std::runtime_error("no random numbers from OpenSSL");
  }
  return bytes;
}

std::string to_base64(std::string_view raw) {
  std::string text(4 * ((raw.size() + 2) / 3) + 1, '\0');
  const int length = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), bytes_of(raw),
                                     static_cast<int>(raw.size()));
  text.resize(static_cast<std::size_t>(length));
  return text;
}

// Empty on malformed input.
std::string from_base64(std::string_view text) {
  if (text.empty() || text.size() % 4 != 0) return {};
  std::string raw(text.size() / 4 * 3, '\0');
  const int length = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(raw.data()), bytes_of(text),
                                     static_cast<int>(text.size()));
  if (length < 0) return {};
  std::size_t padding = 0;
  while (padding < 2 && text[text.size() - 1 - padding] == '=') ++padding;
  raw.resize(static_cast<std::size_t>(length) - padding);
  return raw;
}

std::string hmac(std::string_view key, std::string_view message) {
  std::string digest(key_bytes, '\0');
  unsigned int length = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), bytes_of(message), message.size(),
       reinterpret_cast<unsigned char*>(digest.data()), &length);
  return digest;
}

std::string sha256(std::string_view message) {
  std::string digest(key_bytes, '\0');
  unsigned int length = 0;
  EVP_Digest(message.data(), message.size(), reinterpret_cast<unsigned char*>(digest.data()),
             &length, EVP_sha256(), nullptr);
  return digest;
}

std::string exclusive_or(std::string_view a, std::string_view b) {
  std::string mixed(a);
  for (std::size_t i = 0; i < mixed.size(); ++i) mixed[i] = static_cast<char>(mixed[i] ^ b[i]);
  return mixed;
}

bool equal_in_constant_time(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

[[noreturn]] void malformed(std::string_view what) {
  throw SqlError(sqlstate::protocol_violation, "malformed SCRAM message").detail(std::string(what));
}

// Takes "<name>=value" up to the next comma off `rest`.
std::string_view take_attribute(std::string_view& rest, char name) {
  if (rest.size() < 2 || rest[0] != name || rest[1] != '=') {
    malformed("Expected attribute \"" + std::string(1, name) + "\".");
  }
  const std::size_t comma = rest.find(',');
  const std::string_view value = rest.substr(2, comma == rest.npos ? rest.npos : comma - 2);
  rest = comma == rest.npos ? std::string_view() : rest.substr(comma + 1);
  return value;
}

}  // namespace

ScramServer::ScramServer(std::string_view verifier) {
  const std::size_t colon = verifier.find(':');
  const std::size_t dollar = verifier.find('$', scheme.size());
  const std::size_t key_colon = verifier.rfind(':');
  if (verifier.starts_with(scheme) && colon < dollar && dollar < key_colon &&
      key_colon != verifier.npos) {
    std::from_chars(verifier.data() + scheme.size(), verifier.data() + colon, iterations_);
    salt_base64_ = verifier.substr(colon + 1, dollar - colon - 1);
    stored_key_ = from_base64(verifier.substr(dollar + 1, key_colon - dollar - 1));
    server_key_ = from_base64(verifier.substr(key_colon + 1));
    is_genuine_ = stored_key_.size() == key_bytes && server_key_.size() == key_bytes;
  }
  if (!is_genuine_) {
    salt_base64_ = to_base64(random_bytes(salt_bytes));
    stored_key_ = random_bytes(key_bytes);
    server_key_ = random_bytes(key_bytes);
  }
}

std::string ScramServer::first_message(std::string_view client_first) {
  const std::size_t first_comma = client_first.find(',');
  const std::size_t second_comma =
      first_comma == client_first.npos ? first_comma : client_first.find(',', first_comma + 1);
  if (second_comma == client_first.npos) malformed("The message is too short.");
  gs2_header_ = client_first.substr(0, second_comma + 1);
  if (gs2_header_[0] != 'n' && gs2_header_[0] != 'y') {
    malformed("Channel binding is not supported on this connection.");
  }
  std::string_view rest = client_first.substr(second_comma + 1);
  client_first_bare_ = rest;
  take_attribute(rest, 'n');
  const std::string_view client_nonce = take_attribute(rest, 'r');
  if (client_nonce.empty()) malformed("The nonce is empty.");
  nonce_ = std::string(client_nonce) + to_base64(random_bytes(nonce_bytes));
  server_first_ = "r=" + nonce_ + ",s=" + salt_base64_ + ",i=" + std::to_string(iterations_);
  return server_first_;
}

std::string ScramServer::final_message(std::string_view client_final) {
  const std::size_t proof_at = client_final.rfind(",p=");
  if (proof_at == client_final.npos) malformed("The proof is missing.");
  std::string_view rest = client_final;
  const std::string binding = from_base64(take_attribute(rest, 'c'));
  const std::string_view nonce = take_attribute(rest, 'r');
  if (binding != gs2_header_) malformed("Unexpected channel binding.");
  if (nonce != nonce_) malformed("Nonce does not match.");
  const std::string proof = from_base64(client_final.substr(proof_at + 3));
  if (proof.size() != key_bytes) malformed("The proof has the wrong length.");

  const std::string auth_message = client_first_bare_ + "," + server_first_ + "," +
                                   std::string(client_final.substr(0, proof_at));
  const std::string client_key = exclusive_or(proof, hmac(stored_key_, auth_message));
  is_authenticated_ = equal_in_constant_time(sha256(client_key), stored_key_) && is_genuine_;
  return "v=" + to_base64(hmac(server_key_, auth_message));
}

}  // namespace dvecdb::server::pgwire
