// Runs the server until SIGINT or SIGTERM. Returns the process's exit code.
#pragma once

#include <string>

#include "server/app/config.h"

namespace dvecdb::server::app {

int serve(const Config& config);
std::string version();

}  // namespace dvecdb::server::app
