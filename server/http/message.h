// What a handler is given and what it gives back. Plain values.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "server/http/departure.h"

namespace dvecdb::server::http {

using TextMap = std::map<std::string, std::string, std::less<>>;

struct Request {
  std::string method;  // "GET"
  std::string path;    // as sent, without the query
  TextMap parameters;  // of the route's {names}, percent-decoded
  TextMap query;       // decoded; the last of equal names
  TextMap headers;     // names in lower case; the values of equal names joined by ", "
  std::string body;
  std::string client_address;  // without the port
  // From this machine, and asking for it by its address or as localhost: a web page whose name
  // somebody made to point here does not count.
  bool is_loopback = false;
  std::string user;  // role the request acts as; "" on routes that need none
  std::shared_ptr<Departure> departure = nullptr;  // of the client; null: it is not watched
};

struct Response {
  int status = 200;
  std::string content_type = "application/json";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers = {};
  // Set: the body is streamed from here until "" comes. Called on worker threads, one call at a
  // time; an exception breaks the connection off, so that the client sees that the end is missing.
  std::function<std::string()> next_chunk = nullptr;
};

using Handler = std::function<Response(const Request&)>;

// Who a request acts as. Asked on a worker thread, before the body is read.
struct AuthResult {
  int status = 200;      // 200: authenticated; 401 or 403 otherwise
  std::string user;      // the role, when authenticated
  std::string sentence;  // why not, otherwise
  std::string key;       // names what the rate limit counts by; "": the client's address
};
using Authenticator = std::function<AuthResult(const Request&)>;

}  // namespace dvecdb::server::http
