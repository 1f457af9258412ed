// Who a request acts as: by an API key ("Authorization: Bearer <key>" or "api-key: <key>"), by a
// role's password (Basic), or, on this machine and without either, role postgres where loopback is
// trusted. Thread-safe.
#pragma once

#include "server/exec/engine.h"
#include "server/http/message.h"

namespace dvecdb::server::http {

AuthResult authenticate(const Request& request, exec::Engine& engine, bool trust_loopback);

}  // namespace dvecdb::server::http
