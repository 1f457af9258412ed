#include "server/pgwire/scram.h"

#include <utility>

#include "server/exec/crypto.h"
#include "server/types/error.h"

namespace dvecdb::server::pgwire {

namespace {

using exec::hmac_sha256;
using exec::to_base64;
using types::SqlError;
namespace sqlstate = types::sqlstate;

constexpr std::size_t nonce_bytes = 18;
constexpr std::string_view mechanism_plain = "SCRAM-SHA-256";
constexpr std::string_view mechanism_plus = "SCRAM-SHA-256-PLUS";

std::string exclusive_or(std::string_view a, std::string_view b) {
  std::string mixed(a);
  for (std::size_t i = 0; i < mixed.size(); ++i) mixed[i] = static_cast<char>(mixed[i] ^ b[i]);
  return mixed;
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

ScramServer::ScramServer(const exec::RoleLogin& login, std::string end_point)
    : has_password_(login.has_password),
      verifier_(exec::parse_scram_verifier(login.verifier).value_or(exec::ScramVerifier{})),
      end_point_(std::move(end_point)) {}

std::string ScramServer::mechanisms() const {
  std::string names;
  if (!end_point_.empty()) names.append(mechanism_plus).push_back('\0');
  names.append(mechanism_plain).push_back('\0');
  names.push_back('\0');
  return names;
}

// What the client says about the channel: "p=<kind>", "y" (it could bind, but believes that the
// server cannot) or "n".
void ScramServer::take_gs2_header(std::string_view mechanism, std::string_view header) {
  is_bound_ = mechanism == mechanism_plus;
  if ((is_bound_ && end_point_.empty()) || (!is_bound_ && mechanism != mechanism_plain)) {
    throw SqlError(sqlstate::protocol_violation,
                   "client selected an invalid SASL authentication mechanism");
  }
  const std::string_view flag = header.substr(0, header.find(','));
  if (header.substr(flag.size()) != ",,") {
    throw SqlError(sqlstate::feature_not_supported,
                   "client uses authorization identity, but it is not supported");
  }
  if (flag.starts_with("p=")) {
    if (!is_bound_) {
      malformed(
          "The client selected SCRAM-SHA-256 without channel binding, but the SCRAM message "
          "includes channel binding data.");
    }
    if (flag != "p=tls-server-end-point") {
      throw SqlError(sqlstate::protocol_violation, "unsupported SCRAM channel-binding type");
    }
  } else if (flag != "n" && flag != "y") {
    malformed("Unexpected channel-binding flag.");
  } else if (is_bound_) {
    malformed(
        "The client selected SCRAM-SHA-256-PLUS, but the SCRAM message does not include "
        "channel binding data.");
  } else if (flag == "y" && !end_point_.empty()) {
    // Somebody between the two took the other mechanism off the list.
    throw SqlError(sqlstate::invalid_authorization_specification,
                   "SCRAM channel binding negotiation error")
        .detail(
            "The client supports SCRAM channel binding but thinks the server does not.  "
            "However, this server does support channel binding.");
  }
  gs2_header_ = header;
}

std::string ScramServer::first_message(std::string_view mechanism, std::string_view client_first) {
  const std::size_t first_comma = client_first.find(',');
  const std::size_t second_comma =
      first_comma == client_first.npos ? first_comma : client_first.find(',', first_comma + 1);
  if (second_comma == client_first.npos) malformed("The message is too short.");
  take_gs2_header(mechanism, client_first.substr(0, second_comma + 1));
  std::string_view rest = client_first.substr(second_comma + 1);
  client_first_bare_ = rest;
  take_attribute(rest, 'n');
  const std::string_view client_nonce = take_attribute(rest, 'r');
  if (client_nonce.empty()) malformed("The nonce is empty.");
  nonce_ = std::string(client_nonce) + to_base64(exec::random_bytes(nonce_bytes));
  server_first_ = "r=" + nonce_ + ",s=" + to_base64(verifier_.salt) +
                  ",i=" + std::to_string(verifier_.iterations);
  return server_first_;
}

std::string ScramServer::expected_binding() const {
  return is_bound_ ? gs2_header_ + end_point_ : gs2_header_;
}

std::string ScramServer::final_message(std::string_view client_final) {
  const std::size_t proof_at = client_final.rfind(",p=");
  if (proof_at == client_final.npos) malformed("The proof is missing.");
  std::string_view rest = client_final;
  const auto binding = exec::from_base64(take_attribute(rest, 'c'));
  const std::string_view nonce = take_attribute(rest, 'r');
  if (binding != expected_binding()) {
    if (!is_bound_) malformed("Unexpected SCRAM channel-binding attribute in the final message.");
    throw SqlError(sqlstate::invalid_authorization_specification,
                   "SCRAM channel binding check failed");
  }
  if (nonce != nonce_) malformed("Nonce does not match.");
  const auto proof = exec::from_base64(client_final.substr(proof_at + 3));
  if (!proof || proof->size() != exec::sha256_bytes) malformed("The proof has the wrong length.");

  const std::string auth_message = client_first_bare_ + "," + server_first_ + "," +
                                   std::string(client_final.substr(0, proof_at));
  const std::string client_key =
      exclusive_or(*proof, hmac_sha256(verifier_.stored_key, auth_message));
  is_authenticated_ =
      exec::equal_in_constant_time(exec::sha256(client_key), verifier_.stored_key) && has_password_;
  return "v=" + to_base64(hmac_sha256(verifier_.server_key, auth_message));
}

}  // namespace dvecdb::server::pgwire
