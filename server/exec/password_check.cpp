#include "server/exec/password_check.h"

#include "server/exec/crypto.h"
#include "server/exec/scram.h"

namespace dvecdb::server::exec {

namespace {

constexpr std::size_t max_remembered = 1024;

}  // namespace

PasswordCheck::PasswordCheck() : secret_(random_bytes(sha256_bytes)) {}

bool PasswordCheck::is_right(const RoleLogin& login, std::string_view role,
                             std::string_view password) {
  // A verifier holds no zero byte, nor does a role's name.
  std::string all(role);
  all.append(1, '\0').append(login.verifier).append(1, '\0').append(password);
  const std::string digest = hmac_sha256(secret_, all);
  {
    const std::lock_guard lock(mutex_);
    if (right_.contains(digest)) return login.has_password;
  }
  const auto verifier = parse_scram_verifier(login.verifier);
  if (!verifier || !is_password_of(*verifier, password)) return false;
  const std::lock_guard lock(mutex_);
  if (right_.size() >= max_remembered) right_.clear();
  right_.insert(digest);
  return login.has_password;
}

}  // namespace dvecdb::server::exec
