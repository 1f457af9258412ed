// The certificate that the configuration names.
#pragma once

#include <memory>

#include "server/app/config.h"
#include "server/tls/context.h"

namespace dvecdb::server::app {

// Null without TLS. Throws ConfigError with the key to set, or what is wrong with a file.
std::shared_ptr<tls::TlsContext> open_tls(const Config& config);

}  // namespace dvecdb::server::app
