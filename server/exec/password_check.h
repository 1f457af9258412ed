// Passwords that clients show, as HTTP's Basic does with every request. A right one is remembered
// by a digest of it, so that only the first costs the verifier's iterations; a changed password or
// VALID UNTIL counts at once. Thread-safe.
#pragma once

#include <mutex>
#include <string>
#include <string_view>
#include <unordered_set>

#include "server/exec/engine.h"

namespace dvecdb::server::exec {

class PasswordCheck {
 public:
  PasswordCheck();
  bool is_right(const RoleLogin& login, std::string_view role, std::string_view password);

 private:
  const std::string secret_;  // of this process: what is remembered is of no use elsewhere
  std::mutex mutex_;
  std::unordered_set<std::string> right_;
};

}  // namespace dvecdb::server::exec
