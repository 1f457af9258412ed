#include "server/http/cors.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace dvecdb::server::http {

std::string_view header_of(const Request& request, std::string_view name) {
  const auto found = request.headers.find(name);
  return found == request.headers.end() ? std::string_view() : std::string_view(found->second);
}

bool Cors::is_listed(std::string_view origin) const {
  return std::any_of(origins_.begin(), origins_.end(), [origin](const std::string& listed) {
    return listed == "*" || listed == origin;
  });
}

bool Cors::may_call(const Request& request) const {
  const std::string_view origin = header_of(request, "origin");
  if (origin.empty() || is_listed(origin)) return true;
  const std::size_t host = origin.find("://");
  return host != std::string_view::npos && origin.substr(host + 3) == header_of(request, "host");
}

void Cors::mark(const Request& request, Response& response) const {
  if (origins_.empty()) return;
  response.headers.emplace_back("Vary", "Origin");
  const std::string_view origin = header_of(request, "origin");
  if (origin.empty() || !is_listed(origin)) return;
  response.headers.emplace_back("Access-Control-Allow-Origin", origin);
  response.headers.emplace_back("Access-Control-Expose-Headers",
                                "Content-Disposition, Retry-After, WWW-Authenticate");
}

bool Cors::is_preflight(const Request& request) {
  return request.method == "OPTIONS" && !header_of(request, "origin").empty() &&
         !header_of(request, "access-control-request-method").empty();
}

Response Cors::preflight(const std::vector<std::string>& allowed_methods) {
  Response response;
  response.status = 204;
  response.headers = {
      {"Access-Control-Allow-Methods", fmt::format("{}", fmt::join(allowed_methods, ", "))},
      {"Access-Control-Allow-Headers", "Authorization, Api-Key, Content-Type"},
      {"Access-Control-Max-Age", "600"}};
  return response;
}

}  // namespace dvecdb::server::http
