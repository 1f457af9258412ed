// SCRAM-SHA-256, the server's side (RFC 5802, RFC 7677), against the verifier that pg_authid keeps:
//   SCRAM-SHA-256$<iterations>:<salt>$<StoredKey>:<ServerKey>   (base64)
// Pure: messages in, messages out. Not thread-safe; one object a login.
#pragma once

#include <string>
#include <string_view>

namespace dvecdb::server::pgwire {

class ScramServer {
 public:
  // An empty or foreign verifier (no such role, no password) goes through the same exchange with
  // made-up secrets and fails at its end, so that a stranger learns nothing.
  explicit ScramServer(std::string_view verifier);

  // Both throw SqlError 08P01 on malformed messages.
  std::string first_message(std::string_view client_first);
  // Returns the server's final message; sets is_authenticated().
  std::string final_message(std::string_view client_final);
  bool is_authenticated() const { return is_authenticated_; }

 private:
  bool is_genuine_ = false;
  bool is_authenticated_ = false;
  int iterations_ = 4096;
  std::string salt_base64_, stored_key_, server_key_;
  std::string client_first_bare_, server_first_, nonce_, gs2_header_;
};

}  // namespace dvecdb::server::pgwire
