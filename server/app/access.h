// Who may reach the server, as the configuration says: passwords, keys, the certificate.
#pragma once

#include <memory>
#include <string>

#include "server/app/config.h"
#include "server/tls/context.h"

namespace dvecdb::server::app {

struct Access {
  std::string superuser_password;        // "": not given
  std::string api_key;                   // of role postgres; "": not given
  std::shared_ptr<tls::TlsContext> tls;  // null: without
};

// Reads the files. Throws ConfigError with the key to set or what is wrong with a file, also for a
// server that would be open to others. Warns in the log of what is allowed but not wise.
Access open_access(const Config& config);

}  // namespace dvecdb::server::app
