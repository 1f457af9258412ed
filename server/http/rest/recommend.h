// Recommendations: like the positive examples, unlike the negative ones.
#pragma once

#include "server/http/rest/call.h"

namespace dvecdb::server::http::rest {

Response recommend(Call& call);

}  // namespace dvecdb::server::http::rest
