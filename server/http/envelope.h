// The JSON around every answer but health's and metrics': {"success", "data", "error"}.
#pragma once

#include <boost/json/value.hpp>
#include <string_view>

#include "server/http/message.h"

namespace dvecdb::server::http {

Response success(boost::json::value data, int status = 200);
// `sentence`: what is wrong, for a person.
Response failure(int status, std::string_view sentence);

}  // namespace dvecdb::server::http
