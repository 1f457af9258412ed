// The server itself; its command is in command.h.
#pragma once

#include <string>

namespace dvecdb::server::app {

// Of this program.
std::string version();

}  // namespace dvecdb::server::app
