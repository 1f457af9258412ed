// SCRAM-SHA-256 and, over TLS, SCRAM-SHA-256-PLUS: the server's side (RFC 5802, RFC 7677, RFC
// 5929). Pure: messages in, messages out. Not thread-safe; one object a login.
#pragma once

#include <string>
#include <string_view>

#include "server/exec/engine.h"
#include "server/exec/scram.h"

namespace dvecdb::server::pgwire {

class ScramServer {
 public:
  // A login without a password that counts goes through the same exchange and fails at its end, so
  // that a stranger learns nothing. `end_point`: the connection's tls-server-end-point, "" for
  // none: then there is no channel to bind to.
  explicit ScramServer(const exec::RoleLogin& login, std::string end_point = {});

  // The names on offer, as AuthenticationSASL lists them.
  std::string mechanisms() const;

  // Both throw SqlError: 08P01 on malformed messages, 28000 when the channel is another one.
  std::string first_message(std::string_view mechanism, std::string_view client_first);
  // Returns the server's final message; sets is_authenticated().
  std::string final_message(std::string_view client_final);
  bool is_authenticated() const { return is_authenticated_; }

 private:
  void take_gs2_header(std::string_view mechanism, std::string_view header);
  std::string expected_binding() const;

  const bool has_password_;
  const exec::ScramVerifier verifier_;
  const std::string end_point_;
  bool is_bound_ = false;
  bool is_authenticated_ = false;
  std::string client_first_bare_, server_first_, nonce_, gs2_header_;
};

}  // namespace dvecdb::server::pgwire
