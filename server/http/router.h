// Finds the route of a request. Routes are added first; find() may then be called by any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "server/http/message.h"
#include "server/http/url.h"

namespace dvecdb::server::http {

// Where a route's handler runs, and for whom.
enum class RouteKind {
  probe,          // on the server's thread: must not block
  open,           // on a worker, for everybody
  authenticated,  // on a worker, for those whom the Authenticator knows
};

struct Route {
  std::string method;
  std::string pattern;  // "/collections/{name}/vectors"
  Handler handler;
  RouteKind kind = RouteKind::authenticated;
};

struct Match {
  const Route* route = nullptr;  // null: nothing there (404), unless `allowed` has methods (405)
  TextMap parameters;
  // All methods of the path, for Allow, OPTIONS and CORS. HEAD comes with GET, OPTIONS always.
  std::vector<std::string> allowed;
};

class Router {
 public:
  // A {name} takes one whole segment that is not empty. Where two patterns fit, the one with the
  // literal further left wins. Throws std::logic_error when the route is there already.
  void add(std::string method, std::string pattern, Handler handler,
           RouteKind kind = RouteKind::authenticated);

  Match find(std::string_view method, const std::vector<std::string>& segments) const;
  // The path as sent; one that cannot be decoded is found nowhere.
  Match find(std::string_view method, std::string_view path) const;

  // Every route, in the order in which they were added.
  std::vector<const Route*> routes() const;

 private:
  struct Entry {
    Route route;
    std::vector<std::string> segments;
  };
  static bool fits(const Entry& entry, const std::vector<std::string>& segments);
  static bool is_nearer(const Entry& a, const Entry& b);

  std::vector<Entry> entries_;
};

}  // namespace dvecdb::server::http
