// Discovery: rows in the part of the space that pairs of examples tell, nearest to a target.
#pragma once

#include "server/http/rest/call.h"

namespace dvecdb::server::http::rest {

Response discover(Call& call);

}  // namespace dvecdb::server::http::rest
