#include "server/http/envelope.h"

#include <boost/json/serialize.hpp>
#include <utility>

namespace dvecdb::server::http {

namespace json = boost::json;

namespace {

Response envelope(int status, bool is_success, json::value data, json::value error) {
  json::object body;
  body["success"] = is_success;
  body["data"] = std::move(data);
  body["error"] = std::move(error);
  Response response;
  response.status = status;
  response.body = json::serialize(body);
  return response;
}

}  // namespace

Response success(json::value data, int status) {
  return envelope(status, true, std::move(data), nullptr);
}

Response failure(int status, std::string_view sentence) {
  return envelope(status, false, nullptr, json::string(sentence));
}

}  // namespace dvecdb::server::http
