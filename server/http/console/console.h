// /docs: a page to read and try the REST API (Swagger UI), and /openapi.json, which it reads.
#pragma once

#include <functional>
#include <string>

#include "server/http/message.h"

namespace dvecdb::server::http {

// Each path with what answers a GET of it. All are answered from memory, for everybody.
void add_console(const std::function<void(const std::string& path, Handler handler)>& add);

}  // namespace dvecdb::server::http
