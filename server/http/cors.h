// Which web pages of other origins may call the server (the Fetch standard's CORS protocol). Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "server/http/message.h"

namespace dvecdb::server::http {

class Cors {
 public:
  // Origins as browsers send them ("https://app.example"), or "*" for every one.
  explicit Cors(std::vector<std::string> origins) : origins_(std::move(origins)) {}

  // Whether the request comes from the server's own pages, from an allowed origin or from no web
  // page at all.
  bool may_call(const Request& request) const;
  // Says on the response that the request's origin may read it, where it may.
  void mark(const Request& request, Response& response) const;

  static bool is_preflight(const Request& request);
  // The answer to a preflight from an allowed origin; mark() it, too.
  static Response preflight(const std::vector<std::string>& allowed_methods);

 private:
  bool is_listed(std::string_view origin) const;
  std::vector<std::string> origins_;
};

// A header's value, "" when it is not there. `name` in lower case.
std::string_view header_of(const Request& request, std::string_view name);

}  // namespace dvecdb::server::http
