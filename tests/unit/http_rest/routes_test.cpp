// The document of the API has every route, and no other.
#include <gtest/gtest.h>

#include <set>

#include "server/http/console/console.h"
#include "server/http/console/embedded_files.h"
#include "server/http/rest/json.h"
#include "server/http/rest/service.h"

namespace dvecdb::server::http::rest {

namespace {

// Answered by the part that knows the server's state.
const std::set<std::string> probes = {"GET /health", "GET /health/live", "GET /health/check",
                                      "GET /ready"};

std::set<std::string> documented() {
  std::set<std::string> routes;
  const json::value document = json::parse(embedded_file("openapi.json"));
  for (const auto& [path, operations] : document.at("paths").as_object()) {
    for (const auto& [method, operation] : operations.as_object()) {
      std::string name(method.data(), method.size());
      for (char& c : name) c = static_cast<char>(std::toupper(c));
      routes.insert(name + " " + std::string(path.data(), path.size()));
    }
  }
  return routes;
}

TEST(RoutesTest, AreThoseOfTheDocument) {
  std::set<std::string> routes = probes;
  RestService service({});
  service.add_routes([&](const std::string& method, const std::string& pattern, Handler) {
    EXPECT_TRUE(routes.insert(method + " " + pattern).second) << method << " " << pattern;
  });
  add_console([&](const std::string& path, const Handler&) {
    // Of the page's parts only the page itself is worth telling.
    if (path.find("/docs/") != 0) routes.insert("GET " + path);
  });
  EXPECT_EQ(routes, documented());
}

TEST(RoutesTest, AreRefusedBeforeThereIsAnEngine) {
  RestService service({});
  service.add_routes([&](const std::string& method, const std::string&, const Handler& handler) {
    Request request;
    request.method = method;
    request.user = "postgres";
    EXPECT_EQ(handler(request).status, 503);
  });
}

TEST(ConsoleTest, EveryFileIsAPage) {
  std::size_t pages = 0;
  add_console([&](const std::string& path, const Handler& handler) {
    EXPECT_GT(handler(Request{}).body.size(), 100u) << path;
    ++pages;
  });
  EXPECT_EQ(pages, embedded_file_names().size());
}

}  // namespace

}  // namespace dvecdb::server::http::rest
