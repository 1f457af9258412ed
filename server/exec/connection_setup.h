// What every connection to a row store needs before catalogs and rows can be read.
#pragma once

#include "server/storage/database.h"

namespace dvecdb::server::exec {

storage::ConnectionSetup connection_setup();

}  // namespace dvecdb::server::exec
